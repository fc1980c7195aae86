"""Dask clients from command-line values: of a running cluster, or of some processes on this machine."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from typing import Any

from glassnet.errors import ClusterError, InputError
from glassnet.support.language import Text
from glassnet.support.lazy_import import require
from glassnet.support.options import Integer

EXAMPLE = Text("For example local:4 or tcp://scheduler:8786")
CONNECT = 30
"""Seconds to wait for a scheduler."""


def workers_here(address: str) -> int | None:
    """Return the number of local processes in "local:4"; None: it is the address of a scheduler.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> workers_here("local:4"), workers_here("tls://scheduler:8786")
    (4, None)
    """
    kind, _, rest = address.partition(":")
    if kind == "local":
        if not rest.isdecimal():
            raise InputError("The number of local workers must be given", address, EXAMPLE)
        return Integer(EXAMPLE).taken("The number of workers", int(rest))
    if "://" not in address:
        raise InputError(
            "The Dask address must be that of a scheduler, or local and a number of workers", address, EXAMPLE
        )
    return None


@contextlib.contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """A client of the cluster at an address, such as "tcp://scheduler:8786", or "local:4": four processes here.

    Certificates for tls:// are those of Dask's own configuration. A cluster on this machine listens to this machine
    alone, and ends with the block, as does the folder of its temporary files. None: there is no cluster.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    InputError
        If it is no address, or certificates are missing.
    ClusterError
        If no scheduler answers there.
    """
    if address is None:
        yield None
        return
    count = workers_here(address)
    dask, there = (require(module, "--dask", "scale", "dask") for module in ("dask", "distributed"))
    if count is not None:
        with (
            tempfile.TemporaryDirectory(
                prefix="glassnet-dask-", dir=dask.config.get("temporary-directory", None), ignore_cleanup_errors=True
            ) as scratch,
            dask.config.set({"temporary-directory": scratch}),  # of the scheduler, too, which takes no other word
            there.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=50,
            ) as cluster,
            there.Client(cluster) as client,
        ):
            yield client
        return
    client = there.Client.__new__(there.Client)
    try:
        client.__init__(address, timeout=CONNECT)
    except Exception as error:  # of many kinds: who answers may be no scheduler, but a web server
        client.status = "closed"  # or Python would wait a minute for its end, and complain
        if isinstance(error, TypeError) and address.startswith("tls://"):
            rule = Text("A tls:// address needs certificates, which are set in Dask's configuration")
            names = [f"DASK_DISTRIBUTED__COMM__TLS__{name}" for name in ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY")]
            remedy = Text("Set {variable}, {second} and {third}", variable=names[0], second=names[1], third=names[2])
            raise InputError(rule, Text("none for {address}", address=address), remedy) from None
        raise ClusterError("A Dask scheduler must answer at its address", f"{address}: {error}", EXAMPLE) from error
    with client:
        yield client

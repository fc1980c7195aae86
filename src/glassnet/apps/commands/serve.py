"""``glassnet serve``: serve a model over HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter
from cyclopts.config import Env

from glassnet.apps.commands import app
from glassnet.apps.shared_options import (
    DecisionOptions,
    Names,
    OutputOptions,
)
from glassnet.errors import MissingExtraError

PACKAGES = ("starlette", "uvicorn", "prometheus_client")
SERVER = Group("Server", sort_key=1)

LIMITS = Group("Limits", help="Requests beyond these limits are refused with an error message.", sort_key=2)
LOG = Group("Log", sort_key=3)


@app.command(
    sort_key=7,
    # $GLASSNET_SERVE_PORT: an orchestrator sets $GLASSNET_PORT itself for a service of that name
    config=Env("GLASSNET_", show=False),
    help_epilogue="""\
Examples:
  glassnet serve model.safetensors
  glassnet serve model.safetensors --host 0.0.0.0 --allow-host models.example
  glassnet serve model.safetensors --max-body 1000 --max-rows 10000000""",
)
def serve(
    model: Path,
    /,
    *,
    host: Annotated[str, Parameter(group=SERVER)] = "127.0.0.1",
    port: Annotated[int, Parameter(group=SERVER)] = 8000,
    workers: Annotated[int, Parameter(group=SERVER)] = 1,
    api_key: Annotated[str | None, Parameter(group=SERVER)] = None,
    allow_host: Annotated[Names, Parameter(group=SERVER)] = (),
    max_body: Annotated[float, Parameter(group=LIMITS)] = 32.0,
    max_rows: Annotated[int, Parameter(group=LIMITS)] = 200_000,
    timeout: Annotated[float, Parameter(group=LIMITS)] = 30.0,
    log_format: Annotated[Literal["text", "json"], Parameter(group=LOG)] = "text",
    access_log: Annotated[bool, Parameter(group=LOG)] = False,
    deciding: DecisionOptions = DecisionOptions(),
    printing: OutputOptions = OutputOptions(),
) -> None:
    """Serve a model over HTTP: predictions as JSON, CSV or Arrow, explanations, and a form to try a row.

    When the model file is replaced, the new model is loaded without losing requests. On SIGTERM or Ctrl-C, pending
    requests are still answered. Each option may come from the environment, too: --port from
    GLASSNET_SERVE_PORT, MODEL from GLASSNET_SERVE_MODEL.

    Parameters
    ----------
    model : Path
        The model file.
    host : str
        The address to listen on (default: 127.0.0.1, this machine only). 0.0.0.0 listens on all addresses.
    port : int
        The port (default: 8000; 0 for any free port).
    workers : int
        Number of processes that share the port (default: 1). One that dies is replaced. Limits hold for each process.
    api_key : str
        API key that requests must send (default: $GLASSNET_API_KEY, which other users of the machine cannot see).
    allow_host : tuple of str
        Host names to accept besides its addresses and localhost: a,b; * accepts any. Requests with other host names are
        refused, against DNS rebinding.
    max_body : float
        Maximum size of a request body in megabytes (default: 32).
    max_rows : int
        Maximum number of rows in a request (default: 200000).
    timeout : float
        Timeout in seconds until a response starts (default: 30).
    log_format : str
        Form of the log on the standard error: text (default), or json, an object a line.
    access_log : bool
        Log every request: client, method, path, status and seconds.
    """
    with _installed():
        from glassnet.apps.server.limits import Limits
        from glassnet.apps.server.process import serve as run
    limits = Limits(body=int(max_body * 1e6), rows=max_rows, seconds=timeout)
    run(
        model,
        printing.output,
        host=host,
        port=port,
        key=api_key,
        names=allow_host,
        limits=limits,
        workers=workers,
        deciding=deciding,
        log_format=log_format,
        access_log=access_log,
    )


@contextlib.contextmanager
def _installed() -> Iterator[None]:
    """Name a package of the server that is not installed, with the extra that brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        raise MissingExtraError("The server", error.name.replace("_", "-"), "serve") from None

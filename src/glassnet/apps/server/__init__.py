"""``glassnet serve``: a model behind HTTP.

From the outside in: ``process`` runs the server and listens to signals, ``connections`` lets no stranger take all the
places, ``guard`` stands at the door (with ``access``, ``limits`` and ``metrics``), ``app`` says which address leads
where, ``routes`` answers: ``bodies``, ``files`` and ``arrow`` are what comes in, ``answers`` what goes out. ``keeper``
holds the ``model``, and another one once its file was replaced; ``batching`` predicts rows of requests that wait
together. ``pages/`` is what people see in a browser. ``playground`` serves the files of ``glassnet playground``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from glassnet.apps.console import Output
from glassnet.apps.server.limits import Limits
from glassnet.errors import MissingExtraError

__all__ = ["Limits", "serve", "serve_playground"]

PACKAGES = ("starlette", "uvicorn", "prometheus_client")


def serve(
    file: Path, output: Output, *, host: str, port: int, key: str | None, names: Sequence[str], limits: Limits
) -> None:
    """Answer requests until told to stop; see :func:`glassnet.apps.server.process.serve`.

    Raises
    ------
    MissingExtraError
        If a package of the server is not installed.
    """
    with _needed():
        from glassnet.apps.server.process import serve as run
    run(file, output, host=host, port=port, key=key, names=names, limits=limits)


def serve_playground(output: Output, port: int, table: Path | None = None) -> None:
    """Serve the playground's files; see :func:`glassnet.apps.server.playground.serve`.

    Raises
    ------
    MissingExtraError
        If a package of the server is not installed.
    """
    with _needed():
        from glassnet.apps.server.playground import serve as run
    run(output, port, table)


@contextlib.contextmanager
def _needed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        raise MissingExtraError("The server", error.name.replace("_", "-"), "serve") from None

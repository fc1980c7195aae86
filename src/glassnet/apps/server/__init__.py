"""``glassnet serve``: a model behind HTTP.

From the outside in: ``process`` runs the server and listens to signals, ``connections`` lets no stranger take all the
places, ``guard`` stands at the door (with ``access``, ``limits`` and ``metrics``), ``app`` says which address leads
where, ``routes`` answers: ``bodies``, ``files`` and ``arrow`` are what comes in, ``answers`` what goes out. ``keeper``
holds the ``model``, and another one once its file was replaced; ``batching`` predicts rows of requests that wait
together. ``pages/`` is what people see in a browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from glassnet.apps.console import Output
from glassnet.apps.server.limits import Limits
from glassnet.errors import MissingExtraError

__all__ = ["Limits", "serve"]

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
    try:
        from glassnet.apps.server.process import serve as run
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        raise MissingExtraError("The server", error.name.replace("_", "-"), "serve") from None
    run(file, output, host=host, port=port, key=key, names=names, limits=limits)

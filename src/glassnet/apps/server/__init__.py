"""``glassnet serve``: a model behind HTTP.

From the outside in: ``process`` runs the server and listens to signals, ``connections`` lets no stranger take all the
places, ``guard`` stands at the door (with ``access``, ``limits`` and ``metrics``), ``app`` says which address leads
where, ``routes`` answers: ``bodies``, ``rows``, ``files`` and ``arrow`` are what comes in, ``answers`` and ``pieces``
what goes out. ``keeper`` holds the ``model``, and another one once its file was replaced; ``batching`` predicts rows of
requests that wait together. ``pages/`` is what people see in a browser.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from glassnet.errors import MissingExtraError

__all__ = ["imported"]

PACKAGES = ("starlette", "uvicorn", "prometheus_client")


@contextlib.contextmanager
def imported() -> Iterator[None]:
    """Within it a package of the server that is not installed is named, with the extra that brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        raise MissingExtraError("The server", error.name.replace("_", "-"), "serve") from None

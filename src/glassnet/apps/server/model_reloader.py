"""Holds the model, and takes the next one in when its file was replaced: no request waits for it, and none is lost.

Requests that came before go on with the model that they began with. A file that is no model changes nothing: the old
one goes on, and the log and /health say why.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from glassnet.apps.options import DecisionOptions
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.model import LoadedModel
from glassnet.errors import InputError, InputTypeError

LOG = logging.getLogger("glassnet.serve")
SECONDS = 1.0
"""Between two looks at the file."""


class ModelReloader:
    """The model that answers now, which a thread of the pool loads; without one in the file it does not begin."""

    def __init__(
        self, file: Path, pool: Executor, metrics: Metrics, deciding: DecisionOptions = DecisionOptions()
    ) -> None:
        self.file, self.pool, self.metrics, self.deciding = file, pool, metrics, deciding
        self.problem: str | None = None
        self._asked = asyncio.Event()
        self._stamp = _stamp(file)
        self.served = self._load()
        self._loaded()

    def reload(self) -> None:
        """Load the file again at once, whether it has changed or not."""
        self._asked.set()

    async def watch(self, seconds: float = SECONDS) -> None:
        """Look at the file every now and then, for good."""
        while True:
            try:
                async with asyncio.timeout(seconds):
                    await self._asked.wait()
            except TimeoutError:
                pass
            if self._asked.is_set() or _stamp(self.file) != self._stamp:
                self._asked.clear()
                await self.refresh()

    async def refresh(self) -> None:
        """Load the file, and answer with it from now on if it is a model."""
        self._stamp = _stamp(self.file)  # before: what comes while it is read is seen the next time
        try:
            served = await asyncio.get_running_loop().run_in_executor(self.pool, self._load)
        except Exception as error:  # whatever is wrong with the new file, the old model goes on answering
            self.metrics.failed_loads.inc()
            self.problem = _words(error)
            LOG.error("%s was not loaded, model %s goes on: %s", self.file, self.served.digest, self.problem)
            return
        before, self.served, self.problem = self.served.digest, served, None
        self._loaded()
        LOG.info("model %s takes over from %s", served.digest, before)

    def _load(self) -> LoadedModel:
        return LoadedModel(self.file, self.pool, self.metrics.batch.observe, self.deciding)

    def _loaded(self) -> None:
        self.metrics.loads.inc()
        self.metrics.loaded.set(self.served.loaded.timestamp())


def _words(error: Exception) -> str:
    if isinstance(error, InputError | InputTypeError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{type(error).__name__}: {error}"


def _stamp(file: Path) -> Any:
    """What changes when a file is replaced, written to, or taken away."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino

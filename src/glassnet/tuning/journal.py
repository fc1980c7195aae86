"""The journal of a search in a file; when the disk is full the search warns and continues."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileBackend


class Journal(JournalFileBackend):
    """A journal of Optuna's that keeps in memory what its file takes no more; that file ends with a whole line.

    `problem` is why some of it is not in the file.
    """

    def __init__(self, path: str, lock: Any) -> None:
        super().__init__(path, lock_obj=lock)
        self.path = path
        self.problem: OSError | None = None
        self._written = 0
        self._in_memory: list[dict[str, Any]] = []

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Add events.

        Raises
        ------
        OSError
            If not even the first can be written: then nothing was tried that could be lost.
        """
        if self.problem is None:
            size = Path(self.path).stat().st_size
            try:
                super().append_logs(logs)
            except OSError as error:
                with contextlib.suppress(OSError):
                    os.truncate(self.path, size)
                if not size:
                    raise OSError(error.errno, error.strerror, self.path) from None
                self.problem = error
                self._written = sum(1 for _ in super().read_logs(0))
            else:
                return
        self._in_memory += json.loads(json.dumps(logs))  # as they would come out of the file

    def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
        """The events from this number on."""
        yield from super().read_logs(log_number_from)
        yield from self._in_memory[max(0, log_number_from - self._written) :]

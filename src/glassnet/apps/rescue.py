"""Where a trained model goes: into its file, or, if that cannot be written any more, anywhere else that can.

The disk was not full when the training began, and a training may have taken a day.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from glassnet.apps.texts import say
from glassnet.exchange import save

FOLDERS = ("", "/var/tmp", "~", ".", "/dev/shm")
"""Where to try: the folder for temporary files first, memory last."""


class Place:
    """Where a model is kept: `wanted` is where it should be, `file` where it is.

    `problem` is why it is not where it should be; it says where it is.
    """

    def __init__(self, file: Path) -> None:
        self.wanted = self.file = file
        self.problem: OSError | None = None

    def save(self, model: Any) -> None:
        """Write the model, somewhere else if need be.

        Raises
        ------
        OSError
            If it can be written nowhere.
        """
        try:
            save(model, self.file)
        except OSError as error:
            first = self.problem or error
            self.file = _elsewhere(model, self.file.name, error)
            reason = (first.strerror or str(first)).partition(";")[0]
            self.problem = OSError(
                first.errno, say("error.elsewhere", wanted=self.wanted, reason=reason, file=self.file)
            )


def _elsewhere(model: Any, name: str, problem: OSError) -> Path:
    """Another place, on other disks first, where the model has been written; in a folder that nobody else can enter."""
    for folder in FOLDERS:
        try:
            place = Path(tempfile.mkdtemp(prefix="glassnet-", dir=Path(folder or tempfile.gettempdir()).expanduser()))
        except (OSError, RuntimeError):  # there is no such folder, or no home
            continue
        try:
            save(model, place / name)
        except OSError:
            place.rmdir()
        else:
            return place / name
    raise problem

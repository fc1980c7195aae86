"""A file that is there whole, or as it was before: written aside, then put in its place."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["replacing"]


@contextlib.contextmanager
def replacing(path: Path, what: str = "the model") -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of `path` at the end, if all went well.

    Parameters
    ----------
    path : Path
        A link stays, and what it points to is replaced.
    what : str
        What was not saved, in the words of an error.

    Raises
    ------
    OSError
        If it cannot be written; nothing of it is left then, and what was there before is untouched.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "model") as file:
    ...         size = file.write(b"whole")
    ...     (Path(folder) / "model").read_text()
    'whole'
    """
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            if path.exists():
                temporary.chmod(stat.S_IMODE(path.stat().st_mode))  # what was private stays private
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OSError(error.errno, f"{error.strerror}; {what} was not saved", str(path)) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # so that the new name survives a power cut; not every system can
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

"""A file that is there whole, or as it was before: written aside, then put in its place."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LEFT = 60.0
"""Seconds: what was made later may be somebody's who has not claimed it yet."""
LONGEST = 100
"""Bytes of a file's own name in that of what takes its place: the rest of it must fit into what a system allows."""


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
    temporary = aside(path)
    try:
        with temporary.open("xb") as file:
            claim(file.fileno())
            with contextlib.suppress(FileNotFoundError):
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


def aside(path: Path) -> Path:
    """A name beside `path` for what will take its place; what a kill has left under such names is cleared away."""
    name = path.name[:LONGEST]
    while len(os.fsencode(name)) > LONGEST:
        name = name[:-1]
    ours = re.compile(re.escape(f".{name}.") + r"[0-9a-f]{16}\.part")
    with contextlib.suppress(OSError):
        for found in path.parent.iterdir():
            if ours.fullmatch(found.name):
                clear_left(found)
    return path.with_name(f".{name}.{secrets.token_hex(8)}.part")


def claim(descriptor: int) -> bool:
    """Mark a file or folder as in use, until it is closed; False if that cannot be, or somebody else has done so."""
    try:
        import fcntl
    except ImportError:  # Windows removes no file that is open, which comes to the same
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def clear_left(left: Path) -> None:
    """Remove what nobody writes any more."""
    with contextlib.suppress(OSError):
        found = left.lstat()
        folder = stat.S_ISDIR(found.st_mode)
        if time.time() - found.st_mtime < LEFT or not (folder or stat.S_ISREG(found.st_mode)):
            return
        descriptor = os.open(left, os.O_RDONLY)
        try:
            forgotten = claim(descriptor)
        finally:
            os.close(descriptor)
        if forgotten:
            shutil.rmtree(left) if folder else left.unlink()

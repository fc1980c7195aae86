"""Where compiled kernels are kept between processes: a folder of small files of object code.

A file's name is a hash of everything that its code depends on, so a file never becomes wrong, only unused. Files
appear at once and whole (written aside, then renamed), so that any number of processes may start on one folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import warnings
from functools import cache
from pathlib import Path

from glassnet.errors import TrainingWarning

__all__ = ["cache_folder", "load", "save"]

VARIABLE = "GLASSNET_CACHE"
DIGEST = 32


def load(key: str) -> bytes | None:
    """The object code kept under a key; None if there is none, or if the file is damaged."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        content = (folder / f"{key}.o").read_bytes()
    except OSError:
        return None
    digest, code = content[:DIGEST], content[DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def save(key: str, code: bytes) -> None:
    """Keep object code under a key. A full disk is no reason to stop: the next process compiles again."""
    folder = cache_folder()
    if folder is None:
        return
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(dir=folder, suffix=".new")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(code).digest() + code)
            os.replace(name, folder / f"{key}.o")
        except OSError:
            os.unlink(name)
            raise


@cache
def cache_folder() -> Path | None:
    """The folder of compiled kernels: $GLASSNET_CACHE, or glassnet in the user's cache folder.

    A folder may be read-only if it holds what is needed (a container's, filled by ``glassnet warm``). None: no folder
    can be used, and every process compiles for itself.
    """
    given = os.environ.get(VARIABLE)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(given) if given else Path(home) / "glassnet"
    if _ours(folder):
        return folder
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    spare = Path(tempfile.gettempdir()) / f"glassnet-{user}"
    usable = _ours(spare)
    warnings.warn(
        f"Compiled kernels cannot be kept in {folder}; "
        + (f"{spare} is used instead. " if usable else "every process compiles them again. ")
        + f"Set {VARIABLE} to a folder that can be written",
        TrainingWarning,
        stacklevel=2,
    )
    return spare if usable else None


def _ours(folder: Path) -> bool:
    """Whether the folder is there, or can be made, and nobody but us (or root) could have put code into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError:
        return False
    if not hasattr(os, "getuid"):
        return folder.is_dir()
    safe = status.st_uid in (os.getuid(), 0) and not status.st_mode & 0o022
    filled = any(folder.glob("*.o"))
    return safe and folder.is_dir() and (filled or os.access(folder, os.W_OK | os.X_OK))

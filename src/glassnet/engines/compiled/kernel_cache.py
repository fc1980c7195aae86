"""The cache of compiled kernels: a folder of small files of object code.

A file's name is a hash of everything that its code depends on, so a file never becomes wrong, only unused; files that
were not read for 90 days are removed. Files are written beside and renamed, so any number of processes may share a
folder. Their content is executed, so a folder or file that others may write to is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from glassnet.support.language import Text
from glassnet.support.messages import warn

VARIABLE = "GLASSNET_CACHE"
SUFFIX = ".kernel"
DIGEST = 32
"""Bytes before the code, which reveal a damaged or renamed file."""
DAY = 24 * 60 * 60
KEPT_FOR = 90 * DAY
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def load(key: str) -> bytes | None:
    """Return the object code under a key; None if there is none, or the file is damaged."""
    folder = cache_folder()
    return None if folder is None else _read(folder, key)


def save(key: str, code: bytes) -> None:
    """Store object code under a key. A failure is a warning: the code is compiled again next time."""
    folder = cache_folder()
    if folder is None:
        return
    try:
        _write(folder, key, code)
        _remove_unused(folder)
    except OSError as error:
        another = (folder / f"{key}{SUFFIX}").exists()  # another process was faster, and has the file open
        if not another and os.access(folder, os.W_OK | os.X_OK):  # a read-only folder is meant to be one
            _tell(folder, error.strerror or str(error))


def kept() -> int:
    """Return the number of kernels in the folder."""
    folder = cache_folder()
    return 0 if folder is None else sum(1 for _ in folder.glob(f"*{SUFFIX}"))


@cache
def cache_folder() -> Path | None:
    """Return the folder of compiled kernels: $GLASSNET_CACHE, or glassnet in the user's cache folder.

    A folder may be read-only if it holds kernels (a container's, filled by ``glassnet warm``); missing ones are
    compiled by every process. None: the folder cannot be used, a warning says why, and every process compiles all.
    """
    try:
        folder = _configured_folder()
    except RuntimeError as error:
        folder, reason = Path("~"), str(error)
    else:
        reason = _refusal(folder)
    if not reason:
        return folder
    _tell(folder, reason)
    return None


def _configured_folder() -> Path:
    """Return the folder in which kernels should be stored. RuntimeError: the user has no home directory."""
    if folder := os.environ.get(VARIABLE):
        return Path(folder).expanduser().absolute()
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "glassnet"
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (
        caches if caches.is_absolute() else Path.home() / ".cache"
    ) / "glassnet"  # XDG: a relative one does not count


def _refusal(folder: Path) -> str:
    """Return the reason not to use a folder, which is created if need be; empty if there is none."""
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not _ours(folder.stat()):
            return "others may write to it, and what it holds would be executed; `chmod go-w` keeps them out"
        if os.access(folder, os.W_OK | os.X_OK) or any(folder.glob(f"*{SUFFIX}")):
            return ""
    except OSError as error:
        return error.strerror or str(error)
    return "it cannot be written to"


def _ours(status: os.stat_result) -> bool:
    """Return whether only this user or root may write to it. Windows protects a user's folders by itself."""
    return not hasattr(os, "getuid") or (status.st_uid in (os.getuid(), 0) and not status.st_mode & OTHERS_WRITE)


def _digest(key: str, code: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\0" + code).digest()


def _read(folder: Path, key: str) -> bytes | None:
    file = folder / f"{key}{SUFFIX}"
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            content = opened.read() if _ours(status) else b""
    except OSError:
        return None
    digest, code = content[:DIGEST], content[DIGEST:]
    if _digest(key, code) != digest:
        return None
    if time.time() - status.st_mtime > DAY:
        with contextlib.suppress(OSError):  # the folder may be read-only
            os.utime(file)
    return code


def _write(folder: Path, key: str, code: bytes) -> None:
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)  # it may have been removed since
    handle, name = tempfile.mkstemp(prefix=f"{key}.", suffix=f"{SUFFIX}.new", dir=folder)
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(_digest(key, code) + code)
        aside.chmod(0o644)  # a container's folder is often filled by another user
        aside.replace(folder / f"{key}{SUFFIX}")
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise


@cache
def _remove_unused(folder: Path) -> None:
    """Remove old files, once in a process: kernels of earlier versions, and leftovers of killed processes."""
    with contextlib.suppress(OSError):
        for file in (*folder.glob(f"*{SUFFIX}"), *folder.glob(f"*{SUFFIX}.new")):
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_mtime > KEPT_FOR:
                    file.unlink()


@cache
def _tell(folder: Path, reason: str) -> None:
    warn(
        Text(
            "Compiled kernels cannot be kept in {folder} ({reason}): every process compiles them "
            "again. Set {variable} to a folder that can be written",
            folder=folder,
            reason=reason,
            variable=VARIABLE,
        )
    )

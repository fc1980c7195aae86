"""Atomic writes: a file is written beside its target and renamed, so the target is complete or unchanged."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from glassnet.errors import InputError
from glassnet.support.language import Text

LEFT = 60.0
"""Seconds: a younger file may belong to a process that has not locked it yet."""
MOST_LINKS = 40
"""The most symbolic links in a row, as in Linux."""
LONGEST = 100
"""The bytes of a file's name in its temporary name: with the suffix, it must fit the system's limit."""


def checked_suffix(path: str | os.PathLike[str], suffixes: Collection[str], rule: str, remedy: str) -> Path:
    """Return a path with one of these suffixes, in lower case: a compiler takes ".C" for C++, and Python needs ".py".

    Raises
    ------
    InputError
        If it has another one; it says `rule` and `remedy`.

    Examples
    --------
    >>> checked_suffix("Model.C", [".c"], "A file of C code must end in .c", "For example model.c").name
    'Model.c'
    """
    path = Path(path)
    if path.suffix.lower() not in suffixes:
        raise InputError(rule, path.name, remedy)
    return path.with_suffix(path.suffix.lower())


@contextlib.contextmanager
def atomic_write(path: Path, what: str = "the model") -> Iterator[BinaryIO]:
    """A file to write to, which replaces `path` at the end, unless there was an error.

    Parameters
    ----------
    path : Path
        A link is kept, and its target is replaced.
    what : str
        The object that was not saved, for error messages.

    Raises
    ------
    InputError
        If it would be written through a link of another user.
    OSError
        If it cannot be written; no partial file is left then, and an existing file is unchanged.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_write(Path(folder) / "model") as file:
    ...         size = file.write(b"whole")
    ...     (Path(folder) / "model").read_text()
    'whole'
    """
    path = destination(path)
    temporary = aside(path)
    try:
        with temporary.open("xb") as file:
            claim(file.fileno())
            with contextlib.suppress(FileNotFoundError):
                before, ours = path.stat(), temporary.stat()
                kept = -1 if before.st_uid == ours.st_uid else ours.st_mode  # a stranger opens nothing
                temporary.chmod(stat.S_IMODE(before.st_mode & kept))  # keep the permissions
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


def destination(path: Path) -> Path:
    """Return the target of a path, behind all symbolic links.

    In a folder where everybody may make files, such as /tmp, a link may lead to any file of the user who follows it. So
    one that is neither ours nor of the folder's owner is not followed, nor is a pipe written to: Linux does the same
    when files are opened (``fs.protected_symlinks``), and here they are not opened but replaced.

    Raises
    ------
    InputError
        If there is such a link.

    Examples
    --------
    >>> destination(Path("/usr/../model")).name
    'model'
    """
    try:
        return _behind_links(path.absolute())
    except OSError:  # a name that is too long: opening it raises the error
        return path.absolute()


def _behind_links(path: Path) -> Path:
    """Resolve links one by one, so that each is checked and followed once."""
    place, left, links = Path(path.anchor), [*reversed(path.parts[1:])], 0
    while left:
        part = left.pop()
        at = place.parent if part == ".." else place / part
        target = _target(at)
        if target is None:
            place = at
            continue
        if (links := links + 1) > MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        place = Path(target.anchor) if target.is_absolute() else place
        left += reversed(target.parts[1:] if target.is_absolute() else target.parts)
    if place.exists() and not place.is_file() and not place.is_dir():
        _check_owner(place, place.lstat())
    return place


def _target(at: Path) -> Path | None:
    """Return the target of a link that may be followed; None if it is no link (any more)."""
    while at.is_symlink():
        with contextlib.suppress(OSError):  # it is no longer a link
            before, target, after = at.lstat(), at.readlink(), at.lstat()
            if (before.st_ino, before.st_uid, before.st_ctime_ns) == (after.st_ino, after.st_uid, after.st_ctime_ns):
                _check_owner(at, after)
                return target
    return None


def _check_owner(at: Path, found: os.stat_result) -> None:
    """Refuse files that another user has put into a shared folder."""
    folder = at.parent.stat()
    if os.name == "posix" and folder.st_mode & stat.S_IWOTH and found.st_uid not in (os.geteuid(), folder.st_uid):
        rule = Text("A file must not be written through a link or pipe that another user created in a shared folder")
        raise InputError(rule, f"{at}", "Choose another folder")


def aside(path: Path) -> Path:
    """Return a temporary name beside `path`; leftovers of killed processes under such names are removed."""
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
    """Lock a file or folder until it is closed; False if it cannot be locked, or is locked already."""
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
    """Remove leftovers that no process holds."""
    with contextlib.suppress(OSError):
        found = left.lstat()
        folder = stat.S_ISDIR(found.st_mode)
        if time.time() - found.st_mtime < LEFT or not (folder or stat.S_ISREG(found.st_mode)):
            return
        descriptor = os.open(left, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        try:
            forgotten = claim(descriptor)
        finally:
            os.close(descriptor)
        if forgotten:
            shutil.rmtree(left) if folder else left.unlink()

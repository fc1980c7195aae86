"""Encoded rows on disk, from which batches are read.

A table is encoded once, row after row, into files that have no name: the system takes them away when the process
ends, however it ends. They are read, and not mapped into memory: a system that keeps files in large pages would make
two megabytes resident for one row.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import threading
import weakref
from typing import Any

import numpy as np

from glassnet.errors import InputError
from glassnet.layers.base import Array
from glassnet.support.language import Text


class ScratchFile:
    """An array of rows in an unnamed file, written in order, then read at random.

    Any rows can be had by their numbers, as from an array; several threads may read at a time.

    Parameters
    ----------
    rows : int
    each : tuple of int
        The shape of a row.
    dtype : NumPy dtype
    folder : str
        On whose disk it is.

    Raises
    ------
    OSError
        If there is no room, or the file cannot be made.

    Examples
    --------
    >>> file = ScratchFile(3, (2,), np.float32, tempfile.gettempdir())
    >>> file.write(np.arange(6, dtype=np.float32).reshape(3, 2))
    >>> file[np.array([2, 0])].tolist()
    [[4.0, 5.0], [0.0, 1.0]]
    """

    def __init__(self, rows: int, each: tuple[int, ...], dtype: Any, folder: str) -> None:
        self.shape, self.dtype = (rows, *each), np.dtype(dtype)
        self.row_bytes = self.dtype.itemsize * int(np.prod(each, dtype=np.int64))
        self._file, self._lock = _nameless(folder), threading.Lock()
        try:
            if hasattr(os, "posix_fallocate"):  # a disk that is full says so now
                os.posix_fallocate(self._file.fileno(), 0, max(1, rows * self.row_bytes))
        except OSError as error:
            self._file.close()
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
            self._file = _nameless(folder)
        weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Array:
        """Some rows, by a slice without steps or by an array of their numbers."""
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self))
            found = np.empty((max(0, stop - start), *self.shape[1:]), self.dtype)
            self.read(start, found)
            return found
        numbers = np.asarray(rows)
        found = np.empty((len(numbers), *self.shape[1:]), self.dtype)
        begins = np.flatnonzero(np.diff(numbers, prepend=-2) != 1)  # rows that follow each other are read together
        for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(numbers)], strict=True):
            self.read(int(numbers[begin]), found[begin:end])
        return found

    def write(self, rows: Array) -> None:
        """Write the next rows."""
        left = np.ascontiguousarray(rows, self.dtype).view(np.uint8).reshape(-1).data
        while len(left):
            left = left[self._file.write(left) :]

    def read(self, start: int, target: Array) -> None:
        """Fill the target with consecutive rows: a contiguous array of the same type."""
        left, place = target.view(np.uint8).reshape(-1).data, start * self.row_bytes
        while len(left):
            count = self._read_at(left, place)
            if not count:
                raise EOFError(f"A temporary file ends after {place:,} bytes, {len(left):,} too early")
            left, place = left[count:], place + count

    def _read_at(self, target: memoryview, place: int) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(self._file.fileno(), [target], place)
        with self._lock:
            self._file.seek(place)
            return int(self._file.readinto(target))


class Scratch:
    """Encoded rows, their targets, and perhaps weights, in files.

    Parameters
    ----------
    rows, width : int
    dtype : NumPy dtype
        Of the network.
    targets : array of shape (any, ...)
        Some targets, of the type and shape that all have.
    weighted : bool

    Attributes
    ----------
    X, y : ScratchFile
    weight : ScratchFile or None

    Raises
    ------
    InputError
        If there is no room for them on the disk.
    """

    def __init__(self, rows: int, width: int, dtype: Any, targets: Array, *, weighted: bool = False) -> None:
        self.folder, self.rows = tempfile.gettempdir(), rows
        each = [((width,), np.dtype(dtype)), (targets.shape[1:], targets.dtype)]
        each += [((), np.dtype(np.float64))] if weighted else []
        needed = sum(rows * kind.itemsize * int(np.prod(shape, dtype=np.int64)) for shape, kind in each)
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise _no_room(needed, free, self.folder)
        try:
            files = [ScratchFile(rows, shape, kind, self.folder) for shape, kind in each]
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise _no_room(needed, shutil.disk_usage(self.folder).free, self.folder) from error
        self.X, self.y = files[:2]
        self.weight = files[2] if weighted else None
        self._digest = hashlib.sha256(f"{rows} {width} {np.dtype(dtype).str}".encode())

    def write(self, X: Array, y: Array, weight: Array | None) -> None:
        """Write the next rows."""
        for file, rows in ((self.X, X), (self.y, y), (self.weight, weight)):
            if file is not None:
                part = np.ascontiguousarray(rows, file.dtype)
                file.write(part)
                self._digest.update(part.data)

    @property
    def row_bytes(self) -> int:
        """The bytes of one row with its target and weight."""
        return sum(file.row_bytes for file in (self.X, self.y, self.weight) if file is not None)

    def digest(self) -> str:
        """The digest of everything written."""
        return self._digest.hexdigest()


def _nameless(folder: str) -> Any:
    """An unlinked file, which the system removes when it is closed."""
    return tempfile.TemporaryFile(dir=folder, buffering=0)


def _no_room(needed: int, free: int, folder: str) -> InputError:
    rule = Text("The disk must have space for the encoded rows")
    received = f"{needed / 1e9:.3g} GB, with {free / 1e9:.3g} GB free in {folder}"
    return InputError(
        rule, received, "Free some space, or choose another folder for temporary files: TMPDIR=/path/on/a/disk"
    )

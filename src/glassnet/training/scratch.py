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
from typing import Any, Final

import numpy as np

from glassnet.errors import InputError
from glassnet.layers.base import Array
from glassnet.layers.text_rows import TextRows, TextStore
from glassnet.support.language import Text

ENTRY: Final = np.dtype([("id", np.int32), ("value", np.float32)])
"""The stored form of an n-gram of a row."""
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of a disk without room."""


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


class ScratchTexts:
    """Rows of a matrix with the n-grams of their texts, in files, written in order, then read at random.

    Some of the rows are :class:`~glassnet.layers.text_rows.TextRows` with a store of their own.

    Parameters
    ----------
    matrix : ScratchFile
    ngrams : int
        The number of n-grams of the texts.
    folder : str

    Examples
    --------
    >>> folder = tempfile.gettempdir()
    >>> file = ScratchTexts(ScratchFile(2, (3,), np.float32, folder), 4, folder)
    >>> store = TextStore(np.array([0, 2, 2]), np.array([0, 3]), np.array([0.6, 0.8]), size=4)
    >>> file.write(TextRows(np.zeros((2, 3), np.float32), np.arange(2), store))
    >>> file[np.array([1, 0, 0])].entries()[1].tolist()
    [0, 3, 0, 3]
    """

    def __init__(self, matrix: ScratchFile, ngrams: int, folder: str) -> None:
        self.matrix, self.ngrams, self.folder = matrix, ngrams, folder
        self.shape, self.dtype = matrix.shape, matrix.dtype
        self.ends, self.entries = ScratchFile(len(matrix), (), np.int64, folder), ScratchFile(0, (), ENTRY, folder)
        self.written = 0

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def row_bytes(self) -> int:
        """The bytes of one row, on average."""
        ngrams = self.written * ENTRY.itemsize // max(1, len(self))
        return self.matrix.row_bytes + self.ends.row_bytes + ngrams

    def __getitem__(self, rows: Any) -> TextRows:
        """Some rows, by a slice without steps or by an array of their numbers."""
        numbers = np.arange(len(self))[rows] if isinstance(rows, slice) else np.asarray(rows)
        begins = np.flatnonzero(np.diff(numbers, prepend=-2) != 1)
        parts = zip(numbers[begins].tolist(), np.diff(begins, append=len(numbers)).tolist(), strict=True)
        stores = [self.store(first, first + count) for first, count in parts] or [self.store(0, 0)]
        return TextRows(self.matrix[rows], np.arange(len(numbers)), TextStore.joined(stores))

    def store(self, start: int, stop: int) -> TextStore:
        """The n-grams of consecutive rows."""
        first = int(self.ends[start - 1 : start][0]) if start else 0
        indptr = np.concatenate([np.zeros(1, np.int64), self.ends[start:stop] - first])
        entries = np.empty(indptr[-1], ENTRY)
        self.entries.read(first, entries)
        return TextStore(indptr, entries["id"], entries["value"], self.ngrams)

    def write(self, rows: TextRows) -> None:
        """Write the next rows."""
        owners, ids, values = rows.entries()
        entries = np.empty(len(ids), ENTRY)
        entries["id"], entries["value"] = ids, values
        self.matrix.write(rows.matrix)
        self.ends.write(self.written + np.cumsum(np.bincount(owners, minlength=len(rows))))
        self.written += len(ids)
        try:
            self.entries.write(entries)
        except OSError as error:
            if error.errno not in FULL:
                raise
            needed = self.written * ENTRY.itemsize  # and more for the rows that follow
            raise _no_room(needed, shutil.disk_usage(self.folder).free, self.folder) from error


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
    ngrams : int
        The number of n-grams of the texts of rows; 0: they have none.

    Attributes
    ----------
    X : ScratchFile or ScratchTexts
    y : ScratchFile
    weight : ScratchFile or None

    Raises
    ------
    InputError
        If there is no room for them on the disk.
    """

    def __init__(
        self, rows: int, width: int, dtype: Any, targets: Array, *, weighted: bool = False, ngrams: int = 0
    ) -> None:
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
            if error.errno not in FULL:
                raise
            raise _no_room(needed, shutil.disk_usage(self.folder).free, self.folder) from error
        self.X, self.y = ScratchTexts(files[0], ngrams, self.folder) if ngrams else files[0], files[1]
        self.weight = files[2] if weighted else None
        self._digest = hashlib.sha256(f"{rows} {width} {np.dtype(dtype).str}".encode())

    def write(self, X: Array | TextRows, y: Array, weight: Array | None) -> None:
        """Write the next rows."""
        if isinstance(self.X, ScratchTexts):
            assert isinstance(X, TextRows)
            self.X.write(X)
            self._add(X.matrix, *X.entries())
        else:
            self._write(self.X, X)
        self._write(self.y, y)
        if self.weight is not None:
            self._write(self.weight, weight)

    def _write(self, file: ScratchFile, rows: Any) -> None:
        part = np.ascontiguousarray(rows, file.dtype)
        file.write(part)
        self._add(part)

    def _add(self, *parts: Array) -> None:
        for part in parts:
            self._digest.update(np.ascontiguousarray(part).data)

    @property
    def row_bytes(self) -> int:
        """The bytes of one row with its target and weight."""
        return sum(file.row_bytes for file in (self.X, self.y, self.weight) if file is not None)

    def digest(self) -> str:
        """Return the digest of everything written."""
        return self._digest.hexdigest()


def _nameless(folder: str) -> Any:
    """Return an unlinked file, which the system removes when it is closed."""
    return tempfile.TemporaryFile(dir=folder, buffering=0)


def _no_room(needed: int, free: int, folder: str) -> InputError:
    rule = Text("The disk must have space for the encoded rows")
    received = f"{needed / 1e9:.3g} GB, with {free / 1e9:.3g} GB free in {folder}"
    return InputError(
        rule, received, "Free some space, or choose another folder for temporary files: TMPDIR=/path/on/a/disk"
    )

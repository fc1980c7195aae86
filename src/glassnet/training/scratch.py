"""Encoded rows on the disk, from which an engine takes those whose turn it is.

A table is encoded once, row after row, into files that have no name: the system takes them away when the process
ends, however it ends. They are seen as arrays (memory maps), so engines need to know nothing of it; what has been read
is let go again, so that the process stays small.
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.errors import InputError
from glassnet.layers.base import Array
from glassnet.training.watch import Rows

__all__ = ["Scratch", "ScratchFile"]


class ScratchFile:
    """An array of rows in a file without a name, written from the first row to the last, then read anywhere.

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
    >>> file.write(np.ones((3, 2), np.float32))
    >>> file.array().sum()
    np.float32(6.0)
    """

    def __init__(self, rows: int, each: tuple[int, ...], dtype: Any, folder: str) -> None:
        self.shape, self.dtype = (rows, *each), np.dtype(dtype)
        self.row_bytes = self.dtype.itemsize * int(np.prod(each, dtype=np.int64))
        self.file = _nameless(folder)
        self.map: mmap.mmap | None = None
        try:
            if hasattr(os, "posix_fallocate"):  # a disk that is full says so now, and not when a page is written
                os.posix_fallocate(self.file.fileno(), 0, max(1, rows * self.row_bytes))
        except OSError as error:
            self.file.close()
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
            self.file = _nameless(folder)
        weakref.finalize(self, self.file.close)

    def write(self, rows: Array) -> None:
        """Write the next rows."""
        left = memoryview(np.ascontiguousarray(rows, self.dtype).view(np.uint8).reshape(-1))
        while len(left):
            left = left[self.file.write(left) :]

    def array(self) -> Array:
        """All rows, not to be changed."""
        if self.map is None:
            self.map = mmap.mmap(self.file.fileno(), max(1, self.shape[0] * self.row_bytes), access=mmap.ACCESS_READ)
        count = int(np.prod(self.shape, dtype=np.int64))
        return np.frombuffer(self.map, self.dtype, count).reshape(self.shape)

    def advise(self, start: int, stop: int, advice: str) -> None:
        """Tell the system what will become of some rows, where it can be told."""
        what = getattr(mmap, advice, None)
        if what is None or self.map is None:
            return
        begin = start * self.row_bytes // mmap.PAGESIZE * mmap.PAGESIZE
        self.map.madvise(what, begin, min(stop * self.row_bytes, len(self.map)) - begin)


class Scratch:
    """Encoded rows with their targets, in files.

    Parameters
    ----------
    rows, width : int
    dtype : NumPy dtype
        Of the network.
    targets : tuple of int
        The shape of a row's target.
    folder : str or None
        None: that of temporary files.

    Raises
    ------
    InputError
        If there is no room for them on the disk.
    """

    def __init__(
        self,
        rows: int,
        width: int,
        dtype: Any,
        targets: tuple[int, ...] = (),
        *,
        folder: str | None = None,
    ) -> None:
        self.folder = tempfile.gettempdir() if folder is None else folder
        size = np.dtype(dtype).itemsize
        needed = rows * size * (width + int(np.prod(targets, dtype=np.int64)))
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise _no_room(needed, free, self.folder)
        self.rows = rows
        self._digest = hashlib.sha256(f"{rows} {width} {np.dtype(dtype).str}".encode())
        self.X, self.y = (self.reserve(shape, dtype) for shape in ((width,), targets))
        self.weights: list[ScratchFile] = []

    def reserve(self, each: tuple[int, ...], dtype: Any) -> ScratchFile:
        """Room for something more of each row, of that shape and type."""
        try:
            return ScratchFile(self.rows, each, dtype, self.folder)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            needed = self.rows * np.dtype(dtype).itemsize * int(np.prod(each, dtype=np.int64))
            raise _no_room(needed, shutil.disk_usage(self.folder).free, self.folder) from error

    def write(self, X: Array, y: Array, weight: Array | None) -> None:
        """Write the next rows; their weights are only noted for the digest."""
        for file, rows in ((self.X, X), (self.y, y)):
            part = np.ascontiguousarray(rows, file.dtype)
            file.write(part)
            self._digest.update(part.data)
        if weight is not None:
            self._digest.update(np.ascontiguousarray(weight, np.float64).data)

    def table(self) -> Rows:
        """All rows, without weights."""
        return Rows(self.X.array(), self.y.array(), None)

    @property
    def row_bytes(self) -> int:
        """Of one row with its target."""
        return self.X.row_bytes + self.y.row_bytes

    def digest(self) -> str:
        """Of all that was written."""
        return self._digest.hexdigest()

    def weighted(self, weights: Callable[[slice], Array], dtype: Any, each: int) -> Array:
        """One more weight for each row, on the disk as well, computed so many rows at a time."""
        file = self.reserve((), dtype)
        for start in range(0, self.rows, each):
            file.write(weights(slice(start, min(start + each, self.rows))))
        self.weights.append(file)
        return file.array()

    def expect(self, start: int, stop: int) -> None:
        """These rows will be wanted soon: the system may fetch them."""
        for file in (self.X, self.y, *self.weights):
            file.advise(start, stop, "MADV_WILLNEED")

    def release(self, start: int, stop: int) -> None:
        """These rows are done with: the process lets them go, whoever wants one of them gets it again."""
        for file in (self.X, self.y, *self.weights):
            file.advise(start, stop, "MADV_DONTNEED")


def _nameless(folder: str) -> Any:
    """A file that the system takes away when nobody has it open any more."""
    return tempfile.TemporaryFile(dir=folder, buffering=0)


def _no_room(needed: int, free: int, folder: str) -> InputError:
    rule = "The encoded rows must have room on the disk"
    received = f"{needed / 1e9:.3g} GB, with {free / 1e9:.3g} GB free in {folder}"
    return InputError(rule, received, "Make room, or name another folder for temporary files: TMPDIR=/path/of/a/disk")

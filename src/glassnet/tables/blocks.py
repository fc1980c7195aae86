"""A table that is not in memory, in blocks that can be read again and again, each by its number.

Files of Parquet are read where they are. Text files, and what a LazyFrame of polars computes, are written once into
a temporary folder as Parquet, in blocks.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from glassnet.engines.prefetch import ahead
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.support.coercion import offers
from glassnet.tables.containers import is_frame, is_sparse
from glassnet.tables.parquet import try_to_read
from glassnet.tables.parquet_blocks import ParquetBlocks, rows_of_a_block
from glassnet.tables.reading import FOUND_OUT, ReadOptions, file_format
from glassnet.tables.spool import computed, converted

LIKE_FILES: Final = "Give the path of a folder or of a file, a LazyFrame of polars, or batches"


class Blocks(Protocol):
    """A table in blocks: its columns, the number of rows of each block, and what it is called in messages."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def rows(self) -> tuple[int, ...]: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    def pieces(self, number: int, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """The rows of one block in order, as tables small enough to be in memory; None: all columns."""


def all_pieces(blocks: Blocks) -> Iterator[Any]:
    """The rows of all blocks, in order; while one is looked at, the next is read."""
    for pieces in ahead(len(blocks.rows), lambda number: list(blocks.pieces(number))):
        yield from pieces


def is_lazy(X: Any) -> bool:
    """Whether it is a LazyFrame of polars."""
    return type(X).__name__ == "LazyFrame" and type(X).__module__.startswith("polars")


def is_out_of_core(X: Any) -> bool:
    """Whether it stands for a table that is not in memory: a path, a LazyFrame, blocks.

    Examples
    --------
    >>> is_out_of_core("folder"), is_out_of_core([[1, 2]])
    (True, False)
    """
    return isinstance(X, (str, Path)) or is_lazy(X) or offers(X, "names", "rows", "labels", "pieces")


class ArrayBlocks:
    """An array of two dimensions, such as a memory map of NumPy."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        if array.ndim != 2 or not len(array):
            rule = "An array to learn from must have shape (rows, columns)"
            raise InputError(rule, f"shape {array.shape}", "Reshape it")
        self.array = np.asarray(array)
        self._each = rows_of_a_block(array.shape[1])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"x{column}" for column in range(self.array.shape[1]))

    @property
    def rows(self) -> tuple[int, ...]:
        total = len(self.array)
        return tuple(min(self._each, total - start) for start in range(0, total, self._each))

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(f"rows from {number * self._each:,}" for number in range(len(self.rows)))

    def pieces(self, number: int, columns: Sequence[str] | None = None) -> Iterator[np.ndarray[Any, Any]]:
        piece = self.array[number * self._each : (number + 1) * self._each]
        yield piece if columns is None else piece[:, [int(name[1:]) for name in columns]]


def open_blocks(
    X: Any, options: ReadOptions = FOUND_OUT, text: Container[str] = (), target: str | None = None
) -> Blocks:
    """A table that is not in memory, in blocks.

    Parameters
    ----------
    X : str, path, polars.LazyFrame, ndarray or Blocks
        A file, or a folder of files of one format: Parquet, CSV and its relatives, JSON lines, spreadsheets.
    options : ReadOptions
        What files do not say of themselves.
    text : container of str
        Columns of text files that stay text.
    target : str, optional
        As for :func:`glassnet.tables.readers.read_file`.

    Raises
    ------
    InputError, InputTypeError
        If it is no such thing, the folder is empty, or its files differ.
    OSError
        If it is not there, or cannot be read.
    """
    if is_lazy(X):
        return computed(X)
    if isinstance(X, (str, Path)):
        files = files_of(Path(X).expanduser())
        kinds = {options.format or file_format(file) for file in files}
        if len(kinds) > 1:
            rule = "All files of a folder must be of one format"
            raise InputError(rule, f"{', '.join(sorted(kinds))} in {X}", "Move the others elsewhere")
        if kinds == {"parquet"}:
            try_to_read(files, options.max_unpacked)
            return ParquetBlocks(files, options.notation, options.text)
        return converted(files, options, text, target)
    if isinstance(X, np.ndarray):
        return ArrayBlocks(X)
    if is_out_of_core(X):
        blocks: Blocks = X
        return blocks
    if is_frame(X) or is_sparse(X):
        raise InputTypeError("A table in memory does not need `memory`", type(X).__name__, "Omit `memory`")
    raise InputTypeError("A table to be read in chunks must not be in memory", shown(X), LIKE_FILES)


def files_of(path: Path) -> list[Path]:
    """The files of a folder in the order of their names, or the one file; hidden ones, and _SUCCESS, are none.

    Raises
    ------
    InputError
        If there are none.
    OSError
        If there is no such path.
    """
    if not path.is_dir():
        if not path.exists():
            raise FileNotFoundError(2, "There is no such file or folder", str(path))
        return [path]
    inside = sorted(entry for entry in path.iterdir() if not entry.name.startswith((".", "_")))
    files = [entry for entry in inside if entry.is_file()]
    if other := next((entry for entry in inside if not entry.is_file()), None):
        what = "the folder " if other.is_dir() else "a link to nowhere, " if other.is_symlink() else "no file, "
        remedy = "Pass polars' pl.scan_parquet(folder), which reads subfolders, or specify the subfolder"
        remedy = remedy if other.is_dir() else "Remove it"
        raise InputError("A folder of tables must contain files only", f"{what}{other.name} in {path}", remedy)
    if not files:
        raise InputError("A folder of tables must contain files", f"none in {path}", "Use Parquet or CSV files")
    return files

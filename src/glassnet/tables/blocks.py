"""A table that is not in memory, in blocks that can be read again and again, each by its number.

Files of Parquet are read where they are. Text files, and what a LazyFrame of polars computes, are written once into
a temporary folder as Parquet, in blocks: so types are found once, a plan is carried out once, and any block can be had.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.replacing import claim, clear_left
from glassnet.tables.notation import UNDECIDED, Notation
from glassnet.tables.readers import scan_files
from glassnet.tables.reading import FOUND_OUT, ReadOptions, file_format
from glassnet.tables.rows import is_frame, is_sparse
from glassnet.tables.sources import polars_errors, require_polars
from glassnet.touching import offers

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    *("ArrayBlocks", "Blocks", "ParquetBlocks"),
    *("all_pieces", "is_out_of_core", "is_lazy", "open_blocks", "rows_of_a_block"),
]

CELLS: Final = 1 << 21
"""So many cells of a table are in memory at a time: 16 megabytes of numbers."""
FEWEST, MOST = 1024, 65_536
"""Rows of a block, at least and at most."""
SPOOLED: Final = "glassnet-blocks-"
"""How folders are called that hold what was converted."""
LIKE_FILES: Final = "Give the path of a folder or of a file, a LazyFrame of polars, or batches"


class Blocks(Protocol):
    """A table in blocks.

    Attributes
    ----------
    names : tuple of str
        Of the columns, the same in every block.
    rows : tuple of int
        Of each block.
    labels : tuple of str
        What each block is called in messages.
    """

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def rows(self) -> tuple[int, ...]: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    def pieces(self, number: int, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """The rows of one block in order, as tables small enough to be in memory.

        Parameters
        ----------
        number : int
            Of the block, from 0.
        columns : sequence of str, optional
            Only these; None: all.
        """

    def fingerprint(self) -> str:
        """Of what it is read from: another one where that has changed."""


def all_pieces(blocks: Blocks, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """The rows of all blocks, in order.

    Parameters
    ----------
    blocks : Blocks
    columns : sequence of str, optional
        Only these.
    """
    for number in range(len(blocks.rows)):
        yield from blocks.pieces(number, columns)


def rows_of_a_block(columns: int) -> int:
    """As many as keep what is in memory bounded, however wide the table is.

    >>> rows_of_a_block(8), rows_of_a_block(1000)
    (65536, 2097)
    """
    return max(FEWEST, min(MOST, CELLS // max(1, columns)))


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
    return isinstance(X, (str, Path)) or is_lazy(X) or offers(X, "names", "rows", "labels", "pieces", "fingerprint")


@dataclass(frozen=True)
class _Part:
    """A block: rows of a file."""

    file: Path
    start: int
    rows: int


class ParquetBlocks:
    """Rows of Parquet files, in the order of their names.

    Parameters
    ----------
    files : sequence of Path
    notation : Notation
        How the text was written that they were made of.
    told : str or None
        The fingerprint of that; None: these files are what is read.

    Raises
    ------
    InputError
        If one is damaged, they differ in their columns, or there are no rows.
    OSError
        If one cannot be read.

    Examples
    --------
    >>> import polars as pl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "part.parquet"
    ...     pl.DataFrame({"a": range(100_000)}).write_parquet(file)
    ...     blocks = ParquetBlocks([file])
    ...     blocks.names, blocks.rows, next(blocks.pieces(1))["a"][0]
    (('a',), (65536, 34464), 65536)
    """

    def __init__(self, files: Sequence[Path], notation: Notation = UNDECIDED, told: str | None = None) -> None:
        require_polars("Reading tables from files")
        self.files, self.notation, self._told = tuple(files), notation, told
        self.schema: dict[str, Any] = {}
        self._parts: list[_Part] = []
        for file in self.files:
            with file.open("rb"):  # whoever may not read it is told so by the system, with its name
                pass
            schema, total = _look(file)
            if file is self.files[0]:
                self.schema = schema
            _check_schema(self.files[0], self.schema, file, schema)
            each = rows_of_a_block(len(schema))
            self._parts += [_Part(file, start, min(each, total - start)) for start in range(0, total, each)]
        if not self._parts:
            raise InputError(
                "A table must have rows", f"none in {_listed(self.files)}", "Give files with at least one row"
            )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.schema)

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(part.rows for part in self._parts)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(f"{part.file.name}, rows {part.start:,} to {part.start + part.rows - 1:,}" for part in self._parts)

    @property
    def file_of(self) -> tuple[int, ...]:
        """The number of the file that each block is of."""
        numbers = {file: number for number, file in enumerate(self.files)}
        return tuple(numbers[part.file] for part in self._parts)

    def pieces(self, number: int, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        import polars as pl

        part = self._parts[number]
        with polars_errors(part.file, "a Parquet file"):
            lazy = pl.scan_parquet(part.file, glob=False)
            lazy = lazy if columns is None else lazy.select(columns)
            frame = lazy.slice(part.start, part.rows).collect()
        if len(frame) < part.rows:
            rule = f"{part.file} must stay as it is while it is read"
            raise InputError(rule, f"{len(frame):,} rows where there were {part.rows:,}", "Start again")
        yield frame

    def fingerprint(self) -> str:
        return self._told or files_fingerprint(self.files)


def files_fingerprint(files: Sequence[Path]) -> str:
    """Of names, sizes and times."""
    found = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _look(file: Path) -> tuple[dict[str, Any], int]:
    """Columns and number of rows of a Parquet file."""
    import polars as pl

    with polars_errors(file, "a Parquet file"):
        lazy = pl.scan_parquet(file, glob=False)
        schema = dict(lazy.collect_schema())
        return schema, int(lazy.select(pl.len()).collect().item())
    raise AssertionError("unreachable")


def _check_schema(first: Path, wanted: dict[str, Any], file: Path, schema: dict[str, Any]) -> None:
    if schema == wanted:
        return
    rule = "All files of a folder must have the same columns, of the same types"
    remedy = "Make them the same, or give a polars LazyFrame that does"
    differing = [name for name in {**wanted, **schema} if wanted.get(name) != schema.get(name)]
    if not differing:
        raise InputError(rule, f"another order in {file} than in {first}", remedy)
    name = differing[0]
    received = f"{name!r}: {wanted.get(name, 'not')} in {first}, {schema.get(name, 'not')} in {file}"
    raise InputError(rule, received, remedy)


def _listed(files: Sequence[Path]) -> str:
    return str(files[0]) if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"


class ArrayBlocks:
    """An array of two dimensions, such as a memory map of NumPy.

    Parameters
    ----------
    array : ndarray of shape (rows, columns)
    """

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

    def fingerprint(self) -> str:
        told = f"{self.array.dtype.str} {self.array.shape}".encode()
        return hashlib.sha256(told + self.array[:: max(1, len(self.array) // 1000)].tobytes()).hexdigest()


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
        return _computed(X)
    if isinstance(X, (str, Path)):
        files = files_of(Path(X).expanduser())
        kinds = {options.format or file_format(file) for file in files}
        if len(kinds) > 1:
            rule = "All files of a folder must be of one format"
            raise InputError(rule, f"{', '.join(sorted(kinds))} in {X}", "Move the others elsewhere")
        return ParquetBlocks(files) if kinds == {"parquet"} else _converted(files, options, text, target)
    if isinstance(X, np.ndarray):
        return ArrayBlocks(X)
    if is_out_of_core(X):
        blocks: Blocks = X
        return blocks
    if is_frame(X) or is_sparse(X):
        raise InputTypeError("A table in memory needs no `memory`", type(X).__name__, "Leave `memory` out")
    raise InputTypeError("A table to be read in blocks must lie elsewhere", shown(X), LIKE_FILES)


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
    if len(files) < len(inside):
        remedy = "Give pl.scan_parquet(folder) of polars, which reads folders within it, or name the inner folder"
        raise InputError("A folder of tables must hold files only", f"the folder {inside[-1].name} in {path}", remedy)
    if not files:
        raise InputError("A folder of tables must hold files", f"none in {path}", "Give Parquet or CSV files")
    return files


def _remove(folder: Path, descriptor: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if descriptor is not None:
        os.close(descriptor)


class _Spool:
    """A temporary folder for blocks, which goes away with the last who knows it."""

    def __init__(self) -> None:
        for left in Path(tempfile.gettempdir()).glob(f"{SPOOLED}*"):  # by a process that was killed
            clear_left(left)
        self.folder = Path(tempfile.mkdtemp(prefix=SPOOLED))
        descriptor = None
        with suppress(OSError):  # Windows opens no folder
            descriptor = os.open(self.folder, os.O_RDONLY)
            claim(descriptor)
        self._end = weakref.finalize(self, _remove, self.folder, descriptor)

    @contextmanager
    def filling(self) -> Iterator[Path]:
        """Whatever goes wrong takes the folder away at once.

        Raises
        ------
        InputError
            If the disk is full.
        """
        try:
            yield self.folder
        except BaseException as error:
            self._end()
            full = getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
            if not full:  # polars has no class of its own for it
                raise
            raise self._no_room() from error

    def check_room(self, share: float) -> None:
        """Refuse to go on where the rest has no room, after this share of the rows."""
        written = sum(file.stat().st_size for file in self.folder.iterdir())
        needed = written / share - written
        if needed > shutil.disk_usage(self.folder).free:
            raise self._no_room(f"{needed / 1e9:.3g} GB, with ")

    def _no_room(self, needed: str = "") -> InputError:
        rule = "A table that is not Parquet must have room on the disk, to be written as such for a while"
        free = shutil.disk_usage(self.folder.parent).free
        received = f"{needed}{free / 1e9:.3g} GB free in {self.folder.parent}"
        return InputError(rule, received, "Make room, or name another folder: TMPDIR=/path/of/a/disk")


class SpooledBlocks(ParquetBlocks):
    """Blocks in a temporary folder."""

    def __init__(self, spool: _Spool, notation: Notation, told: str) -> None:
        super().__init__(sorted(spool.folder.iterdir()), notation, told)
        self._spool = spool


def _converted(files: Sequence[Path], options: ReadOptions, text: Container[str], target: str | None) -> SpooledBlocks:
    """Files of text as Parquet, with the types that all of them together have."""
    spool = _Spool()
    with spool.filling() as folder:
        pieces, notation, rows = scan_files(files, MOST, options, text=text, target=target)
        for number, piece in enumerate(pieces):
            piece.write_parquet(folder / f"{number:08}.parquet", compression="lz4")
            if number == 0:
                spool.check_room(len(piece) / rows)
    return SpooledBlocks(spool, notation, files_fingerprint(files))


@contextmanager
def plan_errors() -> Iterator[None]:
    """Within it what polars ends with over a plan is an error of input."""
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError("A LazyFrame must be one that polars can carry out", reason, "Try .head().collect()") from None


def _computed(lazy: Any) -> SpooledBlocks:
    """What a LazyFrame computes."""
    spool = _Spool()
    with plan_errors(), spool.filling() as folder:
        lazy.sink_parquet(folder / "0.parquet", compression="lz4", row_group_size=MOST, maintain_order=True)
    if not _look(spool.folder / "0.parquet")[1]:
        raise InputError("A LazyFrame must give rows", "none", "Does a filter leave some?")
    blocks = SpooledBlocks(spool, UNDECIDED, "")
    described = repr((list(blocks.schema.items()), blocks.rows, lazy.explain()))
    blocks._told = hashlib.sha256(described.encode()).hexdigest()
    return blocks

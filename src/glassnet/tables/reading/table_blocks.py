"""Tables that are not in memory, in numbered blocks that can be read repeatedly; with targets and weights for training.

Parquet files are read in place. Text files, and results of LazyFrames, are written once into a temporary folder as
Parquet.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.support.coercion import offers
from glassnet.support.language import Text
from glassnet.support.messages import of_shape, some
from glassnet.support.prefetch import ahead
from glassnet.tables.containers import as_frame, check_named, is_frame, is_sparse
from glassnet.tables.opened_table import open_table, row_count
from glassnet.tables.reading.parquet import ParquetBlocks, check_unpacked, rows_of_a_block
from glassnet.tables.reading.parquet_copy import computed, converted
from glassnet.tables.reading.sources import DETECT_ALL, ReadOptions, file_format, pl

LIKE_FILES: Final = Text("Give the path of a folder or of a file, a LazyFrame of polars, or batches")
TARGET_BY_NAME = Text("If the table is not in memory, y must be a column name or a list of column names")
READ_AGAIN = Text("Batches must be readable more than once, for three passes: a generator can be read only once")
AGAIN = Text("Pass an object that can be iterated repeatedly: a list, or a class whose __iter__ yields the batches")


class Blocks(Protocol):
    """A table in blocks: its columns, the number of rows of each block, and the blocks' names in messages."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def rows(self) -> tuple[int, ...]: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    def pieces(self, number: int, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """Yield the rows of one block in order, as tables that fit in memory; None: all columns."""


def all_pieces(blocks: Blocks) -> Iterator[Any]:
    """Yield the rows of all blocks, in order; the next block is read ahead."""
    for pieces in ahead(len(blocks.rows), lambda number: list(blocks.pieces(number))):
        yield from pieces


def is_lazy(X: Any) -> bool:
    """Return whether an object is a LazyFrame of polars."""
    return type(X).__name__ == "LazyFrame" and type(X).__module__.startswith("polars")


def is_out_of_core(X: Any) -> bool:
    """Return whether an object stands for a table that is not in memory: a path, a LazyFrame, blocks.

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
            rule = Text("An array to learn from must have shape (rows, columns)")
            raise InputError(rule, of_shape(array.shape), "Reshape it")
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
    X: Any, options: ReadOptions = DETECT_ALL, text: Container[str] = (), target: str | None = None
) -> Blocks:
    """Open a table that is not in memory, in blocks.

    Parameters
    ----------
    X : str, path, polars.LazyFrame, ndarray or Blocks
        A file, or a folder of files of one format: Parquet, CSV and its relatives, JSON lines, spreadsheets.
    options : ReadOptions
        The options that files leave open.
    text : container of str
        Columns of text files that stay text.
    target : str, optional
        As for :func:`glassnet.tables.reading.readers.read_file`.

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
            rule = Text("All files of a folder must be of one format")
            raise InputError(
                rule, Text("{names} in {x}", names=", ".join(sorted(kinds)), x=X), "Move the others elsewhere"
            )
        if kinds == {"parquet"}:
            check_unpacked(files, options.max_unpacked)
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
    """Return the files of a folder in the order of their names, or the one file; without hidden ones and _SUCCESS.

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
        what = (
            Text("the folder") if other.is_dir() else Text("the broken link") if other.is_symlink() else Text("no file")
        )
        remedy = Text("Pass polars' pl.scan_parquet(folder), which reads subfolders, or specify the subfolder")
        remedy = remedy if other.is_dir() else Text("Remove it")
        raise InputError(
            "A folder of tables must contain files only",
            Text("{what} {name} in {path}", what=what, name=other.name, path=path),
            remedy,
        )
    if not files:
        raise InputError(
            "A folder of tables must contain files", Text("none in {path}", path=path), "Use Parquet or CSV files"
        )
    return files


class RowChunk(NamedTuple):
    """Some rows, and their name in messages; the table is None if only the rest was requested."""

    label: str
    X: Any
    y: Any
    weight: Any


class LabelledBlocks(Protocol):
    """Rows that can be read repeatedly."""

    def pieces(self, *, answers_only: bool = False) -> Iterator[RowChunk]:
        """Yield all rows in order."""


class ColumnsOf:
    """A table with the targets in some of its columns."""

    def __init__(self, blocks: Blocks, target: str | Sequence[str], weight: str | None = None) -> None:
        self.blocks, self.target, self.weight = blocks, target, weight
        self.targets = [target] if isinstance(target, str) else list(target)
        roles = [*self.targets, *([] if weight is None else [weight])]
        twice = [name for name in roles if roles.count(name) > 1]
        if twice:
            rule = Text("Each column must be named once, as a target or as the weight")
            raise InputError(rule, Text("{value!r} twice", value=twice[0]), "Omit one of them")
        check_named(roles, blocks.names)
        self.features = [name for name in blocks.names if name not in roles]
        if not self.features:
            raise InputError(
                "The table must have a feature column", Text("{count} column", count=len(blocks.names)), "Provide more"
            )

    def pieces(self, *, answers_only: bool = False) -> Iterator[RowChunk]:
        roles = [*self.targets, *([] if self.weight is None else [self.weight])]
        columns, labels = roles if answers_only else None, self.blocks.labels
        blocks = ahead(len(labels), lambda number: list(self.blocks.pieces(number, columns)))
        for label, pieces in zip(labels, blocks, strict=True):
            for piece in pieces:
                frame = as_frame(piece)
                y = frame[self.target] if isinstance(self.target, str) else frame.select(self.targets)
                weight = None if self.weight is None else frame[self.weight].to_numpy()
                X = None if answers_only else frame.select(self.features).to_native()
                yield RowChunk(label, X, y.to_numpy(), weight)


class ArraysOf:
    """Arrays, such as memory maps, with corresponding rows."""

    def __init__(self, X: Any, y: Any, weight: Any = None) -> None:
        self.blocks = open_blocks(X)
        self.y, self.weight = np.asarray(y), None if weight is None else np.asarray(weight)
        for name, array in (("y", self.y), ("sample_weight", self.weight)):
            if array is not None and (array.ndim == 0 or len(array) != len(X)):
                raise InputError(
                    Text("X and {name} must have the same number of rows", name=name),
                    Text("{count} and {shape}", count=len(X), shape=array.shape),
                )

    def pieces(self, *, answers_only: bool = False) -> Iterator[RowChunk]:
        start = 0
        for number, label in enumerate(self.blocks.labels):
            for piece in self.blocks.pieces(number):
                rows = slice(start, start + len(piece))
                weight = None if self.weight is None else self.weight[rows]
                yield RowChunk(label, None if answers_only else piece, self.y[rows], weight)
                start += len(piece)


class BatchesOf:
    """An iterable of (X, y) or (X, y, sample_weight) that can be read repeatedly."""

    def __init__(self, batches: Iterable[Any]) -> None:
        if offers(batches, "__next__"):
            raise InputTypeError(READ_AGAIN, shown(batches), AGAIN)
        self.batches = batches
        self._seen = False

    def pieces(self, *, answers_only: bool = False) -> Iterator[RowChunk]:
        number, rows, form = 0, 0, None
        for number, batch in enumerate(self.batches, 1):
            parts = list(batch) if isinstance(batch, (tuple, list)) else []
            if len(parts) not in (2, 3):
                rule = Text("Batch {number} must be (X, y) or (X, y, sample_weight)", number=number)
                raise InputTypeError(rule, shown(batch), "Give a tuple")
            X, y, *weight = parts
            if is_sparse(X):
                raise InputTypeError(
                    Text("Batch {number} must be a dense table", number=number), type(X).__name__, "Use .toarray()"
                )
            count = _rows_of_both(number, X, y)
            self._seen = True
            rows += count
            if not count:
                continue
            found = _form(X)
            form = form or found
            if found != form:
                rule = Text(
                    "Batch {number} must be of the same kind, with the same columns, as those before", number=number
                )
                raise InputError(
                    rule,
                    Text("{value}, then {other}", value=_in_words(form), other=_in_words(found)),
                    "Convert them to one type",
                )
            yield RowChunk(f"batch {number}", None if answers_only else X, y, weight[0] if weight else None)
        if not number and self._seen:
            raise InputTypeError(READ_AGAIN, "none, when they were read again", AGAIN)
        if not rows:
            received = f"{number} batches without rows" if number else "none"
            raise InputError("There must be at least one batch with rows", received, AGAIN)


def _form(X: Any) -> tuple[str, tuple[Any, ...] | int]:
    """Return the kind of a table, and its columns."""
    if is_frame(X):
        frame = as_frame(X)
        return str(frame.implementation), tuple(frame.columns)
    return "an array" if isinstance(X, np.ndarray) else "a list", len(open_table(X).names)


def _in_words(form: tuple[str, tuple[Any, ...] | int]) -> Text:
    kind, columns = form
    if isinstance(columns, int):
        return Text("{kind} of {count} columns", kind=kind, count=columns)
    return Text("a DataFrame of {kind} with {names}", kind=kind, names=some([repr(name) for name in columns]))


def _rows_of_both(number: int, X: Any, y: Any) -> int:
    """Return the number of rows of a batch, the same in table and targets."""
    rows = []
    for name, part in (("X", X), ("y", y)):
        try:
            rows.append(row_count(part))
        except InputTypeError as error:
            rule = Text("{name} of batch {number} must have rows", name=name, number=number)
            raise InputTypeError(rule, shown(part), "Give an array, or a DataFrame") from error
    if rows[0] != rows[1]:
        rule = Text("X and y of batch {number} must have the same number of rows", number=number)
        raise InputError(rule, Text("{value} and {other}", value=rows[0], other=rows[1]), "Match them")
    return rows[0]


def are_batches(X: Any, y: Any) -> bool:
    """Return whether an object is an iterable of batches with their own targets.

    Examples
    --------
    >>> are_batches([([[1.0]], [0]), ([[2.0]], [1])], None), are_batches([[1.0], [2.0]], None)
    (True, False)
    """
    if y is not None or isinstance(X, np.ndarray) or is_frame(X) or is_sparse(X) or not offers(X, "__iter__"):
        return False
    return not isinstance(X, (list, tuple, dict, str)) or (bool(X) and all(isinstance(each, tuple) for each in X))


def open_labelled(X: Any, y: Any, sample_weight: Any = None) -> LabelledBlocks | None:
    """Open rows that are not in memory; None if they are a table in memory.

    Parameters
    ----------
    X : path, polars.LazyFrame, Blocks, ndarray, or iterable of batches
    y : str or list of str
        The columns of the target; an array beside an array; None beside batches, which bring their own.
    sample_weight : str or array-like, optional
        The column of the weights; an array beside an array.

    Raises
    ------
    InputError, InputTypeError
        If these do not belong together.
    OSError
        If a file is not there or cannot be read.
    """
    if is_out_of_core(X):
        named = isinstance(y, str) or (isinstance(y, (list, tuple)) and y and all(isinstance(n, str) for n in y))
        if not named:
            raise InputTypeError(TARGET_BY_NAME, shown(y), 'For example fit("folder", "price")')
        if sample_weight is not None and not isinstance(sample_weight, str):
            rule = Text("If the table is not in memory, `sample_weight` must be a column name")
            raise InputTypeError(rule, shown(sample_weight), 'For example sample_weight="weight"')
        target = y if isinstance(y, str) else list(y)
        return ColumnsOf(open_blocks(X, target=target if isinstance(target, str) else None), target, sample_weight)
    if isinstance(X, np.ndarray):
        return ArraysOf(X, y, sample_weight)
    if are_batches(X, y):
        if sample_weight is not None:
            rule = Text("Batches have their own weights, so `sample_weight` must be omitted")
            raise InputError(rule, shown(sample_weight), "Give batches of (X, y, sample_weight)")
        return BatchesOf(X)
    return None


def joined(tables: Sequence[Any]) -> Any:
    """Concatenate chunks of a table.

    Examples
    --------
    >>> joined([np.zeros((1, 2)), np.ones((2, 2))]).shape
    (3, 2)
    """
    if len(tables) == 1:
        return tables[0]
    if is_frame(tables[0]):
        import narwhals.stable.v2 as nw

        frames = [as_frame(table) for table in tables]
        if frames[0].implementation.is_polars():
            return _joined_polars([frame.to_native() for frame in frames])
        return nw.concat(frames).to_native()
    if isinstance(tables[0], np.ndarray):
        return np.concatenate(tables)
    return [row for table in tables for row in table]


def _joined_polars(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Concatenate polars frames, in which integers and floats, or levels of two orders, may share a column."""
    types = {name: {frame.schema[name] for frame in frames} for name in frames[0].columns}
    listed = (pl.Enum, pl.Categorical)
    levels = [name for name, found in types.items() if len(found) > 1 and any(one in listed for one in found)]
    return pl.concat([frame.with_columns(pl.col(levels).cast(pl.String)) for frame in frames], how="vertical_relaxed")

"""Rows with known answers that are not in memory: table, target and weight of each piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from glassnet.engines.prefetch import ahead
from glassnet.errors import InputError, InputTypeError, shown, some
from glassnet.support.coercion import offers
from glassnet.tables.blocks import Blocks, is_out_of_core, open_blocks
from glassnet.tables.containers import as_frame, check_named, is_frame, is_sparse
from glassnet.tables.opened_table import open_table, row_count
from glassnet.tables.sources import pl

TARGET_BY_NAME = "If the table is not in memory, y must be a column name or a list of column names"
READ_AGAIN = "Batches must be readable more than once, for three passes: a generator can be read only once"
AGAIN = "Pass an object that can be iterated repeatedly: a list, or a class whose __iter__ yields the batches"


class Labelled(NamedTuple):
    """Some rows, and what they are called in messages; the table is None where only the rest was asked for."""

    label: str
    X: Any
    y: Any
    weight: Any


class LabelledBlocks(Protocol):
    """Rows that can be read again and again."""

    def pieces(self, *, answers_only: bool = False) -> Iterator[Labelled]:
        """All rows in order."""


class ColumnsOf:
    """A table that has the answers in some of its columns."""

    def __init__(self, blocks: Blocks, target: str | Sequence[str], weight: str | None = None) -> None:
        self.blocks, self.target, self.weight = blocks, target, weight
        self.targets = [target] if isinstance(target, str) else list(target)
        roles = [*self.targets, *([] if weight is None else [weight])]
        twice = [name for name in roles if roles.count(name) > 1]
        if twice:
            rule = "Each column must be named once, as a target or as the weight"
            raise InputError(rule, f"{twice[0]!r} twice", "Omit one of them")
        check_named(roles, blocks.names)
        self.features = [name for name in blocks.names if name not in roles]
        if not self.features:
            raise InputError("The table must have a feature column", f"{len(blocks.names)} column", "Provide more")

    def pieces(self, *, answers_only: bool = False) -> Iterator[Labelled]:
        roles = [*self.targets, *([] if self.weight is None else [self.weight])]
        columns, labels = roles if answers_only else None, self.blocks.labels
        blocks = ahead(len(labels), lambda number: list(self.blocks.pieces(number, columns)))
        for label, pieces in zip(labels, blocks, strict=True):
            for piece in pieces:
                frame = as_frame(piece)
                y = frame[self.target] if isinstance(self.target, str) else frame.select(self.targets)
                weight = None if self.weight is None else frame[self.weight].to_numpy()
                X = None if answers_only else frame.select(self.features).to_native()
                yield Labelled(label, X, y.to_numpy(), weight)


class ArraysOf:
    """Arrays, such as memory maps, whose rows belong to each other."""

    def __init__(self, X: Any, y: Any, weight: Any = None) -> None:
        self.blocks = open_blocks(X)
        self.y, self.weight = np.asarray(y), None if weight is None else np.asarray(weight)
        for name, array in (("y", self.y), ("sample_weight", self.weight)):
            if array is not None and (array.ndim == 0 or len(array) != len(X)):
                raise InputError(f"X and {name} must have the same number of rows", f"{len(X)} and {array.shape}")

    def pieces(self, *, answers_only: bool = False) -> Iterator[Labelled]:
        start = 0
        for number, label in enumerate(self.blocks.labels):
            for piece in self.blocks.pieces(number):
                rows = slice(start, start + len(piece))
                weight = None if self.weight is None else self.weight[rows]
                yield Labelled(label, None if answers_only else piece, self.y[rows], weight)
                start += len(piece)


class BatchesOf:
    """An iterable of (X, y) or (X, y, sample_weight), which can be read again and again."""

    def __init__(self, batches: Iterable[Any]) -> None:
        if offers(batches, "__next__"):
            raise InputTypeError(READ_AGAIN, shown(batches), AGAIN)
        self.batches = batches
        self._seen = False

    def pieces(self, *, answers_only: bool = False) -> Iterator[Labelled]:
        number, rows, form = 0, 0, None
        for number, batch in enumerate(self.batches, 1):
            parts = list(batch) if isinstance(batch, (tuple, list)) else []
            if len(parts) not in (2, 3):
                rule = f"Batch {number} must be (X, y) or (X, y, sample_weight)"
                raise InputTypeError(rule, shown(batch), "Give a tuple")
            X, y, *weight = parts
            if is_sparse(X):
                raise InputTypeError(f"Batch {number} must be a dense table", type(X).__name__, "Use .toarray()")
            count = _rows_of_both(number, X, y)
            self._seen = True
            rows += count
            if not count:
                continue
            found = _form(X)
            form = form or found
            if found != form:
                rule = f"Batch {number} must be of the same kind, with the same columns, as those before"
                raise InputError(rule, f"{_in_words(form)}, then {_in_words(found)}", "Convert them to one type")
            yield Labelled(f"batch {number}", None if answers_only else X, y, weight[0] if weight else None)
        if not number and self._seen:
            raise InputTypeError(READ_AGAIN, "none, when they were read again", AGAIN)
        if not rows:
            received = f"{number} batches without rows" if number else "none"
            raise InputError("There must be at least one batch with rows", received, AGAIN)


def _form(X: Any) -> tuple[str, tuple[Any, ...] | int]:
    """What kind of table it is, and its columns."""
    if is_frame(X):
        frame = as_frame(X)
        return str(frame.implementation), tuple(frame.columns)
    return "an array" if isinstance(X, np.ndarray) else "a list", len(open_table(X).names)


def _in_words(form: tuple[str, tuple[Any, ...] | int]) -> str:
    kind, columns = form
    if isinstance(columns, int):
        return f"{kind} of {columns} columns"
    return f"a DataFrame of {kind} with {some([repr(name) for name in columns])}"


def _rows_of_both(number: int, X: Any, y: Any) -> int:
    """How many rows a batch has, in its table and in its answers."""
    rows = []
    for name, part in (("X", X), ("y", y)):
        try:
            rows.append(row_count(part))
        except InputTypeError as error:
            rule = f"{name} of batch {number} must have rows"
            raise InputTypeError(rule, shown(part), "Give an array, or a DataFrame") from error
    if rows[0] != rows[1]:
        rule = f"X and y of batch {number} must have the same number of rows"
        raise InputError(rule, f"{rows[0]} and {rows[1]}", "Match them")
    return rows[0]


def are_batches(X: Any, y: Any) -> bool:
    """Whether it is an iterable of batches that bring their own answers.

    Examples
    --------
    >>> are_batches([([[1.0]], [0]), ([[2.0]], [1])], None), are_batches([[1.0], [2.0]], None)
    (True, False)
    """
    if y is not None or isinstance(X, np.ndarray) or is_frame(X) or is_sparse(X) or not offers(X, "__iter__"):
        return False
    return not isinstance(X, (list, tuple, dict, str)) or (bool(X) and all(isinstance(each, tuple) for each in X))


def open_labelled(X: Any, y: Any, sample_weight: Any = None) -> LabelledBlocks | None:
    """Rows that lie elsewhere; None where they are a table in memory.

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
            rule = "If the table is not in memory, `sample_weight` must be a column name"
            raise InputTypeError(rule, shown(sample_weight), 'For example sample_weight="weight"')
        target = y if isinstance(y, str) else list(y)
        return ColumnsOf(open_blocks(X, target=target if isinstance(target, str) else None), target, sample_weight)
    if isinstance(X, np.ndarray):
        return ArraysOf(X, y, sample_weight)
    if are_batches(X, y):
        if sample_weight is not None:
            rule = "Batches have their own weights, so `sample_weight` must be omitted"
            raise InputError(rule, shown(sample_weight), "Give batches of (X, y, sample_weight)")
        return BatchesOf(X)
    return None


def joined(tables: Sequence[Any]) -> Any:
    """Pieces of a table as one.

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
    """The same of polars, which wants to be told that 1 and 1.5 may stand in one column, or levels of two orders."""
    types = {name: {frame.schema[name] for frame in frames} for name in frames[0].columns}
    listed = (pl.Enum, pl.Categorical)
    levels = [name for name, found in types.items() if len(found) > 1 and any(one in listed for one in found)]
    return pl.concat([frame.with_columns(pl.col(levels).cast(pl.String)) for frame in frames], how="vertical_relaxed")

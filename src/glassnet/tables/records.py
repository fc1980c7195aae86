"""Rows that come one by one, such as those of JSON: each cell is parsed by the kind of its column in training.

In a table, one text makes text of all numbers of its column. Rows that come one by one are encoded together with rows
of other users, which must not affect each other: every cell is parsed by itself, and its error belongs to its row.
Many rows are parsed column by column, which is several times as fast, and one by one only where one has a fault.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError
from glassnet.layers.text_rows import TextRows
from glassnet.support.language import Text
from glassnet.support.messages import listed
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.column_values import each_text_once, is_missing, level_text
from glassnet.tables.columns.conversion import read_cell
from glassnet.tables.columns.dates import MomentColumn
from glassnet.tables.columns.number_levels import NumberLevels
from glassnet.tables.columns.number_statistics import NumberSource
from glassnet.tables.columns.texts import TextColumn, store_of
from glassnet.tables.encoder import TableEncoder

LOOKED_AT: Final = 100
"""Names of a row that are compared with an absent one: comparing many thousands takes a second."""
_NUMBERS: Final = frozenset({int, float, bool, type(None)})


class RowError(InputError):
    """A row with several faults: the message lists them one after another, `errors` separately."""

    def __init__(self, errors: Sequence[InputError | InputTypeError]) -> None:
        super().__init__(" ".join(map(str, errors)))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Record:
    """A parsed row: numbers and moments, NaN for a missing value, for each category the code of its level, and texts.

    In tuples, which Python's search for garbage passes over: among many thousands of rows it would stop everybody else.
    """

    numbers: tuple[float, ...]
    codes: tuple[int, ...]
    moments: tuple[float, ...]
    texts: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """Parsed rows, column by column: what a :class:`Record` has of one row, in arrays of shape (rows, columns)."""

    numbers: npt.NDArray[np.float64]
    codes: npt.NDArray[np.intp]
    moments: npt.NDArray[np.float64]
    texts: tuple[Sequence[str | None], ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, rows: slice) -> RecordColumns:
        texts = tuple(cells[rows] for cells in self.texts)
        return RecordColumns(self.numbers[rows], self.codes[rows], self.moments[rows], texts)


class RecordEncoder:
    """Parses rows one by one, and encodes any number of them as the encoder would.

    Parameters
    ----------
    encoder : TableEncoder
        Fitted on a table that was not sparse.

    Examples
    --------
    >>> import pandas as pd
    >>> encoder = TableEncoder().fit(pd.DataFrame({"age": [20, 40], "city": ["Ulm", "Graz"]}))
    >>> records = RecordEncoder(encoder)
    >>> records.encode([records.read({"city": "Graz", "age": "40"}), records.read({"age": None, "city": "Bern"})])
    array([[ 1., -1.],
           [ 0.,  0.]], dtype=float32)
    >>> records.read({"age": "forty", "city": "Ulm"})
    Traceback (most recent call last):
        ...
    glassnet.tables.columns.conversion.UnfitCellError: Column 'age' must contain numbers, as in training. \
Received: 'forty'. Enter a value of that type, or leave it empty (None).
    """

    def __init__(self, encoder: TableEncoder) -> None:
        self.plan, self.dtype = encoder.plan, encoder.dtype
        names, kinds = self.plan.names, self.plan.kinds
        self.names, self._known = names, frozenset(names)
        self._numbers = [(names[source], kinds[source]) for source in self.plan.numbers.sources.tolist()]
        parts = [(column, slice(start, end)) for column, start, end in self.plan.parts]
        self._categories = [(column, place) for column, place in parts if isinstance(column, CategoryColumn)]
        self._texts = [(column, place) for column, place in parts if isinstance(column, TextColumn)]
        self._levels = {column.name for column, _ in self._categories} | {text.name for text, _ in self._texts}
        places = {source: at for at, source in enumerate(self.plan.numbers.sources.tolist())}
        self._codes = [(one, place, places[one.source]) for one, place in parts if isinstance(one, NumberLevels)]
        self._moments = [(column, place) for column, place in parts if isinstance(column, MomentColumn)]

    def read(self, record: Mapping[str, Any]) -> Record:
        """Parse a row, which has a value for each column of the training table; others are ignored.

        Raises
        ------
        InputError, InputTypeError
            If a column is missing, or a value does not suit its column; a :class:`RowError` if there are several
            such.
        """
        try:
            return self._read(record)
        except (InputError, InputTypeError) as error:
            faults = self._faults(record)
            raise (RowError(faults) if len(faults) > 1 else error) from None

    def _read(self, record: Mapping[str, Any]) -> Record:
        if not record.keys() >= self._known:
            raise self._absent(record)
        notation = self.plan.notation
        numbers = [
            value
            if type(value := record[name]) is float and kind == "number"
            else read_cell(value, kind, name, notation)
            for name, kind in self._numbers
        ]
        codes = [column.code(_level(record[column.name], column.name)) for column, _ in self._categories]
        moments = [read_cell(record[column.name], column.kind, column.name, notation) for column, _ in self._moments]
        texts = [_level(record[column.name], column.name) for column, _ in self._texts]
        if any(map(math.isinf, numbers)):
            for (name, _), number in zip(self._numbers, numbers, strict=True):
                check_finite(number, name)
        return Record(tuple(numbers), tuple(codes), tuple(moments), tuple(texts))

    def read_columns(
        self, records: Sequence[Mapping[str, Any]], clean: Callable[[Any], Any], *, cleans_numbers: bool
    ) -> RecordColumns:
        """Parse rows as :meth:`read` does, with `clean` of each cell in its place; it may leave all numbers alone.

        Raises
        ------
        InputError, InputTypeError, OverflowError
            If any row has a fault; :meth:`read` says which.

        Examples
        --------
        >>> import pandas as pd
        >>> records = RecordEncoder(TableEncoder().fit(pd.DataFrame({"age": [20, 40], "city": ["Ulm", "Graz"]})))
        >>> rows = [{"city": "Graz", "age": "40"}, {"age": None, "city": ""}]
        >>> records.encode(records.read_columns(rows, lambda cell: cell or None, cleans_numbers=False))
        array([[ 1., -1.],
               [ 0.,  0.]], dtype=float32)
        """
        for record in records:
            if not record.keys() >= self._known:
                raise self._absent(record)
        notation = self.plan.notation

        def read(name: str, meaning: Callable[[Any], Any]) -> list[Any]:
            return each_text_once([record[name] for record in records], lambda cell: meaning(clean(cell)))

        def numbers(name: str, kind: str) -> list[Any]:
            if kind in ("number", "boolean") and not cleans_numbers:
                cells = [record[name] for record in records]
                if set(map(type, cells)) <= _NUMBERS:
                    return cells  # NumPy takes each for what `read_cell` does
            return read(name, lambda cell: read_cell(cell, kind, name, notation))

        def codes(column: CategoryColumn) -> list[int]:
            return read(column.name, lambda cell: column.code(_level(cell, column.name)))

        def texts(column: TextColumn) -> list[str | None]:
            return read(column.name, lambda cell: _level(cell, column.name))

        found = RecordColumns(
            _beside([numbers(*column) for column in self._numbers], np.float64, len(records)),
            _beside([codes(column) for column, _ in self._categories], np.intp, len(records)),
            _beside([numbers(column.name, column.kind) for column, _ in self._moments], np.float64, len(records)),
            tuple(texts(column) for column, _ in self._texts),
        )
        if np.isinf(found.numbers).any():
            raise OverflowError("a number is infinite")
        return found

    def encode(self, records: Sequence[Record] | RecordColumns) -> npt.NDArray[Any] | TextRows:
        """Encode rows as a matrix of shape (rows, outputs of the encoder), with their texts if it has such columns.

        Raises
        ------
        InputError
            If a number is too large for the precision, once scaled.
        """
        plan, rows = self.plan, len(records)
        columns = records if isinstance(records, RecordColumns) else self._columns(records)
        out = plan.empty(rows, self.dtype)
        source = NumberSource([name for name, _ in self._numbers], rows, columns.numbers)
        plan.numbers.write(source, out[:, : plan.numbers.width])
        for levels, place, at in self._codes:
            out[:, place.start] = levels.codes(columns.numbers[:, at])
        for at, (category, place) in enumerate(self._categories):
            category.write_codes(columns.codes[:, at], out[:, place])
        for at, (column, target) in enumerate(self._moments):
            column.write(columns.moments[:, at], out[:, target])
        if not self._texts:
            return out
        for (text, place), cells in zip(self._texts, columns.texts, strict=True):
            text.write(cells, out[:, place])
        return TextRows(out, np.arange(rows), store_of(plan.texts, columns.texts))

    def _columns(self, records: Sequence[Record]) -> RecordColumns:
        """Return rows that were parsed one by one as columns."""
        rows = len(records)
        return RecordColumns(
            np.array([record.numbers for record in records], np.float64).reshape(rows, len(self._numbers)),
            np.array([record.codes for record in records], np.intp).reshape(rows, len(self._categories)),
            np.array([record.moments for record in records], np.float64).reshape(rows, len(self._moments)),
            tuple([record.texts[at] for record in records] for at in range(len(self._texts))),
        )

    def _faults(self, record: Mapping[str, Any]) -> list[InputError | InputTypeError]:
        """Return all faults of a row: absent columns first, then cell by cell."""
        faults: list[InputError | InputTypeError] = []
        if not all(name in record for name in self.names):
            faults.append(self._absent(record))
        kinds = dict(self._numbers) | {column.name: column.kind for column, _ in self._moments}
        for name in filter(record.__contains__, self.names):
            try:
                if name in kinds:
                    check_finite(read_cell(record[name], kinds[name], name, self.plan.notation), name)
                elif name in self._levels:
                    _level(record[name], name)
            except (InputError, InputTypeError) as error:
                faults.append(error)
        return faults

    def _absent(self, record: Mapping[str, Any]) -> InputError:
        absent = [name for name in self.names if name not in record]
        unknown = [str(name) for name in islice((name for name in record if name not in self._known), LOOKED_AT)]
        near = get_close_matches(absent[0], unknown, n=1)
        rule = Text("A row must have the columns {names}", names=listed(absent))
        if len(absent) == 1:
            rule = Text("A row must have the column {name!r}", name=absent[0])
        hint = (
            Text("If {name!r} means {column!r}, rename it", name=near[0], column=absent[0])
            if near
            else Text("Give every column; a missing value is None")
        )
        return InputError(rule, ", ".join(map(str, islice(record, LOOKED_AT))) or "no column", hint)


def check_finite(number: float, name: str) -> None:
    """Refuse an infinite number in a column.

    Raises
    ------
    InputError
        If it is one.
    """
    if math.isinf(number):
        raise InputError(
            Text("Column {name!r} must contain finite numbers", name=name),
            Text("infinity", context="received"),
            "Give a number, or a missing value (None)",
        )


def _beside(columns: list[list[Any]], dtype: Any, rows: int) -> npt.NDArray[Any]:
    """Return columns as a matrix of shape (rows, columns)."""
    return np.array(columns, dtype).reshape(len(columns), rows).T


def _level(cell: Any, name: str) -> str | None:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dict | list | tuple | set):
        raise InputTypeError(
            Text("Column {name!r} must contain single values", name=name), type(cell).__name__, "Split it in columns"
        )
    try:
        return None if is_missing(cell) else level_text(cell)
    except (ValueError, OverflowError):
        raise InputError(
            Text("Column {name!r} must contain text", name=name), type(cell).__name__, "Give a shorter value"
        ) from None

"""Which columns are shuffled together, and tables of row numbers: scikit-learn shuffles those, not what they mean."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.insight.cells import TableCells
from glassnet.layers.base import Array
from glassnet.layers.text_rows import TextRows, matrix_of
from glassnet.support.coercion import column_place, listed, plain_dict
from glassnet.support.language import Text
from glassnet.tables import is_sparse
from glassnet.tables.opened_table import OpenedTable

REMEDY = Text('For example {"place": ["lat", "lon"]}')


class Shuffled(NamedTuple):
    """Columns that change places together, by their places in the training table."""

    name: str
    places: Array


class ColumnGroups:
    """As a rule of an option: names, each with a list of columns; which there are, only the model knows."""

    def taken(self, name: str, value: Any) -> dict[str, list[Any]]:
        groups = plain_dict(value)
        rule = Text("{name} must be a dict from a name to a list of columns", name=name)
        if groups is None or not all(isinstance(key, str) for key in groups):
            raise InputTypeError(rule, shown(value), REMEDY)
        found = {str.__str__(key): listed(f"{name} of {shown(key)}", own, REMEDY) for key, own in groups.items()}
        empty = [key for key, own in found.items() if not own]
        if empty:
            raise InputError(
                Text("{name} must have columns in each group", name=name),
                Text("none in {value}", value=shown(empty[0])),
                REMEDY,
            )
        return found


def shuffled_columns(names: Sequence[str], groups: Mapping[str, Sequence[Any]]) -> list[Shuffled]:
    """The groups, and every column that is in none of them by itself.

    Examples
    --------
    >>> for name, places in shuffled_columns(["lat", "lon", "age"], {"place": ["lat", "lon"]}):
    ...     print(name, places.tolist())
    place [0, 1]
    age [2]
    """
    together = [
        Shuffled(name, np.unique([column_place("A column of a group", column, names) for column in own]))
        for name, own in groups.items()
    ]
    taken = {int(position) for _, places in together for position in places}
    alone = [Shuffled(name, np.array([position])) for position, name in enumerate(names) if position not in taken]
    twice = {name for name, _ in together} & {name for name, _ in alone}
    if twice:
        raise InputError(
            "A group must not have the name of a column outside it", shown(min(twice)), "Choose another name"
        )
    return [*together, *alone]


# ------------------------------------------------- tables whose cells are numbers of rows


def asked_by_number(model: Any, X: Any, columns: Sequence[Shuffled]) -> Any:
    """Return a copy of a model whose input is row numbers, one column for each of these columns or groups of columns.

    Each number stands for the values of that row of the table in those columns. The table is encoded only once.
    """
    face = copy.copy(model)
    face.encoder_ = _EncodedRows(model.encoder_, X, columns)
    return face


class _EncodedRows:
    """In the place of an encoder: from numbers of rows to those rows, encoded."""

    def __init__(self, encoder: Any, X: Any, columns: Sequence[Shuffled]) -> None:
        encoded = encoder.transform(X)
        self.texts = encoded if isinstance(encoded, TextRows) else None
        self.encoded = encoded.toarray() if is_sparse(encoded) else matrix_of(encoded)
        self.blocks = [np.flatnonzero(np.isin(encoder.sources, places)) for _, places in columns]
        # for each column of text the number of its n-grams, and which of the columns it is in
        self.sizes = [column.size for column in encoder.plan.texts]
        self.holders = [
            next(at for at, (_, places) in enumerate(columns) if column.source in places)
            for column in encoder.plan.texts
        ]

    def transform(self, numbers: Any) -> Array | TextRows:
        """The encoded rows, each column of the table from the rows named; a scorer may add some behind them."""
        rows: Array = np.asarray(numbers.matrix if isinstance(numbers, OpenedTable) else numbers)
        found: Array = np.resize(self.encoded, (len(rows), self.encoded.shape[1]))
        for at in _moved(rows):
            found[:, self.blocks[at]] = self.encoded[np.ix_(rows[:, at], self.blocks[at])]
        if self.texts is None:
            return found
        in_place = np.resize(np.arange(len(self.encoded)), len(rows))
        moved = _moved(rows)
        of_texts = [rows[:, at] if at in moved else in_place for at in self.holders]
        return self.texts.recombined(found, self.sizes, of_texts)


def table_by_number(model: Any, X: Any, columns: Sequence[Shuffled]) -> Callable[[Array], Any]:
    """From numbers of rows, a column for each of these of the table or groups, to the table with the cells of those."""
    import narwhals.stable.v2 as nw

    cells = TableCells(model, X)

    def table(rows: Array) -> Any:
        moved = cells.moved({int(place): rows[:, at] for at in _moved(rows) for place in columns[at].places})
        return nw.to_native(moved, pass_through=True)  # a frame of the user's own library

    return table


def _moved(rows: Array) -> list[int]:
    """The columns of which not all rows are in their place."""
    return np.flatnonzero((rows != np.arange(len(rows))[:, None]).any(axis=0)).tolist()

"""The cells of a user's table: as people read them, as a model learned from them, and put in each other's place.

A cell that moves to another row of its column keeps its type in every kind of table. So the values given to models
are always of a type that occurs in the table.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.display.numbers import number_text
from glassnet.errors import InputError, MissingExtraError
from glassnet.layers.base import Array
from glassnet.support.coercion import by_rows
from glassnet.support.language import Language, Text, shortened
from glassnet.tables import is_sparse
from glassnet.tables.columns.column_values import Column, is_missing
from glassnet.tables.matched_columns import open_matched


class TableCells:
    """The columns of a table that a fitted estimator learned from, in the order of its training table."""

    def __init__(self, model: Any, X: Any) -> None:
        self.table, positions = open_matched(by_rows(X).toarray() if is_sparse(X) else X, model.encoder_.plan)
        self.rows = self.table.rows
        if self.rows == 0:
            raise InputError(
                "There must be a row to explain", Text("none", context="received"), "Provide at least one row"
            )
        self._positions = positions.tolist()
        self.names: list[str] = model.encoder_.feature_names_in

    def values(self, column: int) -> Column:
        """The values of a column, in the plain type of its kind."""
        return self.table.column(self._positions[column])

    def cells(self, column: int) -> list[Any]:
        """The cells of a column as the user wrote them; missing ones are None."""
        place = self._positions[column]
        if self.table.frame is not None:
            cells = self.table.series[place].to_list()
        else:
            array = self.table.matrix if self.table.matrix is not None else self.table.cells
            values = np.empty(0) if array is None else array[:, place]
            # nanoseconds would come out as whole numbers
            cells = (
                values.astype(f"{values.dtype.kind}8[us]").tolist() if values.dtype.kind in "mM" else values.tolist()
            )
        return [None if is_missing(cell) else cell for cell in cells]

    def moved(self, rows: Mapping[int, Array]) -> Any:
        """The table with other cells in some columns: for each its number and, for each row, whose cell it gets."""
        array = self.table.matrix if self.table.matrix is not None else self.table.cells
        if self.table.frame is None and array is not None:
            changed = array[:, self._positions]  # in the order of the training table, for names do not come along
            for column, others in rows.items():
                changed[:, column] = array[others, self._positions[column]]
            return changed
        frame, names, series = self.table.frame, self.table.frame.columns, self.table.series
        columns = {names[place]: series[place] for place in self._positions}
        for column, others in rows.items():
            place = self._positions[column]
            columns[names[place]] = series[place][others]
        return _from_columns(columns, frame)


def _from_columns(columns: Mapping[Any, Any], frame: Any) -> Any:
    """A frame of the same kind from columns of one; of pandas without its index, which would put rows in order."""
    import narwhals.stable.v2 as nw

    native = {name: column.to_native() for name, column in columns.items()}
    if frame.implementation.is_pandas_like():
        native = {name: column.reset_index(drop=True) for name, column in native.items()}
    return nw.from_dict(native, backend=frame.implementation)


def as_frame_like(X: Any, columns: Mapping[str, Any]) -> Any:
    """Columns as a DataFrame of the library that a table comes from; of pandas or polars where it is no frame."""
    import importlib.util

    import narwhals.stable.v2 as nw

    from glassnet.tables.containers import as_frame, is_frame

    if X is not None and is_frame(X):
        return nw.from_dict(dict(columns), backend=as_frame(X).implementation).to_native()
    for library in ("pandas", "polars"):
        if importlib.util.find_spec(library) is not None:
            return nw.from_dict(dict(columns), backend=library).to_native()
    raise MissingExtraError("A DataFrame", "polars", "cli")


MISSING = Text("missing")
LONGEST = 40
"""Characters of a cell that are shown."""


def cell_text(cell: Any, language: Language | None = None) -> str:
    """A cell of a table, short enough for a sentence.

    Examples
    --------
    >>> cell_text(15024.0), cell_text(None), cell_text(None, "zh"), cell_text("Masters"), cell_text(True)
    ('15,024', 'missing', '缺失', 'Masters', 'True')
    >>> cell_text(datetime.datetime(2024, 5, 1))
    '2024-05-01'
    """
    if is_missing(cell):
        return MISSING.say(language)
    if isinstance(cell, datetime.datetime):
        text = cell.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    elif isinstance(cell, (int, float, np.integer, np.floating)) and not isinstance(cell, bool):
        text = number_text(float(cell))
    else:
        text = " ".join(str(cell).split())
    return shortened(text, LONGEST)

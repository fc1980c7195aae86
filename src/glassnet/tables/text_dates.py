"""Columns of text that are dates: frames and arrays often hold dates as text, as `pandas.read_csv` leaves them.

As text each date is a level of its own. Such columns are read by the formats, and the decision on the order of day and
month, that columns of text files have; cell by cell, as rows are read in prediction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.tables.columns.column_values import Column
from glassnet.tables.columns.conversion import parsed
from glassnet.tables.columns.dates import RunningMoments
from glassnet.tables.opened_table import OpenedTable, TextDates
from glassnet.tables.reading.cell_types import CHOICES, CellTypes, cell_formats, matcher
from glassnet.tables.reading.notation import UNDECIDED, Notation, Observed, Order

_KINDS: Final = {"date": "date", "datetime": "datetime", "zoned": "datetime", "time": "time"}
"""The kind of a column, by the last word of its format."""


def with_dates(X: Any, texts: Collection[str] | str = (), open_as: Order | None = None) -> Any:
    """Return an opened table whose columns of text that are dates or times are such columns; another table as it is.

    All cells but gaps must have one format of text files. A category of the container, and the columns named in
    `texts`, stay what they are. An order of day and month that is open is taken to be `open_as`; None: it is refused.

    Raises
    ------
    InputError
        If the order of day and month is open, or two columns contradict each other.

    Examples
    --------
    >>> from glassnet.tables.opened_table import open_table
    >>> table = with_dates(open_table([["31.12.2024", "31.12.2024"], [None, "soon"]]))
    >>> [table.column(index).kind for index in range(2)], table.dates.order
    (['date', 'category'], 'dmy')
    """
    if not isinstance(X, OpenedTable) or X.dates is not None:
        return X
    kept = () if isinstance(texts, str) else texts
    found = {place: formats for place, formats in date_formats(X).items() if X.names[place] not in kept}
    cells = {place: X.column(place).data for place in found}
    named = {place: (X.names[place], formats, next(_present(cells[place]))) for place, formats in found.items()}
    chosen, order = _settled(named, open_as)
    return replace(X, dates=TextDates({place: _read(cells[place], name) for place, name in chosen.items()}, order))


class RunningDates:
    """The moments of a column of text, updated chunk by chunk, in each format of dates that suits all cells so far."""

    def __init__(self) -> None:
        self.moments = {name: RunningMoments(_KINDS[name.split()[-1]]) for name in _formats()}
        self.cell: str | None = None

    def add(self, cells: Sequence[Any], weights: npt.NDArray[np.float64]) -> None:
        """Add the cells of some rows, with positive weights."""
        self.cell = next(_present(cells), None) if self.cell is None and self.moments else self.cell
        for name, running in [*self.moments.items()]:
            if (read := _suiting(cells, name)) is None:
                del self.moments[name]
            else:
                running.add(read.data, weights)

    def flush(self) -> None:
        """Add the rows of incomplete blocks, too."""
        for running in self.moments.values():
            running.flush()

    def merge(self, other: RunningDates) -> None:
        """Add the rows of another one."""
        self.moments = {name: running for name, running in self.moments.items() if name in other.moments}
        for name, running in self.moments.items():
            running.merge(other.moments[name])
        self.cell = other.cell if self.cell is None else self.cell


def settled_dates(
    found: Mapping[int, RunningDates], names: Sequence[str]
) -> tuple[dict[int, RunningMoments], Order | None]:
    """Return the moments of those columns that are dates or times, by place, and the order of their day and month.

    Raises
    ------
    InputError
        As :func:`with_dates`.
    """
    dates = {place: each for place, each in found.items() if each.moments and each.cell is not None}
    chosen, order = _settled(
        {place: (names[place], tuple(each.moments), each.cell or "") for place, each in dates.items()}
    )
    return {place: dates[place].moments[name] for place, name in chosen.items()}, order


def _settled(
    found: Mapping[int, tuple[str, tuple[str, ...], str]], open_as: Order | None = None
) -> tuple[dict[int, str], Order | None]:
    """Return the format of each column, and the order of day and month, given name, possible formats and a cell."""
    types = CellTypes()
    for column in found.values():
        types.settle(*column)
    order = _order(types.observed(), open_as)
    return {
        place: next(each for each in formats if each[:3] not in CHOICES["dates"] or each[:3] == order)
        for place, (_, formats, _) in found.items()
    }, order


def date_formats(table: OpenedTable) -> dict[int, tuple[str, ...]]:
    """Return the formats of dates and times that suit all cells of columns of text, by place, where there are some.

    >>> from glassnet.tables.opened_table import open_table
    >>> date_formats(open_table([["8:30", "A"], ["12:00", "B"]]))
    {0: ('time',)}
    """
    if table.matrix is not None:
        return {}
    found: dict[int, tuple[str, ...]] = {}
    for place in range(len(table.names)):
        column = table.column(place)
        if column.kind == "category" and not column.declared:
            formats = tuple(name for name in _formats() if _suiting(column.data, name) is not None)
            found |= {place: formats} if formats and any(_present(column.data)) else {}
    return found


@cache
def _formats() -> tuple[str, ...]:
    """Return the names of the formats that are tried."""
    return tuple(name for name in cell_formats() if name.split()[-1] in _KINDS and "short" not in name)


def _present(cells: Sequence[Any]) -> Iterator[str]:
    """Return the cells that are no gaps, without blanks around them."""
    texts = (cell.strip() for cell in cells if isinstance(cell, str))
    return (text for text in texts if text and text not in UNDECIDED.gaps)


def _suiting(cells: Sequence[Any], name: str) -> Column | None:
    """Read a column of one format; None if a cell that is no gap has another."""
    if not all(map(matcher(name), _present(cells))):  # most columns end here, at the first cell
        return None
    try:
        return _read(cells, name)
    except InputError:  # the 30th of February
        return None


def _read(cells: Sequence[Any], name: str) -> Column:
    """Read a column of one format, each distinct cell once."""
    order, kind = name.split()[0], _KINDS[name.split()[-1]]
    notation = Notation(dates=order) if order in CHOICES["dates"] else UNDECIDED  # type: ignore[arg-type]
    distinct = list(dict.fromkeys(cell if isinstance(cell, str) else None for cell in cells))
    moments = dict(zip(distinct, parsed(distinct, kind, "", notation).tolist(), strict=True))
    return Column(kind, np.array([moments[cell if isinstance(cell, str) else None] for cell in cells]))  # type: ignore[arg-type]


def _order(observed: Observed, open_as: Order | None) -> Any:
    """Return what comes first, day or month; None if it is not needed."""
    only = [order for order in CHOICES["dates"] if order in observed.only]
    if len(only) == 1 or not (only or observed.open):
        return only[0] if only else None
    if open_as is not None and not only:
        return open_as
    cells = [observed.only[order] for order in only] or [observed.open["dates"]]
    raise InputError(
        Text("The order of day and month in columns of dates as text must be unambiguous"),
        Text("both: {told}", told=" and ".join(f"{cell!r} in column {name!r}" for name, cell in cells))
        if only
        else Text("{cell!r} in column {column!r}, which can mean both", cell=cells[0][1], column=cells[0][0]),
        "Convert these columns first, for instance by pandas.to_datetime(column, dayfirst=True); as "
        'astype("category") they stay text',
    )

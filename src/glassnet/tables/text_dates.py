"""Columns of text that are dates: frames and arrays often hold dates as text, as `pandas.read_csv` leaves them.

As text each date is a level of its own. Such columns are read by the formats, and the decision on the order of day and
month, that columns of text files have; cell by cell, as rows are read in prediction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.tables.columns.column_values import Column
from glassnet.tables.columns.conversion import parsed
from glassnet.tables.opened_table import OpenedTable, TextDates
from glassnet.tables.reading.cell_types import CHOICES, CellTypes, cell_formats, matcher
from glassnet.tables.reading.notation import UNDECIDED, Notation, Observed

_KINDS: Final = {"date": "date", "datetime": "datetime", "zoned": "datetime", "time": "time"}
"""The kind of a column, by the last word of its format."""


def with_dates(X: Any, texts: Collection[str] | str = ()) -> Any:
    """Return an opened table whose columns of text that are dates or times are such columns; another table as it is.

    All cells but gaps must have one format of text files. A category of the container, and the columns named in
    `texts`, stay what they are.

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
    types = CellTypes()
    for place, formats in found.items():
        types.settle(X.names[place], formats, next(_present(X.column(place).data)))
    order = _order(types.observed())
    columns = {}
    for place, formats in found.items():
        chosen = next(each for each in formats if each[:3] not in CHOICES["dates"] or each[:3] == order)
        columns[place] = _read(X.column(place).data, chosen)
    return replace(X, dates=TextDates(columns, order))


def date_formats(table: OpenedTable) -> dict[int, tuple[str, ...]]:
    """Return the formats of dates and times that suit all cells of columns of text, by place, where there are some.

    >>> from glassnet.tables.opened_table import open_table
    >>> date_formats(open_table([["8:30", "A"], ["12:00", "B"]]))
    {0: ('time',)}
    """
    if table.matrix is not None:
        return {}
    tried = [name for name in cell_formats() if name.split()[-1] in _KINDS and "short" not in name]
    found: dict[int, tuple[str, ...]] = {}
    for place in range(len(table.names)):
        column = table.column(place)
        if column.kind == "category" and not column.declared:
            formats = tuple(name for name in tried if _suits(column.data, name))
            found |= {place: formats} if formats else {}
    return found


def _present(cells: Sequence[Any]) -> Iterator[str]:
    """Return the cells that are no gaps, without blanks around them."""
    texts = (cell.strip() for cell in cells if isinstance(cell, str))
    return (text for text in texts if text and text not in UNDECIDED.gaps)


def _suits(cells: Sequence[Any], name: str) -> bool:
    if not all(map(matcher(name), _present(cells))):  # most columns end here, at the first cell
        return False
    try:
        return not np.isnan(_read(cells, name).data).all()
    except InputError:  # the 30th of February
        return False


def _read(cells: Sequence[Any], name: str) -> Column:
    """Read a column of one format, each distinct cell once."""
    order, kind = name.split()[0], _KINDS[name.split()[-1]]
    notation = Notation(dates=order) if order in CHOICES["dates"] else UNDECIDED  # type: ignore[arg-type]
    distinct = list(dict.fromkeys(cell if isinstance(cell, str) else None for cell in cells))
    moments = dict(zip(distinct, parsed(distinct, kind, "", notation).tolist(), strict=True))
    return Column(kind, np.array([moments[cell if isinstance(cell, str) else None] for cell in cells]))  # type: ignore[arg-type]


def _order(observed: Observed) -> Any:
    """Return what comes first, day or month; None if it is not needed."""
    only = [order for order in CHOICES["dates"] if order in observed.only]
    if len(only) == 1 or not (only or observed.open):
        return only[0] if only else None
    cells = [observed.only[order] for order in only] or [observed.open["dates"]]
    raise InputError(
        Text("The order of day and month in columns of dates as text must be unambiguous"),
        Text("both: {told}", told=" and ".join(f"{cell!r} in column {name!r}" for name, cell in cells))
        if only
        else Text("{cell!r} in column {column!r}, which can mean both", cell=cells[0][1], column=cells[0][0]),
        "Convert these columns first, for instance by pandas.to_datetime(column, dayfirst=True); as "
        'astype("category") they stay text',
    )

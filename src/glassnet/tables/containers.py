"""Containers of tables: frames, sparse arrays, the names of their columns; and the cells of a frame of one row.

A frame keeps its columns apart, and to open one takes longer than a network takes for a row. Therefore the cells of a
single row are read together; the types of the columns decide how each is read, by the same functions as a column.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.support.messages import some
from glassnet.tables.columns.column_values import Column, empty, is_missing

Reader = Callable[[Any, str], Column | None]
"""Makes a column of one cell, given the column's name; None: the column must be read from the frame."""


def is_frame(X: object) -> bool:
    """Tell whether `X` is a DataFrame (pandas, polars, pyarrow or any other that narwhals knows).

    Examples
    --------
    >>> import pandas as pd
    >>> is_frame(pd.DataFrame({"age": [1, 2]})), is_frame([[1], [2]])
    (True, False)
    """
    if isinstance(X, np.ndarray | list | tuple):
        return False
    import narwhals as nw

    usual = isinstance(X, nw.DataFrame) or nw.dependencies.is_pandas_dataframe(X)  # a slower check finds the others
    return usual or nw.dependencies.is_into_dataframe(X)


def as_frame(X: Any) -> Any:
    """Return a frame with narwhals' stable interface, whether it is already wrapped by narwhals or not.

    Examples
    --------
    >>> import pandas as pd
    >>> as_frame(pd.DataFrame({"age": [1, 2]})).columns
    ['age']
    """
    import narwhals as nw
    import narwhals.stable.v2 as stable

    return stable.from_native(X.to_native() if isinstance(X, nw.DataFrame) else X, eager_only=True)


def in_partitions(X: Any) -> bool:
    """Whether it is a DataFrame, a Series or an array of Dask, which need not be installed for that.

    Examples
    --------
    >>> in_partitions([[1, 2]])
    False
    """
    kind = type(X)
    return kind.__module__.partition(".")[0] == "dask" and hasattr(kind, "to_delayed") and hasattr(kind, "ndim")


def is_sparse(X: object) -> TypeGuard[Any]:
    """Tell whether `X` is a SciPy sparse array or matrix.

    Examples
    --------
    >>> from scipy import sparse
    >>> is_sparse(sparse.eye_array(2)), is_sparse([[1]])
    (True, False)
    """
    loaded = sys.modules.get("scipy.sparse")  # loaded, if there is such an array
    return loaded is not None and not isinstance(X, np.ndarray) and bool(loaded.issparse(X))


def feature_names(X: object) -> list[str] | None:
    """Return the column names of a DataFrame whose names are all text, None for everything else.

    Examples
    --------
    >>> import pandas as pd
    >>> feature_names(pd.DataFrame({"age": [1], "sex": ["m"]})), feature_names([[1, 2]])
    (['age', 'sex'], None)
    """
    if not is_frame(X):
        return None
    names = list(as_frame(X).columns)
    return names if all(isinstance(name, str) for name in names) else None


def check_named(required: Iterable[str], names: Sequence[str]) -> None:
    """Refuse names of columns that a table does not have.

    Raises
    ------
    InputError
        With the first of them, and those that there are.
    """
    absent = [name for name in required if name not in names]
    if absent:
        there = some([str(name) for name in names], 12)
        raise InputError(
            "The table must have the specified columns", repr(absent[0]), Text("Available: {some}", some=there)
        )


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, as Python or NumPy values, and for each the function that makes a column of it.

    None: the column has to be opened.
    """

    cells: list[Any]
    readers: list[Reader | None]

    def column(self, index: int, name: str) -> Column | None:
        """Return one column; None if the column must be read from the frame."""
        read = self.readers[index]
        return None if read is None else read(self.cells[index], name)

    def numbers(self, places: Sequence[int]) -> npt.NDArray[np.float64] | None:
        """Return columns of numbers or booleans as a matrix of one row; None if others are among them."""
        if any(self.readers[place] not in NUMBERS for place in places):
            return None
        return np.array([[self.cells[place] for place in places]], np.float64)


def _number(cell: Any, name: str) -> Column:
    return Column("number", np.array([np.nan if cell is None else cell]))


def _boolean(cell: Any, name: str) -> Column:
    return Column("boolean", np.array([np.nan if cell is None else cell]))


def _level(cell: Any, name: str) -> Column:
    return empty(1) if is_missing(cell) else Column("category", [cell])


def _gap(cell: Any, name: str) -> Column | None:
    return empty(1) if is_missing(cell) else None


NUMBERS = (_number, _boolean)
OF_PANDAS: dict[type, Reader] = {
    **dict.fromkeys((np.float16, np.float32, np.float64), _number),
    **dict.fromkeys((np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64), _number),
    np.bool_: _boolean,
    str: _level,
    float: _gap,
    type(None): _gap,
}
"""By the type of a cell: NumPy's types come from columns of them, a float from a column of text with missing values."""
OF_POLARS: dict[str, Reader] = {
    **{f"{sign}Int{bits}": _number for sign in ("", "U") for bits in (8, 16, 32, 64)},
    **dict.fromkeys(("Float32", "Float64"), _number),
    **dict.fromkeys(("String", "Categorical", "Enum"), _level),
    "Boolean": _boolean,
}
"""By the class name of the column's type."""


def row_of_pandas(frame: Any) -> Row | None:
    """Return the only row of a pandas frame; None if it has only numbers, of which pandas makes one type.

    Examples
    --------
    >>> import pandas as pd
    >>> row = row_of_pandas(pd.DataFrame({"age": [20], "sex": ["m"]}))
    >>> row.column(1, "sex")
    Column(kind='category', data=['m'], order=())
    >>> row.numbers([0]), row.numbers([0, 1])
    (array([[20.]]), None)
    """
    found = frame.iloc[0]
    if found.dtype != object:
        return None
    cells = found.tolist()
    return Row(cells, [OF_PANDAS.get(type(cell)) for cell in cells])


def row_of_polars(frame: Any) -> Row:
    """Return the only row of a polars frame."""
    readers = [OF_POLARS.get(type(dtype).__name__) for dtype in frame.dtypes]
    if None in readers:  # moments beyond Python's calendar must not become objects
        columns = zip(frame.get_columns(), readers, strict=True)
        return Row([None if read is None else column[0] for column, read in columns], readers)
    return Row(list(frame.row(0)), readers)

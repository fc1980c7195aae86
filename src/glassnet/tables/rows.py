"""What an estimator asks of a table before it is encoded: how many rows, which rows, which names.

Splitting into training and validation rows comes before encoding (the encoder must not see the validation rows), so
these functions work on any container a user may bring.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeGuard

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError, some


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

    usual = isinstance(X, nw.DataFrame) or nw.dependencies.is_pandas_dataframe(X)  # others are asked for more
    return usual or nw.dependencies.is_into_dataframe(X)


def as_frame(X: Any) -> Any:
    """Return a frame with narwhals' stable face, whether it is wrapped by narwhals already or not.

    Examples
    --------
    >>> import pandas as pd
    >>> as_frame(pd.DataFrame({"age": [1, 2]})).columns
    ['age']
    """
    import narwhals as nw
    import narwhals.stable.v2 as stable

    return stable.from_native(X.to_native() if isinstance(X, nw.DataFrame) else X, eager_only=True)


def is_sparse(X: object) -> TypeGuard[Any]:
    """Tell whether `X` is a SciPy sparse array or matrix.

    Examples
    --------
    >>> from scipy import sparse
    >>> is_sparse(sparse.eye_array(2)), is_sparse([[1]])
    (True, False)
    """
    loaded = sys.modules.get("scipy.sparse")  # whoever has such an array has loaded it
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


def row_count(X: Any) -> int:
    """Return the number of rows of a table, or of values of a column.

    Raises
    ------
    InputTypeError
        If `X` has no length.

    Examples
    --------
    >>> row_count([[1, 2], [3, 4], [5, 6]])
    3
    """
    try:
        shape = getattr(X, "shape", None)
        if isinstance(shape, tuple) and len(shape) > 0 and shape[0] is not None:
            return int(shape[0])
        if hasattr(X, "__len__"):
            return len(X)
        if hasattr(X, "__array__") and np.asarray(X).ndim > 0:
            return len(np.asarray(X))
    except Exception:  # a class has the method, too, and a number of NumPy's refuses
        pass
    raise InputTypeError("A table must have rows", type(X).__name__, "Give a DataFrame, an array or a list of rows")


def take(X: Any, indices: npt.ArrayLike) -> Any:
    """Select rows of a table, or values of a column, in the container it came in.

    Parameters
    ----------
    X : DataFrame, Series, ndarray, list or sparse array
        A table, or one column of it.
    indices : array-like of int of shape (k,) or of bool of shape (rows,)
        Positions from 0, or a mask; never labels of an index.

    Returns
    -------
    Same type as `X`
        The k rows, in the order of `indices`; a pandas index goes along.

    Raises
    ------
    InputError
        If a position is outside of the table, or the mask has another length.

    Examples
    --------
    >>> take([["a", 1], ["b", 2], ["c", 3]], [2, 0])
    [['c', 3], ['a', 1]]
    """
    rows = row_count(X)
    positions = np.asarray(indices)
    if positions.dtype == bool:
        if positions.shape != (rows,):
            rule = "A mask of rows must have one value per row"
            raise InputError(rule, f"shape {positions.shape}", f"The table has {rows} rows")
        positions = np.flatnonzero(positions)
    if positions.size == 0:
        positions = np.zeros(0, dtype=np.intp)
    elif positions.dtype.kind not in "iu" or positions.min() < -rows or positions.max() >= rows:
        raise InputError("Row numbers must be integers within the table", indices, f"The table has {rows} rows")
    positions = positions % max(1, rows)  # not every container counts from the end
    if isinstance(X, list | tuple):
        return [X[position] for position in positions.tolist()]
    if is_sparse(X):
        return X.tocsr()[positions]
    if isinstance(X, np.ndarray):
        return X[positions]
    import narwhals as nw
    import narwhals.stable.v2 as stable

    if isinstance(X, nw.DataFrame | nw.Series):
        return X[positions]
    column_or_table = stable.from_native(X, eager_only=True, allow_series=True, pass_through=True)
    if isinstance(column_or_table, stable.DataFrame | stable.Series):
        return column_or_table[positions].to_native()
    return np.asarray(X)[positions]


class TableRows(NamedTuple):
    """Rows of a table that is not encoded yet, with what is to be learned from them."""

    X: Any
    y: npt.NDArray[Any]
    weight: npt.NDArray[Any] | None

    def take(self, rows: npt.NDArray[Any]) -> TableRows:
        """Some of them, by number or mask."""
        return TableRows(take(self.X, rows), self.y[rows], None if self.weight is None else self.weight[rows])


def check_named(wanted: Iterable[str], names: Sequence[str]) -> None:
    """Refuse columns that are named, and that a table does not have.

    Raises
    ------
    InputError
        With the first of them, and those that there are.
    """
    absent = [name for name in wanted if name not in names]
    if absent:
        there = some([str(name) for name in names], 12)
        raise InputError("The table must have the specified columns", repr(absent[0]), f"Available: {there}")

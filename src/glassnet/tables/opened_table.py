"""A table in memory, opened: rows, column names, and the values of each column, whatever the container.

A table of numbers of one dtype (an array, or a pandas frame of one block) also is one matrix, so that the encoder can
treat all its columns at once. Splitting into training and validation rows comes before encoding (the encoder must not
see the validation rows), so rows are counted and selected in any container.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError
from glassnet.support.coercion import by_rows, coercing, offers
from glassnet.support.language import Text
from glassnet.support.messages import of_shape
from glassnet.tables.columns.column_values import Column, empty, read_array, read_series
from glassnet.tables.containers import Row, as_frame, in_partitions, is_frame, is_sparse, row_of_pandas, row_of_polars
from glassnet.tables.reading.notation import Order

_TABLE = Text("`X` must be a table")
_CONTAINERS = Text("Give a DataFrame, an array or a list of rows")
_RESHAPE = Text(
    "Reshape your data either using array.reshape(-1, 1) if your data has a single feature or "
    "array.reshape(1, -1) if it contains a single sample"
)


class TextDates(NamedTuple):
    """Columns of text that were read as dates or times, by place, and the order of their day and month, if it matters.

    See :func:`glassnet.tables.text_dates.with_dates`.
    """

    columns: dict[int, Column]
    order: Order | None

    def take(self, positions: npt.NDArray[Any]) -> TextDates:
        """Select rows by number."""
        return self._replace(
            columns={place: replace(one, data=one.data[positions]) for place, one in self.columns.items()}
        )


@dataclass(frozen=True)
class OpenedTable:
    """An opened table. Its columns are read at most once each.

    Attributes
    ----------
    container : object
        The DataFrame, array or list of rows that was opened.
    rows : int
        Number of rows.
    names : tuple of str
        Column names; "x0", "x1", ... for a container without names.
    named : bool
        Whether the names are the container's own, so that columns can be matched by them.
    matrix : ndarray of shape (rows, columns) or None
        The table as one array of numbers or booleans; never a copy of an array that was given.
    cells : ndarray of shape (rows, columns) or None
        The table as one array of anything else: objects, text, dates.
    row : Row or None
        The cells of a frame of one row.
    dates : TextDates or None
        The columns of text that are dates; None: not looked for.
    """

    container: Any
    rows: int
    names: tuple[str, ...]
    named: bool
    matrix: npt.NDArray[Any] | None = None
    cells: npt.NDArray[Any] | None = None
    row: Row | None = None
    dates: TextDates | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, number of columns."""
        return self.rows, len(self.names)

    def column(self, index: int) -> Column:
        """Read one column by its position. The values must not be changed.

        Raises
        ------
        InputError, InputTypeError
            If the column holds values that no encoder can use, such as lists or complex numbers.
        """
        name = self.names[index]
        if self.dates is not None and index in self.dates.columns:
            moments = self.dates.columns[index]
            return empty(self.rows) if np.isnan(moments.data).all() else moments
        if self.matrix is not None:
            return read_array(self.matrix[:, index], name)
        if self.row is not None:
            values = self.row.column(index, name)
            return read_series(next(self.frame[:, [index]].iter_columns()), name) if values is None else values
        if index not in self._columns:
            if self.cells is not None:
                self._columns[index] = read_array(self.cells[:, index], name)
            else:
                self._columns[index] = read_series(self.series[index], name)
        return self._columns[index]

    @cached_property
    def _columns(self) -> dict[int, Column]:
        return {}

    @cached_property
    def frame(self) -> Any:
        """The table as a frame of narwhals, if it has neither `matrix` nor `cells`."""
        return as_frame(self.container) if self.matrix is None and self.cells is None else None

    @cached_property
    def series(self) -> tuple[Any, ...]:
        """The columns of a frame, separated once: selecting one by position takes longer the more there are."""
        return tuple(self.frame.iter_columns())


def open_table(X: Any) -> OpenedTable:
    """Open a container that is not sparse: a frame that narwhals knows, an array, masked or not, or a list of rows.

    An opened table is returned as it is.

    Raises
    ------
    InputError
        If it has not two dimensions, holds complex numbers, or two columns have the same name.
    InputTypeError
        If it is no table at all.

    Examples
    --------
    >>> table = open_table([[1, "a"], [2, "b"]])
    >>> table.rows, table.names, table.column(1).data
    (2, ('x0', 'x1'), ['a', 'b'])
    """
    if isinstance(X, OpenedTable):
        return X
    if type(X) is np.ndarray:
        array = X
    else:
        with coercing(_TABLE, type(X).__name__, _CONTAINERS):
            if is_frame(X):
                return _open_frame(X)
            array = _as_array(X)
    if array.ndim != 2:
        raise _wrong_dimensions(array)
    code = array.dtype.kind
    names = _numbered(array.shape[1])
    if code == "c":
        raise InputError(
            "Complex data not supported: a table must contain real numbers", None, "Split it in two columns"
        )
    if code == "V":
        raise InputTypeError(
            "A structured array is not a table", array.dtype, "Convert it to a DataFrame: pd.DataFrame(array)"
        )
    if code in "biuf":
        return OpenedTable(X, len(array), names, named=False, matrix=array)
    return OpenedTable(X, len(array), names, named=False, cells=array)


def open_dense(X: Any) -> Any:
    """Open a table as :func:`open_table`; leave a sparse one as it is."""
    return X if is_sparse(X) else open_table(X)


def shape_of(X: Any) -> tuple[int, int]:
    """Return the numbers of rows and columns of a table, sparse or not, which has at least one of each.

    Raises
    ------
    InputError
        If it has not.
    InputTypeError
        If `X` is no table.

    Examples
    --------
    >>> shape_of([[1, 2], [3, 4], [5, 6]])
    (3, 2)
    """
    rows, columns = by_rows(X).shape if is_sparse(X) else open_table(X).shape
    if rows < 1 or columns < 1:
        rule = Text("Found array with 0 {what}(s) (shape=({rows}, {columns})) while a minimum of 1 is required")
        what = "sample" if rows < 1 else "feature"
        raise InputError(
            rule.filled(what=what, rows=rows, columns=columns), None, "Provide at least one row and one column"
        )
    return rows, columns


@lru_cache(maxsize=16)
def _numbered(columns: int) -> tuple[str, ...]:
    """Return names of columns that have none."""
    return tuple(f"x{index}" for index in range(columns))


def _open_frame(X: Any) -> OpenedTable:
    import narwhals as nw

    table = _plain(X.to_native() if isinstance(X, nw.DataFrame) else X)
    if table is not None and len(set(table.names)) == len(table.names):  # else it is refused as any frame
        return table
    try:
        frame = as_frame(X)
    except nw.exceptions.DuplicateError as error:
        raise InputError(
            Text("Column names must be unique: {why}", why=error), None, "Rename or drop the duplicates"
        ) from None
    names = tuple(map(str, frame.columns))
    if len(set(names)) < len(names):
        doubles = sorted({name for name in names if names.count(name) > 1})
        raise InputError("Column names must be unique", doubles, "Rename or drop the duplicates")
    return OpenedTable(X, len(frame), names, named=True)


def _plain(frame: Any) -> OpenedTable | None:
    """Open a frame of which the numbers, or the only row, can be had without opening its columns."""
    from narwhals import dependencies as known

    if known.is_pandas_dataframe(frame):
        row = row_of_pandas(frame) if len(frame) == 1 else None
        matrix = frame.to_numpy() if row is None and _is_one_block(frame.dtypes.tolist()) else None
        if row is not None or matrix is not None:
            names = tuple(map(str, frame.columns.tolist()))
            return OpenedTable(frame, len(frame), names, named=True, matrix=matrix, row=row)
    elif known.is_polars_dataframe(frame) and frame.height == 1:
        return OpenedTable(frame, 1, tuple(frame.columns), named=True, row=row_of_polars(frame))
    return None


def _is_one_block(dtypes: list[Any]) -> bool:
    """Return whether all columns of pandas have one type of numbers, so that it returns them without copying."""
    first = dtypes[0] if dtypes else None
    if not isinstance(first, np.dtype) or first.kind not in "biuf":
        return False
    return all(isinstance(dtype, np.dtype) and dtype == first for dtype in dtypes)


def _as_array(X: Any) -> npt.NDArray[Any]:
    if isinstance(X, np.ma.MaskedArray):
        gaps = np.ma.getmaskarray(X)
        # float64 can hold a gap (NaN), and so can an object (None).
        unmasked = np.array(X.data, dtype=np.float64 if X.dtype.kind in "biuf" else object)
        unmasked[gaps] = np.nan if unmasked.dtype == np.float64 else None
        return unmasked
    if isinstance(X, np.ndarray):
        return np.asarray(X)  # drops subclasses such as np.matrix
    if isinstance(X, dict | str | bytes) or is_sparse(X):
        raise InputTypeError(_TABLE, type(X).__name__, _CONTAINERS)
    import narwhals.stable.v2 as nw

    if nw.dependencies.is_into_series(X) or isinstance(X, nw.Series):
        return np.asarray(X)
    if in_partitions(X) or isinstance(nw.from_native(X, pass_through=True), nw.LazyFrame):
        raise InputTypeError("`X` must be in memory", type(X).__name__, "Call .collect() or .compute() on it first")
    if offers(X, "__arrow_c_array__", "schema") or offers(X, "__arrow_c_stream__", "schema"):
        raise InputTypeError(
            _TABLE, type(X).__name__, "As an array it would lose its column names: pass pyarrow.table(X)"
        )
    try:
        array = np.asarray(X)
    except ValueError:
        raise InputError(
            "The rows of a table must have the same length", None, "Fill missing cells with None"
        ) from None
    if isinstance(X, list | tuple) and array.dtype.kind not in "biufcMm":
        # NumPy would turn the numbers of a mixed list into text; objects keep their types.
        array = np.array(X, dtype=object)
    return array


def _wrong_dimensions(array: npt.NDArray[Any]) -> InputError | InputTypeError:
    if array.ndim == 0 and array.dtype == object:
        return InputTypeError(_TABLE, type(array.item()).__name__, _CONTAINERS)
    if array.ndim < 2:
        kind = "scalar" if array.ndim == 0 else "1D"
        return InputError(
            Text("Expected 2D array, got {shape} array instead", shape=kind), of_shape(array.shape), _RESHAPE
        )
    return InputError(
        Text("Found array with dim {count}, while dim <= 2 is required", count=array.ndim),
        of_shape(array.shape),
        "Give one row per example, for instance array.reshape(len(array), -1)",
    )


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
    raise InputTypeError("A table must have rows", type(X).__name__, _CONTAINERS)


def take(X: Any, indices: npt.ArrayLike) -> Any:
    """Select rows of a table, or values of a column, in the container it came in.

    Parameters
    ----------
    X : DataFrame, Series, ndarray, list, sparse array or OpenedTable
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
            rule = Text("A mask of rows must have one value per row")
            raise InputError(rule, of_shape(positions.shape), Text("The table has {count} rows", count=rows))
        positions = np.flatnonzero(positions)
    if positions.size == 0:
        positions = np.zeros(0, dtype=np.intp)
    elif positions.dtype.kind not in "iu" or positions.min() < -rows or positions.max() >= rows:
        raise InputError(
            "Row numbers must be integers within the table", indices, Text("The table has {count} rows", count=rows)
        )
    positions = positions % max(1, rows)  # not every container counts from the end
    if isinstance(X, OpenedTable):
        dates = None if X.dates is None else X.dates.take(positions)
        return replace(open_table(take(X.container, positions)), dates=dates)
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
    """Rows of a table that is not encoded yet, with their targets and weights."""

    X: Any
    y: npt.NDArray[Any]
    weight: npt.NDArray[Any] | None

    def take(self, rows: npt.NDArray[Any]) -> TableRows:
        """Select rows by number or mask."""
        return TableRows(take(self.X, rows), self.y[rows], None if self.weight is None else self.weight[rows])

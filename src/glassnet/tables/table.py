"""One face for every container of a table: rows, column names, and each column's values.

A table of numbers of one dtype (an array, or a pandas frame of one block) also shows itself as one matrix, so that
the encoder can treat all its columns in one sweep.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError
from glassnet.support.coercion import coercing, offers
from glassnet.tables.one_row import Row, row_of_pandas, row_of_polars
from glassnet.tables.rows import as_frame, is_frame, is_sparse
from glassnet.tables.values import Values, read_array, read_series

_TABLE = "`X` must be a table"
_CONTAINERS = "Give a DataFrame, an array or a list of rows"
_RESHAPE = (
    "Reshape your data either using array.reshape(-1, 1) if your data has a single feature "
    "or array.reshape(1, -1) if it contains a single sample"
)


@dataclass(frozen=True)
class Table:
    """A table, whatever it is kept in.

    Attributes
    ----------
    rows : int
        Number of rows.
    names : tuple of str
        Column names; "x0", "x1", ... for a container without names.
    named : bool
        Whether the names are the container's own, so that columns can be matched by them.
    native : DataFrame or None
        The table as a frame, of whatever library.
    matrix : ndarray of shape (rows, columns) or None
        The table as one array of numbers or booleans; never a copy of an array that was given. Then there is no frame.
    cells : ndarray of shape (rows, columns) or None
        The table as one array of anything else: objects, text, dates.
    row : Row or None
        The cells of a frame of one row.
    """

    rows: int
    names: tuple[str, ...]
    named: bool
    native: Any = None
    matrix: npt.NDArray[Any] | None = None
    cells: npt.NDArray[Any] | None = None
    row: Row | None = None

    def column(self, index: int) -> Values:
        """Read one column by its position.

        Raises
        ------
        InputError, InputTypeError
            If the column holds what no encoder can use, such as lists or complex numbers.
        """
        name = self.names[index]
        if self.matrix is not None:
            return read_array(self.matrix[:, index], name)
        if self.cells is not None:
            return read_array(self.cells[:, index], name)
        if self.row is not None:
            values = self.row.column(index, name)
            return read_series(next(self.frame[:, [index]].iter_columns()), name) if values is None else values
        return read_series(self.series[index], name)

    @cached_property
    def frame(self) -> Any:
        """The table as a frame of narwhals, if it is a frame."""
        return None if self.native is None else as_frame(self.native)

    @cached_property
    def series(self) -> tuple[Any, ...]:
        """The columns of `frame`, taken apart once: to look for one by its position takes longer the more there are."""
        return tuple(self.frame.iter_columns())

    def take(self, indices: npt.NDArray[np.intp]) -> Table:
        """Select rows by position."""
        return Table(
            len(indices),
            self.names,
            self.named,
            None if self.native is None else self.frame[indices],
            None if self.matrix is None else self.matrix[indices],
            None if self.cells is None else self.cells[indices],
        )


def open_table(X: Any) -> Table:
    """Open a container that is not sparse: a frame that narwhals knows, an array, masked or not, or a list of rows.

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
        return Table(array.shape[0], names, named=False, matrix=array)
    return Table(array.shape[0], names, named=False, cells=array)


@lru_cache(maxsize=16)
def _numbered(columns: int) -> tuple[str, ...]:
    """Names for columns without any."""
    return tuple(f"x{index}" for index in range(columns))


def _open_frame(X: Any) -> Table:
    import narwhals as nw

    native = X.to_native() if isinstance(X, nw.DataFrame) else X
    table = _plain(native)
    if table is not None and len(set(table.names)) == len(table.names):  # else it is refused as any frame
        return table
    try:
        frame = as_frame(X)
    except nw.exceptions.DuplicateError as error:
        raise InputError(f"Column names must be unique: {error}", None, "Rename or drop the duplicates") from None
    names = tuple(map(str, frame.columns))
    if len(set(names)) < len(names):
        doubles = sorted({name for name in names if names.count(name) > 1})
        raise InputError("Column names must be unique", doubles, "Rename or drop the duplicates")
    return Table(len(frame), names, named=True, native=frame)


def _plain(frame: Any) -> Table | None:
    """A frame that gives its numbers, or its only row, without its columns being opened."""
    from narwhals import dependencies as known

    if known.is_pandas_dataframe(frame):
        row = row_of_pandas(frame) if len(frame) == 1 else None
        matrix = frame.to_numpy() if row is None and _is_one_block(frame.dtypes.tolist()) else None
        if row is not None or matrix is not None:
            names = tuple(map(str, frame.columns.tolist()))
            return Table(
                len(frame), names, named=True, native=frame if matrix is None else None, matrix=matrix, row=row
            )
    elif known.is_polars_dataframe(frame) and frame.height == 1:
        return Table(1, tuple(frame.columns), named=True, native=frame, row=row_of_polars(frame))
    return None


def _is_one_block(dtypes: list[Any]) -> bool:
    """Whether columns of pandas are of one type of numbers: it shows them in one block without copying."""
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
    if isinstance(nw.from_native(X, pass_through=True), nw.LazyFrame):
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
        # NumPy would turn the numbers of a mixed list into text; as objects each cell stays what it is.
        array = np.array(X, dtype=object)
    return array


def _wrong_dimensions(array: npt.NDArray[Any]) -> InputError | InputTypeError:
    if array.ndim == 0 and array.dtype == object:
        return InputTypeError(_TABLE, type(array.item()).__name__, _CONTAINERS)
    if array.ndim < 2:
        kind = "scalar" if array.ndim == 0 else "1D"
        return InputError(f"Expected 2D array, got {kind} array instead", f"shape {array.shape}", _RESHAPE)
    return InputError(
        f"Found array with dim {array.ndim}, while dim <= 2 is required",
        f"shape {array.shape}",
        "Give one row per example, for instance array.reshape(len(array), -1)",
    )

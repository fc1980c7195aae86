"""The target column: the values to predict, and whether they are classes or numbers.

The task is rarely specified. The guess follows a short rule, and has a reason, so that the user can object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError
from glassnet.support.language import Text
from glassnet.support.messages import of_shape
from glassnet.tables.almost_numbers import mostly_numbers
from glassnet.tables.columns.column_values import (
    Column,
    each_text_once,
    is_missing,
    level_text,
    read_array,
    read_objects,
    read_series,
)
from glassnet.tables.containers import as_frame, is_frame
from glassnet.tables.opened_table import row_count, take

#: Integers with more different values than this are numbers, not classes.
MOST_INTEGER_CLASSES: Final = 20
# With fewer rows than this per value, integers are rather measurements than classes.
_FEWEST_ROWS_PER_CLASS: Final = 3
FEWEST_SCORES: Final = 4
"""Fewer integers are rather codes of classes than scores or amounts."""

TASK: Final = Text("{name}: {reason}")

TaskName = Literal["classification", "regression"]


@dataclass(frozen=True)
class Task:
    """The kind of prediction that suits a target.

    Attributes
    ----------
    name : {"binary", "multiclass", "regression"}
        The task.
    reason : Text
        Why, as a sentence.
    may_be_numbers : bool
        Whether the classes are integers, more than three of them, which may as well be scores or amounts.
    """

    name: Literal["binary", "multiclass", "regression"]
    reason: Text
    may_be_numbers: bool = False

    def __str__(self) -> str:
        return TASK.say(name=self.name, reason=self.reason)


class LabelledRows(NamedTuple):
    """Rows with known targets.

    Attributes
    ----------
    X, y, sample_weight
        The arguments of :func:`keep_labelled`, without the dropped rows.
    dropped : int
        How many rows were dropped.
    """

    X: Any
    y: Any
    sample_weight: Any
    dropped: int


def guess_task(y: Any) -> Task:
    """Guess from a target column whether to predict classes or numbers.

    The rule, of which the first line that fits decides: text, categories and booleans are classes; two different
    values are two classes; numbers with a fractional part are numbers; integers are classes if there are at most 20
    different ones and at least three rows for each on average, and numbers otherwise. Missing values do not count.
    Text that holds numbers, such as "$1,234.50", is refused where it is too varied for classes: numbers may be meant.

    Parameters
    ----------
    y : Series, array-like or DataFrame of one column, of length rows
        The target.

    Returns
    -------
    Task

    Raises
    ------
    InputError
        If there are not at least two different values, `y` has several columns, or it is text that holds numbers.
    InputTypeError
        If the values are dates, durations, or nothing that can be predicted.

    Examples
    --------
    >>> print(guess_task(["yes", "no", "yes"]))
    binary: the target is text with 2 distinct values
    >>> print(guess_task([3, 4, 5, 3, 4, 5, 3, 4, 5]))
    multiclass: the target has integers, with only 3 distinct values in 9 rows
    >>> print(guess_task([0.5, 1.25, 3.0]))
    regression: the target has non-integer numbers
    """
    kind, cells, distinct = check_target(y)
    rows = len(cells)
    name: Literal["binary", "multiclass"] = "binary" if distinct == 2 else "multiclass"
    varied = distinct > MOST_INTEGER_CLASSES or rows < _FEWEST_ROWS_PER_CLASS * distinct
    if kind == "category":
        if varied and distinct > 2 and (found := mostly_numbers(cells)):
            share = Text("{share:.0%} of the cells are numbers, such as {cell!r}", share=found.share, cell=cells[0])
            raise InputError(
                "The target may be classes or numbers: the task must be specified",
                Text("text with {distinct:,} distinct values; {share}", distinct=distinct, share=share),
                Text("{remedy}. If they are classes, use --task classification (task=)", remedy=found.remedy),
            )
        return Task(name, Text("the target is text with {count:,} distinct values", count=distinct))
    if distinct == 2:
        return Task(
            name, Text("the target is Boolean") if kind == "boolean" else Text("the target has 2 distinct values")
        )
    if not (np.isfinite(cells) & (cells == np.floor(cells))).all():
        return Task("regression", Text("the target has non-integer numbers"))
    if distinct > MOST_INTEGER_CLASSES:
        reason = Text("the target has integers, with {count:,} distinct values in {rows:,} rows")
    elif varied:
        reason = Text("the target has integers, with {count:,} distinct values in only {rows:,} rows")
    else:
        reason = Text("the target has integers, with only {count:,} distinct values in {rows:,} rows")
    reason = reason.filled(count=distinct, rows=rows)
    return Task("regression", reason) if varied else Task(name, reason, distinct >= FEWEST_SCORES)


def check_target(y: Any) -> tuple[str, Any, int]:
    """Return the kind of a target, its present cells, and the number of distinct ones, whatever the task.

    Raises
    ------
    InputError, InputTypeError
        If it cannot be predicted; see :func:`guess_task`.

    Examples
    --------
    >>> check_target(["a", "b", None])
    ('category', ['a', 'b'], 2)
    """
    values = _read(y)
    if values.kind in ("date", "datetime", "time", "duration"):
        raise InputTypeError(
            "The target must be classes or numbers",
            Text("a column of kind {kind}", kind=values.kind),
            "Convert it to a number first",
        )
    cells: Any
    if values.kind == "category":
        cells = [text for text in each_text_once(values.data, level_text) if text is not None]
        distinct = len(set(cells))
    else:
        cells = values.data[~np.isnan(values.data)] if values.data.dtype.kind == "f" else values.data
        distinct = len(np.unique(cells))
    if distinct < 2:
        raise InputError(
            "The target must have at least two different values",
            f"{distinct}",
            "Check that the right column is the target",
        )
    return values.kind, cells, distinct


def keep_labelled(X: Any, y: Any, sample_weight: Any = None) -> LabelledRows:
    """Drop the rows whose target is missing, and count them.

    Parameters
    ----------
    X : DataFrame, array-like or sparse array of shape (rows, columns)
        The table.
    y : Series or array-like of shape (rows,)
        The target; None, NaN, NaT and pandas.NA are missing.
    sample_weight : array-like of shape (rows,), optional
        Weights, which lose the same rows.

    Returns
    -------
    LabelledRows
        The unchanged arguments if no target is missing.

    Raises
    ------
    InputError
        If no target is known, or the lengths differ.

    Examples
    --------
    >>> keep_labelled([[1], [2], [3]], ["a", None, "b"])
    LabelledRows(X=[[1], [3]], y=['a', 'b'], sample_weight=None, dropped=1)
    """
    present = _present(_read(y))
    for name, other in (("X", X), ("sample_weight", sample_weight)):
        if other is not None and row_count(other) != len(present):
            received = f"{row_count(other)} and {len(present)} rows"
            raise InputError(
                Text("`{name}` and the target must have the same length", name=name),
                received,
                "Give one target per row",
            )
    dropped = int(len(present) - present.sum())
    if dropped == 0:
        return LabelledRows(X, y, sample_weight, 0)
    if dropped == len(present):
        raise InputError("The target must be known in some rows", "only missing values", "Choose another target column")
    kept = np.flatnonzero(present)
    weights = None if sample_weight is None else take(sample_weight, kept)
    return LabelledRows(take(X, kept), take(y, kept), weights, dropped)


def _read(y: Any) -> Column:
    import narwhals as nw
    import narwhals.stable.v2 as stable

    if is_frame(y):
        frame = as_frame(y)
        if len(frame.columns) != 1:
            raise InputError(
                "The target must be one column", Text("{count} columns", count=len(frame.columns)), "Choose one of them"
            )
        return read_series(frame[:, 0], "target")
    series = stable.from_native(y.to_native() if isinstance(y, nw.Series) else y, series_only=True, pass_through=True)
    if isinstance(series, stable.Series):
        return read_series(series, "target")
    array = y if isinstance(y, np.ndarray) else np.asarray(y, dtype=object)
    if isinstance(array, np.ma.MaskedArray):
        gaps = np.ma.getmaskarray(array)
        array = np.array(array.data, dtype=object)
        array[gaps] = None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise InputError("The target must be one column", of_shape(array.shape), "Give one value per row")
    return read_objects(array.tolist(), "target") if array.dtype == object else read_array(array, "target")


def _present(values: Column) -> npt.NDArray[np.bool_]:
    if values.kind == "category":
        return np.array([not is_missing(value) for value in values.data], dtype=np.bool_)
    present: npt.NDArray[np.bool_] = (
        ~np.isnan(values.data) if values.data.dtype.kind == "f" else np.full(len(values.data), True)
    )
    return present

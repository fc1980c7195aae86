"""Validation of inputs, targets and weights before training and prediction, and selection of batches."""

from __future__ import annotations

import math
from typing import Any, overload

import numpy as np

from glassnet.errors import InputError
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.layers.text_rows import TextRows, matrix_of
from glassnet.support.coercion import by_rows, offers, real_array
from glassnet.support.language import Text
from glassnet.support.messages import of_shape

BLOCK = 1_000_000
"""Numbers that are looked at together."""

TABLES = Text("For tables with text use NeuralClassifier or NeuralRegressor")


def as_inputs(X: Any, width: int, dtype: Any, looked_at: bool = True, ngrams: int = 0) -> Any:
    """X as an engine takes it: two-dimensional, of the right width, finite.

    Parameters
    ----------
    X : array-like, sparse array or TextRows of shape (rows, width)
    width : int
    dtype : NumPy dtype
        An array that has it already is not copied.
    looked_at : bool
        False: the caller checks that the array is finite.
    ngrams : int
        The number of n-grams of the network's texts; 0: it reads none.

    Returns
    -------
    array of that dtype, a sparse array by rows (CSR) as it came, or TextRows with an array of that dtype

    Raises
    ------
    InputError, InputTypeError
        If it is not.
    """
    if ngrams and ngrams != (X.store.size if isinstance(X, TextRows) else 0):
        raise _other_texts(X, ngrams)
    if isinstance(X, TextRows):
        return X.with_matrix(as_inputs(X.matrix, width, dtype, looked_at))
    if type(X) is np.ndarray and X.dtype == dtype and X.ndim == 2 and X.shape[1] == width:
        if looked_at and not all_finite(X):
            raise not_finite(dtype)
        return X  # the usual case, at once
    sparse = offers(X, "tocsr")
    X = by_rows(X) if sparse else _numbers("The inputs of a network", X, dtype, TABLES)
    if X.ndim != 2 or X.shape[1] != width:
        raise InputError(
            Text("The inputs must have shape (rows, {width})", width=width),
            of_shape(X.shape),
            "Give one row per sample; for a single row use X[None, :]",
        )
    numbers = _numbers("The inputs of a network", X.data, dtype, TABLES) if sparse else X
    if (looked_at or sparse) and not all_finite(numbers):
        raise not_finite(dtype)
    return X


def _other_texts(X: Any, ngrams: int) -> InputError:
    """Return the error for inputs that have other texts than the network takes."""
    return InputError(
        Text("A network with NgramLinear({count}) takes TextRows with {count} n-grams", count=ngrams),
        Text("TextRows with {count}", count=X.store.size) if isinstance(X, TextRows) else type(X).__name__,
        "Encode the table with the encoder of the model",
    )


def not_finite(dtype: Any) -> InputError:
    """Return the error for inputs that contain NaN or infinity."""
    rule = Text("The inputs of a network must be finite in {dtype}", dtype=np.dtype(dtype))
    return InputError(rule, "NaN, infinity or a number too large", "Fill, scale or drop those values")


def all_finite(array: Array) -> bool:
    """Return whether there is neither a NaN nor an infinity, without another array of that size."""
    if array.flags.c_contiguous and math.isfinite(np.vdot(array, array)):
        return True
    # the sum of squares may have been no more than too large
    step = max(1, BLOCK // max(1, array[:1].size))
    return all(bool(np.isfinite(array[start : start + step]).all()) for start in range(0, len(array), step))


def as_targets(y: Any, loss: Loss, outputs: int, rows: int) -> Array:
    """Return targets that fit the loss and the rows, unconverted: class numbers stay class numbers.

    Raises
    ------
    InputError, InputTypeError
        If they do not fit.
    """
    y = real_array("The targets of a network", y, "Encode them first, or use NeuralClassifier")
    loss.check(y, outputs)
    if len(y) != rows:
        raise InputError(
            "X and y must have the same number of rows",
            Text("{rows} and {other}", rows=rows, other=len(y)),
            "Match them",
        )
    return y


def as_weights(sample_weight: Any, rows: int, dtype: Any) -> Array | None:
    """Return one weight a row, brought to mean 1; None stays None.

    Raises
    ------
    InputError, InputTypeError
        If they do not fit the rows, or are negative, not finite or all zero.
    """
    if sample_weight is None:
        return None
    weight = checked_weights(sample_weight, rows)
    weight = weight / weight.max()  # sums of huge or tiny weights neither overflow nor vanish
    return (weight / weight.mean()).astype(dtype)


def checked_weights(sample_weight: Any, rows: int) -> Array:
    """Return one finite weight ≥ 0 a row, not all zero, in float64.

    Raises
    ------
    InputError, InputTypeError
        If they are not.
    """
    weight = _numbers("`sample_weight`", sample_weight, np.float64, "Give one number ≥ 0 a row")
    if weight.shape != (rows,):
        raise InputError("`sample_weight` must have one number per row", of_shape(weight.shape), "Make it match X")
    if not np.all(np.isfinite(weight)) or weight.min() < 0 or weight.max() == 0:
        wrong = weight[~np.isfinite(weight) | (weight < 0)]
        raise InputError(
            "`sample_weight` must contain finite numbers ≥ 0, not all zero",
            f"{wrong[0]}" if len(wrong) else Text("zeros", context="received"),
            "Correct the weights of those rows",
        )
    return weight


@overload
def in_one_unit(weight: Array) -> Array: ...
@overload
def in_one_unit(weight: None) -> None: ...
def in_one_unit(weight: Array | None) -> Array | None:
    """Scale weights by a power of two, so that no sum of them overflows float64 and no ratio changes by a bit.

    >>> in_one_unit(np.array([3.0, 6.0, 0.0]))
    array([0.375, 0.75 , 0.   ])
    >>> bool(in_one_unit(np.array([1.5e308, 1.5e308])).sum() < 2)
    True
    """
    if weight is None:
        return None
    scaled = np.ldexp(weight, -np.frexp(weight.max())[1])
    return np.where(weight > 0, np.maximum(scaled, np.finfo(scaled.dtype).tiny), 0.0)


def take_batch(X: Any, rows: Any, dtype: Any) -> Any:
    """Return a batch of rows as a network's layers take it: a dense array, with its texts if there are any."""
    if isinstance(X, TextRows):
        batch = X[rows]
        return batch.with_matrix(np.ascontiguousarray(batch.matrix, dtype))
    return take_rows(X, rows, dtype)


def take_rows(X: Any, rows: Any, dtype: Any) -> Array:
    """Return a batch of rows as a dense array, without texts; of a sparse table only the batch is ever dense."""
    batch = matrix_of(X)[rows]
    if hasattr(batch, "toarray"):
        batch = batch.toarray()
    return np.ascontiguousarray(batch, dtype)


def _numbers(what: str, value: Any, dtype: Any, remedy: str) -> Array:
    """Return an array of that floating-point type."""
    with np.errstate(over="ignore"):  # too large numbers become infinite, which the caller checks
        return real_array(what, value, remedy).astype(dtype, copy=False)

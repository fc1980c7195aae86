"""What users hand over to learn from, looked at once, before anything is learned."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_array

from glassnet.engines.data import checked_weights
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.layers.base import Array
from glassnet.support.coercion import coercing, plain_dict
from glassnet.support.language import Text
from glassnet.support.messages import of_shape, warn
from glassnet.support.options import Number
from glassnet.tables import is_sparse, take
from glassnet.tables.columns.column_values import is_missing
from glassnet.tables.opened_table import open_table, shape_of


def refuse_given(rule: Text, remedy: str, **given: Any) -> None:
    """Refuse options that have no meaning here: the first that is given (not None), named in the rule as {name}."""
    for name, value in given.items():
        if value is not None:
            raise InputError(rule.filled(name=name), shown(value), remedy)


def check_rows(
    X: Any, y: Any, sample_weight: Any, check_targets: Callable[[Any], Array]
) -> tuple[Any, Array, Array | None]:
    """Rows to learn from, with targets and weights; those of weight zero are left out.

    Raises
    ------
    InputError, InputTypeError, ValueError
        If X is no table or empty, or the three do not fit each other.
    """
    rows, _ = shape_of(X)  # its errors are the first that a user should see
    y = check_targets(y)
    if len(y) != rows:
        received = Text("{rows} and {other}", rows=rows, other=len(y))
        raise InputError("X and y must have the same number of rows", received, "Match them")
    if sample_weight is None:
        return X, y, None
    weight = check_weights(sample_weight, rows)
    kept = np.flatnonzero(weight)
    if len(kept) == rows:
        return X, y, weight
    return take(X, kept), y[kept], weight[kept]


def where_left(sample_weight: Any, given: int, left: int) -> Array:
    """The new row number of each given row after :func:`check_rows`; -1 where it was dropped.

    >>> where_left([1, 0, 2], given=3, left=2)
    array([ 0, -1,  1])
    """
    places = np.full(given, -1)
    places[slice(None) if given == left else np.flatnonzero(sample_weight)] = np.arange(left)
    return places


def check_weights(sample_weight: Any, rows: int) -> Array:
    """One finite weight ≥ 0 a row, not all zero; one number stands for all rows."""
    if isinstance(sample_weight, numbers.Number):
        sample_weight = np.full(rows, sample_weight)
    weight = _array(sample_weight, "Give one finite number a row", dtype=np.float64, input_name="sample_weight")
    return checked_weights(weight, rows)


def lost_in_float64(X: Any) -> list[str]:
    """The columns of integers that vary, but no longer do as float64.

    Examples
    --------
    >>> large = np.array([[2**63, 1], [2**63 + 1, 1]], np.uint64)
    >>> lost_in_float64(large), lost_in_float64(np.array([[1, 1], [2, 1]]))
    (['x0'], [])
    """
    if is_sparse(X):
        return []
    table = open_table(X)
    columns = ((name, table.column(place).data) for place, name in enumerate(table.names))
    whole = ((name, data) for name, data in columns if getattr(data, "dtype", np.dtype(object)).kind in "iu")
    return [name for name, data in whole if data.min() < data.max() and float(data.min()) == float(data.max())]


def _array(value: Any, remedy: str, **options: Any) -> Array:
    """scikit-learn's own check and words, and of what they leave out a sentence."""
    _refuse_masked(value, options["input_name"])
    with coercing(Text("{what} must be an array", what=options["input_name"]), value, remedy):
        try:
            array: Array = check_array(value, ensure_2d=False, **options)
        except (TypeError, ValueError) as error:
            kind = InputTypeError if isinstance(error, TypeError) else InputError
            raise kind(str(error).splitlines()[0], _culprit(value), remedy) from error
    return array


def _culprit(value: Any) -> str:
    """The first entry that is no finite number, and its row; else the whole."""
    try:
        for place, entry in np.ndenumerate(np.asarray(value, dtype=object)):
            if not (isinstance(entry, numbers.Real) and np.isfinite(float(entry))):
                return Text("{cell} in row {row}", cell=shown(entry), row=place[0])
    except Exception:  # converting an arbitrary object to an array may raise anything
        pass
    return shown(value)


def check_classes(y: Any) -> Array:
    """Classes of shape (rows,), or yes-or-no answers of shape (rows, targets), as an array of one type.

    Raises
    ------
    InputError, ValueError
        If there are gaps, numbers that are no classes, or several columns that are not yes or no.

    Examples
    --------
    >>> check_classes(["a", "b", "a"])
    array(['a', 'b', 'a'], dtype='<U1')
    """
    with coercing("y must be an array of classes", y, "Give one class per row"):
        if isinstance(y, (list, tuple)):  # before there is an array of them
            _refuse_long(y)
        given, y = y, np.asarray(y.toarray() if hasattr(y, "toarray") else y)
        if isinstance(given, (list, tuple)) and y.dtype.kind in "US":  # NaN beside text is a gap, and no class "nan"
            y = np.asarray(given, object)
        elif y.dtype.kind == "T":
            y = y.astype(object)
    _refuse_masked(given, "y")
    if y.ndim == 0:
        raise InputError("y must have one target per row", shown(y.item()), "Give a column of targets")
    if y.ndim == 2 and y.shape[1] == 1:
        warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape of y to "
            "(n_samples, ), for example using ravel().",
            DataConversionWarning,
        )
        y = y[:, 0]
    if y.dtype == object:
        missing = sum(map(is_missing, y.ravel()))
        if missing:
            received = Text("{missing} missing", missing=missing)
            raise InputError("The target must not have missing values", received, "Drop those rows")
        y = _of_one_type(y)
    elif y.dtype.kind == "U":
        _refuse_long(y.flat if y.dtype.itemsize > 4 * LONGEST_LABEL else ())  # an array may be wider than its texts
    elif y.dtype.kind != "S":
        y = _array(y, "Give one class per row", dtype=None, input_name="y", ensure_min_samples=0)
    if y.dtype.kind in "mMS" or (y.dtype.kind == "f" and y.dtype.itemsize > 8):  # which no model file could hold
        raise InputError(LABELS, Text("dtype {dtype}", dtype=y.dtype), TO_TEXT)
    check_classification_targets(y)
    if type_of_target(y) == "multiclass-multioutput":
        raise InputError(
            "With several targets, each must be binary (0 or 1)",
            Text("{value} columns of classes", value=y.shape[1]),
            "Train one classifier per column",
        )
    return np.asarray(y)


LABELS = Text("Unknown label type: classes must be text, numbers or booleans")
TO_TEXT = Text("Convert y to text, with astype(str)")
LONGEST_LABEL = 1000
"""The most characters of a class's label."""


def _of_one_type(y: Array) -> Array:
    """An array of objects as one of text or of numbers."""
    kinds = {type(value) for value in y.ravel()}
    if len(kinds) > 1 and not any(all(issubclass(kind, one) for kind in kinds) for one in (str, numbers.Number)):
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise InputError("Unknown label type: classes must be all text or all numbers", names, "Convert y to one type")
    _refuse_long(y.flat)
    typed = np.array(y.tolist())
    if typed.dtype == object and typed.shape == y.shape:  # intervals, dates, decimals
        raise InputError(LABELS, Text("{value} and its like", value=shown(y.flat[0])), TO_TEXT)
    return typed


def _refuse_long(labels: Iterable[Any]) -> None:
    """Refuse labels that are texts: an array of them takes the longest one's room for each row."""
    letters = max((len(label) for label in labels if isinstance(label, str)), default=0)
    if letters > LONGEST_LABEL:
        rule = Text("The label of a class must have at most {most} characters", most=LONGEST_LABEL)
        raise InputError(rule, Text("one of {letters}", letters=letters), "Shorten it; is y a column of text?")


def _refuse_masked(value: Any, name: str) -> None:
    """Refuse an array with masked entries: the values behind the mask are not data."""
    masked = int(np.ma.getmaskarray(value).sum()) if isinstance(value, np.ma.MaskedArray) else 0
    if masked:
        rule = Text("`{name}` must not have missing values", name=name)
        raise InputError(rule, Text("{masked} masked", masked=masked), "Drop those rows")


def check_numbers(y: Any) -> Array:
    """Finite numbers of shape (rows,) or (rows, targets), in float64.

    Raises
    ------
    InputError, ValueError
        If they are not, or beyond :data:`LARGEST_TARGET`.
    """
    remedy = Text("Give one number per row")
    y = _array(y, remedy, dtype="numeric", input_name="y", ensure_min_samples=0, allow_nd=True)
    if y.ndim not in (1, 2):
        raise InputError("y must have shape (rows,) or (rows, targets)", of_shape(y.shape), "Reshape it")
    y = np.asarray(y, np.float64)
    largest = float(np.abs(y).max(initial=0.0))
    if largest > LARGEST_TARGET:
        rule = Text(
            "Targets must lie within ±{largest:g}, so that predictions and errors do not overflow float64",
            largest=LARGEST_TARGET,
        )
        raise InputError(rule, Text("one of size {largest:g}", largest=largest), "Divide them by a constant")
    return y


LARGEST_TARGET = 1e305
"""Beyond it differences of targets, and sums of such, leave float64."""


class ClassWeight:
    """As a rule of an option: which classes there are, is known with the targets."""

    def taken(self, name: str, value: Any) -> Any:
        rule, remedy = Text('{name} must be "balanced" or a dict', name=name), Text("For example {0: 1, 1: 5}")
        if isinstance(value, str):
            if str.__str__(value) == "balanced":
                return "balanced"
            raise InputError(rule, shown(value), remedy)
        weights = plain_dict(value)
        if weights is None:
            raise InputTypeError(rule, shown(value), remedy)
        return {known: NOT_NEGATIVE.taken(f"{name} of class {shown(known)}", each) for known, each in weights.items()}


NOT_NEGATIVE = Number("[0, inf)", "1 is the usual weight")


def weights_of_classes(
    class_weight: Mapping[Any, float] | str, classes: Array, encoded: Array, sample_weight: Array | None
) -> Array:
    """The weight of each class: 1 if the mapping does not name it; "balanced" makes all count alike, however rare.

    Raises
    ------
    InputError
        If it is neither, a weight is no number ≥ 0, or a name is not that of a class.

    Examples
    --------
    >>> weights_of_classes("balanced", np.array(["a", "b"]), np.array([0, 0, 0, 1]), None)
    array([0.66666667, 2.        ])
    >>> weights_of_classes({"b": 5}, np.array(["a", "b"]), np.array([0, 1]), None)
    array([1., 5.])
    """
    if isinstance(class_weight, str):
        counts = np.bincount(encoded, sample_weight, minlength=len(classes))
        present = counts > 0  # a part of the rows need not have all classes
        return np.divide(counts.sum(), present.sum() * counts, where=present, out=np.ones(len(classes)))
    weights = np.ones(len(classes))
    known = {name: number for number, name in enumerate(classes.tolist())}
    unknown = [name for name in class_weight if name not in known]
    if unknown and len(class_weight) - len(unknown) < len(classes):  # a misspelling leaves a class without its weight
        raise InputError(
            "`class_weight` must name classes of the target",
            repr(unknown[0]),
            Text("Available: {some}", some=list(known)),
        )
    for name, weight in class_weight.items():
        if name in known:
            weights[known[name]] = weight
    if not weights[encoded if sample_weight is None else encoded[sample_weight > 0]].any():
        rule = Text("`class_weight` must give some of these rows a weight above 0")
        raise InputError(rule, shown(dict(class_weight)), "Give their class another weight")
    return weights


def with_class_weights(weight: Array | None, targets: Array, class_weights: Array | None) -> Array | None:
    """The weight of each row times that of its class, where classes have weights."""
    if class_weights is None:
        return weight
    of_rows: Array = class_weights[targets]
    return of_rows if weight is None else of_rows * weight


def without_class_weights(weight: Array | None, targets: Array, class_weights: Array | None) -> Array | None:
    """Return the weights of rows before those of their classes were multiplied in; 0 for a class of weight 0.

    >>> without_class_weights(np.array([2.0, 10.0]), np.array([0, 1]), np.array([1.0, 5.0]))
    array([2., 2.])
    """
    if class_weights is None or weight is None:
        return weight
    of_rows = class_weights[targets.astype(np.intp)]
    return np.divide(weight, of_rows, out=np.zeros(len(weight)), where=of_rows > 0)

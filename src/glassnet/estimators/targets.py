"""What an estimator knows of its targets: how they become what the network learns, and how its outputs become answers.

There are three kinds: one class of several, several yes-or-no answers at once, and numbers. Each is learned from the
training targets once, and is plain data from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn, Protocol

import numpy as np

from glassnet.errors import InputError, listed
from glassnet.estimators.bounds import ends
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array

__all__ = ["AnswerTargets", "ClassTargets", "NumberTargets", "Targets", "targets_from_state"]

State = tuple[dict[str, Any], dict[str, Array]]
"""Strict JSON, and arrays."""


class Targets(Protocol):
    """What the three kinds have in common."""

    @property
    def default_loss(self) -> str:
        """The loss that suits them."""

    def outputs(self, loss: Loss) -> int:
        """How many outputs the network needs, or an error if the loss does not suit."""

    def encode(self, y: Array) -> Array:
        """Checked targets as the network's loss wants them."""

    def decode(self, outputs: Array, loss: Loss) -> Array:
        """The answers that the network's raw outputs mean."""

    def strata(self, encoded: Array) -> Array | None:
        """What a split of the rows keeps in proportion."""

    def to_state(self) -> State:
        """Everything, as plain data."""


@dataclass(frozen=True, eq=False)
class ClassTargets:
    """One class of several for each row.

    Parameters
    ----------
    classes : array of shape (classes,)
        In ascending order.

    Examples
    --------
    >>> targets = ClassTargets.learn(np.array(["no", "yes", "no"]))
    >>> targets.encode(np.array(["yes", "no"]))
    array([1, 0])
    >>> targets.restore(np.array([1, 0]))
    array(['yes', 'no'], dtype='<U3')
    """

    classes: Array

    @classmethod
    def learn(cls, y: Array) -> ClassTargets:
        """The classes that there are."""
        return cls(np.unique(y))

    @property
    def default_loss(self) -> str:
        return "binary_cross_entropy" if len(self.classes) == 2 else "cross_entropy"

    def outputs(self, loss: Loss) -> int:
        classes = len(self.classes)
        if classes < 2:
            raise InputError(
                "A classifier needs at least two classes", f"one class, {self.classes.tolist()}", "Give rows of others"
            )
        if loss.target == "fractions" and classes != 2:
            raise InputError(f"`{loss.name}` tells two classes apart", f"{classes} classes", 'Use "cross_entropy"')
        return 1 if loss.target != "classes" and classes == 2 else classes

    def encode(self, y: Array) -> Array:
        """The number of each row's class."""
        if y.ndim != 1:
            raise InputError("y must have one class a row, as in training", f"shape {y.shape}", "Give shape (rows,)")
        alike = (y.dtype.kind in TEXT) == (self.classes.dtype.kind in TEXT)
        if not alike:  # 1 and "1" are not the same class
            self._refuse(y)
        position = np.clip(np.searchsorted(self.classes, y), 0, len(self.classes) - 1)
        unknown = self.classes[position] != y
        if np.any(unknown):
            self._refuse(y[unknown])
        return position

    def _refuse(self, unknown: Array) -> NoReturn:
        raise InputError(
            f"Targets must be among the classes [{listed(self.classes.tolist())}]",
            f"[{listed(np.unique(unknown).tolist())}]",
            "Train on rows of every class, or name all in the first partial_fit(..., classes=...)",
        )

    def restore(self, encoded: Array) -> Array:
        """What was encoded."""
        return self.classes[encoded]

    def decode(self, outputs: Array, loss: Loss) -> Array:
        single = outputs.shape[1] == 1
        return self.restore(_is_yes(outputs[:, 0], loss) if single else outputs.argmax(axis=1))

    def probabilities(self, predicted: Array) -> Array:
        """A column for each class."""
        return np.hstack([1 - predicted, predicted]) if predicted.shape[1] == 1 else predicted

    def probabilities_backward(self, predicted: Array, d_probabilities: Array) -> Array:
        """From the gradient by those to the gradient by what was predicted."""
        return d_probabilities[:, 1:] - d_probabilities[:, :1] if predicted.shape[1] == 1 else d_probabilities

    def scores(self, outputs: Array) -> Array:
        """A score for each class; with two classes that of the second against the first, shape (rows,)."""
        if outputs.shape[1] == 1:
            return outputs[:, 0]
        return outputs[:, 1] - outputs[:, 0] if outputs.shape[1] == 2 else outputs

    def strata(self, encoded: Array) -> Array | None:
        return encoded

    def to_state(self) -> State:
        kind = self.classes.dtype.kind
        dtype = "text" if kind in TEXT else self.classes.dtype.name
        if dtype not in CLASS_DTYPES:
            raise InputError(
                f"Classes in a file must be one of: {', '.join(CLASS_DTYPES)}", dtype, "Convert y to text or numbers"
            )
        return {"kind": "classes", "dtype": dtype, "classes": self.classes.tolist()}, {}


@dataclass(frozen=True, eq=False)
class AnswerTargets:
    """Several yes-or-no answers for each row, 0 and 1 (multilabel).

    Parameters
    ----------
    count : int
        How many.
    """

    count: int

    @property
    def classes(self) -> list[Array]:
        """No and yes, for each target."""
        return [np.array([0, 1])] * self.count

    @property
    def default_loss(self) -> str:
        return "binary_cross_entropy"

    def outputs(self, loss: Loss) -> int:
        if loss.target == "classes":
            raise InputError(
                "Several yes-or-no targets need a loss of yes or no",
                str(loss),
                "Use binary_cross_entropy or binary_focal",
            )
        return self.count

    def encode(self, y: Array) -> Array:
        if y.ndim != 2 or y.shape[1] != self.count:
            raise InputError(
                f"y must have {self.count} columns of 0 and 1, as in training", f"shape {y.shape}", "Match them"
            )
        return np.asarray(y, np.float64)

    def restore(self, encoded: Array) -> Array:
        """What was encoded, as whole numbers."""
        return encoded.astype(np.intp)

    def decode(self, outputs: Array, loss: Loss) -> Array:
        return _is_yes(outputs, loss)

    def probabilities(self, predicted: Array) -> Array:
        """The probability of yes, a column for each target."""
        return predicted

    def probabilities_backward(self, predicted: Array, d_probabilities: Array) -> Array:
        """From the gradient by those to the gradient by what was predicted."""
        return d_probabilities

    def scores(self, outputs: Array) -> Array:
        """A score for each target."""
        return outputs

    def strata(self, encoded: Array) -> Array | None:
        return None

    def to_state(self) -> State:
        return {"kind": "answers", "count": self.count}, {}


@dataclass(frozen=True, eq=False)
class NumberTargets:
    """One or several numbers for each row, brought to a common scale for the network.

    Parameters
    ----------
    center, scale : arrays of shape (targets,)
        The network learns (y - center) / scale.
    single : bool
        Whether y has shape (rows,).
    low, high : arrays of shape (targets,) or None
        The smallest and largest value in training, beyond which no prediction goes; None: anything goes.

    Examples
    --------
    >>> targets = NumberTargets.learn(np.array([10.0, 30.0]))
    >>> targets.encode(np.array([10.0, 20.0, 30.0])).ravel()
    array([-1.,  0.,  1.])
    """

    center: Array
    scale: Array
    single: bool
    low: Array | None = None
    high: Array | None = None

    @classmethod
    def learn(cls, y: Array, weight: Array | None = None, *, counts: bool = False) -> NumberTargets:
        """From mean and deviation of each column, or for counts, which keep their zero, from the mean alone."""
        columns = y.reshape(len(y), -1)
        ends = columns.min(axis=0).astype(np.float64), columns.max(axis=0).astype(np.float64)
        largest = np.abs(columns).max(axis=0)
        unit = np.where(largest > 0, largest, 1.0)  # squares of huge or tiny numbers neither overflow nor vanish
        mean = unit * np.average(columns / unit, axis=0, weights=weight)
        if counts:  # a rate is a rate in any unit: so the network begins near the mean, however large it is
            return cls(np.zeros_like(mean), np.where(mean > 0, mean, 1.0), y.ndim == 1, *ends)
        spread = np.average(((columns - mean) / unit) ** 2, axis=0, weights=weight)
        deviation = unit * np.sqrt(spread)
        return cls(mean, np.where(deviation > 0, deviation, 1.0), y.ndim == 1, *ends)

    def clamped(self, wanted: bool, bounds: Sequence[float | None] | None) -> NumberTargets:
        """The same, with predictions between the smallest and the largest value of training, or between bounds."""
        if bounds is None or self.low is None or self.high is None:
            return self if wanted else NumberTargets(self.center, self.scale, self.single)
        if wanted:
            return self
        lowest, highest = ends(bounds)
        sides = np.full_like(self.low, lowest), np.full_like(self.high, highest)
        return NumberTargets(self.center, self.scale, self.single, *sides)

    @property
    def default_loss(self) -> str:
        return "mse"

    def outputs(self, loss: Loss) -> int:
        return len(self.center) * loss.outputs_per_target

    def encode(self, y: Array) -> Array:
        columns = y.reshape(len(y), -1)
        if columns.shape[1] != len(self.center):
            raise InputError(
                f"y must have {len(self.center)} columns, as in training", f"{columns.shape[1]}", "Match them"
            )
        return (columns - self.center) / self.scale

    def restore(self, encoded: Array) -> Array:
        """Values in the units of y; several for a target (quantile levels) stand beside each other."""
        each = encoded.shape[1] // len(self.center)
        return self._shaped(encoded * np.repeat(self.scale, each) + np.repeat(self.center, each))

    def decode(self, outputs: Array, loss: Loss) -> Array:
        values = loss.predict(outputs).astype(np.float64)
        values = values[:, :: loss.columns]  # of a mean and its variance the mean
        if values.shape[1] > len(self.center):
            values = np.take_along_axis(values, _order(values, loss, len(self.center)), axis=1)
        restored = self.restore(values)
        if self.low is None or self.high is None:
            return restored
        each = values.shape[1] // len(self.center)
        low, high = (self._shaped(np.repeat(end, each)[None, :])[0] for end in (self.low, self.high))
        return np.clip(restored, low, high)

    def decode_backward(self, outputs: Array, loss: Loss, d_values: Array) -> Array:
        """From the gradient by decoded values, shape (rows, targets · levels), to that by the outputs."""
        answers = loss.predict(outputs).astype(np.float64)
        values, d_answers = answers[:, :: loss.columns], np.zeros_like(answers)
        order = np.arange(values.shape[1])[None, :]
        if values.shape[1] > len(self.center):
            order = _order(values, loss, len(self.center))
        each = values.shape[1] // len(self.center)
        d_encoded = d_values * np.repeat(self.scale, each)
        if self.low is not None and self.high is not None:  # beyond the ends nothing changes any more
            ordered = np.take_along_axis(values, np.broadcast_to(order, values.shape), axis=1)
            restored = ordered * np.repeat(self.scale, each) + np.repeat(self.center, each)
            d_encoded = np.where(
                (restored > np.repeat(self.low, each)) & (restored < np.repeat(self.high, each)), d_encoded, 0.0
            )
        np.put_along_axis(d_answers, np.broadcast_to(order, values.shape) * loss.columns, d_encoded, axis=1)
        return loss.predict_backward(outputs.astype(np.float64), d_answers)

    def decode_deviation(self, outputs: Array) -> Array:
        """The standard deviation, in the units of y, from means and log-variances."""
        return self._shaped(np.exp(0.5 * outputs[:, 1::2].astype(np.float64)) * self.scale)

    def _shaped(self, values: Array) -> Array:
        return values[:, 0] if self.single and values.shape[1] == 1 else values

    def strata(self, encoded: Array) -> Array | None:
        return None

    def to_state(self) -> State:
        arrays = {"center": self.center, "scale": self.scale}
        if self.low is not None and self.high is not None:
            arrays |= {"low": self.low, "high": self.high}
        return {"kind": "numbers", "single": self.single}, arrays


def _is_yes(outputs: Array, loss: Loss) -> Array:
    """1 where an output means yes, else 0; outputs that are probabilities already have their boundary at one half."""
    boundary = 0.5 if loss.takes == "probabilities" else 0.0
    return (outputs > boundary).astype(np.intp)


TEXT: Final = "UT"
"""The kinds of NumPy arrays of text."""
CLASS_DTYPES: Final[Mapping[str, type]] = {
    "text": str,
    "bool": bool,
    **{f"{sign}int{bits}": int for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{f"float{bits}": float for bits in (16, 32, 64)},
}
"""What classes in a file may be."""


def targets_from_state(state: Any, arrays: Mapping[str, Array]) -> ClassTargets | AnswerTargets | NumberTargets:
    """What ``to_state`` gave, checked as if a stranger had written it.

    Raises
    ------
    InputError
        If it is not such.
    """
    kind = state.get("kind") if isinstance(state, dict) else None
    if kind == "classes":
        return ClassTargets(_classes(state.get("dtype"), state.get("classes")))
    if kind == "answers" and type(state.get("count")) is int and state["count"] > 0:
        return AnswerTargets(state["count"])
    if kind == "numbers" and type(state.get("single")) is bool:
        center, scale = arrays.get("center"), arrays.get("scale")
        if center is None or scale is None or not _are_statistics(center, scale):
            _refuse("no mean and deviation for each target")
        low, high = arrays.get("low"), arrays.get("high")
        if low is not None and not (high is not None and _are_ends(low, high, len(center))):
            _refuse("no smallest and largest value for each target")
        if len(center) == 1 or not state["single"]:
            return NumberTargets(center, scale, state["single"], low, high if low is not None else None)
    return _refuse(f"{kind!r}")


def _are_statistics(center: Array, scale: Array) -> bool:
    return (
        0 < center.size == scale.size
        and all(a.ndim == 1 and a.dtype == np.float64 and np.isfinite(a).all() for a in (center, scale))
        and bool((scale > 0).all())
    )


def _order(values: Array, loss: Loss, targets: int) -> Array:
    """Which column each quantile is taken from, so that none cross: the levels of a target in ascending order.

    Source: Chernozhukov, Fernández-Val, Galichon (2010), *Quantile and Probability Curves Without Crossing*.
    """
    levels = loss.levels
    rank = np.argsort(np.argsort(levels, kind="stable"), kind="stable")
    ascending = np.argsort(values.reshape(len(values), targets, len(levels)), axis=2, kind="stable")[:, :, rank]
    return (ascending + len(levels) * np.arange(targets)[:, None]).reshape(values.shape)


def _are_ends(low: Array, high: Array, targets: int) -> bool:
    return all(a.shape == (targets,) and a.dtype == np.float64 and np.isfinite(a).all() for a in (low, high)) and bool(
        (low <= high).all()
    )


def _classes(dtype: Any, values: Any) -> Array:
    python = CLASS_DTYPES.get(dtype) if isinstance(dtype, str) else None
    if python is None or not isinstance(values, list) or not values or any(type(v) is not python for v in values):
        _refuse(f"classes of type {dtype!r}")
    try:
        classes = np.array(values, str if dtype == "text" else dtype)
    except OverflowError:
        _refuse(f"classes out of the range of {dtype}")
    if not (classes.tolist() == values and (classes[:-1] < classes[1:]).all()):
        _refuse("classes out of order")
    return classes


def _refuse(received: str) -> NoReturn:
    raise InputError("The targets of a model must be as they were written", received, "Is the file damaged?")

"""What an estimator knows of its targets: how they become what the network learns, and how its outputs become answers.

There are three kinds: one class of several, several yes-or-no answers at once, and numbers (``number_targets.py``).
Each is learned from the training targets once, and is plain data from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn, Protocol

import numpy as np

from glassnet.errors import InputError, listed
from glassnet.estimators.number_targets import NumberTargets
from glassnet.estimators.positive_class import HALF, positive_place, refuse_threshold
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.network.inference import is_yes

__all__ = ["AnswerTargets", "ClassTargets", "NumberTargets", "Targets", "targets_from_state"]

TEXT: Final = "UT"
"""The kinds of NumPy arrays of text."""
CLASS_DTYPES: Final[Mapping[str, type]] = {
    "text": str,
    "bool": bool,
    **{f"{sign}int{bits}": int for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{f"float{bits}": float for bits in (16, 32, 64)},
}
"""What classes in a file may be."""


class Targets(Protocol):
    """The common base of the three kinds of targets."""

    @property
    def default_loss(self) -> str:
        """The loss that suits them."""

    def outputs(self, loss: Loss) -> int:
        """The number of outputs that the network needs, or an error if the loss does not match."""

    def encode(self, y: Array) -> Array:
        """Checked targets as the network's loss wants them."""

    def decode(self, outputs: Array, loss: Loss) -> Array:
        """The answers that the network's raw outputs mean."""

    def strata(self, encoded: Array) -> Array | None:
        """The labels by which a split of the rows is stratified."""

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Everything, as strict JSON and arrays."""


@dataclass(frozen=True, eq=False)
class ClassTargets:
    """One class of several for each row.

    Examples
    --------
    >>> targets = ClassTargets.learn(np.array(["no", "yes", "no"]))
    >>> targets.encode(np.array(["yes", "no"]))
    array([1, 0])
    >>> targets.decode_targets(np.array([1, 0]))
    array(['yes', 'no'], dtype='<U3')
    """

    classes: Array  # in ascending order
    positive: int | None = None  # the place of the positive one of two
    threshold: float = HALF  # from which probability on it is predicted

    @classmethod
    def of(
        cls, classes: Array, counts: Array | None = None, positive: Any = None, threshold: float = HALF
    ) -> ClassTargets:
        """These classes, with how many rows each has; which is positive is said, or follows."""
        place = positive_place(classes, counts, positive)
        if threshold != HALF and place is None:
            refuse_threshold(f"{len(classes)} classes")
        return cls(classes, place, threshold)

    @classmethod
    def learn(
        cls,
        y: Array,
        weight: Array | None = None,
        positive: Any = None,
        threshold: float = HALF,
        known: Array | None = None,
    ) -> ClassTargets:
        """The classes that there are, or that are known to come."""
        classes = np.unique(y if known is None else known)
        counts = np.bincount(cls(classes).encode(y), weight, len(classes))
        return cls.of(classes, counts, positive, threshold)

    @property
    def default_loss(self) -> str:
        return "binary_cross_entropy" if len(self.classes) == 2 else "cross_entropy"

    def outputs(self, loss: Loss) -> int:
        classes = len(self.classes)
        if classes < 2:
            raise InputError(
                "A classifier needs at least two classes",
                f"one class, {self.classes.tolist()}",
                "Provide rows of other classes",
            )
        if loss.target == "fractions" and classes != 2:
            raise InputError(f"`{loss.name}` supports two classes", f"{classes} classes", 'Use "cross_entropy"')
        if loss.target == "signs" and self.threshold != HALF:
            refuse_threshold(f"the loss {loss}, which has no probabilities")
        return 1 if loss.target != "classes" and classes == 2 else classes

    def encode(self, y: Array) -> Array:
        """The number of each row's class."""
        if y.ndim != 1:
            raise InputError("y must have one class per row, as in training", f"shape {y.shape}", "Give shape (rows,)")
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
            "Train on rows of every class, or list all in the first partial_fit(..., classes=...)",
        )

    def decode_targets(self, encoded: Array) -> Array:
        """What was encoded."""
        return self.classes[encoded]

    def decode(self, outputs: Array, loss: Loss) -> Array:
        """The most probable class, of two equally probable ones the first; or what the threshold says."""
        if self.threshold != HALF:
            return self.decode_targets(self.decided(_columns(loss.predict(outputs))))
        single = outputs.shape[1] == 1
        return self.decode_targets(is_yes(outputs[:, 0], loss) if single else outputs.argmax(axis=1))

    def decided(self, probabilities: Array) -> Array:
        """The place of the class that is predicted from these probabilities, as the threshold says."""
        if self.threshold == HALF:
            return probabilities.argmax(axis=1)
        chance = probabilities[:, self.positive]
        second: Array = chance >= self.threshold if self.positive else chance < self.threshold
        return second.astype(np.intp)

    def probabilities(self, predicted: Array) -> Array:
        """A column for each class."""
        return _columns(predicted)

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

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        kind = self.classes.dtype.kind
        dtype = "text" if kind in TEXT else self.classes.dtype.name
        if dtype not in CLASS_DTYPES:
            raise InputError(
                f"Classes in a file must be one of: {', '.join(CLASS_DTYPES)}", dtype, "Convert y to text or numbers"
            )
        state = {"kind": "classes", "dtype": dtype, "classes": self.classes.tolist()}
        return state | {"positive": self.positive, "threshold": self.threshold}, {}


def _columns(predicted: Array) -> Array:
    return np.hstack([1 - predicted, predicted]) if predicted.shape[1] == 1 else predicted


@dataclass(frozen=True, eq=False)
class FirstIsPositive(ClassTargets):
    """Two classes as 0 and 1, turned round: the positive one, which was the first, is 1.

    Examples
    --------
    >>> turned = FirstIsPositive(np.arange(2), 0)
    >>> turned.decode_targets(np.array([0, 1])), turned.probabilities(np.array([[0.25]]))
    (array([1, 0]), array([[0.25, 0.75]]))
    """

    def decode_targets(self, encoded: Array) -> Array:
        return 1 - encoded

    def probabilities(self, predicted: Array) -> Array:
        return super().probabilities(predicted)[:, ::-1]

    def scores(self, outputs: Array) -> Array:
        return -super().scores(outputs)


@dataclass(frozen=True, eq=False)
class AnswerTargets:
    """Several yes-or-no answers for each row, 0 and 1 (multilabel)."""

    count: int

    @classmethod
    def of(cls, count: int, positive: Any = None, threshold: float = HALF) -> AnswerTargets:
        """So many targets, none of which has a class that could be chosen."""
        if positive is not None or threshold != HALF:
            refuse_threshold(f"{count} targets a row")
        return cls(count)

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
                "Several binary targets need a binary loss",
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

    def decode_targets(self, encoded: Array) -> Array:
        """What was encoded, as whole numbers."""
        return encoded.astype(np.intp)

    def decode(self, outputs: Array, loss: Loss) -> Array:
        return is_yes(outputs, loss)

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

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        return {"kind": "answers", "count": self.count}, {}


def targets_from_state(state: Any, arrays: Mapping[str, Array]) -> ClassTargets | AnswerTargets | NumberTargets:
    """Restore targets from ``to_state``, validated like untrusted input."""
    kind = state.get("kind") if isinstance(state, dict) else None
    if kind == "classes":
        classes = _classes(state.get("dtype"), state.get("classes"))
        place, threshold = state.get("positive"), state.get("threshold")
        if type(place) not in (int, type(None)) or place not in ((0, 1) if len(classes) == 2 else (None,)):
            _refuse(f"the positive class {place!r}")
        if type(threshold) is not float or not 0 <= threshold <= 1 or (place is None and threshold != HALF):
            _refuse(f"the threshold {threshold!r}")
        return ClassTargets(classes, place, threshold)
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
    raise InputError("The targets of a model must be unmodified", received, "The file may be damaged")

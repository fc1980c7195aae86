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
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.network.answers import is_yes

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

    def decode_targets(self, encoded: Array) -> Array:
        """What was encoded."""
        return self.classes[encoded]

    def decode(self, outputs: Array, loss: Loss) -> Array:
        single = outputs.shape[1] == 1
        return self.decode_targets(is_yes(outputs[:, 0], loss) if single else outputs.argmax(axis=1))

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

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        kind = self.classes.dtype.kind
        dtype = "text" if kind in TEXT else self.classes.dtype.name
        if dtype not in CLASS_DTYPES:
            raise InputError(
                f"Classes in a file must be one of: {', '.join(CLASS_DTYPES)}", dtype, "Convert y to text or numbers"
            )
        return {"kind": "classes", "dtype": dtype, "classes": self.classes.tolist()}, {}


@dataclass(frozen=True, eq=False)
class AnswerTargets:
    """Several yes-or-no answers for each row, 0 and 1 (multilabel)."""

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
    """What ``to_state`` gave, checked as if a stranger had written it."""
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

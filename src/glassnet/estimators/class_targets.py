"""Targets that are classes: one of several for each row, or several yes-or-no answers at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np

from glassnet.errors import InputError, listed
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array

__all__ = ["CLASS_DTYPES", "AnswerTargets", "ClassTargets"]

TEXT: Final = "UT"
"""The kinds of NumPy arrays of text."""
CLASS_DTYPES: Final[Mapping[str, type]] = {
    "text": str,
    "bool": bool,
    **{f"{sign}int{bits}": int for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{f"float{bits}": float for bits in (16, 32, 64)},
}
"""What classes in a file may be."""


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
    >>> targets.decode_targets(np.array([1, 0]))
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

    def decode_targets(self, encoded: Array) -> Array:
        """What was encoded."""
        return self.classes[encoded]

    def decode(self, outputs: Array, loss: Loss) -> Array:
        single = outputs.shape[1] == 1
        return self.decode_targets(_is_yes(outputs[:, 0], loss) if single else outputs.argmax(axis=1))

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

    def decode_targets(self, encoded: Array) -> Array:
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

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        return {"kind": "answers", "count": self.count}, {}


def _is_yes(outputs: Array, loss: Loss) -> Array:
    """1 where an output means yes, else 0; outputs that are probabilities already have their boundary at one half."""
    boundary = 0.5 if loss.takes == "probabilities" else 0.0
    return (outputs > boundary).astype(np.intp)

"""The targets of a classifier: one class of several, or several yes-or-no answers at once; and the positive class.

Of two classes the positive one is given, or the clearly rarer one, or the one whose name means yes, or the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np

from glassnet.display.record import PrintedRecord
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.network.inference import is_yes
from glassnet.support.language import Text
from glassnet.support.messages import listed, of_shape
from glassnet.support.options import Number

CLASS_DTYPES: Final[Mapping[str, type]] = {
    "text": str,
    "bool": bool,
    **{f"{sign}int{bits}": int for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{f"float{bits}": float for bits in (16, 32, 64)},
}
"""What classes in a file may be."""
TEXT: Final = "UT"
"""The kinds of NumPy arrays of text."""
HALF: Final = 0.5
"""The threshold from which on the positive class is the more probable one."""
THRESHOLD: Final = Number("[0, 1]", "0.5 predicts the more probable class")
BY_COSTS: Final = "costs"
"""The reason of a decision that follows from the costs of errors."""
ONLY_COSTS: Final = Text("Omit it; of several classes, `costs` decide which is predicted")
"""What to do instead of a threshold on more than two classes."""
RARER: Final = 2
"""A class is clearly rarer if the other one has at least so many times as many rows."""
YES: Final = frozenset(
    [
        *("1", "yes", "y", "true", "t", "positive", "pos", "+"),
        *("ja", "wahr", "positiv"),  # German, Dutch, the Nordic languages
        *("oui", "vrai", "positif"),
        *("si", "sí", "sì", "sim", "verdadero", "verdadeiro", "vero", "positivo"),  # Spanish, Italian, Portuguese
        *("tak", "ano", "da", "да", "evet", "igen", "kyllä", "ναι", "ya"),
        *("是", "有", "真", "对", "阳性", "陽性", "はい", "예", "네", "نعم", "כן"),
    ]
)
"""Texts that mean yes, case-folded."""


@dataclass(frozen=True, eq=False, repr=False)
class ClassTargets(PrintedRecord):
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
    chosen_for: str | None = None  # the score by which the threshold was chosen; "costs": it follows from them
    costs: Array | None = None  # of more than two classes: the cost of each prediction for each true class

    @classmethod
    def of(
        cls, classes: Array, counts: Array | None = None, positive: Any = None, threshold: float = HALF
    ) -> ClassTargets:
        """Return targets of these classes with their row counts; the positive class is given or follows from them."""
        place = positive_place(classes, counts, positive)
        if threshold != HALF and place is None:
            refuse_threshold(Text("{count} classes", count=len(classes)), ONLY_COSTS)
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

    def with_classes(self, more: Array, positive: Any, threshold: float) -> ClassTargets:
        """Return targets of these and of more classes.

        Examples
        --------
        >>> ClassTargets(np.array(["no", "yes"])).with_classes(np.array(["maybe", "no"]), None, HALF).classes
        array(['maybe', 'no', 'yes'], dtype='<U5')
        """
        if more.ndim != 1 or (more.dtype.kind in TEXT) != (self.classes.dtype.kind in TEXT):
            return self  # which `encode` refuses
        classes = np.union1d(self.classes, more)
        return self if len(classes) == len(self.classes) else self.of(classes, None, positive, threshold)

    @property
    def default_loss(self) -> str:
        return "binary_cross_entropy" if len(self.classes) == 2 else "cross_entropy"

    def outputs(self, loss: Loss) -> int:
        classes = len(self.classes)
        if classes < 2:
            raise InputError(
                "A classifier needs at least two classes",
                Text("one class, {value}", value=self.classes.tolist()),
                "Provide rows of other classes",
            )
        if loss.target == "fractions" and classes != 2:
            raise InputError(
                Text("`{name}` supports two classes", name=loss.name),
                Text("{classes} classes", classes=classes),
                'Use "cross_entropy"',
            )
        if loss.target == "signs" and (self.threshold != HALF or self.chosen_for is not None):
            refuse_threshold(Text("the loss {loss}, which has no probabilities", loss=loss))
        return 1 if loss.target != "classes" and classes == 2 else classes

    def encode(self, y: Array) -> Array:
        """The number of each row's class."""
        if y.ndim != 1:
            raise InputError("y must have one class per row, as in training", of_shape(y.shape), "Give shape (rows,)")
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
            Text("Targets must be among the classes [{classes}]", classes=listed(self.classes.tolist())),
            Text("[{classes}]", classes=listed(np.unique(unknown).tolist())),
            "Train on rows of every class, list all in the first partial_fit(..., classes=...), or let it add classes "
            "of the same type with grow=True",
        )

    def decode_targets(self, encoded: Array) -> Array:
        """Return the classes of encoded targets."""
        return self.classes[encoded]

    def decode(self, outputs: Array, loss: Loss) -> Array:
        """Return the most probable class, the first of ties; or what the threshold or the costs of errors decide."""
        if self.threshold != HALF or self.costs is not None:
            return self.decode_targets(self.decided(_columns(loss.predict(outputs))))
        single = outputs.shape[1] == 1
        return self.decode_targets(is_yes(outputs[:, 0], loss) if single else outputs.argmax(axis=1))

    def decided(self, probabilities: Array) -> Array:
        """Return the place of the class that is predicted from these probabilities."""
        if self.costs is not None:
            expected = probabilities @ self.costs.astype(probabilities.dtype)
            return (-expected).argmax(axis=1)
        if self.threshold == HALF:
            return probabilities.argmax(axis=1)
        chance = probabilities[:, self.positive]
        second: Array = chance >= self.threshold if self.positive else chance < self.threshold
        return second.astype(np.intp)

    def probabilities(self, predicted: Array) -> Array:
        """A column for each class."""
        return _columns(predicted)

    def probabilities_backward(self, predicted: Array, d_probabilities: Array) -> Array:
        """Return the gradient by the predictions, given the gradient by the probabilities."""
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
                Text("Classes in a file must be one of: {choices}", choices=", ".join(CLASS_DTYPES)),
                dtype,
                "Convert y to text or numbers",
            )
        state = {"kind": "classes", "dtype": dtype, "classes": self.classes.tolist()}
        state |= {"positive": self.positive, "threshold": self.threshold}
        reason = {"chosen_for": self.chosen_for, "costs": None if self.costs is None else self.costs.tolist()}
        return state | {name: value for name, value in reason.items() if value is not None}, {}


def _columns(predicted: Array) -> Array:
    return np.hstack([1 - predicted, predicted]) if predicted.shape[1] == 1 else predicted


@dataclass(frozen=True, eq=False, repr=False)
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
            refuse_threshold(Text("{count} targets a row", count=count))
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
                Text("y must have {count} columns of 0 and 1, as in training", count=self.count),
                of_shape(y.shape),
                "Match them",
            )
        return np.asarray(y, np.float64)

    def decode_targets(self, encoded: Array) -> Array:
        """Return encoded targets as integers."""
        return encoded.astype(np.intp)

    def decode(self, outputs: Array, loss: Loss) -> Array:
        return is_yes(outputs, loss)

    def probabilities(self, predicted: Array) -> Array:
        """The probability of yes, a column for each target."""
        return predicted

    def probabilities_backward(self, predicted: Array, d_probabilities: Array) -> Array:
        """Return the gradient by the predictions, given the gradient by the probabilities."""
        return d_probabilities

    def scores(self, outputs: Array) -> Array:
        """A score for each target."""
        return outputs

    def strata(self, encoded: Array) -> Array | None:
        return None

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        return {"kind": "answers", "count": self.count}, {}


class OneClass:
    """The rule of an option that holds a class label of any type; the existing classes are known only in `fit`."""

    def taken(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return str.__str__(value)
        plain = value.item() if isinstance(value, np.generic) else value
        if type(plain) not in (bool, int, float):
            raise InputTypeError(
                Text("{name} must be a class of the target", name=name), shown(value), 'For example "yes" or 1'
            )
        return plain


def positive_place(classes: Array, counts: Array | None = None, given: Any = None) -> int | None:
    """The place of the positive class, 0 or 1; None where there are not two.

    It is the one that is given; else the clearly rarer one, of which the other has at least twice as many rows; else
    the one whose text means yes, if the other's does not; else the second.

    Parameters
    ----------
    classes : array of shape (classes,)
        In ascending order.
    counts : array of shape (classes,), optional
        How many training rows each has, or the sum of their weights.
    given : str, int, float or bool, optional

    Raises
    ------
    InputError
        If the class that is given is none of two classes.

    Examples
    --------
    >>> positive_place(np.array(["fraud", "ok"]), np.array([5, 95])), positive_place(np.array(["ja", "nein"]))
    (0, 0)
    >>> positive_place(np.array([0, 1])), positive_place(np.array(["cat", "dog"]), np.array([50, 60]))
    (1, 1)
    """
    names = classes.tolist()
    if given is not None:
        return _place_of(given, names)
    if len(names) != 2:
        return None
    if counts is not None:
        rarer = int(np.argmin(counts))
        if 0 < RARER * counts[rarer] <= counts[1 - rarer]:
            return rarer
    yes = [_means_yes(name, other) for name, other in (names, names[::-1])]
    return 0 if yes == [True, False] else 1


def refuse_threshold(received: str, remedy: str = "Omit `decision_threshold` and `costs`") -> NoReturn:
    """Raise the error for a threshold that does not apply."""
    rule = Text("A decision threshold is on the probability of one of two classes")
    raise InputError(rule, received, remedy)


def _place_of(given: Any, names: list[Any]) -> int:
    if len(names) != 2:
        raise InputError("`positive` chooses one of two classes", Text("{count} classes", count=len(names)), "Omit it")
    alike = [
        place for place, name in enumerate(names) if name == given and isinstance(name, str) == isinstance(given, str)
    ]
    if not alike:
        raise InputError(
            "`positive` must be a class of the target",
            shown(given),
            Text("The classes are: {names}", names=listed(names)),
        )
    return alike[0]


def _means_yes(name: Any, other: Any) -> bool:
    """A one means yes beside zero or minus one, and not beside a two; a text as it stands in the table of words."""
    texts = [str(each).strip().casefold().removesuffix(".0") for each in (name, other)]
    return texts[0] in YES and (texts[0] != "1" or texts[1] in ("0", "-1"))

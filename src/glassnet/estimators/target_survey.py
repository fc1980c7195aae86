"""What is to be known of targets, gathered piece by piece."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators.number_targets import RunningTargetMoments
from glassnet.estimators.positive_class import HALF
from glassnet.estimators.targets import AnswerTargets, ClassTargets, NumberTargets
from glassnet.layers.base import Array

MOST_CLASSES: Final = 100_000
EXACT: Final = 1 << 53
"""Beyond it a float stands for several whole numbers."""


class TargetSurvey:
    """Gathers targets that were checked, and their weights.

    Examples
    --------
    >>> survey = TargetSurvey()
    >>> survey.add(np.array(["no", "yes"]), None), survey.add(np.array(["no", "maybe"]), None)
    (array([0, 1]), array([0, 2]))
    >>> survey.classes().classes, survey.counts
    (array(['maybe', 'no', 'yes'], dtype='<U5'), {'no': 2.0, 'yes': 1.0, 'maybe': 1.0})
    """

    def __init__(self) -> None:
        self.rows = 0
        self.width: int | None = None
        self.dtype: np.dtype[Any] | None = None
        self.counts: dict[Any, float] = {}
        self.rows_of: dict[Any, int] = {}
        self.moments: RunningTargetMoments | None = None

    def add(self, y: Array, weight: Array | None, *, numbers: bool = False) -> Array | None:
        """Gather some more rows; gives of classes that of each row, by its number in the order of their coming.

        Raises
        ------
        InputError
            If there are more targets than in the rows before, or text beside numbers.
        """
        width = 0 if y.ndim == 1 else y.shape[1]
        if self.width not in (None, width):
            raise InputError(
                "All rows must have the same number of targets", f"{width}, after {self.width}", "Match them"
            )
        self.width = width
        self.rows += len(y)
        if numbers:
            self.moments = self.moments or RunningTargetMoments(width or 1)
            self.moments.add(y, weight)
            return None
        if y.ndim == 2:
            return None
        classes, codes = np.unique(y, return_inverse=True)
        known, rows_of = classes.tolist(), np.bincount(codes, minlength=len(classes))
        counts = np.array([self.counts.get(name, 0.0) for name in known])
        np.add.at(counts, codes, 1.0 if weight is None else weight)  # one by one, so that cuts change no bit
        if self.counts and isinstance(known[0], str) != isinstance(next(iter(self.counts)), str):
            raise InputError("Classes must be all text or all numbers", "both", "Convert the target to one type")
        if y.dtype.kind not in "UT":
            self._widen(y.dtype, [*self.counts, *known])
        for name, count, rows in zip(known, counts.tolist(), rows_of.tolist(), strict=True):
            self.counts[name] = count
            self.rows_of[name] = self.rows_of.get(name, 0) + rows
        if len(self.counts) > MOST_CLASSES:
            rule = f"There must be at most {MOST_CLASSES:,} classes"
            raise InputError(rule, f"more, such as {known[:3]}", "Check the target; for numbers use NeuralRegressor")
        places = {name: place for place, name in enumerate(self.counts)}
        return np.array([places[name] for name in known])[codes]

    def merge(self, other: TargetSurvey) -> None:
        """Gather what another one has."""
        if other.dtype is not None:
            self._widen(other.dtype, [*self.counts, *other.counts])
        if self.width is None:
            self.width = other.width
        self.rows += other.rows
        for name, count in other.counts.items():
            self.counts[name] = self.counts.get(name, 0.0) + count
            self.rows_of[name] = self.rows_of.get(name, 0) + other.rows_of[name]
        if other.moments is not None:
            if self.moments is None:
                self.moments = other.moments
            else:
                self.moments.merge(other.moments)

    def _widen(self, dtype: np.dtype[Any], classes: list[Any]) -> None:
        """The type that holds these classes, too."""
        both = dtype if self.dtype is None else np.result_type(self.dtype, dtype)
        if both.kind == "f" and any(isinstance(name, int) and abs(name) > EXACT for name in classes):
            rule = "Classes that are whole numbers beyond 2^53 must be of one type in all rows"
            raise InputError(rule, f"{self.dtype}, then {dtype}", "Convert the target to one type")
        self.dtype = both

    def classes(self, positive: Any = None, threshold: float = HALF) -> ClassTargets | AnswerTargets:
        """The classes that there are, of which one is positive, or how many answers."""
        if self.width:
            return AnswerTargets.of(self.width, positive, threshold)
        return ClassTargets.of(np.array(sorted(self.counts), self.dtype), self.weights(), positive, threshold)

    def numbers(self, *, counts: bool) -> NumberTargets:
        """Mean and deviation of numbers; of counts the mean."""
        assert self.moments is not None
        return NumberTargets.of_moments(self.moments.moments(), single=not self.width, counts=counts)

    def ranks(self) -> Array:
        """The number of each class, in order of first occurrence."""
        numbers = {name: number for number, name in enumerate(sorted(self.counts))}
        return np.array([numbers[name] for name in self.counts], np.intp)

    def ends(self) -> Array:
        """The smallest and the largest of numbers; of classes nothing."""
        if self.moments is None:
            return np.zeros(0)
        moments = self.moments.moments()
        return np.stack([moments.low, moments.high])

    def weights(self) -> Array:
        """The weight of each class, in the order of their numbers."""
        return np.array([self.counts[name] for name in sorted(self.counts)])

"""The common parts of all targets: their protocol, loading from a file, and statistics gathered in chunks.

There are three kinds: one class of several and several yes-or-no answers (``class_targets.py``), and numbers
(``number_targets.py``). Each is learned from the training targets once, and is plain data from then on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Final, NoReturn, Protocol

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators.class_targets import CLASS_DTYPES, HALF, AnswerTargets, ClassTargets
from glassnet.estimators.number_targets import NumberTargets, RunningTargetMoments
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.support.language import Text

MOST_CLASSES: Final = 100_000
EXACT: Final = 1 << 53
"""Beyond it a float stands for several whole numbers."""


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
                "All rows must have the same number of targets",
                Text("{width}, after {before}", width=width, before=self.width),
                "Match them",
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
            raise InputError(
                "Classes must be all text or all numbers",
                Text("both", context="received"),
                "Convert the target to one type",
            )
        if y.dtype.kind not in "UT":
            self._widen(y.dtype, [*self.counts, *known])
        for name, count, rows in zip(known, counts.tolist(), rows_of.tolist(), strict=True):
            self.counts[name] = count
            self.rows_of[name] = self.rows_of.get(name, 0) + rows
        if len(self.counts) > MOST_CLASSES:
            rule = Text("There must be at most {count:,} classes", count=MOST_CLASSES)
            raise InputError(
                rule,
                Text("more, such as {value}", value=known[:3]),
                "Check the target; for numbers use NeuralRegressor",
            )
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
            rule = Text("Classes that are whole numbers beyond 2^53 must be of one type in all rows")
            raise InputError(
                rule, Text("{dtype}, then {other}", dtype=self.dtype, other=dtype), "Convert the target to one type"
            )
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


def targets_from_state(state: Any, arrays: Mapping[str, Array]) -> ClassTargets | AnswerTargets | NumberTargets:
    """Restore targets from ``to_state``, validated like untrusted input."""
    kind = state.get("kind") if isinstance(state, dict) else None
    if kind == "classes":
        classes = _classes(state.get("dtype"), state.get("classes"))
        place, threshold = state.get("positive"), state.get("threshold")
        if type(place) not in (int, type(None)) or place not in ((0, 1) if len(classes) == 2 else (None,)):
            _refuse(Text("the positive class {place!r}", place=place))
        if type(threshold) is not float or not 0 <= threshold <= 1 or (place is None and threshold != HALF):
            _refuse(Text("the threshold {threshold!r}", threshold=threshold))
        chosen_for, costs = state.get("chosen_for"), state.get("costs")
        if type(chosen_for) not in (str, type(None)):
            _refuse(Text("the reason of a threshold {reason!r}", reason=chosen_for))
        matrix = None if costs is None else _costs(costs, len(classes))
        return ClassTargets(classes, place, threshold, chosen_for, matrix)
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
        _refuse(Text("classes of type {dtype!r}", dtype=dtype))
    try:
        classes = np.array(values, str if dtype == "text" else dtype)
    except OverflowError:
        _refuse(Text("classes out of the range of {dtype}", dtype=dtype))
    if not (classes.tolist() == values and (classes[:-1] < classes[1:]).all()):
        _refuse("classes out of order")
    return classes


def _costs(costs: Any, classes: int) -> Array:
    with contextlib.suppress(TypeError, ValueError):
        matrix = np.array(costs, np.float64)
        if matrix.shape == (classes, classes) and np.isfinite(matrix).all() and (matrix >= 0).all():
            return matrix
    return _refuse(Text("costs of errors {costs!r}", costs=costs))


def _refuse(received: str) -> NoReturn:
    raise InputError("The targets of a model must be unmodified", received, "The file may be damaged")

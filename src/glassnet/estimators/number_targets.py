"""Targets that are numbers: one or several for each row, brought to a common scale for the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from glassnet.errors import InputError, shown
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.support.coercion import listed
from glassnet.support.language import Text
from glassnet.support.options import Number, Optional
from glassnet.tables.columns.number_statistics import EvenBlocks

Ends = tuple[float | None, float | None]
FARTHEST = float(np.finfo(np.float64).max)
"""Where there is no bound: beyond it is no number."""


class TargetMoments(NamedTuple):
    """The moments of some rows: weight, and mean, deviation, minimum and maximum of each target."""

    total: float
    mean: Array
    deviation: Array
    low: Array
    high: Array

    @classmethod
    def of(cls, columns: Array, weight: Array) -> TargetMoments:
        """The moments of targets of shape (rows, targets), summed at once."""
        ends = columns.min(axis=0).astype(np.float64), columns.max(axis=0).astype(np.float64)
        largest = np.abs(columns).max(axis=0)
        unit = np.where(largest > 0, largest, 1.0)  # squares of huge or tiny numbers neither overflow nor vanish
        mean = unit * np.average(columns / unit, axis=0, weights=weight)
        spread = np.average(((columns - mean) / unit) ** 2, axis=0, weights=weight)
        return cls(float(weight.sum()), mean, unit * np.sqrt(spread), *ends)

    def merged(self, more: TargetMoments) -> TargetMoments:
        """Merge two sets of moments by the rule of Chan, Golub and LeVeque (1979)."""
        total = self.total + more.total
        part, apart = more.total / total, more.mean - self.mean
        parts = self.deviation * np.sqrt(1 - part), more.deviation * np.sqrt(part), apart * np.sqrt(part * (1 - part))
        deviation = np.hypot(np.hypot(parts[0], parts[1]), parts[2])
        low, high = np.minimum(self.low, more.low), np.maximum(self.high, more.high)
        return TargetMoments(total, self.mean + apart * part, deviation, low, high)


class RunningTargetMoments:
    """Gathers targets piece by piece; how they are cut changes no bit.

    Examples
    --------
    >>> running = RunningTargetMoments(1)
    >>> running.add(np.array([1.0, 2.0]), None)
    >>> running.add(np.array([6.0]), np.array([2.0]))
    >>> running.moments().mean
    array([3.75])
    """

    def __init__(self, targets: int) -> None:
        self._found: TargetMoments | None = None
        self._blocks = EvenBlocks(targets, 0, 0)

    def add(self, y: Array, weight: Array | None) -> None:
        """Gather some more rows: targets of shape (rows,) or (rows, targets), and their weights."""
        columns = np.ascontiguousarray(y.reshape(len(y), -1))
        weights = np.ones(len(y)) if weight is None else weight
        for block in self._blocks.add(len(y), lambda rows: (columns[rows], weights[rows])):
            self._merge(TargetMoments.of(*block))

    def merge(self, other: RunningTargetMoments) -> None:
        """Gather what another one has, whose rows come behind."""
        self.moments()
        self._merge(other.moments())

    def moments(self) -> TargetMoments:
        """The moments of all rows, of which there is at least one."""
        for block in self._blocks.rest():
            self._merge(TargetMoments.of(*block))
        assert self._found is not None
        return self._found

    def _merge(self, more: TargetMoments) -> None:
        self._found = more if self._found is None else self._found.merged(more)


@dataclass(frozen=True, eq=False)
class NumberTargets:
    """One or several numbers for each row, brought to a common scale for the network.

    Examples
    --------
    >>> targets = NumberTargets.learn(np.array([10.0, 30.0]))
    >>> targets.encode(np.array([10.0, 20.0, 30.0])).ravel()
    array([-1.,  0.,  1.])
    """

    center: Array  # the network learns (y - center) / scale, of shape (targets,)
    scale: Array
    single: bool  # whether y has shape (rows,)
    low: Array | None = None  # the ends in training, beyond which no prediction goes; None: anything goes
    high: Array | None = None

    @classmethod
    def learn(cls, y: Array, weight: Array | None = None, *, counts: bool = False) -> NumberTargets:
        """Fit to the mean and deviation of each column, or for counts, which keep their zero, to the mean alone."""
        running = RunningTargetMoments(1 if y.ndim == 1 else y.shape[1])
        running.add(y, weight)
        return cls.of_moments(running.moments(), single=y.ndim == 1, counts=counts)

    @classmethod
    def of_moments(cls, moments: TargetMoments, *, single: bool, counts: bool = False) -> NumberTargets:
        """Fit to moments."""
        _, mean, deviation, low, high = moments
        if counts:  # a rate is a rate in any unit: so the network begins near the mean, however large it is
            return cls(np.zeros_like(mean), np.where(mean > 0, mean, 1.0), single, low, high)
        return cls(mean, np.where(deviation > 0, deviation, 1.0), single, low, high)

    def clamped(self, clamp: bool, bounds: Sequence[float | None] | None) -> NumberTargets:
        """The same, with predictions clamped to the range of the training targets, or to bounds."""
        if bounds is None or self.low is None or self.high is None:
            return self if clamp else NumberTargets(self.center, self.scale, self.single)
        if clamp:
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
                Text("y must have {count} columns, as in training", count=len(self.center)),
                f"{columns.shape[1]}",
                "Match them",
            )
        return (columns - self.center) / self.scale

    def decode_targets(self, encoded: Array) -> Array:
        """Values in the units of y; several for a target (quantile levels) stand beside each other."""
        each = encoded.shape[1] // len(self.center)
        return self._shaped(encoded * np.repeat(self.scale, each) + np.repeat(self.center, each))

    def decode(self, outputs: Array, loss: Loss) -> Array:
        values = loss.predict(outputs).astype(np.float64)
        values = values[:, :: loss.columns]  # of a mean and its variance the mean
        if values.shape[1] > len(self.center):
            values = np.take_along_axis(values, _order(values, loss, len(self.center)), axis=1)
        restored = self.decode_targets(values)
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

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        arrays = {"center": self.center, "scale": self.scale}
        if self.low is not None and self.high is not None:
            arrays |= {"low": self.low, "high": self.high}
        return {"kind": "numbers", "single": self.single}, arrays


def _order(values: Array, loss: Loss, targets: int) -> Array:
    """The column of each quantile, sorted so that none cross: the levels of a target in ascending order.

    Source: Chernozhukov, Fernández-Val, Galichon (2010), *Quantile and Probability Curves Without Crossing*.
    """
    levels = loss.levels
    rank = np.argsort(np.argsort(levels, kind="stable"), kind="stable")
    ascending = np.argsort(values.reshape(len(values), targets, len(levels)), axis=2, kind="stable")[:, :, rank]
    return (ascending + len(levels) * np.arange(targets)[:, None]).reshape(values.shape)


class Bounds:
    """As a rule of an option: the smallest and the largest number; None on one of the sides: none there."""

    def taken(self, name: str, value: Any) -> Ends:
        remedy = Text("For example (0, None) for numbers that are never negative")
        end = Optional(Number("(-inf, inf)", remedy))
        found = [end.taken(f"Each of {name}", one) for one in listed(name, value, remedy)]
        if len(found) != 2 or found == [None, None] or not np.less(*ends(found)):
            raise InputError(
                Text("{name} must be a smaller and a larger number, either of which may be None", name=name),
                shown(value),
                remedy,
            )
        return found[0], found[1]


def ends(bounds: Sequence[float | None]) -> tuple[float, float]:
    """Both ends as numbers.

    >>> ends((0.0, None))[0]
    0.0
    """
    low, high = bounds
    return -FARTHEST if low is None else low, FARTHEST if high is None else high


def within(values: Array, bounds: Sequence[float | None] | None) -> Array:
    """Values brought between the bounds, where there are such.

    >>> within(np.array([-3.0, 7.0]), (0.0, None)).tolist()
    [0.0, 7.0]
    """
    return values if bounds is None else np.clip(values, *ends(bounds))


def check_within(values: Array, bounds: Sequence[float | None] | None) -> None:
    """Refuse targets to learn from that no prediction may be."""
    if bounds is None:
        return
    (lowest, highest), low, high = ends(bounds), float(values.min()), float(values.max())
    if low < lowest or high > highest:
        rule = Text("Targets must lie within `bounds`, {bounds}", bounds=bounds)
        raise InputError(rule, Text("{low:g} to {high:g}", low=low, high=high), "Widen them, or correct those rows")

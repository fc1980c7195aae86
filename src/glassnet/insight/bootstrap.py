"""Confidence intervals of scores, and of differences between models, by the bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glassnet.insight.predictions import Predictions
from glassnet.insight.scores import FEWEST_ROWS, statistics
from glassnet.layers.base import Array

RESAMPLES = 1000
LEVEL = 0.95
PIECE_NUMBERS = 250_000
"""So many counts are held at a time: they and what is made of them stay in a processor's cache."""
MOST_NUMBERS, FEWEST_RESAMPLES = 40_000_000, 200
"""So many counts are drawn at most: of many rows, whose interval is narrow, fewer draws place its ends well enough."""


@dataclass(frozen=True)
class Interval:
    """Between which values a score would be found in 95 of 100 cases."""

    low: float
    high: float


class Resampled:
    """The scores, by model and key, in every resample; `margins`: how far off one may be that is 0 or 1 on all rows."""

    def __init__(self, scores: Mapping[tuple[str, str], Array], margins: Mapping[str, float]) -> None:
        self._scores, self._margins = dict(scores), dict(margins)

    def interval(self, model: str, key: str) -> Interval | None:
        """Of a score of a model; None where there is none."""
        found, margin = _percentiles(self._scores.get((model, key))), self._margins.get(key, 0.0)
        if found is None or found.low != found.high or found.low not in (0.0, 1.0):
            return found
        return Interval(1 - margin, 1.0) if found.low == 1 else Interval(0.0, margin)

    def difference(self, model: str, other: str, key: str) -> Interval | None:
        """Of how much higher the score of a model is than another's, resample by resample."""
        ours, theirs = self._scores.get((model, key)), self._scores.get((other, key))
        return None if ours is None or theirs is None else _percentiles(ours - theirs)


def _percentiles(values: Array | None) -> Interval | None:
    if values is None or not np.isfinite(values).any():
        return None
    low, high = np.nanpercentile(values, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return Interval(float(low), float(high))


def draws_for(rows: int) -> int:
    """How often so many rows are drawn.

    >>> draws_for(1_000), draws_for(100_000)
    (1000, 400)
    """
    return min(RESAMPLES, max(FEWEST_RESAMPLES, MOST_NUMBERS // rows))


def resample(
    truth: Array, models: Mapping[str, Predictions], weight: Array | None, *, resamples: int | None = None
) -> Resampled:
    """Draw as many rows as there are, with replacement, again and again, and score every model on each draw.

    Where no row is wrong, every draw says 100%; then the end is what Clopper and Pearson allow for so many rows.

    Notes
    -----
    Sources: Efron, Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 13 (percentile intervals); Clopper,
    Pearson (1934), *The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial*.

    Examples
    --------
    >>> truth = np.repeat([0, 1], 50)
    >>> right = Predictions(truth, None, np.array([0, 1]))
    >>> resample(truth, {"network": right}, None).interval("network", "accuracy")
    Interval(low=0.963..., high=1.0)
    """
    rows = len(truth)
    if rows < FEWEST_ROWS:
        return Resampled({}, {})
    measures = {
        (name, key): measure
        for name, predicted in models.items()
        for key, measure in statistics(truth, predicted).items()
    }
    rng = np.random.default_rng(0)
    pieces: list[dict[tuple[str, str], Array]] = []
    size, resamples = max(1, PIECE_NUMBERS // rows), resamples or draws_for(rows)
    for start in range(0, resamples, size):
        draws = min(size, resamples - start)
        counts = np.stack([np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(draws)])
        weights = counts * (1.0 if weight is None else weight)
        with np.errstate(divide="ignore", invalid="ignore"):  # a draw without a class: no number
            pieces.append({name: measure(weights) for name, measure in measures.items()})
    classes = any(predicted.classes is not None for predicted in models.values())
    scores = {name: np.concatenate([piece[name] for piece in pieces]) for name in measures}
    return Resampled(scores, _margins(truth, weight) if classes else {})


def _margins(truth: Array, weight: Array | None) -> dict[str, float]:
    """How far from 1 scores may be though no row is wrong; of weighted rows so many count as would be as uncertain."""
    weights = np.ones(len(truth)) if weight is None else weight

    def least(rows: Array) -> float:
        return float(((1 - LEVEL) / 2) ** (np.sum(weights[rows] ** 2) / max(np.sum(weights[rows]) ** 2, 1e-300)))

    recalls = [least(truth == name) for name in np.unique(truth[weights > 0])]
    return {
        "accuracy": 1 - least(weights > 0),
        "balanced_accuracy": 1 - float(np.mean(recalls)),
        "roc_auc": 1 - float(np.prod(recalls)),  # of a threshold with these recalls
    }

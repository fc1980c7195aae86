"""Calibration: probabilities that mean what they say, by one number fitted on rows that were not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array

__all__ = ["Reliability", "expected_calibration_error", "reliability", "temperature"]

COLDEST, HOTTEST = 0.05, 20.0
"""Where a temperature is looked for."""
SPREAD = 0.3
"""How far ln T is expected to be from 0, as the standard deviation of a normal prior: networks on tables have mostly
temperatures of 1.05 to 1.35. It weighs as much as a few rows: where there are hundreds it decides nothing, and where a
few happen to be all right it keeps the probabilities from going to 0 and 1."""


def temperature(
    outputs: Sequence[Array], targets: Sequence[Array], weights: Sequence[Array | None], loss: Loss
) -> float:
    r"""The T by which scores are to be divided so that the probabilities of held-back rows come out most likely.

    Above 1 it takes back overconfidence; it never changes which class is the most probable. The T taken is itself the
    most probable one, if ln T is normal around 0 before the rows are seen (`SPREAD`).

    Source: Guo, Pleiss, Sun, Weinberger (2017), *On Calibration of Modern Neural Networks*, section 4.2.

    Parameters
    ----------
    outputs : sequence of arrays of shape (rows, outputs)
        Raw outputs for rows held back, of each network for its own.
    targets : sequence of arrays
        As the loss takes them.
    weights : sequence of arrays of shape (rows,) or None
    loss : Loss
        Of probabilities; label smoothing is left out.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> sure = np.tile([[4.0], [-4.0]], (10, 1))  # says 98 percent, and is right in 3 of 4 cases
    >>> right = np.array([1, 0] * 6 + [1, 0, 1, 0, 1, 1, 1, 1])[:20]
    >>> temperature([sure], [right], [None], LOSSES.get("binary_cross_entropy")) > 1
    True
    """
    from scipy.optimize import minimize_scalar

    plain = loss.with_parameters(label_smoothing=0.0) if loss.label_smoothing else loss
    scores = np.concatenate([output.astype(np.float64) for output in outputs])
    shares = np.concatenate([np.ones(len(o)) if w is None else w for o, w in zip(outputs, weights, strict=True)])
    wanted = plain.prepare(np.concatenate(targets), scores.shape[1], scores.dtype)

    rows = shares.sum() ** 2 / (shares**2).sum()  # as many as equal weights would be

    def improbability(log_t: float) -> float:
        mean = float(np.average(plain.value(scores / np.exp(log_t), wanted), weights=shares))
        return mean + (log_t / SPREAD) ** 2 / (2 * rows)

    found = minimize_scalar(improbability, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.exp(found.x))


class Reliability(NamedTuple):
    """How far probabilities come true, bin by bin.

    Attributes
    ----------
    sure, right : arrays of shape (bins,)
        The mean probability in a bin, and the share of its rows where it came true; NaN where there are none.
    weight : array of shape (bins,)
        Of its rows.
    rows : array of int of shape (bins,)
        Their number.
    """

    sure: Array
    right: Array
    weight: Array
    rows: Array

    @property
    def error(self) -> float:
        """The mean distance of the two, by weight: the expected calibration error."""
        return float(np.nansum(np.abs(self.right - self.sure) * self.weight) / self.weight.sum())


def reliability(sure: Array, right: Array, bins: int, weight: Array | None = None) -> Reliability:
    """Put rows into bins of equal width by their probability, and see how often it came true.

    Source: Naeini, Cooper, Hauskrecht (2015), *Obtaining Well Calibrated Probabilities Using Bayesian Binning*; with
    bins of equal width, open below, as in Guo et al. (2017), equations 2 and 3.

    Parameters
    ----------
    sure : array of shape (rows,)
        Probabilities.
    right : array of bool of shape (rows,)
        Whether they came true.
    bins : int
    weight : array of shape (rows,) or None
        Of the rows; None: all alike.

    Examples
    --------
    >>> found = reliability(np.array([0.9, 0.9, 0.2]), np.array([True, False, False]), bins=3)
    >>> found.rows, found.right, round(found.error, 12)
    (array([1, 0, 2]), array([0. , nan, 0.5]), 0.333333333333)
    """
    weight = np.ones(len(sure)) if weight is None else weight
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], sure)
    total, *sums = (np.bincount(place, weight * values, minlength=bins) for values in (1.0, sure, right))
    means = [np.divide(each, total, out=np.full(bins, np.nan), where=total > 0) for each in sums]
    return Reliability(means[0], means[1], total, np.bincount(place, minlength=bins))


def expected_calibration_error(
    probabilities: Array, targets: Array, bins: int = 15, weight: Array | None = None
) -> float:
    """How far, on average, the confidence in the most probable class is from how often it is right.

    Parameters
    ----------
    probabilities : array of shape (rows, classes)
    targets : array of shape (rows,)
        The number of each row's class.
    bins : int
    weight : array of shape (rows,) or None

    Examples
    --------
    >>> round(expected_calibration_error(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1])), 12)
    0.4
    """
    return reliability(probabilities.max(axis=1), probabilities.argmax(axis=1) == targets, bins, weight).error

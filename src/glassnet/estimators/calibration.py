"""Calibration: the scores of a classifier are divided by one number, the temperature, so that probabilities are right.

The temperature is fitted on rows that the model was not trained on; reliability measures how right probabilities are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from glassnet.estimators.ensemble import normalized
from glassnet.estimators.held_out import Round, share_held_out_rows
from glassnet.formulas.averages import averaged
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork

MAX_SAMPLE = 10_000
"""Rows on which the differences between members are measured, at most."""
COLDEST, HOTTEST = 0.05, 20.0
"""Where a temperature is looked for."""
SPREAD = 0.3
"""How far ln T is expected to be from 0, as the standard deviation of a normal prior: networks on tables have mostly
temperatures of 1.05 to 1.35. It weighs as much as a few rows: where there are hundreds it decides nothing, and where a
few happen to be all right it keeps the probabilities from going to 0 and 1."""


def temperature(
    members: Sequence[Array], target: Array, weight: Array | None, loss: Loss, weights: Array | None = None
) -> float:
    r"""Return the temperature T that maximizes the likelihood of the averaged members, whose scores are divided by it.

    Above 1 it takes back overconfidence; of a single network it never changes which class is the most probable. The T
    taken is itself the most probable one, if ln T is normal around 0 before the rows are seen (`SPREAD`).

    Source: Guo, Pleiss, Sun, Weinberger (2017), *On Calibration of Modern Neural Networks*, section 4.2.

    Parameters
    ----------
    members : sequence of arrays of shape (rows, outputs)
        Each one's raw outputs for rows that none has learned from.
    target : array of shape (rows,) or (rows, targets)
        As the loss takes them.
    weight : array of shape (rows,) or None
    loss : Loss
        Of probabilities. Only their likelihood is maximized, not other terms of the loss.
    weights : array of shape (members,) or None
        How much each member counts, 1 on average; None: all alike.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> sure = np.tile([[4.0], [-4.0]], (10, 1))  # says 98 percent, and is right in 3 of 4 cases
    >>> right = np.array([1, 0] * 6 + [1, 0, 1, 0, 1, 1, 1, 1])[:20]
    >>> temperature([sure], right, None, LOSSES.get("binary_cross_entropy")) > 1
    True
    """
    from scipy.optimize import minimize_scalar

    scores = [output.astype(np.float64) for output in members]
    prepared = loss.without_smoothing.prepare(target, scores[0].shape[1], np.float64)
    shares = np.ones(len(prepared)) if weight is None else weight.astype(np.float64)
    parts = shares / shares.max()  # whose squares neither overflow nor vanish
    rows = parts.sum() ** 2 / (parts**2).sum()  # as many as equal weights would be

    def improbability(log_t: float) -> float:
        losses = _likelihood(loss).value(averaged(scores, loss, np.exp(log_t), weights), prepared)
        return float(np.average(losses, weights=shares)) + (log_t / SPREAD) ** 2 / (2 * rows)

    found = minimize_scalar(improbability, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.exp(found.x))


def temperature_of_folds(
    alone: float,
    members: Sequence[Array],
    unseen: Sequence[Array],
    weight: Array | None,
    loss: Loss,
    weights: Array | None = None,
) -> float:
    r"""Return the temperature T of members with different held-out rows: each row was seen by some member.

    What they would answer together for new rows cannot be observed. What can: how far a member alone is too sure on
    rows new to it. Averaging takes part of that back, for where members differ their mean is less sure; how much is
    seen on any rows, without targets. On rows that they have learned from members differ less than on new ones, by no
    more than they are surer there. So :math:`T = T_1 / (a\,m)`, where a is what members' scores would have to be
    divided by to be as unsure as their average, and m by what to be as unsure of seen rows as of unseen ones; but at
    least 1, so that no more is taken back than certainly is too much. Where members alone are not sure enough, their
    average is no surer, and T is :math:`T_1`.

    No source is known to us; measured on 17 tables (`docs/en/accuracy.md`).

    Parameters
    ----------
    alone : float
        :func:`temperature` of single members, each for its own unseen rows.
    members : sequence of arrays of shape (rows, outputs)
        Each one's raw outputs for the same rows, seen and unseen.
    unseen : sequence of arrays of bool of shape (rows,)
        Which of them each has not learned from.
    weight : array of shape (rows,) or None
    loss : Loss
    weights : array of shape (members,) or None
        How much each member counts, 1 on average; None: all alike.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> apart = [np.array([[4.0], [4.0]]), np.array([[1.0], [1.0]])]  # over 1.3 they are as unsure as their mean
    >>> new = [np.array([True, False]), np.array([False, True])]
    >>> round(temperature_of_folds(1.6, apart, new, None, LOSSES.get("binary_cross_entropy")), 1)
    1.2
    """
    scores = np.stack([output.astype(np.float64) for output in members])
    new = np.stack(unseen)
    shares = np.broadcast_to(1.0 if weight is None else weight.astype(np.float64), new.shape)
    together = averaged([*scores], loss, weights=weights)
    by_averaging = _softening(scores, shares, _unsureness(together, shares[0], loss), loss)
    by_memory = 1.0
    if new.any() and not new.all():
        by_memory = _softening(scores[~new], shares[~new], _unsureness(scores[new], shares[new], loss), loss)
    return max(min(1.0, alone), alone / (by_averaging * by_memory))


class Temperatures(NamedTuple):
    """The temperature of the average of all members, and that of the members of one round together."""

    together: float = 1.0
    of_round: float = 1.0


def temperatures_of_members(
    rounds: Sequence[Round],
    networks: Sequence[NeuralNetwork],
    weights: Array | None,
    outputs_of_members: Callable[[Any], list[Array]],
) -> Temperatures:
    """Return the temperatures of trained members by the rows held out from them; 1 if there are none.

    Parameters
    ----------
    rounds : sequence of Round
    networks : sequence of NeuralNetwork
    weights : array of shape (networks,) or None
        The weight of each network, 1 on average; None: all equal.
    outputs_of_members : callable
        The raw outputs of every member of every network for encoded rows.
    """
    loss, held = networks[0].loss, [each for each in rounds if each.y is not None]
    validation = rounds[0].split.validation()
    if validation is None:
        return Temperatures()
    if share_held_out_rows(rounds):
        each = None if weights is None else np.repeat(weights, networks[0].members)
        found = temperature(outputs_of_members(validation.X), validation.y, validation.weight, loss, each)
        return Temperatures(found, found)
    of_round = None if weights is None else normalized([weights[each.members].sum() for each in rounds])
    outputs = np.concatenate([each.average(each.outputs, loss, weights) for each in held])
    weight = None if validation.weight is None else np.concatenate([np.asarray(each.weight) for each in held])
    alone = temperature([outputs], np.concatenate([each.y for each in held]), weight, loss)
    table = rounds[0].split.table
    sample = np.arange(0, len(table.y), -(-len(table.y) // MAX_SAMPLE))
    unseen = [~each.split.is_training(sample) for each in rounds]
    X, _, weight = table.take(sample)
    answers = [each.average([networks[member].scores(X) for member in each.members], loss, weights) for each in rounds]
    return Temperatures(temperature_of_folds(alone, answers, unseen, weight, loss, of_round), alone)


def _likelihood(loss: Loss) -> Loss:
    """Return the loss that is the negative log-likelihood under the probabilities of another loss's scores."""
    return LOSSES.get("cross_entropy" if loss.response == "softmax" else "binary_cross_entropy")


def _unsureness(scores: Array, shares: Array, loss: Loss) -> float:
    """Return the weighted mean entropy of the probabilities of scores, of shape (..., outputs)."""
    rows, likelihood = scores.reshape(-1, scores.shape[-1]), _likelihood(loss)
    return float(np.average(likelihood.value(rows, likelihood.predict(rows)), weights=shares.ravel()))


def _softening(scores: Array, shares: Array, target: float, loss: Loss) -> float:
    """Return the divisor of the scores, from 1 to `HOTTEST`, that gives this entropy."""
    from scipy.optimize import brentq

    @cache  # the search computes both ends once more
    def lack(divisor: float) -> float:
        return _unsureness(scores / divisor, shares, loss) - target

    if lack(1.0) >= 0:
        return 1.0
    return HOTTEST if lack(HOTTEST) <= 0 else float(brentq(lack, 1.0, HOTTEST, xtol=1e-4))


class Reliability(NamedTuple):
    """Calibration of probabilities, bin by bin.

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
    """Return the expected calibration error: the mean difference between confidence and accuracy over bins.

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

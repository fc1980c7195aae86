"""From probabilities to a class: the costs of errors, and thresholds that are chosen by a score.

With costs, the class of the lowest expected cost is predicted. For two classes that is a threshold, which follows from
the costs alone; a score such as F1 has none that is known in advance, so it is searched on held-out rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.class_targets import HALF, THRESHOLD, OneClass
from glassnet.layers.base import Array
from glassnet.support.coercion import plain_dict
from glassnet.support.language import Text
from glassnet.support.messages import listed
from glassnet.support.options import Number
from glassnet.training import Scoring, scorer_for
from glassnet.training.scorers import SCORING

CANDIDATES = 100
"""Quantiles of the probabilities, of each class, between which thresholds are tried."""
NEIGHBOURS = 0.3
"""The width, in log-odds, of the kernel by which a score is smoothed before the best one is taken: single rows make it
jump. In simulations of 100 to 5,000 rows this was nearer to the best threshold than the best single score was."""
YES_OR_NO = np.arange(2)
COST = Number("[0, inf)", "Errors that are not named cost 1")
COSTS = Text("{name} must be a dict from (true class, predicted class) to the cost of that error")
EXAMPLE = Text('For example {("yes", "no"): 5}')


class DecisionThreshold:
    """As a rule of an option: a probability, or the score that chooses it."""

    def taken(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) and not callable(value):
            return THRESHOLD.taken(name, value)
        scoring = SCORING.taken(name, value)
        if isinstance(scoring, str) and not _scores_classes(scoring):
            raise InputError(
                Text("{name} must be a probability, or a score of predicted classes", name=name),
                shown(scoring),
                'For example 0.3, "f1" or "balanced_accuracy"',
            )
        return scoring


class Costs:
    """As a rule of an option: which classes there are is known with the targets."""

    def taken(self, name: str, value: Any) -> dict[tuple[Any, Any], float]:
        costs, rule = plain_dict(value), COSTS.filled(name=name)
        if not costs:
            raise InputTypeError(rule, shown(value), EXAMPLE)
        taken = {}
        for pair, cost in costs.items():
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise InputTypeError(rule, shown(pair), EXAMPLE)
            truth, predicted = (OneClass().taken(name, each) for each in pair)
            if truth == predicted:
                raise InputError(
                    Text("{name} must be of errors: of two different classes", name=name), shown(pair), EXAMPLE
                )
            taken[truth, predicted] = COST.taken(f"{name} of {shown(pair)}", cost)
        return taken


def check_decision(costs: Mapping[Any, float] | None, threshold: Any, class_weight: Any) -> None:
    """Refuse `costs` beside other options that decide which class is predicted.

    Raises
    ------
    InputError
    """
    if costs is None:
        return
    if threshold != HALF:
        rule = Text("Predictions must follow from `costs` or from `decision_threshold`, not from both")
        raise InputError(rule, shown(threshold), "Omit one of them")
    if class_weight is not None:
        rule = Text("With `costs`, probabilities must be those of the rows: `class_weight` shifts them")
        raise InputError(rule, shown(class_weight), "Omit `class_weight`")


def cost_matrix(costs: Mapping[tuple[Any, Any], float], classes: Array) -> Array:
    """Return the cost of each prediction for each true class; 0 if right, and 1 for an error that is not named.

    Costs that are too large or too small for single precision come as shares of the largest, which decide the same.

    Raises
    ------
    InputError
        If a class is unknown, or of two classes neither error costs anything.

    Examples
    --------
    >>> cost_matrix({("yes", "no"): 5.0}, np.array(["no", "yes"]))
    array([[0., 1.],
           [5., 0.]])
    """
    names = classes.tolist()
    matrix: Array = 1 - np.eye(len(names))
    for pair, cost in costs.items():
        for name in pair:
            if name not in names:
                raise InputError(
                    "`costs` must name classes of the target",
                    shown(name),
                    Text("The classes are: {names}", names=listed(names)),
                )
        matrix[names.index(pair[0]), names.index(pair[1])] = cost
    if not matrix.any():
        raise InputError("`costs` must give an error a cost above 0", shown(dict(costs)), EXAMPLE)
    largest = matrix.max()
    return matrix if 1e-30 < largest < 1e30 else matrix / largest


def threshold_of_costs(costs: Array, positive: int) -> float:
    r"""Return the probability of the positive class from which predicting it has the lower expected cost.

    With :math:`c_{fp}` for the cost of a false positive, :math:`c_{fn}` for that of a false negative:
    :math:`p = c_{fp} / (c_{fp} + c_{fn})`.

    Source: Elkan (2001), *The Foundations of Cost-Sensitive Learning*, section 1.2.

    Examples
    --------
    >>> threshold_of_costs(np.array([[0.0, 1.0], [4.0, 0.0]]), positive=1)
    0.2
    """
    false_positive, false_negative = costs[1 - positive, positive], costs[positive, 1 - positive]
    return float(false_positive / (false_positive + false_negative))


def tuned_threshold(
    scoring: Scoring, positive: Array, chance: Array, weight: Array | None = None, names: Array = YES_OR_NO
) -> float:
    """Return the threshold with the best score; 0.5 if none is better than another.

    Parameters
    ----------
    scoring : str or callable
        A scorer of predicted classes.
    positive : array of bool of shape (rows,)
        Whether the true class is the positive one.
    chance : array of shape (rows,)
        The probability of the positive class, by a model that has not seen the row.
    weight : array of shape (rows,) or None
    names : array of shape (2,)
        The other class and the positive one, as a function gets them; a scorer that is named gets 0 and 1.

    Raises
    ------
    InputError
        If the score is NaN or infinite at a threshold.

    Examples
    --------
    >>> chance = np.linspace(0, 1, 400)
    >>> 0.25 < tuned_threshold("f1", chance > 0.3, chance) < 0.35
    True
    """
    places = np.linspace(0, 1, CANDIDATES + 1)
    if positive.all() or not positive.any():
        return HALF
    quantiles = np.unique([np.quantile(chance[some], places) for some in (positive, ~positive)])
    candidates = (quantiles[1:] + quantiles[:-1]) / 2
    if not len(candidates):
        return HALF
    if isinstance(scoring, str):
        names = YES_OR_NO
    score, truth = scorer_for(scoring, _Decided(names)), names[positive.astype(int)]
    scores = np.array([score(names[(chance >= threshold).astype(int)], truth, weight) for threshold in candidates])
    if not np.isfinite(scores).all():
        rule = Text("The score that chooses `decision_threshold` must be finite at every threshold")
        raise InputError(rule, shown(float(scores[~np.isfinite(scores)][0])), "Return a finite number")
    log_odds = np.log(candidates) - np.log1p(-candidates)  # of midpoints, none of which is 0 or 1
    kernel = np.exp(-(((log_odds[:, None] - log_odds) / NEIGHBOURS) ** 2) / 2)
    smooth = kernel @ scores / kernel.sum(axis=1)
    best = np.flatnonzero(smooth >= smooth.max() - 1e-12)
    return float(candidates[best[np.argmin(np.abs(candidates[best] - HALF))]])


class _Decided(ClassifierMixin, BaseEstimator):
    """A classifier for scorers, whose rows are its predictions."""

    def __init__(self, names: Array = YES_OR_NO) -> None:
        self.classes_ = np.sort(names)

    def predict(self, X: Array) -> Array:
        return X


@cache
def _scores_classes(scoring: str) -> bool:
    """Return whether a named score needs nothing but predicted classes, and takes nothing else."""
    rows, score = np.array([0, 1, 0, 1]), scorer_for(scoring, _Decided())
    try:
        score(rows, rows, None)
        score(rows / 2, rows, None)  # as R² does
    except (AttributeError, ValueError) as error:
        return isinstance(error, ValueError)
    return False

"""Conformal prediction: intervals and sets with guaranteed coverage, however good or bad the network is.

Held-out rows are scored by how far off the model is. The score that all but a share of them stay below is the width
that new rows get. If new rows come from where those came from, the promise holds on average: an interval of coverage
0.9 misses one target in ten, however wrong the model may be; a worse model has wider ones.

Source: Vovk, Gammerman, Shafer (2005), *Algorithmic Learning in a Random World*; Lei, G'Sell, Rinaldo, Tibshirani,
Wasserman (2018), *Distribution-Free Predictive Inference for Regression*, algorithm 2 (split conformal).
"""

from __future__ import annotations

import math

import numpy as np
from sklearn.exceptions import NotFittedError

from glassnet.errors import InputError
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.options import Number

__all__ = ["COVERAGE", "band_scores", "class_scores", "limit", "promised"]
COVERAGE = Number("(0, 1)", "0.9 is a common choice")


def limit(scores: Array, coverage: float) -> float:
    r"""The score that a new row stays below with at least this probability: the :math:`\lceil (n+1) c \rceil`-th
    smallest of n.

    Parameters
    ----------
    scores : array of shape (rows,)
        In ascending order.
    coverage : float in (0, 1)

    Raises
    ------
    InputError
        If the coverage is out of range, or there are too few rows to promise it.

    Examples
    --------
    >>> limit(np.arange(1.0, 10.0), 0.9)  # nine rows: only the largest score will do
    9.0
    """
    coverage = COVERAGE.taken("`coverage`", coverage)
    rank = math.ceil((len(scores) + 1) * coverage - 1e-9)
    if rank > len(scores):
        raise InputError(
            Text(
                "A coverage of {coverage} needs at least {count} rows",
                coverage=coverage,
                count=math.ceil(coverage / (1 - coverage) - 1e-09),
            ),
            Text("{count} rows", count=len(scores)),
            "Call conformalize with more rows, or request a lower coverage",
        )
    return float(scores[rank - 1])


def band_scores(y: Array, low: Array, high: Array, width: Array) -> Array:
    r"""The distance of a target from a band, in widths; negative inside: :math:`\max(l - y, y - h) / w`.

    A mean alone is a band without width; two quantiles are a band of their own; where the model says how uncertain a
    row is, that is the width.

    Source: Romano, Patterson, Candès (2019), *Conformalized Quantile Regression*, equation 6; the width: Lei et al.
    (2018), section 5.2.

    >>> band_scores(np.array([5.0]), np.array([1.0]), np.array([3.0]), np.array([2.0]))
    array([1.])
    """
    scores: Array = np.maximum(low - y, y - high) / width
    return scores


def class_scores(probabilities: Array) -> Array:
    """The nonconformity score of each class: one minus its probability.

    Source: Sadinle, Lei, Wasserman (2019), *Least Ambiguous Set-Valued Classifiers with Bounded Error Levels*.

    >>> class_scores(np.array([[0.75, 0.25]]))
    array([[0.25, 0.75]])
    """
    return 1 - probabilities


def promised(scores: Array | None, coverage: float) -> float:
    """Return the limit of a model's sorted scores for this coverage.

    Raises
    ------
    NotFittedError
        If it has none.
    InputError
        As :func:`limit`.
    """
    if scores is None:
        raise NotFittedError(
            "This model promises nothing yet. Call conformalize(X, y) with rows that it was not trained on"
        )
    return limit(scores, coverage)

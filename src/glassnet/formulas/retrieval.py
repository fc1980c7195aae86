"""Answers from the rows that are nearest: the weight of each, and their mixed answer as the output of a network.

A row is answered by the mean of what is known of other rows, weighted by the softmax of their negative squared
distances: the closer, the more it counts.

Source: Goldberger, Roweis, Hinton, Salakhutdinov (2004), *Neighbourhood Components Analysis*, equations 1 and 2; Ye,
Yin, Zhan, Chao (2024), *Revisiting Nearest Neighbor for Tabular Data: A Deep Tabular Baseline Two Decades Later*.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.formulas.activations import softmax, softmax_backward
from glassnet.formulas.elementary import indicator, log

FLOOR = 1e-4
"""Added to each probability: a class that no near row has is unlikely, and not impossible."""
NEVER = -1e30
"""The score of what is not to be chosen, which is still a number."""
ITSELF = 2 * NEVER
"""That of a row in its own answer: where all others count nothing, they are still nearer to it than it is itself."""


def log_weight(weight: Any) -> Any:
    """What a weight adds to a row's score: one of weight 2 counts as two rows, one of weight 0 as none.

    >>> log_weight(np.array([1.0, 0.0]))
    array([ 0.e+00, -1.e+30])
    """
    return np.where(weight > 0, log(np.where(weight > 0, weight, 1)), NEVER)


def offsets(embedded: Any, weight: Any = None) -> Any:
    r"""What the softmax adds to :math:`2 x \cdot e_j` for each row known: :math:`\ln w_j - |e_j|^2`.

    With :math:`-|x|^2`, which is the same for all j and so changes nothing, it is the negative squared distance.

    >>> offsets(np.array([[3.0, 4.0], [0.0, 1.0]]))
    array([-25.,  -1.])
    """
    lengths = (embedded * embedded).sum(axis=1)
    return -lengths if weight is None else log_weight(weight) - lengths


def shares_of_others(embedded: Any, weight: Any = None, asked: int | None = None) -> Any:
    """How much each row counts in the answer to each other one; none counts in its own.

    Shape (asked, rows): the first so many are asked about; None: all.

    >>> shares_of_others(np.array([[0.0], [1.0], [1.0]])).round(2)
    array([[0.  , 0.5 , 0.5 ],
           [0.27, 0.  , 0.73],
           [0.27, 0.73, 0.  ]])
    """
    scores = 2 * (embedded[:asked] @ embedded.T) + offsets(embedded, weight)
    np.fill_diagonal(scores, ITSELF)
    return softmax(scores)


def shares_of_others_backward(embedded: Any, share: Any, d_share: Any) -> Any:
    r"""The gradient by the embedded rows: a score is :math:`s_{ij} = 2 e_i \cdot e_j - |e_j|^2`, i not being j.

    Of i there are those asked about, which come first.
    """
    d_score = softmax_backward(None, share, d_share)
    np.fill_diagonal(d_score, 0)
    asked = len(share)
    d_embedded = d_score.T @ embedded[:asked] - d_score.sum(axis=0)[:, None] * embedded
    d_embedded[:asked] += d_score @ embedded
    return 2 * d_embedded


def mixed_scores(p: Any, response: str) -> Any:
    r"""What a response makes the mixed answer of: p itself, :math:`\ln p`, or :math:`\ln p - \ln (1 - p)`.

    >>> mixed_scores(np.array([[0.5, 0.5]]), "sigmoid")
    array([[0., 0.]])
    """
    if response == "identity":
        return p
    return _log(p) - (_log(1 - p) if response == "sigmoid" else 0)


def mixed_scores_backward(p: Any, d_scores: Any, response: str) -> Any:
    """The gradient by the mixed answer."""
    if response == "identity":
        return d_scores
    return d_scores * (_log_derivative(p) + (_log_derivative(1 - p) if response == "sigmoid" else 0))


def _log(p: Any) -> Any:
    return log(np.maximum(p, 0) + FLOOR)


def _log_derivative(p: Any) -> Any:
    return indicator(p > 0, p) / (np.maximum(p, 0) + FLOOR)

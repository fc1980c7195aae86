r"""Normalization: numbers brought to mean 0 and variance 1.

Each function treats one number, given the mean and the variance of those that it belongs to: a column of the batch in
batch normalization, a row in layer normalization. Who takes the means is the layer's business.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def deviation(variance: Any, epsilon: Any) -> Any:
    r""":math:`\sqrt{\sigma^2 + \epsilon}`: what is divided by. `epsilon` > 0 keeps it away from zero.

    >>> deviation(4.0, 0.0)
    np.float64(2.0)
    """
    return np.sqrt(variance + epsilon)


def normalize(x: Any, mean: Any, deviation: Any) -> Any:
    r""":math:`\hat x = (x - \mu) / \sqrt{\sigma^2 + \epsilon}`.

    Source: Ioffe, Szegedy (2015), *Batch Normalization*, algorithm 1; Ba, Kiros, Hinton (2016), *Layer Normalization*,
    equation 4.

    >>> normalize(5.0, 1.0, 2.0)
    2.0
    """
    return (x - mean) / deviation


def normalize_backward(x_hat: Any, deviation: Any, d_x_hat: Any, mean_d: Any, mean_along: Any) -> Any:
    r"""The gradient through a normalization whose mean and variance come from the numbers themselves:

    :math:`dx = (d\hat x - \overline{d\hat x} - \hat x\,\overline{d\hat x \cdot \hat x}) / \sqrt{\sigma^2 + \epsilon}`.

    `mean_d` and `mean_along` are the two means: what would move the mean or the variance has no effect and is taken
    out.

    >>> normalize_backward(2.0, 2.0, 8.0, 1.0, 0.5)
    3.0
    """
    return (d_x_hat - mean_d - x_hat * mean_along) / deviation


def affine(x: Any, gain: Any, shift: Any) -> Any:
    """gain · x + shift, both learned, so that nothing is lost by normalizing.

    >>> affine(2.0, 3.0, 1.0)
    7.0
    """
    return gain * x + shift


def follow(running: Any, newest: Any, share: Any) -> Any:
    """A running statistic follows the newest one: it goes the `share` in (0, 1] of the way to it.

    >>> follow(1.0, 3.0, 0.25)
    1.5
    """
    return running + share * (newest - running)


def unbiased(variance: Any, rows: Any) -> Any:
    """The variance of a batch of at least two rows as an estimate for all rows: divided by rows - 1 instead of rows.

    >>> unbiased(3.0, 4)
    4.0
    """
    return variance * (rows / (rows - 1))

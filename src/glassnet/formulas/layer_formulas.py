r"""Formulas of layers: normalization, embeddings of numbers, the parametric activation.

Each function treats one number: in normalization, given the mean and the variance of those that it belongs to (a column
of the batch in batch normalization, a row in layer normalization); in an embedding, with which a first layer can
represent bends, jumps and periods, a number of one column.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.formulas.elementary import cos_turn, indicator, sin_turn


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


def wave(x: Any, frequency: Any, phase: Any) -> Any:
    r""":math:`\cos 2\pi (f x + \phi)`, frequency f and phase φ (in turns) learned.

    Variant: the source counts the phase in radians, b = 2πφ.

    Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default*, section 3, "PBLD"; Gorishniy, Rubachev,
    Babenko (2022), *On Embeddings for Numerical Features in Tabular Deep Learning*, equation 6.

    >>> float(wave(0.5, 1.0, 0.0))
    -1.0
    """
    return cos_turn(frequency * x + phase)


def wave_derivative(x: Any, frequency: Any, phase: Any) -> Any:
    r"""With respect to the phase, :math:`-2\pi \sin 2\pi (f x + \phi)`; that by the frequency is x times it, by x f.

    >>> float(wave_derivative(0.25, 1.0, 0.0)) / np.pi
    -2.0
    """
    return -2 * np.pi * sin_turn(frequency * x + phase)


def level(x: Any, low: Any, high: Any) -> Any:
    r"""How much of a bin a number fills: :math:`\min(1, \max(0, (x - l) / (h - l)))`.

    Source: Gorishniy, Rubachev, Babenko (2022), equation 1, "piecewise linear encoding"; there the first and the last
    bin have no end.

    >>> [float(level(x, 1.0, 3.0)) for x in (0.0, 2.0, 5.0)]
    [0.0, 0.5, 1.0]
    """
    return np.minimum(1.0, np.maximum(0.0, (x - low) / (high - low)))


def level_derivative(x: Any, low: Any, high: Any) -> Any:
    r"""With respect to x: :math:`1 / (h - l)` within the bin, 0 outside; an edge belongs to the bin above it.

    >>> [float(level_derivative(x, 1.0, 3.0)) for x in (0.0, 1.0, 2.0, 3.0)]
    [0.0, 0.5, 0.5, 0.0]
    """
    return indicator((x >= low) & (x < high), x) / (high - low)


def blend(x: Any, f: Any, alpha: Any) -> Any:
    r""":math:`x + \alpha (f(x) - x)`: the identity where α is 0, the activation where it is 1.

    Linear in the pair (x, f): so the derivative by x is the blend of their derivatives, ``blend(1, f'(x), alpha)``, and
    that by α is f(x) - x.

    Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on
    Tabular Data*, section 3.

    >>> blend(-2.0, 0.0, 0.25)
    -1.5
    """
    return x + alpha * (f - x)

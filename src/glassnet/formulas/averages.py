"""What several answer on average: their probabilities, rates and values are averaged, and never their scores.

The mean of scores would be the geometric mean of the probabilities: a single member that is sure, and wrong, then
outvotes all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.formulas.loss import RESPONSES, RESPONSES_BACKWARD, Loss

__all__ = ["averaged", "averaged_backward"]

Array = npt.NDArray[Any]
FEWEST = 1e-300
"""A probability below it counts as this much: its logarithm stays finite."""


def averaged(outputs: Sequence[Array], loss: Loss, temperature: float = 1.0) -> Array:
    """The raw outputs of one network that would answer as all members do on average.

    Probabilities, rates and values are averaged, not scores; of means with variances the mixture's mean and variance.

    Parameters
    ----------
    outputs : sequence of arrays of shape (rows, outputs)
        Each member's raw outputs.
    loss : Loss
    temperature : float
        The scores behind probabilities are divided by it first.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> averaged([np.array([[0.0]]), np.array([[2.0]])], LOSSES.get("mse"))
    array([[1.]])
    """
    several = outputs[0] if len(outputs) == 1 else np.stack(outputs)
    if _has_temperature(loss) and temperature != 1:
        several = several / several.dtype.type(temperature)
    if len(outputs) == 1:
        return several
    if loss.name == "gaussian_nll":
        return _mixture(several)
    mean = np.mean(RESPONSES[loss.response](several.astype(np.float64)), axis=0)
    if loss.response == "sigmoid":
        mean = np.log(np.maximum(mean, FEWEST)) - np.log(np.maximum(1 - mean, FEWEST))
    elif loss.response in ("softmax", "exp"):
        mean = np.log(np.maximum(mean, FEWEST))
    result: Array = mean.astype(outputs[0].dtype)
    return result


def averaged_backward(
    outputs: Sequence[Array], loss: Loss, temperature: float, d_averaged: npt.NDArray[np.float64]
) -> list[Array]:
    """From the gradient by what :func:`averaged` gives to that by the raw outputs of each member.

    Parameters
    ----------
    outputs, loss, temperature
        As in :func:`averaged`.
    d_averaged : array of shape (rows, outputs)

    Returns
    -------
    list of arrays of shape (rows, outputs)

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> outputs, slope = [np.array([[0.0]]), np.array([[2.0]])], np.array([[1.0]])
    >>> averaged_backward(outputs, LOSSES.get("mse"), 1.0, slope)
    [array([[0.5]]), array([[0.5]])]
    """
    divisor = temperature if _has_temperature(loss) else 1.0
    if len(outputs) == 1:
        gradients = [d_averaged / divisor]
    elif loss.name == "gaussian_nll":
        gradients = list(_mixture_backward(np.stack(outputs).astype(np.float64), d_averaged))
    else:
        answers = [RESPONSES[loss.response](output.astype(np.float64) / divisor) for output in outputs]
        mean, d_mean = np.mean(answers, axis=0), d_averaged / len(outputs)
        if loss.response == "sigmoid":
            d_mean = d_mean / np.maximum(mean, FEWEST) + d_mean / np.maximum(1 - mean, FEWEST)
        elif loss.response in ("softmax", "exp"):
            d_mean = d_mean / np.maximum(mean, FEWEST)
        gradients = [RESPONSES_BACKWARD[loss.response](answer, d_mean) / divisor for answer in answers]
    return [gradient.astype(output.dtype) for gradient, output in zip(gradients, outputs, strict=True)]


def _has_temperature(loss: Loss) -> bool:
    return loss.response in ("sigmoid", "softmax")


def _mixture(outputs: Array) -> Array:
    """Mean and log-variance of equal shares of normal distributions; shape (members, rows, 2 · targets)."""
    means, variances = outputs[:, :, ::2], np.exp(outputs[:, :, 1::2])
    mean = means.mean(axis=0)
    variance = (variances + means**2).mean(axis=0) - mean**2
    return np.stack([mean, np.log(variance)], axis=2).reshape(outputs.shape[1:])


def _mixture_backward(outputs: Array, d_of_all: Array) -> Array:
    """The gradient by every member's mean and log-variance."""
    mean, variance, of_all = outputs[:, :, ::2], np.exp(outputs[:, :, 1::2]), _mixture(outputs)
    d_variance = d_of_all[:, 1::2] / np.exp(of_all[:, 1::2]) / len(outputs)
    gradients = np.empty_like(outputs)
    gradients[:, :, ::2] = d_of_all[:, ::2] / len(outputs) + 2 * (mean - of_all[:, ::2]) * d_variance
    gradients[:, :, 1::2] = variance * d_variance
    return gradients

"""What several networks answer together: values, rates and logarithms of probabilities are averaged.

To average logarithms is to multiply: a class is as probable as the geometric mean of what the members say. Members that
are each calibrated hesitate between classes for reasons of their own; the plain mean of their probabilities adds all
this hesitation up and is too careful, the geometric mean is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.formulas.loss import RESPONSES, Loss

__all__ = ["averaged", "averaged_backward"]

Array = npt.NDArray[Any]
FEWEST = 1e-300
"""A rate below it counts as this much: its logarithm stays finite."""


def averaged(outputs: Sequence[Array], loss: Loss, temperature: float = 1.0) -> Array:
    """The raw outputs of one network that would answer as all members do on average.

    For classes it is the mean of the scores: up to a constant the mean of the logarithms of the probabilities, also
    called a logarithmic opinion pool. Values and rates are averaged as they are; of means with variances it is the
    mixture's mean and variance.

    Source of the pool: Genest, Zidek (1986), *Combining Probability Distributions: A Critique and an Annotated
    Bibliography*, section 3.

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
    if temperature != 1 and _has_temperature(loss):
        outputs = [output / output.dtype.type(temperature) for output in outputs]
    if len(outputs) == 1:
        return outputs[0]
    if loss.name == "gaussian_nll":
        return _mixture(np.stack(outputs))
    dtype = outputs[0].dtype
    if loss.response != "exp":
        return np.mean(outputs, axis=0, dtype=np.float64).astype(dtype)
    rates = np.mean([RESPONSES["exp"](output.astype(np.float64)) for output in outputs], axis=0)
    return np.log(np.maximum(rates, FEWEST)).astype(dtype)


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
    if _has_temperature(loss):
        d_averaged = d_averaged / temperature
    if len(outputs) > 1 and loss.name == "gaussian_nll":
        gradients = list(_mixture_backward(np.stack(outputs).astype(np.float64), d_averaged))
    elif loss.response == "exp":  # of the logarithm of the mean rate each member has its share
        shares = RESPONSES["softmax"](np.stack(outputs, axis=-1).astype(np.float64))
        gradients = list(np.moveaxis(shares * d_averaged[..., None], -1, 0))
    else:
        gradients = [d_averaged / len(outputs)] * len(outputs)
    return [gradient.astype(output.dtype) for gradient, output in zip(gradients, outputs, strict=True)]


def _has_temperature(loss: Loss) -> bool:
    return loss.response in ("sigmoid", "softmax")


def _mixture(outputs: Array) -> Array:
    """Mean and log-variance of equal shares of normal distributions; shape (members, rows, 2 · targets)."""
    mean, variance = outputs[:, :, ::2], np.exp(outputs[:, :, 1::2])
    of_all = np.empty_like(outputs[0])
    of_all[:, ::2] = mean.mean(axis=0)
    of_all[:, 1::2] = np.log((variance + mean**2).mean(axis=0) - of_all[:, ::2] ** 2)
    return of_all


def _mixture_backward(outputs: Array, d_of_all: Array) -> Array:
    """The gradient by every member's mean and log-variance."""
    mean, variance, of_all = outputs[:, :, ::2], np.exp(outputs[:, :, 1::2]), _mixture(outputs)
    d_variance = d_of_all[:, 1::2] / np.exp(of_all[:, 1::2]) / len(outputs)
    gradients = np.empty_like(outputs)
    gradients[:, :, ::2] = d_of_all[:, ::2] / len(outputs) + 2 * (mean - of_all[:, ::2]) * d_variance
    gradients[:, :, 1::2] = variance * d_variance
    return gradients

"""What several answer on average: their probabilities, rates and values are averaged, and never their scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.formulas.loss import RESPONSES, Loss

__all__ = ["averaged"]

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
    if loss.response in ("sigmoid", "softmax") and temperature != 1:
        outputs = [output / output.dtype.type(temperature) for output in outputs]
    if len(outputs) == 1:
        return outputs[0]
    if loss.name == "gaussian_nll":
        return _mixture(np.stack(outputs))
    answers = np.mean([RESPONSES[loss.response](output.astype(np.float64)) for output in outputs], axis=0)
    with np.errstate(divide="ignore"):
        if loss.response == "sigmoid":
            answers = np.log(np.maximum(answers, FEWEST)) - np.log(np.maximum(1 - answers, FEWEST))
        elif loss.response in ("softmax", "exp"):
            answers = np.log(np.maximum(answers, FEWEST))
    result: Array = answers.astype(outputs[0].dtype)
    return result


def _mixture(outputs: Array) -> Array:
    """Mean and log-variance of equal shares of normal distributions; shape (members, rows, 2 · targets)."""
    mean, variance = outputs[:, :, ::2], np.exp(outputs[:, :, 1::2])
    of_all = np.empty_like(outputs[0])
    of_all[:, ::2] = mean.mean(axis=0)
    of_all[:, 1::2] = np.log((variance + mean**2).mean(axis=0) - of_all[:, ::2] ** 2)
    return of_all

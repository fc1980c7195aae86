"""What several answer on average: their probabilities, rates and values are averaged, and never their scores."""

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
    if temperature != 1 and _has_temperature(loss):
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


def averaged_backward(
    outputs: Sequence[Array], loss: Loss, temperature: float, d_answer: npt.NDArray[np.float64]
) -> list[Array]:
    """From the gradient by the average of the answers to that by the raw outputs of each member.

    Of means with variances it is the gradient of the mixture's mean, which does not depend on the variances.

    Parameters
    ----------
    outputs, loss, temperature
        As in :func:`averaged`.
    d_answer : array of shape (rows, outputs)
        With respect to ``loss.predict(averaged(...))``.

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
    share = d_answer / len(outputs)
    gradients = []
    for output in outputs:
        answer = RESPONSES[loss.response](output.astype(np.float64) / divisor)
        gradients.append((RESPONSES_BACKWARD[loss.response](answer, share) / divisor).astype(output.dtype))
    return gradients


def _has_temperature(loss: Loss) -> bool:
    return loss.response in ("sigmoid", "softmax")


def _mixture(outputs: Array) -> Array:
    """Mean and log-variance of equal shares of normal distributions; shape (members, rows, 2 · targets)."""
    mean, variance = outputs[:, :, ::2], np.exp(outputs[:, :, 1::2])
    of_all = np.empty_like(outputs[0])
    of_all[:, ::2] = mean.mean(axis=0)
    of_all[:, 1::2] = np.log((variance + mean**2).mean(axis=0) - of_all[:, ::2] ** 2)
    return of_all

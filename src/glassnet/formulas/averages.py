"""Averages of members: of probabilities, rates and values, never of scores.

The mean of scores would be the geometric mean of the probabilities: a single member that is sure, and wrong, then
outvotes all others. Where a loss takes scores, the average is carried as one, from logarithm to logarithm: a
probability that no number can tell from 1 keeps its score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.formulas.elementary import exp, log, log1p
from glassnet.formulas.loss import Loss, log_softmax, log_softmax_backward

Array = npt.NDArray[Any]


def averaged(outputs: Sequence[Array], loss: Loss, temperature: float = 1.0, weights: Array | None = None) -> Array:
    """Raw outputs whose response is the average of the members' responses.

    Probabilities, rates and values are averaged, not scores; of means with variances the mixture's mean and variance.

    Parameters
    ----------
    outputs : sequence of arrays of shape (rows, outputs)
        Each member's raw outputs.
    loss : Loss
    temperature : float
        The scores behind probabilities are divided by it first.
    weights : array of shape (members,) or None
        How much each member counts, 1 on average; None: all alike.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> averaged([np.array([[0.0]]), np.array([[2.0]])], LOSSES.get("mse"))
    array([[1.]])
    >>> averaged([np.array([[0.0]]), np.array([[2.0]])], LOSSES.get("mse"), weights=np.array([0.5, 1.5]))
    array([[1.5]])
    >>> averaged([np.array([[40.0]]), np.array([[40.0]])], LOSSES.get("binary_cross_entropy"))
    array([[40.]])
    """
    several = outputs[0] if len(outputs) == 1 else np.stack(outputs)
    if has_temperature(loss) and temperature != 1:
        several = several / several.dtype.type(temperature)
    if len(outputs) == 1:
        return several
    wide = several.astype(np.float64)
    alone = wide.shape[1] == 1
    if alone:  # along the only axis there is NumPy adds in pairs, else one after the other: a row twice makes another
        wide = np.repeat(wide, 2, axis=1)
    shares = None if weights is None else weights[:, None, None]
    if loss.spread == "log_variance":
        mean = _mixture(wide, shares)
    else:
        link, average = AVERAGES[loss.response]
        mean = average(link(wide) if link else wide, shares, 0)[0]
    result: Array = mean.astype(outputs[0].dtype)
    return result[:1] if alone else result


def averaged_backward(
    outputs: Sequence[Array],
    loss: Loss,
    temperature: float,
    d_averaged: npt.NDArray[np.float64],
    weights: Array | None = None,
) -> list[Array]:
    """Return the gradient of each member's raw outputs, from that of :func:`averaged`.

    Parameters
    ----------
    outputs, loss, temperature, weights
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
    divisor = temperature if has_temperature(loss) else 1.0
    if len(outputs) == 1:
        return [(d_averaged / divisor).astype(outputs[0].dtype)]
    wide, shares = np.stack(outputs).astype(np.float64) / divisor, None if weights is None else weights[:, None, None]
    d_each = _weighted(d_averaged / len(outputs), shares)
    if loss.spread == "log_variance":
        gradients = _mixture_backward(wide, shares, d_each)
    elif loss.response == "sigmoid":
        yes, no = _log_sigmoid(wide), _log_sigmoid(-wide)
        gradients = d_each * exp(yes + no - _log_mean(yes, shares, 0) - _log_mean(no, shares, 0))
    elif loss.response == "softmax":
        log_p = log_softmax(wide)
        gradients = log_softmax_backward(log_p, d_each * exp(log_p - _log_mean(log_p, shares, 0)))
    elif loss.response == "exp":
        gradients = d_each * exp(wide - _log_mean(wide, shares, 0))
    else:
        gradients = np.broadcast_to(d_each, wide.shape)
    return [(own / divisor).astype(output.dtype) for own, output in zip(gradients, outputs, strict=True)]


def has_temperature(loss: Loss) -> bool:
    """Return whether probabilities come from scores, which a temperature divides."""
    return loss.response in ("sigmoid", "softmax")


def _log_sigmoid(z: Any) -> Any:
    """Return the logarithm of the sigmoid, exact on both sides of zero."""
    return np.minimum(z, 0) - log1p(exp(-np.abs(z)))


def _weighted(values: Any, shares: Any) -> Any:
    """Return the terms of a mean: each member's values times its weight, which is 1 on average."""
    return values if shares is None else shares * values


def _mean(values: Any, shares: Any, axis: int) -> Any:
    """Return the mean along an axis, keeping it."""
    return np.mean(_weighted(values, shares), axis=axis, keepdims=True)


def _log_mean(logarithms: Any, shares: Any, axis: int) -> Any:
    """Return the logarithm of the mean along an axis (log-sum-exp)."""
    largest = np.max(logarithms, axis=axis, keepdims=True)
    return largest + log(_mean(exp(logarithms - largest), shares, axis))


def _score_of_mean(scores: Any, shares: Any, axis: int) -> Any:
    """Return the score whose probability is the mean of probabilities, along an axis."""
    return _log_mean(_log_sigmoid(scores), shares, axis) - _log_mean(_log_sigmoid(-scores), shares, axis)


AVERAGES: Final[dict[str, tuple[Callable[[Any], Any] | None, Callable[[Any, Any, int], Any]]]] = {
    "identity": (None, _mean),
    "sigmoid": (None, _score_of_mean),
    "softmax": (log_softmax, _log_mean),
    "exp": (None, _log_mean),
}
"""By the response of a loss: the function of each member's outputs, and the average along members."""


def _mixture(outputs: Array, shares: Any) -> Array:
    r"""Mean and log-variance of a mixture of normal distributions; shape (members, rows, 2 · targets).

    The variance is the mean of the variances and of the squared distances from the mean, both positive:
    :math:`v = \overline{e^{s}} + \overline{(\mu - \bar\mu)^2}`.
    """
    means, log_variances = outputs[:, :, ::2], outputs[:, :, 1::2]
    mean = _mean(means, shares, 0)[0]
    within, distance = _log_mean(log_variances, shares, 0)[0], means - mean
    farthest = np.max(np.abs(distance), axis=0)
    unit = np.where(farthest > 0, farthest, 1.0)
    squares = np.where(farthest > 0, _mean((distance / unit) ** 2, shares, 0)[0], 1.0)
    between = 2 * log(unit) + log(squares)
    both = np.maximum(within, between) + log1p(exp(-np.abs(within - between)))
    return np.stack([mean, np.where(farthest > 0, both, within)], axis=2).reshape(outputs.shape[1:])


def _mixture_backward(outputs: Array, shares: Any, d_each: Array) -> Array:
    """Return the gradient of each member's mean and log-variance, from that of the mixture times its weight."""
    of_all, gradients = _mixture(outputs, shares), np.empty_like(outputs)
    d_each = np.broadcast_to(d_each, outputs.shape)
    mean, log_variance, d_log_variance = of_all[:, ::2], of_all[:, 1::2], d_each[:, :, 1::2]
    d_mean = d_each[:, :, ::2]
    gradients[:, :, ::2] = d_mean + 2 * (outputs[:, :, ::2] - mean) * exp(-log_variance) * d_log_variance
    gradients[:, :, 1::2] = exp(outputs[:, :, 1::2] - log_variance) * d_log_variance
    return gradients

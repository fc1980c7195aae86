r"""Loss functions: one number for how wrong an output is, and its derivative with respect to the output.

Each is a pair of plain functions of one output and one target, on arrays or scalars. Each docstring states the factor
one half and the mean, where conventions differ. The losses of classes work on the network's raw scores (logits), where
they are stable; those that take probabilities say so in their name.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.formulas.activations import sigmoid, softplus
from glassnet.formulas.elementary import exp, expm1, indicator, log, log1p, tanh
from glassnet.formulas.formula import Registry
from glassnet.formulas.loss import Loss

__all__ = ["LOSSES", "Loss"]

LOSSES: Registry[Loss] = Registry("a loss", Loss)

SMALLEST_PROBABILITY = 1e-7
"""Probabilities are kept this far from 0 and 1 before a logarithm; 1 - 1e-7 is still below 1 in float32."""


# ------------------------------------------------------------------- numbers


def squared_error(output: Any, target: Any) -> Any:
    r""":math:`(o - t)^2`, without one half (PyTorch and Keras; Bishop has one half). Its minimum is the mean.

    Source: Legendre (1805), *Nouvelles méthodes pour la détermination des orbites des comètes*.

    >>> squared_error(3.0, 1.0)
    4.0
    """
    return (output - target) * (output - target)


def squared_error_derivative(output: Any, target: Any) -> Any:
    """2 (o - t)."""
    return 2 * (output - target)


def absolute_error(output: Any, target: Any) -> Any:
    """abs(o - t). Its minimum is the median: outliers pull no harder than others.

    >>> float(absolute_error(3.0, 1.0))
    2.0
    """
    return np.abs(output - target)


def absolute_error_derivative(output: Any, target: Any) -> Any:
    """sign(o - t), 0 at the kink."""
    return np.sign(output - target)


def huber(output: Any, target: Any, delta: Any) -> Any:
    r"""Squared near zero, absolute far away: :math:`e^2/2` for |e| ≤ δ, else :math:`\delta (|e| - \delta/2)`.

    e = o - t; `delta` > 0 is in units of the target. One half as in the paper and PyTorch.

    Source: Huber (1964), *Robust Estimation of a Location Parameter*.

    >>> huber(np.array([0.5, 3.0]), 0.0, 1.0)
    array([0.125, 2.5  ])
    """
    size = np.abs(output - target)
    near = np.minimum(size, delta)
    return near * (size - 0.5 * near)


def huber_derivative(output: Any, target: Any, delta: Any) -> Any:
    """e, cut at -delta and +delta."""
    return np.minimum(np.maximum(output - target, -delta), delta)


def log_cosh(output: Any, target: Any) -> Any:
    r""":math:`\ln\cosh(e)`, e = o - t: like e²/2 near zero, |e| - ln 2 far away, and smooth all the way.

    Computed as :math:`|e| + \ln(1 + e^{-2|e|}) - \ln 2` from 1 on, for cosh overflows; below, where that cancels, as
    :math:`\ln(1 + (\cosh e - 1))` with :math:`\cosh e - 1 = u^2 / 2(1 + u)`, :math:`u = e^{-|e|} - 1`.

    >>> float(log_cosh(1000.0, 0.0).round(3))
    999.307
    """
    size = np.abs(output - target)
    u = expm1(-size)
    beyond_one = np.where(size < 1, u * u / (2 * np.maximum(1 + u, 0.25)), (1 + u) * (1 + u))
    return np.where(size < 1, 0, size - 0.6931471805599453) + log1p(beyond_one)


def log_cosh_derivative(output: Any, target: Any) -> Any:
    """tanh(o - t)."""
    return tanh(output - target)


def quantile(output: Any, target: Any, level: Any) -> Any:
    r"""The pinball loss: :math:`\max(q\,e, (q - 1)\,e)` with e = t - o. Its minimum is the quantile of level q.

    `level` q in (0, 1). Several levels at once: one output a level, ``quantile(levels=(0.1, 0.5, 0.9))``.

    Source: Koenker, Bassett (1978), *Regression Quantiles*, equation 3.1.

    >>> quantile(np.array([0.0, 2.0]), 1.0, 0.9).round(3)
    array([0.9, 0.1])
    """
    e = target - output
    return np.maximum(level * e, (level - 1) * e)


def quantile_derivative(output: Any, target: Any, level: Any) -> Any:
    """-q where the output is too low, 1 - q where it is too high, 0 at the kink."""
    return indicator(output > target, output) * (1 - level) - indicator(output < target, output) * level


def gaussian_nll(mean: Any, log_variance: Any, target: Any) -> Any:
    r"""The negative log-likelihood of a normal distribution: :math:`\tfrac12 (s + (t - \mu)^2 e^{-s})`.

    The network gives two outputs a target, the mean μ and the log-variance s, so that the variance e^s is positive
    by itself. The constant ½ ln 2π is left out. The error is divided by the deviation :math:`e^{s/2}` before it is
    squared, for :math:`e^{-s}` overflows where the quotient does not; an error of zero is zero deviations.

    Source: Nix, Weigend (1994), *Estimating the Mean and Variance of the Target Probability Distribution*, equation 5.

    >>> float(gaussian_nll(0.0, 0.0, 2.0))
    2.0
    """
    deviations = _in_deviations(mean - target, log_variance)
    return 0.5 * (log_variance + deviations * deviations)


def gaussian_nll_derivative(mean: Any, log_variance: Any, target: Any) -> Any:
    r"""With respect to μ: :math:`(\mu - t) e^{-s}`; with respect to s: :math:`\tfrac12 (1 - (t - \mu)^2 e^{-s})`."""
    deviations = _in_deviations(mean - target, log_variance)
    return _in_deviations(deviations, log_variance), 0.5 * (1 - deviations * deviations)


def _in_deviations(error: Any, log_variance: Any) -> Any:
    half = np.where(error == 0, 0, exp(-0.25 * log_variance))  # of the way, for all of it at once may overflow
    return error * half * half


def poisson(output: Any, target: Any) -> Any:
    r"""Counts: :math:`e^o - t\,o`, where o is the logarithm of the expected number of events.

    The negative log-likelihood of a Poisson distribution without its ln t!, so it may be negative.

    Source: Nelder, Wedderburn (1972), *Generalized Linear Models*.

    >>> float(poisson(0.0, 3.0))
    1.0
    """
    return exp(output) - target * output


def poisson_derivative(output: Any, target: Any) -> Any:
    r""":math:`e^o - t`."""
    return exp(output) - target


# --------------------------------------------------------------- yes or no


def binary_cross_entropy(output: Any, target: Any) -> Any:
    r"""Two classes, on the raw score z (a logit): :math:`-t \ln\sigma(z) - (1 - t) \ln(1 - \sigma(z))`.

    Computed as :math:`\ln(1 + e^{-|z|})` plus :math:`(1 - t) |z|` for z > 0, :math:`t |z|` below: no logarithm of zero,
    no overflow, and no cancellation, however large the score. `target` in [0, 1].

    Source: Good (1952), *Rational Decisions*; Goodfellow, Bengio, Courville (2016), *Deep Learning*, section 6.2.2.2.

    >>> binary_cross_entropy(np.array([0.0, 1000.0]), np.array([1.0, 0.0])).round(3)
    array([6.93e-01, 1.00e+03])
    """
    size = np.abs(output)
    return log1p(exp(-size)) + size * np.where(output > 0, 1 - target, target)


def binary_cross_entropy_derivative(output: Any, target: Any) -> Any:
    """σ(z) - t, the probability minus the truth; as (1 - t) σ(z) - t σ(-z), which does not cancel for sure scores."""
    e = exp(-np.abs(output))
    yes, no = np.where(output >= 0, 1, e), np.where(output >= 0, e, 1)
    return ((1 - target) * yes - target * no) / (1 + e)


def binary_cross_entropy_from_probabilities(output: Any, target: Any) -> Any:
    r""":math:`-t \ln p - (1 - t) \ln(1 - p)` of a probability p, as a sigmoid output layer gives it.

    p is kept 1e-7 away from 0 and 1. Prefer `binary_cross_entropy`, which needs no such guard.

    >>> float(binary_cross_entropy_from_probabilities(0.5, 1.0).round(4))
    0.6931
    """
    p = _inside(output)
    return -(target * log(p) + (1 - target) * log1p(-p))


def binary_cross_entropy_from_probabilities_derivative(output: Any, target: Any) -> Any:
    """(p - t) / (p (1 - p)) of the guarded p: beyond the guard the loss is flat, but this still points back inside."""
    p = _inside(output)
    return (p - target) / (p * (1 - p))


def _inside(p: Any) -> Any:
    return np.minimum(np.maximum(p, SMALLEST_PROBABILITY), 1 - SMALLEST_PROBABILITY)


def hinge(output: Any, target: Any) -> Any:
    """max(0, 1 - s o): right, with a margin of 1, costs nothing. s = -1 or +1.

    With several outputs each is one class against the rest, and a row's loss is their sum.

    Source: Cortes, Vapnik (1995), *Support-Vector Networks*.

    >>> hinge(np.array([2.0, 0.5, -1.0]), 1.0)
    array([0. , 0.5, 2. ])
    """
    return np.maximum(1 - target * output, 0)


def hinge_derivative(output: Any, target: Any) -> Any:
    """-s inside the margin, 0 beyond it and at the kink."""
    return -target * indicator(target * output < 1, output)


def squared_hinge(output: Any, target: Any) -> Any:
    """max(0, 1 - s o)²: the hinge without its kink.

    >>> squared_hinge(np.array([2.0, 0.5, -1.0]), 1.0)
    array([0.  , 0.25, 4.  ])
    """
    return hinge(output, target) * hinge(output, target)


def squared_hinge_derivative(output: Any, target: Any) -> Any:
    """-2 s max(0, 1 - s o)."""
    return -2 * target * hinge(output, target)


# ------------------------------------------------------------------ classes


def cross_entropy(log_p: Any, target: Any) -> Any:
    r"""Several classes: :math:`-\sum_k t_k \ln p_k`, here the term of one class, of its log-probability.

    The network gives raw scores (logits); the link `log_softmax` in front turns a row of them into log-probabilities
    stably. Targets are class numbers or rows of probabilities; ``cross_entropy(label_smoothing=0.1)`` softens them.

    Source: Good (1952), *Rational Decisions*; Szegedy et al. (2016), section 7, for the label smoothing.

    >>> loss = LOSSES.get("cross_entropy")
    >>> loss.gradient(np.zeros((1, 4)), np.array([[0.0, 1.0, 0.0, 0.0]]))
    array([[ 0.25, -0.75,  0.25,  0.25]])
    """
    return -target * log_p


def cross_entropy_derivative(log_p: Any, target: Any) -> Any:
    """-t with respect to ln p; through log_softmax it becomes p - t with respect to the scores."""
    return -target


def cross_entropy_from_probabilities(output: Any, target: Any) -> Any:
    r""":math:`-t \ln p` of a probability p, as a softmax output layer gives it; p is kept above 1e-7.

    >>> float(cross_entropy_from_probabilities(0.5, 1.0).round(4))
    0.6931
    """
    return -target * log(np.maximum(output, SMALLEST_PROBABILITY))


def cross_entropy_from_probabilities_derivative(output: Any, target: Any) -> Any:
    """-t / p of the guarded p: beyond the guard the loss is flat, but this still points back inside."""
    return -target / np.maximum(output, SMALLEST_PROBABILITY)


def focal_term(log_p: Any, gamma: Any) -> Any:
    r""":math:`-(1 - p)^\gamma \ln p`: the log-loss, turned down where the model is sure already.

    `gamma` ≥ 0; 0 is the plain log-loss. 1 - p is -expm1(ln p), exact near p = 1, and kept above 0 for the power.
    """
    return -(_one_minus(log_p) ** gamma) * log_p


def focal_term_derivative(log_p: Any, gamma: Any) -> Any:
    r""":math:`\gamma (1 - p)^{\gamma - 1} p \ln p - (1 - p)^\gamma`, with respect to ln p."""
    q = _one_minus(log_p)
    return gamma * q ** (gamma - 1) * exp(log_p) * log_p - q**gamma


def _one_minus(log_p: Any) -> Any:
    return np.maximum(-expm1(log_p), 1e-30)


def focal(log_p: Any, target: Any, gamma: Any) -> Any:
    r"""Several classes, hard rows first: :math:`-\sum_k t_k (1 - p_k)^\gamma \ln p_k` on raw scores.

    Source: Lin, Goyal, Girshick, He, Dollár (2017), *Focal Loss for Dense Object Detection*, equation 4 (its alpha is
    a class weight, which the estimators offer for every loss).

    >>> LOSSES.get("focal").value(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]])).round(4)
    array([0.1733])
    """
    return target * focal_term(log_p, gamma)


def focal_derivative(log_p: Any, target: Any, gamma: Any) -> Any:
    """With respect to ln p."""
    return target * focal_term_derivative(log_p, gamma)


def binary_focal(output: Any, target: Any, gamma: Any) -> Any:
    r"""Two classes on a raw score z: the focal term of ln σ(z) for the yes, of ln(1 - σ(z)) for the no.

    >>> float(binary_focal(0.0, 1.0, 2.0).round(4))
    0.1733
    """
    return target * focal_term(-softplus(-output), gamma) + (1 - target) * focal_term(-softplus(output), gamma)


def binary_focal_derivative(output: Any, target: Any, gamma: Any) -> Any:
    """The chain rule, with d ln σ(z) / dz = 1 - σ(z) and d ln(1 - σ(z)) / dz = -σ(z)."""
    yes = target * focal_term_derivative(-softplus(-output), gamma) * sigmoid(-output)
    no = (1 - target) * focal_term_derivative(-softplus(output), gamma) * sigmoid(output)
    return yes - no


LOSSES.register(Loss("mse", squared_error, squared_error_derivative), "squared_error")
LOSSES.register(Loss("mae", absolute_error, absolute_error_derivative, kinks=(0.0,)), "absolute_error")
LOSSES.register(Loss("huber", huber, huber_derivative, parameters=(("delta", 1.0),), domains=(("delta", "(0, inf)"),)))
LOSSES.register(Loss("log_cosh", log_cosh, log_cosh_derivative))
LOSSES.register(
    Loss(
        "quantile",
        quantile,
        quantile_derivative,
        kinks=(0.0,),
        parameters=(("levels", (0.5,)),),
        domains=(("levels", "(0, 1)"),),
    ),
    "pinball",
)
LOSSES.register(Loss("gaussian_nll", gaussian_nll, gaussian_nll_derivative, columns=2, spread="log_variance"))
LOSSES.register(Loss("poisson", poisson, poisson_derivative, target="counts", response="exp"))
LOSSES.register(
    Loss(
        "binary_cross_entropy",
        binary_cross_entropy,
        binary_cross_entropy_derivative,
        target="fractions",
        response="sigmoid",
    )
)
LOSSES.register(
    Loss(
        "binary_cross_entropy_from_probabilities",
        binary_cross_entropy_from_probabilities,
        binary_cross_entropy_from_probabilities_derivative,
        target="fractions",
    )
)
LOSSES.register(
    Loss(
        "binary_focal",
        binary_focal,
        binary_focal_derivative,
        target="fractions",
        response="sigmoid",
        parameters=(("gamma", 2.0),),
        domains=(("gamma", "[0, inf)"),),
    )
)
LOSSES.register(Loss("hinge", hinge, hinge_derivative, target="signs", over_targets="sum", kinks=(1.0,)))
LOSSES.register(Loss("squared_hinge", squared_hinge, squared_hinge_derivative, target="signs", over_targets="sum"))
LOSSES.register(
    Loss(
        "cross_entropy",
        cross_entropy,
        cross_entropy_derivative,
        target="classes",
        link="log_softmax",
        response="softmax",
        over_targets="sum",
    )
)
LOSSES.register(
    Loss(
        "cross_entropy_from_probabilities",
        cross_entropy_from_probabilities,
        cross_entropy_from_probabilities_derivative,
        target="classes",
        over_targets="sum",
    )
)
LOSSES.register(
    Loss(
        "focal",
        focal,
        focal_derivative,
        target="classes",
        link="log_softmax",
        response="softmax",
        over_targets="sum",
        parameters=(("gamma", 2.0),),
        domains=(("gamma", "[0, inf)"),),
    )
)
LOSSES.meant_by(
    bce="binary_cross_entropy",
    bce_with_logits="binary_cross_entropy",
    binary_crossentropy="binary_cross_entropy",
    log_loss="cross_entropy",
    nll="cross_entropy",
    categorical_crossentropy="cross_entropy",
    sparse_categorical_crossentropy="cross_entropy",
    crossentropy="cross_entropy",
    l1="mae",
    l2="mse",
    mean_absolute_error="mae",
    mean_squared_error="mse",
)

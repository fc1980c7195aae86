r"""Regularization: methods against overfitting and against unstable steps.

Plain functions on arrays, in the order in which a training step meets them: penalties on the weights, limits on the
gradient, decay and limits of the weights themselves, their average; then the treatment of targets and activations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.formulas.elementary import whole_power

__all__ = [
    "clip_by_norm",
    "clip_by_value",
    "decay",
    "ema",
    "ema_unbiased",
    "global_norm",
    "keep_mask",
    "l1_gradient",
    "l1_penalty",
    "l2_gradient",
    "l2_penalty",
    "max_norm",
    "smooth_labels",
]


def l1_penalty(W: Any, strength: Any) -> Any:
    r""":math:`\lambda \sum |W|` (`strength` is λ), added to the loss: drives small weights to exactly zero.

    Source: Tibshirani (1996), *Regression Shrinkage and Selection via the Lasso*.

    >>> l1_penalty(np.array([[1.0, -2.0]]), 0.5)
    np.float64(1.5)
    """
    return strength * np.sum(np.abs(W))


def l1_gradient(W: Any, strength: Any) -> Any:
    r""":math:`\lambda\,\mathrm{sign}(W)`; 0 at the kink W = 0, as in PyTorch."""
    return strength * np.sign(W)


def l2_penalty(W: Any, strength: Any) -> Any:
    r""":math:`\tfrac12 \lambda \sum W^2` (`strength` is λ), added to the loss.

    Variant: with the one half, so that the gradient is λ W, the ``weight_decay`` of PyTorch's SGD. Keras has no half
    (its λ is half of ours); scikit-learn also divides by the number of rows.

    Source: Hoerl, Kennard (1970), *Ridge Regression*; Krogh, Hertz (1991), *A Simple Weight Decay Can Improve
    Generalization*.

    >>> l2_penalty(np.array([[1.0, -2.0]]), 0.5)
    np.float64(1.25)
    """
    return 0.5 * strength * np.sum(W * W)


def l2_gradient(W: Any, strength: Any) -> Any:
    r""":math:`\lambda W`."""
    return strength * W


def global_norm(g: Any) -> float:
    """The Euclidean length of the flat vector of all gradients, summed in float64.

    >>> global_norm(np.array([3.0, -4.0]))
    5.0
    """
    return float(np.sqrt(np.sum(np.square(g, dtype=np.float64))))


def clip_by_norm(g: Any, norm: Any, limit: Any) -> Any:
    r"""The gradient shortened to length `limit` if it is longer, its direction kept: :math:`g\,\min(1, c / \|g\|)`.

    `norm` is the length of the *whole* flat gradient, :func:`global_norm`, and `limit` is c > 0. A norm that is not a
    number stays visible: everything becomes NaN.

    Variant: exact; PyTorch divides by norm + 1e-6.

    Source: Pascanu, Mikolov, Bengio (2013), *On the Difficulty of Training Recurrent Neural Networks*, Algorithm 1.

    >>> clip_by_norm(np.array([3.0, -4.0]), 5.0, 1.0)
    array([ 0.6, -0.8])
    """
    return g * (limit / max(norm, limit))


def clip_by_value(g: Any, limit: Any) -> Any:
    """Each component of the gradient limited to [-limit, limit]; the direction may change.

    >>> clip_by_value(np.array([3.0, -0.4]), 1.0)
    array([ 1. , -0.4])
    """
    return np.minimum(np.maximum(g, -limit), limit)


def decay(theta: Any, alpha: Any, weight_decay: Any) -> Any:
    r"""Decoupled weight decay: :math:`\theta \leftarrow (1 - \alpha \lambda)\,\theta`, besides the optimizer's rule.

    Taken off the weights before the rule moves them, with the learning rate α of the step, never off biases. Unlike the
    gradient of an L2 penalty it does not pass through the optimizer's scaling; for plain SGD the two are the same.

    Variant: multiplied by α, as in PyTorch and optax; the paper multiplies by the schedule's factor alone.

    Source: Loshchilov, Hutter (2019), *Decoupled Weight Decay Regularization*, Algorithm 2, line 12.

    >>> decay(2.0, 0.1, 0.5)
    1.9
    """
    return theta - alpha * weight_decay * theta  # 1 - αλ would be rounded to an ulp of 1


def max_norm(W: Any, limit: Any) -> Any:
    r"""Each neuron's incoming weights shortened to length `limit` if they are longer.

    They are the columns of W, shape (fan_in, fan_out): :math:`w_j \min(1, c / \|w_j\|)`, `limit` is c > 0. The bias is
    no part of them. Of other shapes the first axis is fan_in: a vector is one column.

    Source: Srebro, Shraibman (2005), *Rank, Trace-Norm and Max-Norm*; Srivastava et al. (2014), *Dropout*, section 5.1.

    >>> max_norm(np.array([[3.0, 0.3], [4.0, 0.4]]), 1.0)
    array([[0.6, 0.3],
           [0.8, 0.4]])
    """
    norms = np.sqrt(np.sum(W * W, axis=0, keepdims=True))
    return W * (limit / np.maximum(norms, limit))


def ema(average: Any, theta: Any, share: Any) -> Any:
    r"""The exponential moving average of the weights (or of anything else).

    .. math:: \bar\theta \leftarrow \beta\,\bar\theta + (1 - \beta)\,\theta

    `share` is 1 - β, the newest one's share, which float32 has where it has neither β = 0.9999 nor 1 minus that; so the
    old average keeps what the share leaves of it, :math:`\bar\theta - (1 - \beta)\,\bar\theta`.

    Start it from the first weights; no bias correction is needed then. Or start it from zeros, and read it through
    :func:`ema_unbiased`, which leaves out where training began.

    Source: Polyak, Juditsky (1992), *Acceleration of Stochastic Approximation by Averaging*; the exponential form:
    Szegedy et al. (2016), *Rethinking the Inception Architecture*, section 8.

    >>> ema(0.0, 8.0, 0.25)
    2.0
    """
    return (average - share * average) + share * theta


def ema_unbiased(average: Any, beta: Any, t: Any) -> Any:
    r"""An average that started from zeros, after t updates: :math:`\bar\theta / (1 - \beta^t)`, a true weighted mean.

    >>> ema_unbiased(2.0, 0.75, 1)
    8.0
    """
    return average / (1 - whole_power(beta, t))


def smooth_labels(target: Any, smoothing: Any, classes: Any) -> Any:
    r"""Label smoothing of a one-hot (or any) distribution over K classes: :math:`(1 - s)\,y + s / K`.

    `smoothing` is s in [0, 1), `classes` is K; a row still sums to 1. For the probability of one of two classes, K = 2.

    Variant: the uniform share s / K goes to all classes, the right one included, as in the paper, PyTorch and Keras.

    Source: Szegedy et al. (2016), *Rethinking the Inception Architecture for Computer Vision*, section 7.

    >>> smooth_labels(np.array([0.0, 1.0, 0.0, 0.0]), 0.2, 4)
    array([0.05, 0.85, 0.05, 0.05])
    """
    return (1 - smoothing) * target + smoothing / classes


def keep_mask(bits: Any, rate: Any, like: Any) -> Any:
    r"""What activations are multiplied by in dropout: 0 with probability `rate`, else 1 / (1 - rate).

    `bits` are 16 random bits, a whole number in [0, 65536) for each activation
    (:func:`glassnet.formulas.random.sixteen_bits`). So `rate`, in [0, 1), is rounded to a multiple of 1/65536, at most
    65535/65536; the kept ones are divided by what remains of 1, so that the expected value is exact. The result has the
    floating-point type of `like`.

    Variant: "inverted" dropout. The kept ones are scaled up in training, so that the expected value is the activation
    itself and prediction needs no change; the paper scales the weights down at prediction instead.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), *Dropout: A Simple Way to Prevent Neural
    Networks from Overfitting*, sections 4 and 10.

    >>> keep_mask(np.array([6000, 32767, 32768]), 0.5, 1.0)
    array([0., 0., 2.])
    """
    dropped = np.minimum(np.rint(rate * 65536), 65535)
    return np.multiply(bits >= dropped, 65536 / (65536 - dropped), dtype=getattr(like, "dtype", np.float64))

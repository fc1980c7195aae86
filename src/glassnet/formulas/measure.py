"""Properties of losses and activations, found by evaluating them: squared error, log-loss, monotone.

Each is decided by evaluation on some outputs and targets, so user-defined losses and activations are recognised, too.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import RESPONSES, Loss

OUTPUTS: Final = np.array([[-3.0], [-0.7], [0.2], [1.0], [2.5]])
RISING: Final = np.concatenate([-np.geomspace(1e4, 8, 200), np.linspace(-8, 8, 3201)[1:-1], np.geomspace(8, 1e4, 200)])
"""Points at which an activation is evaluated."""


def is_squared_error(loss: Loss) -> bool:
    """Return whether the loss is a multiple of the squared error.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> [is_squared_error(LOSSES.get(name)) for name in ("mse", "huber", "poisson")]
    [True, False, False]
    >>> sq = Loss("sq", lambda output, target: (output - target) ** 2, lambda output, target: 2 * (output - target))
    >>> is_squared_error(sq)
    True
    """
    if loss.target != "numbers" or loss.response != "identity" or loss.outputs_per_target != 1:
        return False
    return _proportional(loss, OUTPUTS, np.full((len(OUTPUTS), 1), 0.5), (OUTPUTS[:, 0] - 0.5) ** 2)


def is_log_loss(loss: Loss) -> bool:
    """Return whether the loss of a row is -ln p of its class, times a constant, with p the predicted probability.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> [is_log_loss(LOSSES.get(name)) for name in ("cross_entropy", "binary_cross_entropy", "focal", "hinge")]
    [True, True, False, False]
    """
    if loss.label_smoothing or loss.response not in ("sigmoid", "softmax") or loss.outputs_per_target != 1:
        return False
    outputs = OUTPUTS if loss.response == "sigmoid" else np.hstack([OUTPUTS, 0.3 * OUTPUTS[::-1]])
    second = np.arange(len(OUTPUTS)) % 2
    answers = RESPONSES[loss.response](outputs)
    chances = np.where(second, answers[:, -1], 1 - answers[:, -1])
    targets = loss.prepare(second if loss.target == "classes" else second[:, None].astype(float), outputs.shape[1])
    return _proportional(loss, outputs, targets, -np.log(chances))


def never_falls(activation: Activation) -> bool:
    """Return whether an activation of single numbers rises or stays level everywhere, but for rounding.

    Examples
    --------
    >>> from glassnet.formulas.activations import ACTIVATIONS
    >>> [never_falls(ACTIVATIONS.get(name)) for name in ("relu", "selu", "mish", "hard_swish", "softmax")]
    [True, True, False, False, False]
    """
    if not activation.elementwise:
        return False
    with np.errstate(all="ignore"):
        steps = np.diff(np.asarray(activation(RISING), np.float64))
    return bool((steps >= -1e-12).all())


def _proportional(loss: Loss, outputs: Any, targets: Any, expected: Any) -> bool:
    try:
        with np.errstate(all="ignore"):
            losses = np.asarray(loss.value(outputs, targets), np.float64)
    except Exception:  # a user's loss may raise any exception
        return False
    if losses.shape != expected.shape or not losses[0] > 0:
        return False
    return bool(np.allclose(losses * expected[0], expected * losses[0], rtol=1e-6))

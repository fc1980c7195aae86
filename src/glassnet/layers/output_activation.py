"""The last activation of a network, and the loss behind it.

A loss of scores turns them into probabilities or rates itself, in a form that neither overflows nor loses digits: its
response function is part of it. The same activation at the end of the layers, as most tutorials write it, is therefore
taken out. Any other activation there must leave the loss the numbers that it needs. Activations are recognised by their
values, not by their names, so user-defined ones are treated alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import RESPONSES, Loss
from glassnet.formulas.losses import LOSSES
from glassnet.layers.base import Layer
from glassnet.layers.dense import Activate, Dense, Dropout
from glassnet.layers.members import MemberDense
from glassnet.layers.ngram_linear import NgramLinear
from glassnet.support.language import Text


def before_loss(layers: Sequence[Layer], loss: Loss) -> tuple[Layer, ...]:
    """Return the layers for this loss: without a last activation that the loss applies itself.

    Raises
    ------
    InputError
        If the remaining last activation does not suit the loss.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> before_loss([Dense(4, "tanh"), Dense(3, "softmax")], LOSSES.get("cross_entropy"))
    (Dense(4, 'tanh'), Dense(3, 'identity'))
    """
    result = without_response(layers, loss)
    last = _last(result)
    activation = None if last is None else _activation(result[last])
    if activation is not None:
        check_output_activation(activation, loss)
    return result


def without_response(layers: Sequence[Layer], loss: Loss) -> tuple[Layer, ...]:
    """Return the layers without the activation at their end, if it is the loss's own; else as they are.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> without_response([Dense(4, "relu"), Dense(1), Activate("sigmoid")], LOSSES.get("binary_cross_entropy"))
    (Dense(4, 'relu'), Dense(1, 'identity'))
    """
    last = _last(layers)
    activation = None if last is None else _activation(layers[last])
    if last is None or activation is None or not is_response(activation, loss):
        return tuple(layers)
    layer = layers[last]
    if isinstance(layer, Activate) and len(layers) > 1:
        return (*layers[:last], *layers[last + 1 :])
    assert isinstance(layer, (Activate, Dense, MemberDense))
    return (*layers[:last], replace(layer, activation="identity"), *layers[last + 1 :])


def check_outputs(loss: Loss, outputs: int, members: int) -> None:
    """Refuse a number of outputs, of all members together, that does not fit a loss.

    Raises
    ------
    InputError
        If they are not a multiple of the outputs of a member, or of a target, or fewer than two classes.
    """
    if outputs % members:
        rule = Text("The last layer must have the same number of outputs for each of {count} members", count=members)
        raise InputError(
            rule,
            Text("{outputs} outputs", outputs=outputs),
            Text("End with MemberDense(1, members={count}, shared=False)", count=members),
        )
    each = outputs // members
    if loss.target == "classes" and each < 2:
        raise InputError(
            Text("`{name}` needs one output for each class, at least 2", name=loss.name),
            Text("{each} output", each=each),
            "For two classes with one output use `binary_cross_entropy`; otherwise make the last layer wider",
        )
    if each % loss.outputs_per_target:
        rule = Text("`{name}` needs {count} outputs for each target", name=loss, count=loss.outputs_per_target)
        raise InputError(rule, Text("{each} outputs", each=each), "Change the last layer")


def _last(layers: Sequence[Layer]) -> int | None:
    """Return the index of the last layer that is active in prediction, if any."""
    for place in range(len(layers) - 1, -1, -1):
        layer = layers[place]
        identity = isinstance(layer, Activate) and layer.f.name == "identity"
        if not identity and not isinstance(layer, (Dropout, NgramLinear)):
            return place
    return None


def _activation(layer: Layer) -> Activation | None:
    """Return the activation at the end of a layer."""
    return layer.f if isinstance(layer, (Activate, Dense, MemberDense)) else None


Array = npt.NDArray[Any]
NEAR = np.array([[-20.0, -3.0, -0.5], [0.0, 0.25, 1.0], [2.0, 5.0, 20.0]])
FAR = 1e4 * np.array([[-1.0, 0.0, 1.0], [1.0, 0.0, -1.0]])
"""Rows on which an activation is evaluated: where it bends, and far away."""
SURE = 10.0
"""The least range of scores: probabilities of 1/22000 and 1 - 1/22000."""
MARGIN = 0.99
"""How near to -1 and +1 outputs must get that are compared with both."""


def is_response(activation: Activation, loss: Loss) -> bool:
    """Return whether the activation is the one that the loss applies to the outputs itself.

    Examples
    --------
    >>> from glassnet.formulas.activations import ACTIVATIONS
    >>> is_response(ACTIVATIONS.get("sigmoid"), LOSSES.get("binary_cross_entropy"))
    True
    >>> is_response(ACTIVATIONS.get("hard_sigmoid"), LOSSES.get("binary_cross_entropy"))
    False
    """
    if loss.response == "identity":
        return False
    answers = _responses(activation, NEAR)
    return answers is not None and np.allclose(answers, RESPONSES[loss.response](NEAR), rtol=1e-6, atol=1e-12)


def _responses(activation: Activation, rows: Array) -> Array | None:
    """Return the activation of some rows; None if it does not take rows of this width."""
    try:
        with np.errstate(all="ignore"):
            answers = np.asarray(activation(rows), np.float64)
    except Exception:  # a user's activation may raise any exception
        return None
    return answers if answers.shape == rows.shape else None


def last_activation(loss: Loss) -> str:
    """Return the usual last activation for this loss.

    Examples
    --------
    >>> last_activation(LOSSES.get("cross_entropy")), last_activation(LOSSES.get("cross_entropy_from_probabilities"))
    ('identity', 'softmax')
    """
    if loss.takes != "probabilities":
        return "identity"
    return "softmax" if loss.target == "classes" else "sigmoid"


def check_output_activation(activation: Activation, loss: Loss) -> None:
    """Refuse a last activation whose range does not suit the loss.

    Raises
    ------
    InputError
        If scores cannot get far to both sides, probabilities are none or not those of classes that exclude each
        other, or outputs cannot reach both of two sides.

    Examples
    --------
    >>> from glassnet.formulas.activations import ACTIVATIONS
    >>> check_output_activation(ACTIVATIONS.get("relu"), LOSSES.get("cross_entropy"))
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: Before `cross_entropy` must come raw scores, which may be any numbers; it applies \
softmax to them itself. Received: 'relu' as the last activation. Remove it from the end of the layers.
    """
    answers = None if loss.takes == "numbers" else _responses(activation, FAR)
    if answers is None:
        return
    low, high = np.min(answers), np.max(answers)
    if loss.takes == "scores":
        fits = not (low > -SURE or high < SURE)
    elif loss.takes == "sides":
        fits = not (low > -MARGIN or high < MARGIN)
    else:
        fits = not (low < 0 or high > 1) and not (loss.target == "classes" and activation.elementwise)
    if not fits:
        received = Text("{name!r} as the last activation", name=str(activation))
        raise InputError(_rule(loss), received, _remedy(activation, loss))


def _rule(loss: Loss) -> Text:
    if loss.takes == "scores":
        rule = Text("Before `{name}` must come raw scores, which may be any numbers")
        if loss.response != "identity":
            rule = Text(
                "Before `{name}` must come raw scores, which may be any numbers; it applies {response} to them itself"
            )
    elif loss.takes == "sides":
        rule = Text("Before `{name}` must come numbers that reach -1 and +1")
    elif loss.target == "classes":
        rule = Text("Before `{name}` must come probabilities that sum to 1")
    else:
        rule = Text("Before `{name}` must come probabilities between 0 and 1")
    return rule.filled(name=loss.name, response=loss.response)


def _remedy(activation: Activation, loss: Loss) -> Text:
    """Return the remedy: what to end with instead, or losses that fit."""
    last, others = last_activation(loss), [LOSSES.get(name) for name in LOSSES]
    if loss.takes == "probabilities":
        fitting = [other.name for other in others if other.response == last]
        remedy = Text('End the layers with "{name}", or take a loss of raw scores: {losses}')
        return remedy.filled(name=last, losses=", ".join(fitting))
    fitting = [other.name for other in others if is_response(activation, other)]
    remedy = Text("Remove it from the end of the layers")
    if fitting:
        remedy = Text("Remove it from the end of the layers, or take a loss that goes with it: {losses}")
    return remedy.filled(losses=", ".join(fitting))

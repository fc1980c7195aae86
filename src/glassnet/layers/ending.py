"""The end of a chain of layers, as the loss behind it needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glassnet.errors import InputError
from glassnet.formulas.activations import Activation
from glassnet.formulas.ending import check_ending, is_response
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Layer
from glassnet.layers.dense import Activate, Dense
from glassnet.layers.dropout import Dropout
from glassnet.layers.members import MemberDense


def before_loss(layers: Sequence[Layer], loss: Loss) -> tuple[Layer, ...]:
    """The layers as they stand before this loss: without the activation that it applies itself.

    Raises
    ------
    InputError
        If what is then the last activation does not go with the loss.

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
        check_ending(activation, loss)
    return result


def without_response(layers: Sequence[Layer], loss: Loss) -> tuple[Layer, ...]:
    """The layers without the activation at their end, if it is the loss's own; else as they are.

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
    """Refuse outputs that can never go with a loss, so many of all members together.

    Raises
    ------
    InputError
        If they are no multiple of what each member, or each target, needs, or fewer than two classes.
    """
    if outputs % members:
        rule = f"The last layer must have the same number of outputs for each of {members} members"
        raise InputError(rule, f"{outputs} outputs", f"End with MemberDense(1, members={members}, shared=False)")
    each = outputs // members
    if loss.target == "classes" and each < 2:
        raise InputError(
            f"`{loss.name}` needs one output for each class, at least 2",
            f"{each} output",
            "For two classes with one output use `binary_cross_entropy`; otherwise make the last layer wider",
        )
    if each % loss.outputs_per_target:
        rule = f"`{loss}` needs {loss.outputs_per_target} outputs for each target"
        raise InputError(rule, f"{each} outputs", "Change the last layer")


def _last(layers: Sequence[Layer]) -> int | None:
    """The place of the last layer that does something in prediction, if there is one."""
    for place in range(len(layers) - 1, -1, -1):
        layer = layers[place]
        if not isinstance(layer, Dropout) and not (isinstance(layer, Activate) and layer.f.name == "identity"):
            return place
    return None


def _activation(layer: Layer) -> Activation | None:
    """The activation that a layer ends with."""
    return layer.f if isinstance(layer, (Activate, Dense, MemberDense)) else None

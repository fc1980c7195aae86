"""From the options of an estimator to the settings of one training, and to the layers that they describe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators.presets import TableSize, resolve
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Dense, Dropout, Layer, parse_layers
from glassnet.network import LBFGS, NeuralNetwork

__all__ = ["NOT_SETTINGS", "STRUCTURE", "check_unchanged", "choose_settings", "fitting_loss", "network_layers"]

NOT_SETTINGS = ("warm_start", "verbose", "random_state", "callbacks", "class_weight", "preset")
"""The options that no preset decides."""
STRUCTURE = ("hidden_layers", "activation", "dropout", "loss", "dtype")
"""The settings that a network which is trained on cannot change."""
NOT_FOR_LBFGS = ("learning_rate", "schedule", "weight_decay", "batch_size")
"""The settings that have no meaning where the whole table is taken at once."""
ONLY_FOR_STOPPING = ("scoring", "patience", "validation_fraction")
"""Whoever gives one of these wants early stopping."""


def choose_settings(given: Mapping[str, Any], preset: str, size: TableSize, default_loss: str) -> dict[str, Any]:
    """Every setting with its value: as given, or as the preset has it for a table of this size.

    Parameters
    ----------
    given : mapping from str to object
        None where nothing is given.
    preset : str
    size : TableSize
    default_loss : str
        The one that suits the targets.

    Raises
    ------
    InputError, InputTypeError
        If the preset or a layer is unknown, or an option has no meaning beside the others.

    Examples
    --------
    >>> given = dict.fromkeys(["dropout", "loss", "optimizer", "early_stopping", "scoring"]) | {"scoring": "roc_auc"}
    >>> given |= dict.fromkeys(["patience", "validation_fraction", "hidden_layers"])
    >>> settings = choose_settings(given, "mlp", TableSize(rows=100, columns=5), "cross_entropy")
    >>> settings["early_stopping"], settings["loss"], settings["activation"]
    (True, 'cross_entropy', 'relu')
    """
    settings = {**given, **resolve(preset, given, size)}
    if given["loss"] is None:
        settings["loss"] = default_loss
    if given["early_stopping"] is None and any(given[name] is not None for name in ONLY_FOR_STOPPING):
        settings["early_stopping"] = True
    if settings["optimizer"] == LBFGS:
        for name in NOT_FOR_LBFGS:
            if given[name] is not None:
                raise InputError(f"The optimizer lbfgs takes no `{name}`", given[name], "Leave it at None")
            settings[name] = None
    placed = any(isinstance(layer, Dropout) for layer in _hidden_layers(settings))
    # whoever places dropout wants it there and nowhere else; one mask for a whole search would only cut units off
    if given["dropout"] is None and (placed or settings["optimizer"] == LBFGS):
        settings["dropout"] = 0.0
    return settings


def fitting_loss(settings: Mapping[str, Any], targets: Sequence[str], estimator: str) -> Loss:
    """The loss, if its targets are of one of these kinds.

    Raises
    ------
    InputError, InputTypeError
        If there is none of that name, or it does not suit.
    """
    loss = LOSSES.get(settings["loss"])
    if loss.target not in targets:
        fitting = [name for name in LOSSES if LOSSES.get(name).target in targets]
        raise InputError(
            f"`loss` of {estimator} must be one of: {', '.join(fitting)}", str(loss), "Use one of these names"
        )
    return loss


def network_layers(settings: Mapping[str, Any], loss: Loss, outputs: int) -> list[Layer]:
    """The layers of the network, dropout and the output among them.

    Examples
    --------
    >>> settings = {"hidden_layers": (8, "tanh:4"), "activation": "relu", "dropout": 0.1}
    >>> network_layers(settings, LOSSES.get("cross_entropy"), 3)
    [Dense(8, 'relu'), Dropout(0.1), Dense(4, 'tanh'), Dropout(0.1), Dense(3, 'identity')]
    """
    layers: list[Layer] = []
    for layer in _hidden_layers(settings):
        layers.append(layer)
        if settings["dropout"] and isinstance(layer, Dense):
            layers.append(Dropout(settings["dropout"]))
    # a loss of probabilities that does not turn scores into them itself needs an output layer that does
    squash = {"fractions": "sigmoid", "classes": "softmax"}.get(loss.target, "identity")
    return [*layers, Dense(outputs, squash if loss.response == "identity" else "identity")]


def _hidden_layers(settings: Mapping[str, Any]) -> list[Layer]:
    spellings = settings["hidden_layers"]
    single = isinstance(spellings, (int, np.integer, str, Layer))
    return parse_layers([spellings] if single else spellings, settings["activation"])


def check_unchanged(network: NeuralNetwork, layers: Sequence[Layer], loss: Loss, dtype: Any) -> None:
    """Refuse to go on with another network than there is.

    Raises
    ------
    InputError
        If layers, loss or precision differ.
    """
    kept = {
        "loss": loss == network.loss,
        "hidden_layers, activation or dropout": tuple(layers) == network.layers,
        "dtype": np.dtype(dtype) == network.dtype,
    }
    for names, same in kept.items():
        if not same:
            raise InputError(
                "Training that goes on must keep the network as it is",
                f"another {names} than {network!r} in {network.dtype}",
                "Set warm_start=False and call fit to start afresh",
            )

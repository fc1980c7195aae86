"""Networks from Keras and to it.

Keras itself is imported only for the export: a program that has a Keras model has imported it already. Files of Keras
are not opened here, for they may hold code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from glassnet.errors import InputError, InputTypeError, MissingExtraError
from glassnet.exchange.importers.assembly import (
    LayerArrays,
    Scaling,
    assembled,
    clipped,
    folded,
    foreign_name,
    leaky,
    names_in,
    normalization,
    parts_of,
    rounded_dense,
    unsupported_layer,
)
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.loss import Loss
from glassnet.layers import Activate, BatchNorm, Dense, Dropout, LayerNorm, RMSNorm
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text

HOMES: Final = ("keras.", "tf_keras.", "keras_core.")
"""Where the layers of Keras are; a third-party layer may do anything under a known name."""
ROUNDED: Final = "glassnet.exchange.importers.rounded_dense"
"""Where the one is that `to_keras` adds to them."""

SPELLINGS: Final = names_in("keras") | {
    "leaky_relu": "leaky_relu(slope=0.2)",
    "swish": "silu",
    "hard_swish": "hard_swish",
}
"""How the activations that Keras knows by name are spelled here."""
WITHOUT_EFFECT: Final = ("InputLayer", "Identity", "Flatten", "ActivityRegularization")
"""On rows of numbers, in prediction, these do nothing."""


def from_keras(model: Any, *, loss: str | Loss = "mse") -> NeuralNetwork:
    """Return the network equivalent to a Keras model.

    Parameters
    ----------
    model : keras.Sequential or keras.Model
        Built, and one layer after the other from one input to one output, as Sequential has them: Dense, Activation,
        ReLU, LeakyReLU, PReLU, ELU, Softmax, Dropout, BatchNormalization, LayerNormalization and RMSNormalization;
        Normalization and Rescaling in front of a Dense, whose weights take them up.
    loss : str or Loss
        What the outputs mean; see :func:`glassnet.from_torch`.

    Returns
    -------
    NeuralNetwork
        Its ``forward`` (but see `loss`) gives what the model's ``predict`` gives, to rounding.

    Raises
    ------
    InputError, InputTypeError
        If something cannot be taken over; the error names it, and where it is.
    """
    home, kind = type(model).__module__, type(model).__name__
    if not home.startswith(HOMES) or kind not in MODELS:
        rule = Text("A Keras model must be Sequential or functional")
        raise InputTypeError(rule, Text("{kind} of {home}", kind=kind, home=home), "Rebuild it from its layers")
    return assembled(folded(_parts(model)), loss, "A model of Keras", partial(_answers, model))


def _answers(model: Any, rows: Array) -> Array:
    """Return the predictions of a Keras model."""
    try:
        return np.asarray(model.predict_on_batch(rows))
    except Exception as error:  # a third-party model may raise anything
        raise InputError("A Keras model must be able to predict", f"{error}", "Check that it runs in Keras") from error


def _parts(model: Any, before: str = "") -> Iterator[LayerArrays | Scaling]:
    for number, layer in enumerate(MODELS[type(model).__name__](model)):
        kind, home = type(layer).__name__, type(layer).__module__
        where = f"layer {before}{number}, {kind} {layer.name!r}"
        if home == ROUNDED:
            home = "keras.layers"
        if not home.startswith(HOMES):
            raise unsupported_layer("A layer", where, f"it is not Keras's own but of {home}")
        if "call" in vars(layer):
            raise unsupported_layer("A layer", where, "its `call` is not Keras's own but was replaced")
        activation = getattr(layer, "activation", None)
        name = getattr(activation, "__name__", None)
        known = sys.modules.get(f"{home.partition('.')[0]}.activations")  # of the Keras that the layer comes from
        if callable(activation) and activation is not getattr(known, str(name), None):
            raise unsupported_layer("A layer", where, f"its activation {name!r} is not Keras's own")
        if kind in MODELS:
            yield from _parts(layer, f"{before}{number}.")
        elif kind not in WITHOUT_EFFECT:
            try:
                yield from _layer(kind, layer)
            except InputError as error:
                raise unsupported_layer("A layer", where, str(error)) from error


def _in_order(model: Any) -> list[Any]:
    """Return the layers of a functional model in order; refuse one that is not a chain."""
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        rule = Text("A functional model must have one input and one output")
        raise InputError(
            rule,
            Text("{count} and {other}", count=len(model.inputs), other=len(model.outputs)),
            "Import only the sequential part",
        )
    layers, at = [], model.outputs[0]
    while at is not model.inputs[0]:
        layer, call, _ = at._keras_history
        taken = layer._inbound_nodes[call].input_tensors
        where = f"{type(layer).__name__} {layer.name!r}"
        if not hasattr(layer, "get_weights"):
            raise unsupported_layer("A layer", where, "it is a function")
        if not isinstance(taken, list) or len(taken) != 1:
            raise unsupported_layer("A layer", where, "it takes more than what the layer before it gives")
        layers.append(layer)
        at = taken[0]
    return layers[::-1]


MODELS: Final[Mapping[str, Callable[[Any], list[Any]]]] = {
    "Functional": _in_order,
    "Sequential": lambda model: list(model.layers),
}
"""The models that are chains of layers, and what gives these in their order."""


def _layer(kind: str, layer: Any) -> Iterator[LayerArrays | Scaling]:
    config, weights = layer.get_config(), [np.asarray(array) for array in layer.get_weights()]
    if kind in ("Dense", "RoundedDense"):
        if not weights:
            raise InputError("It has no weights yet", None, "Build the model first")
        if len(weights) != 1 + config["use_bias"] or any(array.dtype.kind != "f" for array in weights):
            raise InputError(
                "It must have plain weights and biases",
                Text("{count} arrays", count=len(weights)),
                "Undo LoRA or quantization",
            )
        dense = Dense(config["units"], bias=config["use_bias"])
        if kind == "RoundedDense":
            dense = rounded_dense(dense.units, dense.bias, config["share"])
        yield LayerArrays(dense, dict(zip(("W", "b"), weights, strict=False)))
        yield LayerArrays(Activate(_named(config["activation"])))
    elif kind == "Dropout":
        yield LayerArrays(Dropout(config["rate"]))
    elif kind == "BatchNormalization":
        momentum = 1 - config["momentum"]  # Keras says how much of the past is kept
        yield _normalization(BatchNorm, config, weights, momentum=momentum or 1e-12, epsilon=config["epsilon"])
    elif kind == "LayerNormalization":
        if config.get("rms_scaling"):
            raise InputError("It must subtract the mean", "rms_scaling", "Use RMSNormalization")
        yield _normalization(LayerNorm, config, weights, epsilon=config["epsilon"])
    elif kind == "RMSNormalization":
        its = config | {"scale": True, "center": False}
        yield _normalization(RMSNorm, its, weights, epsilon=config["epsilon"])
    elif kind == "Rescaling":
        yield Scaling(np.asarray(layer.scale, np.float64), np.asarray(layer.offset, np.float64))
    elif kind == "Normalization":
        yield _standardization(config, weights)
    elif kind == "PReLU":
        yield LayerArrays(Activate(leaky(weights[0])))
    else:
        yield LayerArrays(Activate(_spelled(kind, config)))


LEAST_DEVIATION: Final = 1e-7
"""What Keras divides by where a column is all but constant."""


def _standardization(config: Mapping[str, Any], weights: list[Any]) -> Scaling:
    mean, variance, *_ = weights or (config["mean"], config["variance"])
    if mean is None:
        raise InputError("It must have weights to import", None, "Adapt it to rows, and build the model")
    spread = np.maximum(np.sqrt(np.asarray(variance, np.float64)), LEAST_DEVIATION)
    mean = np.asarray(mean, np.float64)
    return Scaling(spread, mean) if config["invert"] else Scaling(1 / spread, -mean / spread)


def _normalization(kind: Any, config: Mapping[str, Any], weights: list[Any], **settings: float) -> LayerArrays:
    axis = config["axis"]
    if (list(axis) if isinstance(axis, (list, tuple)) else [axis]) not in ([-1], [1]):
        raise InputError("It must act along the features of each row", Text("axis {axis}", axis=axis), "Use -1")
    there = [name for name, used in (("gain", config["scale"]), ("shift", config["center"])) if used]
    names = [*there, *(("mean", "variance") if kind is BatchNorm else ())]
    if len(weights) != len(names) or not weights:
        raise InputError(
            "It must have weights to import", Text("{count} arrays", count=len(weights)), "Build the model first"
        )
    return normalization(kind, len(weights[0]), dict(zip(names, weights, strict=True)), **settings)


def _named(activation: Any) -> str:
    if not isinstance(activation, str) or activation not in SPELLINGS:
        raise InputError("Unsupported activation", repr(activation), "Use another one")
    return SPELLINGS[activation]


def _spelled(kind: str, config: Mapping[str, Any]) -> str:
    """Return the spelling of an activation that is a layer."""
    if kind == "Activation":
        return _named(config["activation"])
    if kind == "LeakyReLU":
        return f"leaky_relu(slope={config['negative_slope']})"
    if kind == "ELU":
        return f"elu(alpha={config['alpha']})"
    if kind == "ReLU" and not config["threshold"]:
        slope, most = config["negative_slope"], config["max_value"]
        if not slope:
            return clipped(0, most)
        if most is None:
            return f"leaky_relu(slope={slope})"
    if kind == "Softmax" and config["axis"] in (-1, 1):
        return "softmax"
    raise InputError("Unsupported layer")


# --------------------------------------------------------------------- to Keras


def to_keras(network: NeuralNetwork) -> Any:
    """Return a Keras model whose ``predict`` equals the network's ``forward`` up to rounding.

    Keras takes rows in single precision, unless its ``floatx`` says otherwise.

    Parameters
    ----------
    network : NeuralNetwork
        Of Dense, Activate, Dropout, BatchNorm, LayerNorm and RMSNorm; of an estimator its ``network_``, which takes
        encoded rows. A Dense that rounds to bfloat16 becomes one of Keras that rounds the same operands; sums have
        the order of Keras's engine, so outputs agree to about three digits.

    Returns
    -------
    keras.Sequential

    Raises
    ------
    InputError, InputTypeError
        If a layer has no counterpart; the error names it, and where it is.
    MissingExtraError
        If Keras is not installed.
    """
    parts = list(parts_of(network))
    try:
        import keras
    except ImportError:
        raise MissingExtraError("A network for Keras", "keras", "keras") from None
    layers = [_of_keras(keras.layers, place, part, network.dtype.name) for place, part in parts]
    model = keras.Sequential([keras.Input((network.inputs,), dtype=network.dtype.name), *layers])
    for layer, (_, part) in zip(layers, parts, strict=True):
        layer.set_weights([part.values[name] for name in ORDER if name in part.values])
    return model


ORDER: Final = ("W", "b", "gain", "shift", "mean", "variance")
"""In which Keras lists the numbers of a layer."""


def _of_keras(kinds: Any, place: str, part: LayerArrays, dtype: str) -> Any:
    layer = part.layer
    if isinstance(layer, Dense):
        if layer.products == "full":
            return kinds.Dense(layer.units, use_bias=layer.bias, dtype=dtype)
        from glassnet.exchange.importers.rounded_dense import RoundedDense

        return RoundedDense(layer.units, layer.share(len(part.values["W"])), use_bias=layer.bias, dtype=dtype)
    if isinstance(layer, BatchNorm):
        return kinds.BatchNormalization(momentum=1 - layer.momentum, epsilon=layer.epsilon, dtype=dtype)
    if isinstance(layer, LayerNorm):
        return kinds.LayerNormalization(epsilon=layer.epsilon, dtype=dtype)
    if isinstance(layer, RMSNorm):
        return kinds.RMSNormalization(epsilon=layer.epsilon, dtype=dtype)
    if isinstance(layer, Dropout):
        return kinds.Dropout(layer.rate, dtype=dtype)
    assert isinstance(layer, Activate)
    return _activation(kinds, place, layer.f, dtype)


def _activation(kinds: Any, place: str, f: Activation, dtype: str) -> Any:
    there = foreign_name("keras", "Keras", place, f)
    with_parameters: dict[str, Callable[..., Any]] = {"leaky_relu": kinds.LeakyReLU, "elu": kinds.ELU}
    if f.name in with_parameters:
        return with_parameters[f.name](*f.values, dtype=dtype)
    if f != ACTIVATIONS.get(f.name):
        raise unsupported_layer("An activation to hand over", place, f"Keras has no {f}")
    return kinds.Activation(there, dtype=dtype)

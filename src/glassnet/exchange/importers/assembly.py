"""Assemble a network from layers with arrays, and take it apart; names of activations in other libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.engines.ordered import product
from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.loss import Loss
from glassnet.layers import Activate, BatchNorm, Dense, Dropout, Layer, LayerNorm, Layout, RMSNorm
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.messages import of_shape

COMMON = (Activate, BatchNorm, Dense, Dropout, LayerNorm, RMSNorm)
"""The layers that every library has."""
ROWS = 32
"""Rows that a network and what it comes from are compared on."""
ROUNDING = {"float64": 1e-6, "float32": 0.01}
"""The share of the largest answer that is rounding, perhaps that of a deep network or of half precision."""


class Names(NamedTuple):
    """The names of one activation in other libraries; "" where a library has none."""

    sklearn: str = ""
    torch: str = ""
    keras: str = ""
    onnx: str = ""


KNOWN: Final[Mapping[str, Names]] = {
    "identity": Names("identity", "Identity", "linear", "Identity"),
    "sigmoid": Names("logistic", "Sigmoid", "sigmoid", "Sigmoid"),
    "tanh": Names("tanh", "Tanh", "tanh", "Tanh"),
    "relu": Names("relu", "ReLU", "relu", "Relu"),
    "relu6": Names("", "ReLU6", "relu6", "Clip"),
    "elu": Names("", "ELU", "elu", "Elu"),
    "gelu": Names("", "GELU", "gelu", "Gelu"),
    "gelu_tanh": Names("", "GELU", "", "Gelu"),
    "hard_sigmoid": Names("", "Hardsigmoid", "hard_sigmoid", "HardSigmoid"),
    "hard_tanh": Names("", "Hardtanh", "hard_tanh", "Clip"),
    "hard_swish": Names("", "Hardswish", "hard_silu", "HardSwish"),
    "leaky_relu": Names("", "LeakyReLU", "leaky_relu", "LeakyRelu"),
    "mish": Names("", "Mish", "mish", "Mish"),
    "selu": Names("", "SELU", "selu", "Selu"),
    "silu": Names("", "SiLU", "silu"),
    "softmax": Names("", "Softmax", "softmax", "Softmax"),
    "softplus": Names("", "Softplus", "softplus", "Softplus"),
    "softsign": Names("", "Softsign", "softsign", "Softsign"),
}
"""By the name here. Importers also read the settings that some have there (a slope, an axis)."""


class LayerArrays(NamedTuple):
    """A layer with its numbers, parameters and statistics, by the names that the layer gives them."""

    layer: Layer
    values: Mapping[str, Array] = {}


class Scaling(NamedTuple):
    """x · factor + summand, as libraries put it in front of a network: a number for each column, or one for all."""

    factor: Array
    summand: Array


def unsupported_layer(what: str, place: object, why: str) -> InputError:
    """Return the error that names the layer that cannot be converted, and its place."""
    return InputError(
        Text("{name} must be one of dense layers, activations, dropout, batch, layer and RMS normalization", name=what),
        f"{place}: {why}",
        "Remove it, or put it into another model",
    )


def normalization(
    kind: type[BatchNorm | LayerNorm | RMSNorm], width: int, values: Mapping[str, Any], **settings: float
) -> LayerArrays:
    """Return a normalization; a missing gain is 1, a missing shift 0.

    Examples
    --------
    >>> normalization(LayerNorm, 2, {"gain": None, "shift": np.array([3.0, 4.0])}).values["gain"]
    array([1., 1.])
    """
    layer = kind(**settings)
    usual = {"gain": np.ones(width), "shift": np.zeros(width)}
    wanted = {parameter.name for parameter in layer.parameters(width)}
    there = {name: array for name, array in values.items() if array is not None}
    return LayerArrays(layer, {name: array for name, array in usual.items() if name in wanted} | there)


def rounded_dense(units: int, bias: bool, share: float) -> Dense:
    """Return a dense layer with operands of bfloat16; `share` is the factor of its products.

    Examples
    --------
    >>> rounded_dense(2, True, 1.0)
    Dense(2, 'identity', products='bfloat16')
    """
    return Dense(units, bias=bias, products="bfloat16", parametrization="standard" if share == 1 else "ntk")


def assembled(
    parts: Iterable[LayerArrays], loss: str | Loss, what: str, answers: Callable[[Array], Array] | None = None
) -> NeuralNetwork:
    """Return the network of these layers.

    A dense layer and the activation behind it become one layer, as glassnet has it. For some
    rows the network must give the same outputs as `answers`, in case the description of its parts is incomplete.

    Raises
    ------
    InputError
        If there is no layer with weights, the numbers do not fit each other, or the answers are others.

    Examples
    --------
    >>> dense = LayerArrays(Dense(1), {"W": np.ones((2, 1)), "b": np.zeros(1)})
    >>> network = assembled([dense, LayerArrays(Activate("relu"))], "mse", "An example")
    >>> network.layers, network.forward([[1.0, 2.0]])
    ((Dense(1, 'relu'),), array([[3.]]))
    """
    joined: list[LayerArrays] = []
    for part in parts:
        before = joined[-1] if joined else None
        if isinstance(part.layer, Activate) and before and isinstance(before.layer, Dense):
            dense = before.layer
            if dense.f.name == "identity":
                joined[-1] = LayerArrays(replace(dense, activation=part.layer.f), before.values)
                continue
        joined.append(part)
    shapes = [array.shape for part in joined for array in part.values.values()]
    if not shapes:
        raise InputError(
            Text("{name} must have a layer with weights", name=what),
            Text("{count} layers", count=len(joined)),
            "Pass a trained one",
        )
    layers, dtype = [part.layer for part in joined], np.result_type(*(a for p in joined for a in p.values.values()))
    dtype = np.dtype("float64" if dtype == np.float64 else "float32")
    layout = Layout(layers, shapes[0][0])
    numbers = np.empty(layout.size, dtype), np.empty(layout.statistics_size, dtype)
    for slots, flat in zip((layout.parameters, layout.statistics), numbers, strict=True):
        for slot in slots:
            array = joined[slot.layer - 1].values[slot.parameter.name]
            if array.shape != slot.parameter.shape or not np.isfinite(array).all():
                rule = Text(
                    "{name} must have finite numbers of matching shapes: {array} of shape {shape}",
                    name=what,
                    array=slot.name,
                    shape=slot.parameter.shape,
                )
                shown = of_shape(array.shape) if array.shape != slot.parameter.shape else Text("NaN or infinity")
                raise InputError(rule, shown, "Check that it is trained and complete")
            slot.view(flat)[...] = array
    if answers is not None:
        _check_answers(NeuralNetwork.with_numbers(shapes[0][0], layers, "mse", *numbers), answers, what)
    return NeuralNetwork.with_numbers(shapes[0][0], layers, loss, *numbers)


def _check_answers(network: NeuralNetwork, answers: Callable[[Array], Array], what: str) -> None:
    """Refuse a network that does not answer as what it comes from; rounding is no difference."""
    rows = np.random.default_rng(0).normal(size=(ROWS, network.inputs)).astype(network.dtype)
    with np.errstate(all="ignore"):
        here, there = network.forward(rows), np.asarray(answers(rows), np.float64)
    scale = np.abs(there).max(initial=1.0)
    share = ROUNDING[network.dtype.name]
    if here.shape != there.shape or not np.allclose(here, there, rtol=share, atol=share * scale):
        shown = of_shape(there.shape)
        if here.shape == there.shape:
            shown = Text("off by {error:.3g}", error=np.abs(here - there).max())
        raise InputError(
            Text("{name} must give the same output as its parts in sequence", name=what),
            Text("{shown} on {rows} rows drawn at random", shown=shown, rows=ROWS),
            "One of its methods may be replaced, or it may compute more than its layers",
        )


def parts_of(network: NeuralNetwork) -> Iterator[tuple[str, LayerArrays]]:
    """Return every layer of a network with its parameters and its place; activations are layers of their own.

    Weights are converted from the layer's own form to the plain form x W + b, but for those that are rounded.

    Raises
    ------
    InputError, InputTypeError
        If a layer is none that every library has, or there are members.

    Examples
    --------
    >>> [part.layer for _, part in parts_of(NeuralNetwork(2, ["tanh:3", 1]))]
    [Dense(3, 'identity'), Activate('tanh'), Dense(1, 'identity')]
    """
    if not isinstance(network, NeuralNetwork):
        raise InputTypeError(
            "The network to convert must be a NeuralNetwork", type(network).__name__, "Pass `network_`"
        )
    if network.members > 1:
        raise InputError("The network to convert must have no members", network.members, "Convert each separately")
    values = network.layout.values(network.parameters, network.statistics)
    for number, (layer, arrays) in enumerate(zip(network.layers, values, strict=True), 1):
        place = f"layer {number}, {layer!r}"
        if not isinstance(layer, COMMON):
            raise unsupported_layer("A layer to hand over", place, "another library has no such layer")
        if not isinstance(layer, Dense):
            yield place, LayerArrays(layer, arrays)
            continue
        plain = Dense(layer.units, bias=layer.bias)
        if layer.products == "bfloat16":  # other weights would be rounded to others
            yield place, LayerArrays(replace(plain, products="bfloat16", parametrization=layer.parametrization), arrays)
        else:
            share = layer.share(network.layout.widths[number - 1])
            weights = dict(arrays) if share == 1 else dict(arrays) | {"W": arrays["W"] * arrays["W"].dtype.type(share)}
            yield place, LayerArrays(plain, weights)
        if layer.f.name != "identity":
            yield place, LayerArrays(Activate(layer.f))


def folded(parts: Iterable[LayerArrays | Scaling]) -> Iterator[LayerArrays]:
    """Fold scalings into the dense layers: (x · f + s) W + b is x (f W) + (s W + b).

    Raises
    ------
    InputError
        If no dense layer follows on a scaling, or it is of other columns.

    Examples
    --------
    >>> dense = LayerArrays(Dense(1), {"W": np.array([[2.0], [3.0]]), "b": np.zeros(1)})
    >>> (part,) = folded([Scaling(np.array([0.5, 1.0]), np.array([0.0, 1.0])), dense])
    >>> part.values["W"].ravel(), part.values["b"]
    (array([1., 3.]), array([3.]))
    """
    rule = Text("Column scaling must be followed by a dense layer, into which it is folded")
    waiting: Scaling | None = None
    for part in parts:
        if isinstance(part, Scaling):
            factor, summand = waiting or (np.ones(1), np.zeros(1))
            waiting = Scaling(factor * part.factor, summand * part.factor + part.summand)
        elif waiting is None:
            yield part
        elif isinstance(part.layer, Dense) and part.layer.products == "full":
            yield _taken_up(waiting, part)
            waiting = None
        else:
            raise InputError(rule, repr(part.layer), "Put the scaling in front of a dense layer")
    if waiting is not None:
        raise InputError(rule, "it comes last", "Put the scaling in front of a dense layer")


def _taken_up(scaling: Scaling, dense: LayerArrays) -> LayerArrays:
    W, b = dense.values["W"], dense.values.get("b", 0)
    factor, summand = (np.ravel(numbers).astype(np.float64) for numbers in scaling)
    if not {factor.size, summand.size} <= {1, len(W)}:
        rule = Text("A scaling must have one number for each column, or one for all")
        raise InputError(
            rule,
            Text("{count} for {other} columns", count=max(factor.size, summand.size), other=len(W)),
            "Check that it belongs to these columns",
        )
    scaled, shift = W * np.broadcast_to(factor, len(W))[:, None], b + product(np.broadcast_to(summand, len(W)), W)
    layer = Dense(dense.layer.outputs(len(W)))
    return LayerArrays(layer, {"W": in_precision(scaled, W.dtype), "b": in_precision(shift, W.dtype)})


def in_precision(numbers: Array, dtype: np.dtype[Any]) -> Array:
    """Return float64 numbers in the precision of the weights, or unchanged if that cannot hold them.

    Then the whole network is one of float64: in float32 an overflow would be no network, and an underflow another one.

    Examples
    --------
    >>> [in_precision(np.array([number]), np.dtype("float32")).dtype.name for number in (2.0, 1e-40)]
    ['float32', 'float64']
    """
    with np.errstate(over="ignore", under="ignore"):
        there: Array = numbers.astype(dtype)
    lost = ~np.isfinite(there) | (numbers != 0) & (np.abs(there) < np.finfo(dtype).smallest_normal)
    return numbers if lost.any() else there


def names_in(library: str) -> dict[str, str]:
    """Return the names here by those of another library; of several with one name there, the first.

    Examples
    --------
    >>> names_in("sklearn")
    {'identity': 'identity', 'logistic': 'sigmoid', 'tanh': 'tanh', 'relu': 'relu'}
    """
    found: dict[str, str] = {}
    for here, names in KNOWN.items():
        found.setdefault(getattr(names, library), here)
    return {there: here for there, here in found.items() if there}


def clipped(low: float | None, high: float | None) -> str:
    """Return the activation that clips numbers to two bounds; refuse others.

    Examples
    --------
    >>> clipped(-1.0, 1.0), clipped(0.0, 6.0)
    ('hard_tanh', 'relu6')
    """
    known: dict[tuple[float | None, float | None], str] = {(-1, 1): "hard_tanh", (0, 6): "relu6", (0, None): "relu"}
    if (low, high) not in known:
        rule = Text("Clip bounds must be -1 to 1, 0 to 6, or 0 to infinity")
        raise InputError(rule, Text("{low} to {high}", low=low, high=high), "Use another activation")
    return known[low, high]


def leaky(slopes: Array) -> str:
    """Return the spelling of a leaky rectifier with a learned slope; refuse one slope per unit.

    Examples
    --------
    >>> import numpy as np
    >>> leaky(np.array([0.25]))
    'leaky_relu(slope=0.25)'
    """
    if slopes.size != 1:
        rule = Text("PReLU must have a single slope")
        raise InputError(
            rule, Text("{size} slopes", size=slopes.size), "Share one slope among all units, or use LeakyReLU"
        )
    return f"leaky_relu(slope={slopes.item()})"


def foreign_name(library: str, title: str, place: str, f: Activation) -> str:
    """Return the name of an activation in another library; refuse one without a name there, and user-defined ones."""
    there = getattr(KNOWN[f.name], library) if f.name in KNOWN else ""
    if not there or f.function is not ACTIVATIONS.get(f.name).function:
        raise unsupported_layer("An activation to hand over", place, f"{title} has no {f}")
    return there

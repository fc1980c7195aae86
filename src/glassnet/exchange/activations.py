"""What activations are called elsewhere: one table for all that comes from other libraries and goes there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from glassnet.errors import InputError
from glassnet.exchange.assembly import unsupported_layer
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.layers.base import Array


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
"""By the name here. What has settings there (a slope, an axis) is also looked at by whoever reads it."""


def names_in(library: str) -> dict[str, str]:
    """The names here by those in a library; of several of one name there the first.

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
    """The activation that clips numbers to two bounds, or an error.

    Examples
    --------
    >>> clipped(-1.0, 1.0), clipped(0.0, 6.0)
    ('hard_tanh', 'relu6')
    """
    known: dict[tuple[float | None, float | None], str] = {(-1, 1): "hard_tanh", (0, 6): "relu6", (0, None): "relu"}
    if (low, high) not in known:
        rule = "Clip bounds must be -1 to 1, 0 to 6, or 0 to infinity"
        raise InputError(rule, f"{low} to {high}", "Use another activation")
    return known[low, high]


def leaky(slopes: Array) -> str:
    """The spelling of a leaky rectifier with a learned slope; an error if each unit has its own slope.

    Examples
    --------
    >>> import numpy as np
    >>> leaky(np.array([0.25]))
    'leaky_relu(slope=0.25)'
    """
    if slopes.size != 1:
        rule = "PReLU must have a single slope"
        raise InputError(rule, f"{slopes.size} slopes", "Share one slope among all units, or use LeakyReLU")
    return f"leaky_relu(slope={slopes.item()})"


def handed_over(library: str, title: str, place: str, f: Activation) -> str:
    """The name of an activation in another library; an error if it has none there, or is user-defined."""
    there = getattr(KNOWN[f.name], library) if f.name in KNOWN else ""
    if not there or f.function is not ACTIVATIONS.get(f.name).function:
        raise unsupported_layer("An activation to hand over", place, f"{title} has no {f}")
    return there

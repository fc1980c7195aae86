"""What activations are called elsewhere: one table for all that comes from other libraries and goes there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from glassnet.exchange.assembly import cannot
from glassnet.formulas.activations import ACTIVATIONS, Activation

__all__ = ["KNOWN", "Names", "handed_over", "names_in"]


class Names(NamedTuple):
    """What one activation is called; "" where a library has none of that name."""

    sklearn: str = ""
    torch: str = ""
    keras: str = ""
    onnx: str = ""


KNOWN: Final[Mapping[str, Names]] = {
    "identity": Names("identity", "Identity", "linear", "Identity"),
    "sigmoid": Names("logistic", "Sigmoid", "sigmoid", "Sigmoid"),
    "tanh": Names("tanh", "Tanh", "tanh", "Tanh"),
    "relu": Names("relu", "ReLU", "relu", "Relu"),
    "elu": Names("", "ELU", "elu", "Elu"),
    "gelu": Names("", "GELU", "gelu", "Gelu"),
    "gelu_tanh": Names("", "GELU", "", "Gelu"),
    "hard_sigmoid": Names("", "Hardsigmoid", "hard_sigmoid", "HardSigmoid"),
    "hard_tanh": Names("", "Hardtanh", "hard_tanh", "Clip"),
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


def handed_over(library: str, title: str, place: str, f: Activation) -> str:
    """What an activation that is to be handed over is called there.

    Raises
    ------
    InputError
        If it has no name there, or is not glassnet's own.
    """
    there = getattr(KNOWN[f.name], library) if f.name in KNOWN else ""
    if not there or f.function is not ACTIVATIONS.get(f.name).function:
        raise cannot("An activation to hand over", place, f"{title} has no {f}")
    return there

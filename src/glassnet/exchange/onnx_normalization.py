"""The normalization by the root mean square, as exporters spell it where ONNX has no node for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from glassnet.exchange.assembly import Part
from glassnet.layers import RMSNorm
from glassnet.layers.base import Array

__all__ = ["root_mean_square"]

STEPS: Final = ("Pow", "ReduceMean", "Add", "Sqrt", "Reciprocal", "Mul", "Mul")
"""x · 1/√(mean(x²) + ε) · gain."""


def root_mean_square(
    at: str, users: Mapping[str, Sequence[Any]], constants: Mapping[str, Array]
) -> tuple[Part, str] | None:
    """The layer that several nodes are together, and the name of what comes out of it.

    Parameters
    ----------
    at : str
        The name of the value that goes in.
    users : mapping from str to sequence of NodeProto
        The nodes that read each value.
    constants : mapping from str to array
        The numbers in the file.

    Returns
    -------
    tuple of Part and str, or None
        None if the nodes are something else.
    """
    nodes, value = [], at
    for kind in STEPS:
        node = next((user for user in users.get(value, ()) if user.op_type == kind), None)
        if node is None or len(users[value]) != (2 if value == at else 1):
            return None
        nodes.append(node)
        value = node.output[0]
    power, mean, plus, _, reciprocal, product, last = nodes
    if product not in users[at] or set(product.input) != {at, reciprocal.output[0]}:
        return None
    exponent, axes, epsilon, gain = (_number(node, constants) for node in (power, mean, plus, last))
    if exponent is None or axes is None or epsilon is None or gain is None or epsilon.size != 1:
        return None
    keeps = all(attribute.i for attribute in mean.attribute if attribute.name == "keepdims")
    if power.input[0] != at or exponent.tolist() not in (2, [2]) or axes.tolist() not in ([-1], [1]) or not keeps:
        return None
    return Part(RMSNorm(float(epsilon.item())), {"gain": np.ravel(gain)}), value


def _number(node: Any, constants: Mapping[str, Array]) -> Array | None:
    """What a node takes from the file, if it is one thing."""
    there = [constants[name] for name in node.input if name in constants]
    return there[0] if len(there) == 1 else None

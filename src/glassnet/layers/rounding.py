"""Mixed precision: which layers of a network round the operands of their products to bfloat16.

Layers and their sizes decide, never a processor, so that a network means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from glassnet.layers.base import Layer
from glassnet.layers.chain import Residual, sizes
from glassnet.layers.dense import Dense
from glassnet.layers.members import MemberDense
from glassnet.layers.numeric_embedding import OfNumbers

LEAST: Final = 16_384
"""Weights of a matrix below which rounding its operands takes longer than the faster product saves."""


def mixed(layers: Sequence[Layer], inputs: int) -> tuple[Layer, ...]:
    """Return the layers of a network of mixed precision.

    Dense layers round the operands of their products, but for three kinds. The first one reads the network's inputs,
    unless these are embedded: an input of eight binary digits is another input, whereas activations carry less
    information than their digits. The last one gives the output, of which each digit counts, and takes little time. In
    small ones rounding takes longer than it saves.

    Examples
    --------
    >>> mixed([Dense(256, "relu"), Dense(256, "relu"), Dense(8, "relu"), Dense(1)], 20)[1:3]
    (Dense(256, 'relu', products='bfloat16'), Dense(8, 'relu'))
    """
    last = max((place for place, layer in enumerate(layers) if isinstance(layer, Dense | MemberDense)), default=None)
    inner, _ = _mixed(layers[:last], inputs, raw=True)
    return (*inner, *layers[len(inner) :])


def _mixed(layers: Sequence[Layer], inputs: int, raw: bool) -> tuple[list[Layer], bool]:
    """Return the layers, and whether the output of the last one is still the network's input; `raw`: of the first."""
    found: list[Layer] = []
    for layer, width in zip(layers, sizes(layers, inputs), strict=False):
        if isinstance(layer, Residual):
            inside, raw = _mixed(layer.layers, width, raw)
            layer = replace(layer, layers=inside)
        elif isinstance(layer, OfNumbers):
            raw = False
        elif isinstance(layer, Dense | MemberDense):
            if not raw and _weights(layer, width) >= LEAST:
                layer = replace(layer, products="bfloat16")
            raw = False
        found.append(layer)
    return found, raw


def _weights(layer: Dense | MemberDense, inputs: int) -> int:
    each = inputs if isinstance(layer, Dense) else layer.inputs_each(inputs)
    return each * layer.units


def rounds(layers: Sequence[Layer]) -> bool:
    """Return whether a layer rounds the operands of its products."""
    return any(
        rounds(layer.layers) if isinstance(layer, Residual) else getattr(layer, "products", "full") == "bfloat16"
        for layer in layers
    )


def unrounded(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return the same layers with products of full precision."""
    return tuple(
        replace(layer, layers=unrounded(layer.layers))
        if isinstance(layer, Residual)
        else replace(layer, products="full")
        if isinstance(layer, Dense | MemberDense)
        else layer
        for layer in layers
    )


def with_products_of(layers: Sequence[Layer], others: Sequence[Layer]) -> list[Layer]:
    """Return layers that round where others do, of which they are a larger or smaller version."""
    found: list[Layer] = []
    for layer, other in zip(layers, others, strict=False):
        if isinstance(layer, Residual) and isinstance(other, Residual):
            layer = replace(layer, layers=with_products_of(layer.layers, other.layers))
        elif isinstance(layer, Dense | MemberDense) and isinstance(other, Dense | MemberDense):
            layer = replace(layer, products=other.products)
        found.append(layer)
    return [*found, *layers[len(found) :]]

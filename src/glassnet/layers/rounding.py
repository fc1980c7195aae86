"""Mixed precision: which layers of a network round the operands of their products to bfloat16.

Layers and their sizes decide, never a processor, so that a network means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from glassnet.layers.base import Layer
from glassnet.layers.chain import Residual
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
    left = sum(isinstance(layer, Dense | MemberDense) for layer in _inner(layers))
    width, raw = inputs, True  # of the next layer's inputs: how many, and whether they are still the network's

    def rounding(layer: Layer) -> Layer:
        nonlocal left, width, raw
        takes, width = width, layer.outputs(width)
        if isinstance(layer, Dense | MemberDense):
            large, raw, was_raw, left = _weights(layer, takes) >= LEAST, False, raw, left - 1
            return replace(layer, products="bfloat16") if large and left and not was_raw else layer
        raw = raw and not isinstance(layer, OfNumbers)
        return layer

    return _each(layers, rounding)


def _each(layers: Sequence[Layer], change: Callable[[Layer], Layer]) -> tuple[Layer, ...]:
    """Return layers changed one by one, in order; of residual blocks those inside, which keep the width."""
    return tuple(
        replace(layer, layers=_each(layer.layers, change)) if isinstance(layer, Residual) else change(layer)
        for layer in layers
    )


def _inner(layers: Sequence[Layer]) -> Iterator[Layer]:
    """Yield the layers in the same order."""
    for layer in layers:
        if isinstance(layer, Residual):
            yield from _inner(layer.layers)
        else:
            yield layer


def _weights(layer: Dense | MemberDense, inputs: int) -> int:
    each = inputs if isinstance(layer, Dense) else layer.inputs_each(inputs)
    return each * layer.units


def rounds(layers: Sequence[Layer]) -> bool:
    """Return whether a layer rounds the operands of its products."""
    return any(getattr(layer, "products", "full") == "bfloat16" for layer in _inner(layers))


def unrounded(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return the same layers with products of full precision."""
    return _each(layers, lambda layer: _like(layer, Dense(1)))


def with_products_of(layers: Sequence[Layer], others: Sequence[Layer]) -> list[Layer]:
    """Return layers that round where others do, of which they are a larger or smaller version."""
    places = _inner(others)
    return list(_each(layers, lambda layer: _like(layer, next(places, layer))))


def _like(layer: Layer, other: Layer) -> Layer:
    """Return a layer that rounds if another one does."""
    if isinstance(layer, Dense | MemberDense) and isinstance(other, Dense | MemberDense):
        return replace(layer, products=other.products)
    return layer

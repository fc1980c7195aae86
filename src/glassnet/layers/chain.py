"""A chain of layers, one after the other: the way forward, and the way back in reverse order.

A network is a chain; so is the inside of a residual block. Both go through these functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glassnet.layers.base import Array, Layer, Pass, Record, Values

__all__ = ["backward", "forward", "sizes", "update_statistics"]


def sizes(layers: Sequence[Layer], inputs: int) -> list[int]:
    """The width of a row before the first layer, between the layers, and after the last."""
    widths = [inputs]
    for layer in layers:
        widths.append(layer.outputs(widths[-1]))
    return widths


def forward(layers: Sequence[Layer], values: Sequence[Values], x: Array, run: Pass) -> tuple[Array, list[Record]]:
    """Through all layers: each takes the output of the one before."""
    records = []
    for position, (layer, arrays) in enumerate(zip(layers, values, strict=True), 1):
        # the inside of a block counts on from the block's own position: every mask in a network has its own key
        x, record = layer.forward(arrays, x, replace(run, layer=1000 * run.layer + position))
        records.append(record)
    return x, records


def backward(
    layers: Sequence[Layer],
    values: Sequence[Values],
    records: Sequence[Record],
    d_output: Array,
    gradients: Sequence[Values],
) -> Array:
    """Back through all layers, last to first: each hands the gradient of its input to the one before."""
    d_y = d_output
    for layer, arrays, record, slots in zip(
        reversed(layers), reversed(values), reversed(records), reversed(gradients), strict=True
    ):
        d_y = layer.backward(arrays, record, d_y, slots)
    return d_y


def update_statistics(layers: Sequence[Layer], values: Sequence[Values], records: Sequence[Record]) -> None:
    """Let the running statistics of all layers follow the batch."""
    for layer, arrays, record in zip(layers, values, records, strict=True):
        layer.update_statistics(arrays, record)

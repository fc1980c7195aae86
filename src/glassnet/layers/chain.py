"""A chain of layers: forward in order, backward in reverse order.

A network is a chain; so is the inside of a residual block. Both go through these functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from glassnet.layers.base import Array, Layer, Pass, Record, Values


def sizes(layers: Sequence[Layer], inputs: int) -> list[int]:
    """The width of a row before the first layer, between the layers, and after the last."""
    widths = [inputs]
    for layer in layers:
        widths.append(layer.outputs(widths[-1]))
    return widths


def forward(layers: Sequence[Layer], values: Sequence[Values], x: Array, run: Pass) -> tuple[Array, list[Record]]:
    """The forward pass through all layers."""
    records, number = [], run.layer
    for layer, arrays in zip(layers, values, strict=True):
        number += 1
        x, record = layer.forward(arrays, x, replace(run, layer=number))
        number += layer.inside()  # a block's own layers are counted too, so that every mask has its own key
        records.append(record)
    return x, records


def backward(
    layers: Sequence[Layer],
    values: Sequence[Values],
    records: Sequence[Record],
    d_output: Array,
    gradients: Sequence[Values],
) -> Array:
    """The backward pass through all layers, from the last to the first.

    Every record learns the two: d_a, the gradient that came, and d_x, the gradient that went on.
    """
    d_y = d_output
    for layer, arrays, record, slots in zip(
        reversed(layers), reversed(values), reversed(records), reversed(gradients), strict=True
    ):
        d_x = layer.backward(arrays, record, d_y, slots)
        record |= {"d_a": d_y, "d_x": d_x}
        d_y = d_x
    return d_y


def pull_back(layers: Sequence[Layer], values: Sequence[Values], x: Array) -> tuple[Array, Callable[[Array], Array]]:
    """The forward pass as in prediction, and a backward pass to the input alone.

    Returns
    -------
    array of shape (rows, outputs), and a function
        It takes the gradient of whatever was made of the output, with respect to the output, to that by `x`.
    """
    output, records = forward(layers, values, x, Pass())
    unused = [{name: np.empty_like(array) for name, array in arrays.items()} for arrays in values]
    return output, lambda d_output: backward(layers, values, records, d_output, unused)


def update_statistics(
    layers: Sequence[Layer], values: Sequence[Values], records: Sequence[Record], share: float | None = None
) -> None:
    """Update the running statistics of all layers."""
    for layer, arrays, record in zip(layers, values, records, strict=True):
        layer.update_statistics(arrays, record, share)


def adapt(
    layers: Sequence[Layer],
    values: Sequence[Values],
    x: Array,
    rng: np.random.Generator,
    y: Array | None = None,
    weight: Array | None = None,
) -> None:
    """Adapt all layers to training rows, from the first to the last."""
    last = max((place for place, layer in enumerate(layers) if layer.adapts()), default=-1)
    known = (y,) if weight is None else (y, weight)  # a layer of somebody's own may ask for no weights
    for place in range(last + 1):
        if layers[place].adapts():
            layers[place].adapt(values[place], x, rng, *known)
        if place < last:
            x, _ = layers[place].forward(values[place], x, Pass())

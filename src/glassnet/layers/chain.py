"""A chain of layers: forward in order, backward in reverse order; and the residual block, which has a chain inside.

A network is a chain; so is the inside of a residual block. Both go through these functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from glassnet.errors import InputError
from glassnet.layers.base import Array, Layer, Parameter, Pass, Record, Values, takes
from glassnet.layers.text_rows import TextRows
from glassnet.support.language import Text
from glassnet.support.options import Each, Instance

REMEDY = Text("For example Residual([Dense(8)])")


def sizes(layers: Sequence[Layer], inputs: int) -> list[int]:
    """Return the width of a row before the first layer, between the layers, and after the last."""
    widths = [inputs]
    for layer in layers:
        widths.append(layer.outputs(widths[-1]))
    return widths


def multiplications(layers: Sequence[Layer], inputs: int) -> int:
    """Return the approximate number of multiplications per row."""
    return sum(layer.multiplications(width) for layer, width in zip(layers, sizes(layers, inputs), strict=False))


def needs_whole_batch(layers: Sequence[Layer]) -> bool:
    """Return whether a layer needs all rows of a batch at once."""
    return any(
        layer.whole_batch or (isinstance(layer, Residual) and needs_whole_batch(layer.layers)) for layer in layers
    )


def forward(
    layers: Sequence[Layer], values: Sequence[Values], x: Array | TextRows, run: Pass
) -> tuple[Array, list[Record]]:
    """Return the forward pass through all layers."""
    if isinstance(x, TextRows):
        run = replace(run, ngrams=x.ngrams)
        x = x.matrix
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
    """Return the backward pass through all layers, from the last to the first.

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


def pull_back(
    layers: Sequence[Layer], values: Sequence[Values], x: Array | TextRows
) -> tuple[Array, Callable[[Array], Array]]:
    """Return the forward pass as in prediction, and a backward pass to the input alone.

    Returns
    -------
    array of shape (rows, outputs), and a function
        It maps a gradient with respect to the output to the gradient with respect to `x`.
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
    through: Callable[[int, int, Array], Array] | None = None,
) -> None:
    """Adapt all layers to training rows, from the first to the last.

    ``through(start, stop, x)`` returns the output of the layers from `start` up to `stop`; None: as `forward` gives it.
    """
    known = (y,) if weight is None else (y, weight)  # a user's layer may take no weights
    start = 0
    places = [place for place, layer in enumerate(layers) if layer.adapts()]
    for number, place in enumerate(places):
        enough = max(len(x) if (most := layers[each].rows_to_adapt) is None else most for each in places[number:])
        if enough < len(x) and weight is None:
            some = np.sort(rng.choice(len(x), enough, replace=False))
            x, known = x[some], (None if y is None else y[some],)
        if through is not None and start < place:
            x = through(start, place, x)
        else:
            x, _ = forward(layers[start:place], values[start:place], x, Pass())
        layers[place].adapt(values[place], x, rng, *known)
        start = place


@dataclass(frozen=True, repr=False)
class Residual(Layer):
    """a = x + chain(x). The gradient also flows past the chain, so depth does no harm.

    Parameters
    ----------
    layers : sequence of Layer
        Any chain that gives as many numbers as it gets; blocks inside blocks are fine.

    Notes
    -----
    Source: He, Zhang, Ren, Sun (2016), *Deep Residual Learning for Image Recognition*, equation 1.

    Examples
    --------
    >>> from glassnet.layers import Dense, LayerNorm
    >>> Residual([LayerNorm(), Dense(32, "relu"), Dense(8)]).outputs(8)
    8
    >>> Residual([Dense(5)]).outputs(8)
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: The layers of Residual must have as many outputs as inputs. Received: 8 in, 5 out. \
End them with Dense(8).
    """

    layers: Sequence[Layer] = field(metadata=takes(Each(Instance(Layer, Text("a layer"), REMEDY), REMEDY, once=True)))

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.layers:
            raise InputError("Residual must contain at least one layer", Text("none", context="received"), REMEDY)

    def outputs(self, inputs: int) -> int:
        out = sizes(self.layers, inputs)[-1]
        if out != inputs:
            raise InputError(
                "The layers of Residual must have as many outputs as inputs",
                Text("{inputs} in, {out} out", inputs=inputs, out=out),
                Text("End them with Dense({count})", count=inputs),
            )
        return inputs

    def inside(self) -> int:
        return sum(1 + layer.inside() for layer in self.layers)

    def multiplications(self, inputs: int) -> int:
        """Return those of the layers inside."""
        return multiplications(self.layers, inputs)

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        return _numbered([layer.parameters(width) for layer, width in self._inside(inputs)])

    def statistics(self, inputs: int) -> tuple[Parameter, ...]:
        return _numbered([layer.statistics(width) for layer, width in self._inside(inputs)])

    def _inside(self, inputs: int) -> Iterator[tuple[Layer, int]]:
        """Yield the inner layers, each with the number of its inputs."""
        return zip(self.layers, sizes(self.layers, inputs), strict=False)

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        inside, records = forward(self.layers, self.split(values), x, run)
        a = x + inside
        return a, {"x": x, "inside": inside, "a": a, "_records": records}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        through = backward(self.layers, self.split(values), record["_records"], d_y, self.split(gradients))
        d_x: Array = d_y + through
        record["d_inside"] = d_y
        return d_x

    def update_statistics(self, values: Values, record: Record, share: float | None = None) -> None:
        update_statistics(self.layers, self.split(values), record["_records"], share)

    def adapts(self) -> bool:
        return any(layer.adapts() for layer in self.layers)

    def adapt(
        self, values: Values, x: Array, rng: np.random.Generator, y: Array | None = None, weight: Array | None = None
    ) -> None:
        adapt(self.layers, self.split(values), x, rng, y, weight)

    def split(self, values: Values) -> list[Values]:
        """Return the arrays of each inner layer, from names such as "2.W"."""
        inner: list[dict[str, Array]] = [{} for _ in self.layers]
        for name, array in values.items():
            position, rest = name.split(".", 1)
            inner[int(position) - 1][rest] = array
        return list(inner)


def _numbered(of_layers: Sequence[tuple[Parameter, ...]]) -> tuple[Parameter, ...]:
    """Return the parameters of the inner layers under names such as "2.W"."""
    return tuple(
        replace(parameter, name=f"{position}.{parameter.name}")
        for position, parameters in enumerate(of_layers, 1)
        for parameter in parameters
    )

"""The residual block: a chain of layers learns what to *add* to its input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from glassnet.errors import InputError
from glassnet.layers import chain
from glassnet.layers.base import Array, Layer, Parameter, Pass, Record, Values, takes
from glassnet.support.options import Each, Instance

REMEDY = "For example Residual([Dense(8)])"


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

    layers: Sequence[Layer] = field(metadata=takes(Each(Instance(Layer, "a layer", REMEDY), REMEDY, once=True)))

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.layers:
            raise InputError("Residual must contain at least one layer", "none", REMEDY)

    def outputs(self, inputs: int) -> int:
        out = chain.sizes(self.layers, inputs)[-1]
        if out != inputs:
            raise InputError(
                "The layers of Residual must have as many outputs as inputs",
                f"{inputs} in, {out} out",
                f"End them with Dense({inputs})",
            )
        return inputs

    def inside(self) -> int:
        return sum(1 + layer.inside() for layer in self.layers)

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        return _numbered([layer.parameters(width) for layer, width in self._inside(inputs)])

    def statistics(self, inputs: int) -> tuple[Parameter, ...]:
        return _numbered([layer.statistics(width) for layer, width in self._inside(inputs)])

    def learned(self, inputs: int) -> int:
        return sum(layer.learned(width) for layer, width in self._inside(inputs))

    def _inside(self, inputs: int) -> Iterator[tuple[Layer, int]]:
        """The inner layers, each with the number of its inputs."""
        return zip(self.layers, chain.sizes(self.layers, inputs), strict=False)

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        inside, records = chain.forward(self.layers, self.split(values), x, run)
        a = x + inside
        return a, {"x": x, "inside": inside, "a": a, "_records": records}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        through = chain.backward(self.layers, self.split(values), record["_records"], d_y, self.split(gradients))
        d_x: Array = d_y + through
        record["d_inside"] = d_y
        return d_x

    def update_statistics(self, values: Values, record: Record, share: float | None = None) -> None:
        chain.update_statistics(self.layers, self.split(values), record["_records"], share)

    def adapts(self) -> bool:
        return any(layer.adapts() for layer in self.layers)

    def adapt(
        self, values: Values, x: Array, rng: np.random.Generator, y: Array | None = None, weight: Array | None = None
    ) -> None:
        chain.adapt(self.layers, self.split(values), x, rng, y, weight)

    def split(self, values: Values) -> list[Values]:
        """The arrays of each inner layer, from names such as "2.W"."""
        inner: list[dict[str, Array]] = [{} for _ in self.layers]
        for name, array in values.items():
            position, rest = name.split(".", 1)
            inner[int(position) - 1][rest] = array
        return list(inner)


def _numbered(of_layers: Sequence[tuple[Parameter, ...]]) -> tuple[Parameter, ...]:
    """The parameters of the inner layers under names such as "2.W"."""
    return tuple(
        replace(parameter, name=f"{position}.{parameter.name}")
        for position, parameters in enumerate(of_layers, 1)
        for parameter in parameters
    )

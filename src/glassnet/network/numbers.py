"""The layers of a network, and its parameters and statistics in two flat vectors."""

from __future__ import annotations

import copy
from textwrap import wrap
from typing import Any, Self

import numpy as np

from glassnet.engines import ReferenceEngine
from glassnet.errors import shown
from glassnet.formulas.loss import Loss
from glassnet.layers import Layer, Layout, Trees
from glassnet.layers.base import Array
from glassnet.layers.layout import as_flat, usable
from glassnet.support.language import Lines, Text, padded
from glassnet.support.option_names import methods_suggest_options

HEADS = (Text("layer"), Text("in"), Text("out"), Text("parameters"))
LOSS_OF = Text("loss: {loss}")
WIDEST = 52
"""Width of the layer column in a summary, which fits a terminal of 80 columns."""


@methods_suggest_options
class NetworkNumbers:
    """The layers, parameters and statistics of a network."""

    inputs: int
    layers: tuple[Layer, ...]
    loss: Loss
    members: int
    monotone: tuple[int, ...] | None
    seed: int
    layout: Layout
    engine: ReferenceEngine

    @property
    def parameters(self) -> Array:
        """All learned parameters, as one flat vector in the order of the layout; it can be assigned.

        A vector that is assigned is used as it is, so that its owner sees the training; it is copied only if its
        numbers do not lie one behind the other.
        """
        return self.__dict__["parameters"]

    @parameters.setter
    def parameters(self, numbers: Array) -> None:
        flat = as_flat("parameters", numbers, self.layout.size)
        self.layout.check_parameters(flat)
        self.__dict__["parameters"] = flat

    @property
    def statistics(self) -> Array:
        """The running statistics of its layers, as one flat vector, like ``parameters``.

        A vector that is set is checked. Where it holds nothing but what trees have grown it is copied, and cannot be
        written to: set another one.
        """
        return self.__dict__["statistics"]

    @statistics.setter
    def statistics(self, numbers: Array) -> None:
        flat = as_flat("statistics", numbers, self.layout.statistics_size)
        self.layout.check_statistics(flat)
        if self._grown:
            flat = flat.copy()
            flat.flags.writeable = False  # engines read at its places without asking, and no training changes it
        self.__dict__["statistics"] = flat

    @property
    def _grown(self) -> bool:
        """Whether its statistics are those of decision trees alone, which training does not change."""
        trees = (isinstance(self.layers[one.layer - 1], Trees) for one in self.layout.statistics)
        return bool(self.layout.places) and all(trees)

    def put_back(self, parameters: Array, statistics: Array) -> None:
        """Overwrite the numbers that training changes with those of another time."""
        self.parameters[...] = parameters
        if self.statistics.flags.writeable:
            self.statistics[...] = statistics

    @property
    def outputs(self) -> int:
        """The number of outputs for a row, of one member."""
        return self.layout.widths[-1] // self.members

    @property
    def sizes(self) -> list[int]:
        """The number of parameters of each layer, including what trees hold."""
        return [layer.learned(width) for layer, width in zip(self.layers, self.layout.widths, strict=False)]

    @property
    def sized_layers(self) -> list[tuple[Layer, int, int, int]]:
        """Each layer with the number of its inputs, of its outputs and of its parameters."""
        widths = self.layout.widths
        return list(zip(self.layers, widths, widths[1:], self.sizes, strict=False))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The precision of its numbers."""
        return self.parameters.dtype

    @property
    def named_parameters(self) -> dict[str, Array]:
        """Every parameter by name, "1.W" being W of the first layer: views, so writing to one changes the network."""
        return self.layout.named(self.parameters)

    def __getitem__(self, name: str) -> Array:
        """The parameter of that name, a view."""
        parameters = self.named_parameters
        if not isinstance(name, str) or name not in parameters:
            raise KeyError(f"The network has no parameter {shown(name)}; it has: {', '.join(parameters)}")
        return parameters[name]

    def copy(self) -> Self:
        """A copy of the network with its own arrays."""
        twin = copy.copy(self)
        # as they are: what has diverged can be copied, too
        statistics = self.statistics.copy() if self.statistics.flags.writeable else self.statistics
        twin.__dict__ |= {"parameters": self.parameters.copy(), "statistics": statistics}
        return twin

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpickled arrays may be unaligned or read-only, so they are copied where need be."""
        self.__dict__ |= state
        self.__dict__["parameters"] = usable(state["parameters"])
        self.__dict__["statistics"] = usable(state["statistics"], written=not self._grown)

    def summary(self) -> str:
        """The layers, what goes in and out of each, and how many parameters it has, as a table of 80 columns.

        Examples
        --------
        >>> from glassnet import NeuralNetwork
        >>> print(NeuralNetwork(4, ["tanh:16", 3], loss="cross_entropy").summary())
         #  layer                     in   out  parameters
         1  Dense(16, 'tanh')          4    16          80
         2  Dense(3, 'identity')      16     3          51
        loss: cross_entropy of softmax(output)         131
        """
        pieces = [wrap(repr(layer), WIDEST, subsequent_indent="  ") for layer in self.layers]
        wide = max(24, *(len(line) for lines in pieces for line in lines))
        layer, into, out, count = (head.say() for head in HEADS)
        lines = [f"{'#':>2}  {padded(layer, wide)}  {padded(into, -4)}  {padded(out, -4)}  {padded(count, -10)}"]
        for number, (first, *others) in enumerate(pieces, 1):
            _, before, after, size = self.sized_layers[number - 1]
            lines.append(f"{number:>2}  {first:<{wide}}  {before:>4}  {after:>4}  {size:>10,}")
            lines += [f"    {line}" for line in others]
        lines.append(f"{padded(LOSS_OF.say(loss=self.loss.equation), wide + 16)}  {sum(self.sizes):>10,}")
        return Lines("\n".join(lines))

    def __repr__(self) -> str:
        members = "" if self.members == 1 else f", members={self.members}"
        members += "" if self.monotone is None else f", monotone={list(self.monotone)}"
        return f"NeuralNetwork({self.inputs}, {list(self.layers)!r}, loss={str(self.loss)!r}{members})"

"""The geometry of a network's diagram, without any pen: which units are drawn, and what runs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.formulas.formula import Formula
from glassnet.layers import Embedding, Layer, Residual
from glassnet.layers.base import Array, Values
from glassnet.network import NeuralNetwork

MOST = 8
"""Of a wider layer the first and the last units are drawn, so many rows in all."""
LAST = 2


@dataclass(frozen=True)
class Column:
    """The units that a layer gives, one below the other."""

    units: int
    title: str = ""  # what makes them: an activation, or the kind of layer
    notes: tuple[str, ...] = ()  # layers that leave the units where they are: dropout, normalization

    @property
    def shown(self) -> tuple[int, ...]:
        """The units that are drawn, from 0."""
        if self.units <= MOST:
            return tuple(range(self.units))
        return (*range(MOST - 1 - LAST), *range(self.units - LAST, self.units))

    @property
    def heights(self) -> tuple[float, ...]:
        """The height of each unit, with the middle of the column at 0."""
        rows = [row + (row >= MOST - 1 - LAST) * (self.units > MOST) for row in range(len(self.shown))]
        return tuple(rows[-1] / 2 - row for row in rows)

    @property
    def gap(self) -> float | None:
        """The height at which units are left out."""
        return None if self.units <= MOST else (MOST - 1) / 2 - (MOST - 1 - LAST)


@dataclass(frozen=True)
class Links:
    """The links between two columns of units."""

    source: int
    target: int
    weights: Array | None  # between the units that are drawn; None: no weight for each pair

    def __iter__(self) -> Any:
        """For each line the two rows, and its weight as a share of the largest, or None."""
        assert self.weights is not None
        largest = float(np.abs(self.weights).max()) or 1.0
        for (source, target), weight in np.ndenumerate(self.weights):
            yield source, target, float(weight) / largest


@dataclass(frozen=True)
class Block:
    """A residual block: what it gets from column `first` is added to what column `last` gives."""

    first: int
    last: int


@dataclass
class Diagram:
    """All that is to be drawn of a network."""

    columns: list[Column] = field(default_factory=list)
    links: list[Links] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def diagram_of(network: NeuralNetwork) -> Diagram:
    """The diagram of a network.

    Examples
    --------
    >>> diagram = diagram_of(NeuralNetwork(3, ["tanh:20", "dropout:0.2", 1]))
    >>> [(column.units, column.title, column.notes) for column in diagram.columns]
    [(3, '', ()), (20, 'tanh', ('Dropout 0.2',)), (1, 'identity', ())]
    >>> diagram.columns[1].shown
    (0, 1, 2, 3, 4, 18, 19)
    >>> diagram.links[0].weights.shape
    (3, 7)
    """
    diagram = Diagram([Column(network.inputs)])
    _walk(diagram, network.layers, network.layout.values(network.parameters, network.statistics))
    return diagram


def _walk(diagram: Diagram, layers: Sequence[Layer], values: Sequence[Values]) -> None:
    for layer, arrays in zip(layers, values, strict=True):
        last = len(diagram.columns) - 1
        before = diagram.columns[last]
        if isinstance(layer, Residual):
            _walk(diagram, layer.layers, layer.split(arrays))
            if len(diagram.columns) - 1 > last:
                diagram.blocks.append(Block(last, len(diagram.columns) - 1))
            continue
        units, W = layer.outputs(before.units), arrays.get("W")
        weighted = W is not None and W.shape == (before.units, units) and not isinstance(layer, Embedding)
        if units == before.units and not weighted:
            diagram.columns[last] = replace(before, notes=(*before.notes, _name(layer)))
            continue
        after = Column(units, _name(layer))
        shown = W[np.ix_(before.shown, after.shown)].astype(np.float64) if weighted and W is not None else None
        diagram.columns.append(after)
        diagram.links.append(Links(last, last + 1, shown))


def _name(layer: Layer) -> str:
    """A layer in a word or two: of a dense one the activation, for its units are seen."""
    kind, rate = type(layer).__name__, getattr(layer, "rate", None)
    activation = getattr(layer, "activation", None)
    if isinstance(activation, Formula):
        return activation.name if kind in ("Dense", "Activate") else f"{kind} {activation.name}"
    return f"{kind} {rate:g}" if kind == "Dropout" else kind

"""What a layer's functions are given for arrays: parameters, statistics, targets of gradients, and the pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from glassnet.engines.compiled.axes import Members, Pieces
from glassnet.engines.compiled.grids import Grid
from glassnet.engines.compiled.products import ColumnSums, Lookups, OverRows, Product, Weights
from glassnet.graph import UntraceableError


class Going:
    """The pass of a batch, of which a kernel knows whether it is training, and which numbers drop out."""

    def __init__(self, training: bool) -> None:
        self.training = training
        self.rates: list[int] = []
        """Which numbers of the layer drop out."""
        self.numbers: list[float] = []
        """Those that are not known to be the layer's."""

    def dropout_mask(self, x: Grid, rate: Any) -> Any:
        """See :meth:`glassnet.layers.base.Pass.dropout_mask`."""
        if not self.training:
            return None
        if not isinstance(rate, Grid):
            rate, self.numbers = Grid("number", place=len(self.numbers)), [*self.numbers, float(rate)]
        if rate.kind != "number":
            raise UntraceableError("a rate of dropout that is no number of the layer")
        self.rates.append(rate.more["place"])
        return Grid("mask", x.columns, (x, rate), rows=True)

    def __getattr__(self, name: str) -> Any:
        raise UntraceableError(f"`{name}` of the pass")


@dataclass
class Target:
    """Where a gradient goes."""

    shape: tuple[Any, ...]
    gradients: list[OverRows] = field(default_factory=list)

    def __setitem__(self, everything: Any, gradient: Any) -> None:
        if everything is not Ellipsis and everything != slice(None):
            raise UntraceableError("a gradient written in parts")
        if isinstance(gradient, int) and gradient == 0:
            return  # for what is looked up is added to it
        if not isinstance(gradient, (Product, ColumnSums)):
            raise UntraceableError("a gradient that is neither xᵀ d nor a sum over the rows")
        if gradient.shape != self.shape:
            raise UntraceableError(f"a gradient of shape {gradient.shape} for a parameter of shape {self.shape}")
        self.gradients.append(gradient)

    def add_at(self, places: Grid, d: Any) -> None:
        """What all rows and columns that look up a row of the parameter add to its gradient."""
        d = d.pieces if isinstance(d, Members) else d
        if (d.columns, d.size) != (places.columns, self.shape[1]):
            raise UntraceableError("a gradient of another shape than what was looked up")
        self.gradients.append(Lookups(d, self.shape, places))


class Statistic(Grid):
    """What a layer keeps from batch to batch: a number of each column."""

    def __setitem__(self, everything: Any, value: Any) -> None:
        if everything is not Ellipsis or not isinstance(value, Grid) or value.rows or value.columns != self.columns:
            raise UntraceableError("a statistic that is no number of each column")
        self.more["after"] = value


def parameter(place: int, shape: tuple[Any, ...]) -> Any:
    """A parameter by its number."""
    if len(shape) in (2, 3):
        return Weights(place, shape)
    if len(shape) == 1:
        return Grid("vector", shape[0], place=place)
    raise UntraceableError(f"a parameter of shape {shape}")


def statistic(place: int, shape: tuple[Any, ...]) -> Any:
    """A statistic by its number."""
    if len(shape) == 2:
        return Pieces("statistic", *shape, rows=False, place=place)
    return Statistic("statistic", shape[0], place=place)

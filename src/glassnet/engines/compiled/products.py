"""Parameters of several axes, and what a gradient may be: a product with a transposed grid, or a sum over all rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from glassnet.graph import UntraceableError

if TYPE_CHECKING:
    from glassnet.engines.compiled.grids import Grid


class Weights:
    """A parameter of two axes for products; of three, a matrix of each member."""

    def __init__(self, parameter: int, shape: tuple[Any, ...], turned: bool = False) -> None:
        self.parameter, self.shape, self.turned = parameter, shape, turned

    @property
    def T(self) -> Weights:  # noqa: N802
        """The transpose, of each matrix by itself."""
        *members, n, m = self.shape
        return Weights(self.parameter, (*members, m, n), not self.turned)

    def __getitem__(self, rows: Any) -> Grid:
        return rows.look_up(self)


class Transposed(NamedTuple):
    """A grid by columns."""

    grid: Grid

    def __matmul__(self, other: Any) -> Product:
        if not getattr(other, "rows", False) or other.cut:
            raise UntraceableError("a product of a transposed grid with something else than a grid")
        return Product(other, (self.grid.columns, other.columns), self.grid)


@dataclass
class OverRows:
    """A sum over all rows, which may be scaled: a gradient."""

    d: Grid
    shape: tuple[Any, ...]

    @property
    def grids(self) -> list[Grid]:
        """What it is made of."""
        return [self.d]

    def __mul__(self, factor: Any) -> Any:
        return replace(self, d=self.d * factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> Any:
        return replace(self, d=self.d / divisor)

    def __neg__(self) -> Any:
        return replace(self, d=-self.d)


@dataclass
class Product(OverRows):
    """xᵀ d: the gradient of weights, of all members together or of each."""

    x: Grid

    @property
    def grids(self) -> list[Grid]:
        """What it is made of."""
        return [self.x, self.d]


@dataclass
class ColumnSums(OverRows):
    """The sum over all rows: the gradient of a vector, or of one of each member."""


@dataclass
class Lookups(OverRows):
    """The sum of d over all rows and columns that look up a row of a parameter: its gradient."""

    places: Grid

    @property
    def grids(self) -> list[Grid]:
        """What it is made of."""
        return [self.d, self.places]

"""Counts that are known when the code runs: of columns, and of a layer's own."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from glassnet.engines.compiled.code import UntraceableError

__all__ = ["Size", "count"]


@dataclass(frozen=True)
class Size:
    """A count that is known when the code runs: columns of the operation's row of the table, multiplied and divided."""

    columns: tuple[int, ...] = ()
    divisors: tuple[int, ...] = ()

    def at(self, table: Any) -> Any:
        """The count, from the row of the table."""
        product = math.prod(table[column] for column in self.columns)
        return product // math.prod(table[column] for column in self.divisors) if self.divisors else product

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, Size):
            return NotImplemented
        above, below = Counter(self.columns + other.columns), Counter(self.divisors + other.divisors)
        return Size(*(tuple(sorted(left.elements())) for left in (above - below, below - above)))

    def __floordiv__(self, other: Any) -> Any:
        return self * Size(other.divisors, other.columns) if isinstance(other, Size) else NotImplemented

    def __mod__(self, other: Any) -> int:
        return 0  # a layer has been asked with numbers whether its sizes fit

    def __pow__(self, exponent: Any) -> Any:
        if exponent != 0.5:
            raise UntraceableError("a power of a number of columns other than its root")
        from glassnet.engines.compiled.grids import Grid  # which is made of sizes

        return Grid("root", size=self)

    def __index__(self) -> Any:
        raise UntraceableError("a number of columns that must be known")


def count(size: Any, table: Any) -> Any:
    """A number of columns, from the row of the table where it is not known."""
    return size.at(table) if isinstance(size, Size) else size

"""Counts that are known when the code runs: of columns, and of a layer's own."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from glassnet.graph import UntraceableError

Term = tuple[tuple[int, ...], tuple[int, ...]]
"""A product of columns of the operation's row of the table, and what it is divided by."""


class Size:
    """A count that is known when the code runs, made of columns of the operation's row of the table.

    Two are equal if they are the same whatever stands there; and what does not depend on it is a plain number.
    """

    def __init__(self, *columns: int) -> None:
        self.terms: dict[Term, int] = {(columns, ()): 1}
        """How often each is in the sum."""

    @staticmethod
    def of(terms: dict[Term, int]) -> Any:
        """The sum of terms."""
        size = Size()
        size.terms = {term: times for term, times in terms.items() if times}
        return size if size.terms.keys() - {ONE} else size.terms.get(ONE, 0)

    def at(self, table: Any) -> Any:
        """The count, from the row of the table."""
        total: Any = 0
        for (above, below), times in self.terms.items():
            product = math.prod((table[column] for column in above), start=times)
            total = total + (product // math.prod(table[column] for column in below) if below else product)
        return total

    def __add__(self, other: Any) -> Any:
        found = Counter(self.terms)
        for term, times in _terms(other).items():
            found[term] += times
        return self.of(found)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + -1 * other

    def __rsub__(self, other: Any) -> Any:
        return other + -1 * self

    def __mul__(self, other: Any) -> Any:
        found: Counter[Term] = Counter()
        for (a, b), times in self.terms.items():
            for (c, d), more in _terms(other).items():
                above, below = Counter(a + c), Counter(b + d)
                found[_sorted(above - below), _sorted(below - above)] += times * more
        return self.of(found)

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Any:
        ((above, below), times), *more = _terms(other).items()
        if more or times != 1:
            raise UntraceableError("a division by a sum of numbers of columns")
        return self * self.of({(below, above): 1})

    def __mod__(self, other: Any) -> int:
        return 0  # a layer has been asked with numbers whether its sizes fit

    def __pow__(self, exponent: Any) -> Any:
        if exponent != 0.5:
            raise UntraceableError("a power of a number of columns other than its root")
        from glassnet.engines.compiled.grids import Grid  # which is made of sizes

        return Grid("root", count=self)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Size) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __index__(self) -> Any:
        raise UntraceableError("a number of columns that must be known")


ONE: Term = ((), ())


def _terms(count: Any) -> dict[Term, int]:
    return count.terms if isinstance(count, Size) else {ONE: count}


def _sorted(columns: Counter[int]) -> tuple[int, ...]:
    return tuple(sorted(columns.elements()))


def count(size: Any, table: Any) -> Any:
    """A number of columns, from the row of the table where it is not known."""
    return size.at(table) if isinstance(size, Size) else size

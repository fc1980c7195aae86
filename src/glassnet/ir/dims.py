"""Symbolic dimensions: sizes that are not known yet, as sums of products of named dimensions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.ir.symbolic_array import UntraceableError

Names = tuple[Any, ...]
Term = tuple[Names, Names]
"""A product of dimensions, and its divisor."""
ONE: Term = ((), ())
LONGEST = 16
"""The most terms of a quotient."""


class SymbolicDim:
    """A dimension such as ``members * units``; two are equal if they are for all values of the names.

    ``+ - * // %`` give a dimension, or an int where nothing is left open. What else is done to it, such as
    ``1 / inputs**0.5``, is arithmetic on a number of the graph: a tensor of shape ``()``.

    Parameters
    ----------
    *names : hashable
        Of which it is the product.

    Examples
    --------
    >>> rows, columns = SymbolicDim("rows"), SymbolicDim("columns")
    >>> rows * columns // rows == columns, columns - columns
    (True, 0)
    >>> 2 * rows + 1
    2 rows + 1
    >>> (rows * columns - rows) // (columns - 1)
    rows
    """

    def __init__(self, *names: Any) -> None:
        self.terms: dict[Term, int] = {(names, ()): 1}
        """Terms with their coefficients."""

    @staticmethod
    def of(terms: Mapping[Term, int]) -> Any:
        """Return the sum of terms."""
        dim = SymbolicDim()
        dim.terms = {term: times for term, times in terms.items() if times}
        return dim if dim.terms.keys() - {ONE} else dim.terms.get(ONE, 0)

    def at(self, values: Any) -> Any:
        """Return the dimension with a value for each name: numbers, symbols of a kernel, or other dimensions."""
        total: Any = 0
        for (above, below), times in self.terms.items():
            product = math.prod((values[name] for name in above), start=times)
            if below:
                product = product // math.prod(values[name] for name in below)
            total = total + product
        return total

    @property
    def names(self) -> set[Any]:
        """The names in it."""
        return {name for above, below in self.terms for name in (*above, *below)}

    # ------------------------------------------------------------ dimensions

    def __add__(self, other: Any) -> Any:
        if not is_dim(other):
            return _number(np.add, self, other)
        found = dict(self.terms)
        for term, times in _terms(other).items():
            found[term] = found.get(term, 0) + times
        return self.of(found)

    def __mul__(self, other: Any) -> Any:
        if not is_dim(other):
            return _number(np.multiply, self, other)
        found: dict[Term, int] = {}
        for (a, b), times in self.terms.items():
            for (c, d), more in _terms(other).items():
                term = _share(a + c, b + d)
                found[term] = found.get(term, 0) + times * more
        return self.of(found)

    __radd__, __rmul__ = __add__, __mul__

    def __sub__(self, other: Any) -> Any:
        return self + -1 * other if is_dim(other) else _number(np.subtract, self, other)

    def __rsub__(self, other: Any) -> Any:
        return other + -1 * self if is_dim(other) else _number(np.subtract, other, self)

    def __floordiv__(self, other: Any) -> Any:
        if not is_dim(other):
            return _number(np.floor_divide, self, other)
        ((above, below), times), *more = _terms(other).items()
        if more:
            return self._over_sum(other)
        if any(count % times for count in self.terms.values()):
            raise UntraceableError("a division of {size} by {other}", size=self, other=other)
        found = {term: count // times for term, count in self.terms.items()}
        return self.of(found) * self.of({(below, above): 1})

    def _over_sum(self, other: SymbolicDim) -> Any:
        """Long division without remainder."""
        divisor, times = _leading(other)
        rest: Any = self
        found: Any = 0
        for _ in range(LONGEST):
            (above, below), count = _leading(rest)
            term = _share(above + divisor[1], below + divisor[0])
            if term[1] or count % times:
                break
            part = self.of({term: count // times})
            found, rest = found + part, rest - part * other
            if isinstance(rest, int) and rest == 0:
                return found
        raise UntraceableError("a division of {size} by {other}", size=self, other=other)

    def __mod__(self, other: Any) -> int:
        return 0  # divisibility was checked on concrete sizes

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, SymbolicDim) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __index__(self) -> Any:
        raise UntraceableError("a dimension that must be known")

    def __repr__(self) -> str:
        def product(term: Term, times: int) -> str:
            above = " ".join([str(times)] * (times != 1 or not term[0]) + [str(name) for name in term[0]])
            return above + "".join(f" / {name}" for name in term[1])

        return " + ".join(product(*term) for term in self.terms.items()).replace("+ -", "- ")

    # --------------------------------------------------------------- numbers

    def __truediv__(self, other: Any) -> Any:
        return _number(np.true_divide, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _number(np.true_divide, other, self)

    def __pow__(self, exponent: Any) -> Any:
        return _number(np.power, self, exponent)

    def __gt__(self, other: Any) -> Any:
        return _number(np.greater, self, other)

    def __lt__(self, other: Any) -> Any:
        return _number(np.less, self, other)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from glassnet.ir.tensor import SCALAR  # whose shape is made of dimensions

        return SCALAR.__array_ufunc__(ufunc, method, *inputs, **options)


def resolved(size: Any, values: Any) -> Any:
    """A dimension with values for the names; a known one is returned as it is."""
    return size.at(values) if isinstance(size, SymbolicDim) else size


def is_dim(value: Any) -> bool:
    """Return whether it is a dimension, known or symbolic."""
    return isinstance(value, (SymbolicDim, int, np.integer))


def _number(ufunc: Any, *inputs: Any) -> Any:
    """Arithmetic beyond dimensions, recorded by :meth:`SymbolicDim.__array_ufunc__`."""
    return ufunc(*inputs)


def _terms(value: Any) -> dict[Term, int]:
    return value.terms if isinstance(value, SymbolicDim) else {ONE: int(value)}


def _leading(value: Any) -> tuple[Term, int]:
    """Return the term of the most factors, and how often it is there; of several such that whose names are the last."""
    return max(_terms(value).items(), key=lambda one: (len(one[0][0]) - len(one[0][1]), sorted(one[0][0])))


def _share(above: Names, below: Names) -> Term:
    """Return a quotient of products, reduced."""
    left, rest = sorted(above), []
    for name in sorted(below):
        if name in left:
            left.remove(name)
        else:
            rest.append(name)
    return tuple(left), tuple(rest)

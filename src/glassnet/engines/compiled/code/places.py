"""Pointers, matrices, and loop variables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from glassnet.engines.compiled.code.value import Value

if TYPE_CHECKING:
    from glassnet.engines.compiled.code.code import Code
    from glassnet.engines.compiled.code.instructions import Instructions


@dataclass(frozen=True, slots=True)
class Pointer:
    """A pointer to contiguous numbers of one type."""

    code: Instructions
    kind: str
    text: str
    scope: str = ""
    """Metadata that excludes aliasing; see :meth:`Code.apart`."""

    def __add__(self, count: Any) -> Pointer:
        """The pointer plus an offset in numbers."""
        return replace(self, text=self.code.element(self, count))

    def __getitem__(self, index: Any) -> Value:
        return self.code.load(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.code.store(self, index, value)

    def all(self, count: int) -> tuple[Value, ...]:
        """The first `count` numbers: the trailing arguments of a formula."""
        return tuple(self[i] for i in range(count))

    def by(self, columns: Any) -> Matrix:
        """As a row-major matrix."""
        return Matrix(self, columns)

    def fill(self, count: Any, value: Any) -> None:
        """Fill numbers with a value."""
        for i in cast("Code", self.code).range(count):
            self[i] = value

    def copy(self, source: Pointer, count: Any) -> None:
        """Copy numbers from another pointer."""
        self.code.copy(self, source, count)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix in memory."""

    start: Pointer
    columns: Any

    def __getitem__(self, place: tuple[Any, Any]) -> Value:
        return self.start[place[0] * self.columns + place[1]]

    def __setitem__(self, place: tuple[Any, Any], value: Any) -> None:
        self.start[place[0] * self.columns + place[1]] = value


class Variable:
    """A variable that changes between iterations of a loop."""

    def __init__(self, place: Pointer, value: Any, lanes: int = 1) -> None:
        self.place, self.lanes = place, lanes
        self.value = value

    @property
    def value(self) -> Value:
        """Its current value."""
        return self.place.code.load(self.place, 0, self.lanes)

    @value.setter
    def value(self, value: Any) -> None:
        self.place[0] = value

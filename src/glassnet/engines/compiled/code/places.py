"""Places in memory: of numbers, of matrices, of what changes from round to round."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from glassnet.engines.compiled.code.value import Value

if TYPE_CHECKING:
    from glassnet.engines.compiled.code.code import Code
    from glassnet.engines.compiled.code.instructions import Instructions


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place in memory with numbers of one type, one behind the other."""

    code: Instructions
    kind: str
    text: str
    scope: str = ""
    """What tells LLVM that nothing else lies there; see :meth:`Code.apart`."""

    def __add__(self, count: Any) -> Pointer:
        """The place so many numbers further on."""
        return replace(self, text=self.code.element(self, count))

    def __getitem__(self, index: Any) -> Value:
        return self.code.load(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.code.store(self, index, value)

    def all(self, count: int) -> tuple[Value, ...]:
        """The first `count` numbers: the trailing arguments of a formula."""
        return tuple(self[i] for i in range(count))

    def by(self, columns: Any) -> Matrix:
        """As a matrix with so many columns, row by row."""
        return Matrix(self, columns)

    def fill(self, count: Any, value: Any) -> None:
        """Set so many numbers to a value."""
        for i in cast("Code", self.code).range(count):
            self[i] = value

    def copy(self, source: Pointer, count: Any) -> None:
        """Copy so many numbers from another place."""
        self.code.copy(self, source, count)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Numbers in rows and columns."""

    start: Pointer
    columns: Any

    def __getitem__(self, place: tuple[Any, Any]) -> Value:
        return self.start[place[0] * self.columns + place[1]]

    def __setitem__(self, place: tuple[Any, Any], value: Any) -> None:
        self.start[place[0] * self.columns + place[1]] = value


class Variable:
    """A number that changes from one round of a loop to the next."""

    def __init__(self, place: Pointer, value: Any, lanes: int = 1) -> None:
        self.place, self.lanes = place, lanes
        self.value = value

    @property
    def value(self) -> Value:
        """What it is here."""
        return self.place.code.load(self.place, 0, self.lanes)

    @value.setter
    def value(self, value: Any) -> None:
        self.place[0] = value

"""Expressions as text, with parentheses only where the language needs them: one writer for all languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

CHOICE, OR, AND, ORDER, SHIFT, SUM, NEGATIVE, PRODUCT, UNARY, POWER, ATOM = range(11)
"""How tightly operators bind, from the loosest on, where a language does not have an order of its own."""


class Expression(str):
    """A text that knows how tightly its outermost operator binds."""

    binds: int

    def __new__(cls, text: str, binds: int = ATOM) -> Expression:
        made = super().__new__(cls, text)
        made.binds = binds
        return made

    def within(self, binds: int) -> str:
        """The text as an operand, in parentheses if it binds less tightly than this.

        >>> Expression("a + b", SUM).within(PRODUCT), Expression("a b", PRODUCT).within(PRODUCT)
        ('(a + b)', 'a b')
        """
        return f"({self})" if self.binds < binds else str(self)


class Infix(NamedTuple):
    """An operator between two operands: its sign, how tightly it binds, and how tightly either operand must."""

    sign: str
    binds: int
    left: int
    right: int

    def of(self, left: Expression, right: Expression) -> Expression:
        """Both operands and the sign.

        >>> MINUS = from_the_left(SUM, {"subtract": "-"})["subtract"]
        >>> print(MINUS.of(MINUS.of(Expression("a"), Expression("b")), MINUS.of(Expression("c"), Expression("d"))))
        a - b - (c - d)
        """
        return Expression(f"{left.within(self.left)} {self.sign} {right.within(self.right)}", self.binds)


def from_the_left(binds: int, signs: Mapping[str, str]) -> dict[str, Infix]:
    """Operators taken from the left: a - b - c is (a - b) - c, and a + (b + c), rounded otherwise, keeps its own."""
    return {name: Infix(sign, binds, binds, binds + 1) for name, sign in signs.items()}


def among(binds: int, operands: int, signs: Mapping[str, str]) -> dict[str, Infix]:
    """Operators of which none is an operand of another, such as comparisons."""
    return {name: Infix(sign, binds, operands, operands) for name, sign in signs.items()}


ARITHMETIC: Final = {
    **from_the_left(SUM, {"add": "+", "subtract": "-"}),
    **from_the_left(PRODUCT, {"multiply": "*", "divide": "/"}),
}
ORDERINGS: Final = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}
"""What programming languages have in common."""

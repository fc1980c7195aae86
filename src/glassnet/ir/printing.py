"""Expressions as text, with parentheses only where the language needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

CHOICE, OR, AND, ORDER, SHIFT, SUM, NEGATIVE, PRODUCT, UNARY, POWER, ATOM = range(11)
"""Precedence of operators, from the lowest, for languages without an order of their own."""


class Expression(str):
    """A text with the precedence of its outermost operator."""

    binds: int

    def __new__(cls, text: str, binds: int = ATOM) -> Expression:
        made = super().__new__(cls, text)
        made.binds = binds
        return made

    def within(self, binds: int) -> str:
        """The text as an operand, in parentheses if its precedence is lower.

        >>> Expression("a + b", SUM).within(PRODUCT), Expression("a b", PRODUCT).within(PRODUCT)
        ('(a + b)', 'a b')
        """
        return f"({self})" if self.binds < binds else str(self)


class Infix(NamedTuple):
    """An infix operator: its sign, its precedence, and the least precedence of either operand."""

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
    """Left-associative operators: a - b - c is (a - b) - c; a + (b + c), which rounds otherwise, keeps its own."""
    return {name: Infix(sign, binds, binds, binds + 1) for name, sign in signs.items()}


def among(binds: int, operands: int, signs: Mapping[str, str]) -> dict[str, Infix]:
    """Non-associative operators, such as comparisons."""
    return {name: Infix(sign, binds, operands, operands) for name, sign in signs.items()}


ARITHMETIC: Final = {
    **from_the_left(SUM, {"add": "+", "subtract": "-"}),
    **from_the_left(PRODUCT, {"multiply": "*", "divide": "/"}),
}
ORDERINGS: Final = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}
"""Operators that programming languages share."""

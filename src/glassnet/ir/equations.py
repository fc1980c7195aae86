"""Formulas as equations for people: with letters, or with numbers filled in.

Where a formula tests a sign or a size, the numbers decide the branch. The equation is verified against the formula's
result for them: a symbol is not changed in place, and a function may count its calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.formulas.formula import of_numbers
from glassnet.ir.printing import ATOM, NEGATIVE, POWER, PRODUCT, SUM, Expression, Infix
from glassnet.ir.scalar import capture, evaluate, symbol
from glassnet.ir.tensor import TraceNode

MOST: Final = 110
"""The longest text that is printed."""
LEFT_OUT: Final = "…"
"""The name of an input that stands for terms that are left out; it is printed instead of its number."""
INFIX: Final = {
    "add": Infix("+", SUM, SUM, SUM),
    "subtract": Infix("-", SUM, SUM, PRODUCT),
    "multiply": Infix("·", PRODUCT, PRODUCT, PRODUCT),
    "divide": Infix("/", PRODUCT, PRODUCT, POWER),
}
CALLS: Final = {
    "absolute": "|{}|", "expm1": "(exp({}) - 1)", "log": "ln({})", "log1p": "ln(1 + {})", "minimum": "min({}, {})",
    "maximum": "max({}, {})",
}  # fmt: skip
"""Functions with a notation of their own."""
SAME: Final[dict[str, Callable[..., Any]]] = {
    "full_like": lambda like, number: number, "zeros_like": lambda like: 0.0, "ones_like": lambda like: 1.0,
}  # fmt: skip
"""Simplified notation of an operation, by its operands."""
TRUTHS: Final = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})


def written(
    function: Callable[..., Any],
    inputs: Mapping[str, float],
    values: tuple[Any, ...] = (),
    *,
    filled: bool = False,
    most: int = MOST,
) -> str | None:
    """Return the equation of a formula; None if it cannot be printed, or is too long.

    Parameters
    ----------
    function : callable
    inputs : mapping of str to float
        Their names, and the numbers that decide the branches.
    values : tuple
        Of the formula's parameters.
    filled : bool
        With the numbers in the place of the letters.
    most : int
        The length of the longest text.

    Examples
    --------
    >>> from glassnet.formulas.activations import sigmoid, sigmoid_derivative
    >>> written(sigmoid, {"z": 0.5}), written(sigmoid_derivative, {"z": 0.5, "a": 0.6225})
    ('1 / (1 + exp(-|z|))', 'a · (1 - a)')
    >>> written(sigmoid_derivative, {"z": 0.5, "a": 0.6225}, filled=True)
    '0.6225 · (1 - 0.6225)'
    """
    try:
        symbols, numbers = [symbol(name) for name in inputs], list(map(np.float64, inputs.values()))
        single = [value[0] if isinstance(value, tuple) else value for value in values]
        (output,) = capture(function, *symbols, *single).outputs
        known: dict[TraceNode, Any] = {one.node: number for one, number in zip(symbols, numbers, strict=True)}
        if not _is_true(evaluate(output, known), function, numbers, single):
            return None
        return _expression(_Printer(known, filled, most).text(output))
    except Exception:  # a user's formula may use symbols in ways that cannot be traced
        return None


def _is_true(found: Any, function: Callable[..., Any], numbers: list[Any], values: list[Any]) -> bool:
    """Return whether a formula gives this number, too, without changing its arguments."""
    arrays = [np.array([number]) for number in numbers]
    with np.errstate(all="ignore"):
        result = of_numbers(function, *arrays, *values)
    return np.allclose(result, found, equal_nan=True) and np.array_equal(np.ravel(arrays), numbers, equal_nan=True)


class _Printer(NamedTuple):
    """The settings of a printed graph."""

    known: dict[TraceNode, Any]
    filled: bool
    most: int

    def text(self, value: Any) -> Expression | float:
        """Return the expression of an output; a constant stays a number."""
        found = self._text(value)
        if isinstance(found, Expression) and len(found) > self.most:
            raise ValueError  # repeated reads would make it grow without end
        return found

    def _text(self, value: Any) -> Expression | float:
        known = self.known
        if not isinstance(value, TraceNode):
            return float(value)
        if value.op == "input":
            name = value.attributes["name"]
            return _expression(known[value]) if self.filled and name != LEFT_OUT else Expression(name)
        if value.op == "where":
            return self.text(value.inputs[1 if evaluate(value.inputs[0], known) else 2])
        if value.op in SAME:
            return self.text(SAME[value.op](*value.inputs))
        if value.attributes.keys() - {"dtype"}:
            raise ValueError  # an option that the text would not say
        parts = [self.text(one) for one in value.inputs]
        if value.op == "cast" and evaluate(value, known) == evaluate(value.inputs[0], known):
            return parts[0]
        if value.op in TRUTHS or not any(isinstance(part, Expression) for part in parts):
            return float(evaluate(value, known))
        if value.op == "multiply" and 1 in parts:  # a factor of 1 that the formula has, not the data
            return parts[parts[0] == 1]
        return spelled(value.op, [*map(_expression, parts)])


def spelled(op: str, parts: Sequence[Expression]) -> Expression:
    """Return a function of numbers as people write it.

    >>> spelled("subtract", [Expression("x"), Expression("-y", NEGATIVE)])
    'x - (-y)'
    >>> spelled("log1p", [Expression("-p", NEGATIVE)])
    'ln(1 - p)'
    """
    first, *others = parts
    if op in INFIX:
        (second,) = others
        return INFIX[op].of(first, Expression(f"({second})") if second.startswith("-") else second)
    if op == "power":
        return Expression(f"{first.within(ATOM)}^{others[0].within(ATOM)}", POWER)
    if op == "negative":
        return Expression(f"-{first.within(PRODUCT)}", NEGATIVE)
    if op == "log1p" and first.startswith("-"):
        return Expression(f"ln(1 - {first[1:]})")
    if op == "gaussian":  # no name that people know
        return Expression(f"exp(-{first.within(ATOM)}^2)")
    return Expression(CALLS.get(op, f"{op}({', '.join(['{}'] * len(parts))})").format(*parts))


def _expression(number: Expression | float) -> Expression:
    """Return a number as an expression, with four digits.

    >>> _expression(-0.0), _expression(-0.25).within(PRODUCT)
    ('0', '(-0.25)')
    """
    if isinstance(number, Expression):
        return number
    text = f"{number + 0.0:.4g}"  # + 0.0 turns -0.0 into 0.0
    return Expression(text, NEGATIVE if text.startswith("-") else ATOM)

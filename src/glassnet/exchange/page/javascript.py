"""A graph of scalars as a function in JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from glassnet.ir.printing import ARITHMETIC, ATOM, CHOICE, ORDER, ORDERINGS, POWER, SUM, UNARY, Expression, Infix, among
from glassnet.ir.scalar import Graph, Operand, by_parameters, statements
from glassnet.ir.tensor import Node

INFIX: Final = {
    **ARITHMETIC,
    **among(ORDER, SUM, ORDERINGS | {"equal": "===", "not_equal": "!=="}),
    "power": Infix("**", POWER, ATOM, UNARY),
}
CALLS: Final = {"absolute": "abs", "maximum": "max", "minimum": "min"} | {
    name: name for name in ("erfc", "exp", "expm1", "gaussian", "hypot", "log", "log1p", "sign", "sqrt", "tanh")
}
"""Functions, and what they are called there: in `Math`, or at the head of `formulas.py`."""


def number(value: Any) -> Expression:
    """A number so that JavaScript reads the very same one.

    >>> number(1.0), number(-0.5), number(1e-30)
    ('1', '-0.5', '1e-30')
    """
    text = repr(float(value)).removesuffix(".0").replace("inf", "Infinity").replace("nan", "NaN")
    return Expression(text, UNARY if text.startswith("-") else ATOM)


def function_text(name: str, parameters: tuple[str, ...], graph: Graph, first: Graph | None = None) -> str:
    """A function of this name; `first` is the graph for a `previous` that is undefined, where that is another.

    Examples
    --------
    >>> from glassnet.formulas.activations import elu
    >>> from glassnet.ir.scalar import capture, symbol
    >>> print(function_text("elu", ("z", "alpha"), capture(elu, symbol("z"), symbol("alpha"))))
    function elu(z, alpha) {
      return z > 0 ? z : alpha * expm1(min(z, 0));
    }
    """
    lines, at_first = _body(parameters, graph), _body(parameters, first) if first else []
    if at_first not in ([], lines):
        lines = ["if (previous === undefined) {", *(f"  {line}" for line in at_first), "}", *lines]
    return "\n".join([f"function {name}({', '.join(parameters)}) {{", *(f"  {line}" for line in lines), "}"])


def formula_text(formula: Callable[..., Any]) -> str:
    """A formula as a function of the same name and parameters."""
    return function_text(formula.__name__, *by_parameters(formula))


def _body(parameters: tuple[str, ...], graph: Graph) -> list[str]:
    lines, outputs = statements(graph, _spell, number, {*parameters, *CALLS.values()})
    told = f"[{', '.join(outputs)}]" if graph.several else outputs[0]
    return [*(f"const {name} = {text};" for _, name, text in lines), f"return {told};"]


def _spell(node: Node, operand: Operand) -> Expression:
    inputs = [operand(one) for one in node.inputs]
    if node.op == "multiply" and node.attributes:  # of a condition: how formulas turn it into 0 or 1
        return Expression(f"Number({inputs[0]})")
    if node.op in INFIX:
        return INFIX[node.op].of(*inputs)
    if node.op == "negative":
        return Expression(f"-{inputs[0].within(ATOM)}", UNARY)
    if node.op == "where":
        test, yes, no = inputs
        return Expression(f"{test.within(CHOICE + 1)} ? {yes.within(CHOICE + 1)} : {no}", CHOICE)
    if node.op == "full_like":
        return inputs[1]
    if node.op == "copysign":  # of a size that is zero where the number is
        size, of = inputs
        return INFIX["multiply"].of(Expression(f"sign({of})"), size)
    if node.op not in CALLS:
        raise NotImplementedError(f"{node.op} in JavaScript: add it to CALLS in exchange/page/javascript.py")
    return Expression(f"{CALLS[node.op]}({', '.join(inputs)})")

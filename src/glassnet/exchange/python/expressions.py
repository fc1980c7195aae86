"""A node as an expression of Python, with brackets only where Python needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph import Node, rows_in

__all__ = ["ATOM", "Expression", "expression", "literal"]


@dataclass(frozen=True)
class Expression:
    """Text of Python, and how strongly it holds together: an operand of a stronger operator needs brackets."""

    text: str
    strength: int


ATOM: Final = 9
"""Names, calls and literals need no brackets."""
UNARY: Final = 7
INFIX: Final[Mapping[str, tuple[str, int]]] = {
    "greater": (">", 1),
    "greater_equal": (">=", 1),
    "less": ("<", 1),
    "less_equal": ("<=", 1),
    "equal": ("==", 1),
    "not_equal": ("!=", 1),
    "logical_or": ("|", 2),
    "logical_and": ("&", 3),
    "add": ("+", 5),
    "subtract": ("-", 5),
    "multiply": ("*", 6),
    "divide": ("/", 6),
    "floor_divide": ("//", 6),
    "remainder": ("%", 6),
    "matmul": ("@", 6),
    "power": ("**", 8),
}
"""Operators and their strengths, as Python has them."""
LINE: Final = 100
REDUCTIONS: Final = ("sum", "max", "min", "argmax")
Operand = Callable[[Node], Expression]


def expression(node: Node, operand: Operand) -> Expression:
    """What a node gives, in terms of its inputs.

    Examples
    --------
    >>> from glassnet.exchange.graph.legalize import graph_of
    >>> twice = graph_of(lambda x: 2 * x).outputs["answer"]
    >>> operands = {"constant": Expression("2", ATOM), "input": Expression("a - b", 5)}
    >>> expression(twice, lambda node: operands[node.operation]).text
    '2 * (a - b)'
    """
    inputs = [operand(source) for source in node.inputs]
    if node.operation == "matmul" and node.inputs[1].value is not None and len(node.shape) == 2:
        return Expression(f"product({inputs[0].text}, {inputs[1].text})", ATOM)
    if node.operation in INFIX:
        sign, strength = INFIX[node.operation]
        # a + (b + c) is rounded otherwise than (a + b) + c; powers are taken from the right, comparisons from nowhere
        left = _bracketed(inputs[0], strength + (strength in (1, 8)))
        right = _bracketed(inputs[1], strength + (node.operation != "power"))
        return Expression(f"{left} {sign} {right}", strength)
    if node.operation in ("negative", "logical_not"):
        sign = "-" if node.operation == "negative" else "~"
        return Expression(sign + _bracketed(inputs[0], UNARY), UNARY)
    return Expression(_call(node, inputs, operand), ATOM)


def _bracketed(inner: Expression, strength: int) -> str:
    return inner.text if inner.strength >= strength else f"({inner.text})"


def _call(node: Node, inputs: list[Expression], operand: Operand) -> str:
    about, texts = node.attributes, [one.text for one in inputs]
    first = _bracketed(inputs[0], ATOM)
    match node.operation:
        case "cast":
            return f"{first}.astype(np.{node.dtype.name if node.dtype != np.bool_ else 'bool_'})"
        case "sum" | "max" | "min" | "argmax":
            return f"np.{node.operation}({texts[0]}, axis={about['axis']}, keepdims=True)"
        case "argsort":
            return f'np.argsort({texts[0]}, axis=-1, kind="stable")'
        case "reshape":
            return _reshaped(node, first, operand)
        case "transpose":
            return f"{first}.transpose{about['axes']}"
        case "slice":
            return f"{first}[{':, ' * about['axis']}{_range(node)}]"
        case "concat":
            return _concatenated(node, operand)
        case "gather":
            return f"{first}[{':, ' * about['axis']}{texts[1]}]"
        case "take_along":
            return f"np.take_along_axis({texts[0]}, {texts[1]}, axis=-1)"
        case "absolute":
            return f"np.abs({texts[0]})"
        case "erf" | "erfc":
            return f'{node.operation}({texts[0]}, *ERF["{node.dtype.name}"])'
        case "where" if all(source.value is not None and not source.shape for source in node.inputs[1:]):
            return f"np.where({texts[0]}, np.{node.dtype.name}({texts[1]}), {texts[2]})"  # two numbers have no type
        case operation:
            return f"np.{operation}({', '.join(texts)})"


def _reshaped(node: Node, first: str, operand: Operand) -> str:
    """An axis taken away or put in by an index, everything else by ``reshape``."""
    (source,) = node.inputs
    old, new = list(source.shape), list(node.shape)
    for axis, size in enumerate(old):
        if size == 1 and old[:axis] + old[axis + 1 :] == new:
            if source.operation in REDUCTIONS and source.attributes["axis"] == axis:
                whole = operand(source).text
                if whole.endswith(", keepdims=True)"):
                    return whole.removesuffix(", keepdims=True)") + ")"
            return f"{first}[{':, ' * axis}0]"
    for axis, size in enumerate(new):
        if size == 1 and new[:axis] + new[axis + 1 :] == old:
            return f"{first}[{':, ' * axis}None]"
    sizes = ", ".join("-1" if rows_in(size) else str(size) for size in new)
    return f"{first}.reshape({sizes})"


def _concatenated(node: Node, operand: Operand) -> str:
    """Arrays beside each other; those that get an axis for it are stacked. What is long has a line for each."""
    axis, sources, function = node.attributes["axis"], node.inputs, "concatenate"
    flat = [source.inputs[0] for source in sources if source.operation == "reshape"]
    if len(flat) == len(sources) and all(_opens(source, axis) for source in sources):
        sources, function = tuple(flat), "stack"
    texts = [operand(source).text for source in sources]
    line = f"np.{function}([{', '.join(texts)}], axis={axis})"
    if len(line) <= LINE:
        return line
    return "\n".join(
        [f"np.{function}(", "    [", *(f"        {text}," for text in texts), "    ],", f"    axis={axis},", ")"]
    )


def _opens(node: Node, axis: int) -> bool:
    """Whether a reshaping puts in an axis of length 1 at this place."""
    new = node.shape
    return node.inputs[0].shape == new[:axis] + new[axis + 1 :] and new[axis] == 1


def _range(node: Node) -> str:
    about, size = node.attributes, node.inputs[0].shape[node.attributes["axis"]]
    start, stop, step = about["start"], about["stop"], about["step"]
    if step < 0:
        return f"{start}:{stop if stop >= 0 else ''}:{step}"
    end = "" if stop >= size else str(stop)
    return f"{start or ''}:{end}" + (f":{step}" if step != 1 else "")


def literal(value: Any, dtype: np.dtype[Any]) -> str:
    """A single number as Python would have it written, in as few digits as its type needs.

    Examples
    --------
    >>> literal(np.array(0.1, np.float32), np.dtype(np.float32)), literal(np.array(2.0), np.dtype(np.float64))
    ('0.1', '2')
    """
    number = np.asarray(value)
    if number.dtype.kind == "f":
        if np.isnan(number):
            return "np.nan"
        if np.isinf(number):
            return "np.inf" if number > 0 else "-np.inf"
        return str(int(number)) if number == np.rint(number) and abs(number) < 1e6 else str(number[()])
    if number.dtype == np.int64 and number == np.iinfo(np.int64).min:
        return "np.iinfo(np.int64).min"
    return repr(number.item())

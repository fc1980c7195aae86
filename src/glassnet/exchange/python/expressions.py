"""A node as an expression of Python, and the nodes of a part as the body of a function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph import Node, rows_in
from glassnet.exchange.python import runtime
from glassnet.ir.printing import (
    AND,
    ARITHMETIC,
    ATOM,
    CHOICE,
    OR,
    ORDERINGS,
    POWER,
    PRODUCT,
    UNARY,
    Expression,
    Infix,
    among,
    free_name,
    from_the_left,
)

INFIX: Final[Mapping[str, Infix]] = {
    **among(CHOICE, OR, ORDERINGS | {"equal": "==", "not_equal": "!="}),
    **from_the_left(OR, {"logical_or": "|"}),
    **from_the_left(AND, {"logical_and": "&"}),
    **ARITHMETIC,
    **from_the_left(PRODUCT, {"floor_divide": "//", "remainder": "%", "matmul": "@"}),
    "power": Infix("**", POWER, ATOM, POWER),
}
"""Operators as Python has them."""
LINE: Final = 100
REDUCTIONS: Final = ("sum", "max", "min", "argmax")
Operand = Callable[[Node], Expression]
FORMS: Final = ("clock_time", "date_form", "moment_in", "number_form", "number_in", "plain_form")
"""Functions of the tables that these use."""
RESERVED: Final = (
    *("predict", "respond", "encode", "main", "weights", "learned", "answer"),
    *runtime.__all__,
    *FORMS,
)
"""Functions that every file has."""
SHORT: Final = 44
"""Expressions used once and no longer than this are inlined."""
TELLING: Final = 20
"""The same for expressions with a name in the model, which is clearer than the expression."""
LONG: Final = 100
"""No line is longer than this, if it can be helped."""
NAMES: Final[Mapping[str, str]] = {
    "matmul": "z",
    "add": "z",
    "exp": "e",
    "expm1": "e",
    "sum": "total",
    "max": "largest",
    "min": "least",
    "lookup": "code",
    "isnan": "missing",
    "argsort": "order",
    "concat": "joined",
    "tanh": "t",
    "erf": "t",
    "erfc": "t",
    "floor_divide": "q",
    "remainder": "r",
    "subtract": "d",
    "divide": "s",
    "cast": "values",
}
"""What a number is called that is made so."""
Special = Callable[[Node, Callable[[Node], str]], "str | None"]
"""How a node is written that NumPy has no function for, given how others are; None: as NumPy has it."""


def expression(node: Node, operand: Operand) -> Expression:
    """The expression of a node in terms of its inputs.

    Examples
    --------
    >>> from glassnet.exchange.graph.legalize import graph_of
    >>> twice = graph_of(lambda x: 2 * x).outputs["answer"]
    >>> difference = ARITHMETIC["subtract"].of(Expression("a"), Expression("b"))
    >>> operands = {"constant": Expression("2"), "input": difference}
    >>> expression(twice, lambda node: operands[node.operation])
    '2 * (a - b)'
    """
    inputs = [operand(source) for source in node.inputs]
    if node.operation == "matmul" and node.inputs[1].value is not None and len(node.shape) == 2:
        return Expression(f"product({inputs[0]}, {inputs[1]})")
    if node.operation in INFIX:
        return INFIX[node.operation].of(*inputs)
    if node.operation in ("negative", "logical_not"):
        sign = "-" if node.operation == "negative" else "~"
        return Expression(sign + inputs[0].within(UNARY), UNARY)
    return Expression(_call(node, inputs, operand))


def _call(node: Node, inputs: list[Expression], operand: Operand) -> str:
    about, first = node.attributes, inputs[0].within(ATOM)
    match node.operation:
        case "cast":
            return f"{first}.astype(np.{node.dtype.name if node.dtype != np.bool_ else 'bool_'})"
        case "sum" | "max" | "min" | "argmax":
            return f"np.{node.operation}({inputs[0]}, axis={about['axis']}, keepdims=True)"
        case "argsort":
            return f'np.argsort({inputs[0]}, axis=-1, kind="stable")'
        case "reshape":
            return _reshaped(node, first, operand)
        case "transpose":
            return f"{first}.transpose{about['axes']}"
        case "slice":
            return f"{first}[{':, ' * about['axis']}{_range(node)}]"
        case "concat":
            return _concatenated(node, operand)
        case "gather":
            return f"{first}[{':, ' * about['axis']}{inputs[1]}]"
        case "take_along":
            return f"np.take_along_axis({inputs[0]}, {inputs[1]}, axis=-1)"
        case "sparse_matmul":
            return f"sparse_product({inputs[0]}, {inputs[1]})"
        case "absolute":
            return f"np.abs({inputs[0]})"
        case "bfloat16":
            return f"round_to_bfloat16({inputs[0]})"
        case "erf" | "erfc":
            return f'{node.operation}({inputs[0]}, *ERF["{node.dtype.name}"])'
        case "where" if all(source.value is not None and not source.shape for source in node.inputs[1:]):
            return f"np.where({inputs[0]}, np.{node.dtype.name}({inputs[1]}), {inputs[2]})"  # two numbers have no type
        case operation:
            return f"np.{operation}({', '.join(inputs)})"


def _reshaped(node: Node, first: str, operand: Operand) -> str:
    """An axis taken away or put in by an index, everything else by ``reshape``."""
    (source,) = node.inputs
    old, new = list(source.shape), list(node.shape)
    for axis, size in enumerate(old):
        if size == 1 and old[:axis] + old[axis + 1 :] == new:
            if source.operation in REDUCTIONS and source.attributes["axis"] == axis:
                whole = operand(source)
                if whole.endswith(", keepdims=True)"):
                    return whole.removesuffix(", keepdims=True)") + ")"
            return f"{first}[{':, ' * axis}0]"
    for axis, size in enumerate(new):
        if size == 1 and new[:axis] + new[axis + 1 :] == old:
            return f"{first}[{':, ' * axis}None]"
    sizes = ", ".join("-1" if rows_in(size) else str(size) for size in new)
    return f"{first}.reshape({sizes})"


def _concatenated(node: Node, operand: Operand) -> str:
    """Return a concatenation; arrays that get a new axis are stacked. A long one has a line for each array."""
    axis, sources, function = node.attributes["axis"], node.inputs, "concatenate"
    flat = [source.inputs[0] for source in sources if source.operation == "reshape"]
    if len(flat) == len(sources) and all(_opens(source, axis) for source in sources):
        sources, function = tuple(flat), "stack"
    texts = [operand(source) for source in sources]
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
    >>> literal(np.array(-0.0), np.dtype(np.float64))
    '-0.0'
    """
    number = np.asarray(value)
    if number.dtype.kind == "f":
        if np.isnan(number):
            return "np.nan"
        if np.isinf(number):
            return "np.inf" if number > 0 else "-np.inf"
        is_whole = number == np.rint(number) and abs(number) < 1e6 and (number != 0 or not np.signbit(number))
        return str(int(number)) if is_whole else str(number[()])
    if number.dtype == np.int64 and number == np.iinfo(np.int64).min:
        return "np.iinfo(np.int64).min"
    return repr(number.item())


def body(
    nodes: Sequence[Node],
    given: Mapping[Node, str],
    results: Sequence[Node],
    constant: Callable[[Node], str],
    special: Special | None = None,
) -> tuple[list[str], list[str]]:
    """The lines of a function of these nodes, and the expressions of its results; `constant` names learned arrays.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.exchange.graph.legalize import graph_of
    >>> graph = graph_of(lambda x: np.exp(-x) / (1 + np.exp(-x)))
    >>> from glassnet.exchange.graph.simplify import simplify
    >>> graph = simplify(graph)
    >>> body(graph.nodes, {graph.inputs[0].node: "x"}, [graph.outputs["answer"]], lambda node: "w")
    (['e = np.exp(-x)'], ['e / (1 + e)'])
    """
    inside = [node for node in nodes if node not in given and node.value is None]
    uses = Counter(source for node in inside for source in node.inputs)
    own_lines = {
        part
        for node in inside
        if node.operation == "concat"
        for source in node.inputs
        for part in (source, *(source.inputs if source.operation == "reshape" else ()))
    }
    lines: list[str] = []
    known: dict[Node, Expression] = {node: Expression(name) for node, name in given.items()}
    taken = {name.partition("[")[0] for name in given.values()} | {"w", "np", *RESERVED}

    def operand(node: Node) -> Expression:
        if node not in known and node.value is not None:
            if node.shape or node.dtype.kind == "U":
                known[node] = Expression(constant(node))
            else:
                text = literal(node.value, node.dtype)
                known[node] = Expression(text, UNARY if text.startswith("-") else ATOM)
        return known[node]

    def assign(node: Node) -> None:
        name = free_name(node.name or NAMES.get(node.operation, "a"), taken)
        taken.add(name)
        lines.extend(f"{name} = {known[node]}".split("\n"))
        known[node] = Expression(name)

    def written(node: Node) -> Expression:
        own = None if special is None else special(node, lambda source: operand(source))
        return expression(node, operand) if own is None else Expression(own)

    for node in inside:
        found = written(node)
        if _width(found) > LONG:  # its operands get names first, the longest to begin with
            for source in sorted(set(node.inputs) & set(inside), key=lambda one: -len(known[one])):
                if _width(found) > LONG and not known[source].isidentifier():
                    assign(source)
                    found = written(node)
        known[node] = found
        short = LONG - 12 if node in own_lines else TELLING if node.name else SHORT
        if node not in results and (uses[node] > 1 or len(found) > short or "\n" in found):
            assign(node)
    return lines, [operand(result) for result in results]


def _width(text: str) -> int:
    return max(map(len, text.split("\n")))

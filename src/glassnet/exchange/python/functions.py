"""The nodes of one part of a model as one function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from glassnet.exchange.graph import Node
from glassnet.exchange.python import cells, files
from glassnet.exchange.python.expressions import expression, literal
from glassnet.ir.naming import free_name
from glassnet.ir.printing import ATOM, UNARY, Expression

__all__ = ["RESERVED", "Special", "body"]

FORMS: Final = ("clock_time", "date_form", "moment_in", "number_form", "number_in", "plain_form")
"""Functions of the tables that these use."""
RESERVED: Final = (
    *("predict", "respond", "encode", "main", "weights", "learned", "answer"),
    *cells.__all__,
    *files.__all__,
    *FORMS,
)
"""Functions that every file has."""
SHORT: Final = 44
"""What is needed once, and no longer than this, is written where it is needed."""
TELLING: Final = 20
"""The same for what has a name in the model, which tells more than its text does."""
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

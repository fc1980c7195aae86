"""The scalar graph: the trace of a formula.

Its nodes are those of the tensor graph, of shape ``()``: what formulas do comes down to NumPy's functions of numbers,
choices (``where``), and the functions of :mod:`glassnet.formulas.elementary`, which stay whole. A printer writes them
in a language; values of the formula's variables, and values that are read more than once, get names there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.formulas import elementary
from glassnet.ir.printing import Expression, free_name, variables
from glassnet.ir.symbolic_array import followed
from glassnet.ir.tensor import TAPE, Shape, Tensor, TraceNode

MACHINERY = ("glassnet.ir", "glassnet.formulas.elementary", "glassnet.exchange.c", "glassnet.exchange.page", "numpy")
"""Modules whose variables are no names of a formula."""

OPERATIONS: Final = frozenset(
    {
        *("add", "subtract", "multiply", "divide", "power", "negative", "absolute", "sign", "sqrt"),
        *("maximum", "minimum", "where", "less", "less_equal", "greater", "greater_equal"),
        *("exp", "expm1", "log", "log1p", "tanh", "erfc", "gaussian"),
    }
)
"""The operations of glassnet's scalar formulas, besides "input", which every printer must support.

Names are those of NumPy's functions, or of :mod:`glassnet.formulas.elementary`. A ``multiply`` with attributes is a
condition that becomes 0 or 1; ``maximum`` and ``minimum`` are NaN if an operand is, which many languages' are not.
"""


@dataclass(frozen=True)
class ScalarGraph:
    """The trace of a formula.

    Parameters
    ----------
    outputs : tuple
        Nodes, or numbers that depend on nothing.
    several : bool
        Whether the formula gives a tuple.
    names : dict of TraceNode to str
        Their names in the formula: its variables.
    called : dict of TraceNode to str
        The parameter names of called functions, by argument.
    made : list of TraceNode
        In the order in which they were made; more than are needed.
    """

    outputs: tuple[Any, ...]
    several: bool
    names: dict[TraceNode, str]
    called: dict[TraceNode, str]
    made: list[TraceNode]

    @property
    def nodes(self) -> list[TraceNode]:
        """All nodes that the outputs need, in order."""
        needed: dict[TraceNode, None] = {}

        def visit(value: Any) -> None:
            if isinstance(value, TraceNode) and value not in needed:
                needed[value] = None
                for one in value.inputs:
                    visit(one)

        for one in self.outputs:
            visit(one)
        inputs = [node for node in needed if node.op == "input"]
        return [*inputs, *(node for node in self.made if node in needed)]


def symbol(name: str, dtype: Any = "float64", shape: Shape = ()) -> Tensor:
    """Return a symbol for an argument: a number, or an array of rows."""
    return Tensor(TraceNode("input", (), shape, np.dtype(dtype), {"name": name}))


def capture(function: Callable[..., Any], *arguments: Any, named: bool = False, joined: bool = True) -> ScalarGraph:
    """Trace a formula with these symbols and numbers.

    Parameters
    ----------
    function : callable
    *arguments
    named : bool
        With the names of its variables.
    joined : bool
        Without operations that were traced once per branch.

    Raises
    ------
    UntraceableError
        If it uses an operation that cannot be traced.

    Examples
    --------
    >>> from glassnet.formulas.activations import sigmoid
    >>> capture(sigmoid, symbol("z")).outputs
    (<divide ()>,)
    """
    nameless: tuple[dict[TraceNode, str], dict[TraceNode, str]] = ({}, {})
    made: list[TraceNode] = []
    tape, tests = TAPE.set(made), []

    def chosen(condition: Any, yes: Any, no: Any) -> Any:
        tests.append(condition)
        return np.where(condition, yes, no)

    try:
        with variables(MACHINERY, function) if named else nullcontext(nameless) as (names, called):
            result = followed(function, arguments, chosen)
    finally:
        TAPE.reset(tape)
    several = isinstance(result, tuple)
    graph = ScalarGraph(tuple(map(node_of, result if several else (result,))), several, names, called, made)
    return _joined(graph) if tests and joined else graph


class FormulaGraphs(NamedTuple):
    """A formula by its own parameters.

    Attributes
    ----------
    parameters : tuple of str
    graph : ScalarGraph
    first : ScalarGraph or None
        The graph for a `previous` that is None: coefficients of an update rule that follow from those of the step
        before begin with it. None of other formulas.
    """

    parameters: tuple[str, ...]
    graph: ScalarGraph
    first: ScalarGraph | None = None


def by_parameters(function: Callable[..., Any], dtype: Any = "float64") -> FormulaGraphs:
    """Trace a formula with a symbol of this type for each parameter, and name nodes after its variables.

    Examples
    --------
    >>> from glassnet.formulas.optimizers import sgd
    >>> by_parameters(sgd).parameters
    ('theta', 'g', 'alpha')
    """
    parameters = tuple(signature(function).parameters)
    symbols: dict[str, Any] = {name: symbol(name, dtype) for name in parameters}
    if "previous" not in symbols:
        return FormulaGraphs(parameters, capture(function, *symbols.values(), named=True))
    first = capture(function, *(symbols | {"previous": None}).values(), named=True)
    before = tuple(symbol(f"previous[{place}]") for place in range(len(first.outputs)))
    return FormulaGraphs(parameters, capture(function, *(symbols | {"previous": before}).values(), named=True), first)


def node_of(value: Any) -> Any:
    """Return the node of a symbol; a number itself."""
    return value.node if isinstance(value, Tensor) else value


def _joined(graph: ScalarGraph) -> ScalarGraph:
    """Remove duplicates between branches, and selects between equal values."""
    found: dict[Any, Any] = {}
    new: dict[TraceNode, Any] = {}

    def joined(value: Any) -> Any:
        if not isinstance(value, TraceNode) or value.op == "input":
            return value
        if value not in new:
            inputs = tuple(map(joined, value.inputs))
            if value.op == "where" and inputs[1] == inputs[2]:
                new[value] = inputs[1]
            else:
                key = value.op, inputs, str(value.attributes)
                new[value] = found.setdefault(key, replace(value, inputs=inputs))
        return new[value]

    outputs = tuple(map(joined, graph.outputs))
    names, called = (
        {new[node]: name for node, name in of.items() if isinstance(new.get(node), TraceNode)}
        for of in (graph.names, graph.called)
    )
    made = [new[node] for node in graph.made if isinstance(new.get(node), TraceNode)]
    return ScalarGraph(outputs, graph.several, names, called, list(dict.fromkeys(made)))


Operand = Callable[[Any], Expression]
Spell = Callable[[TraceNode, Operand], Expression]


def statements(
    graph: ScalarGraph, spell: Spell, number: Callable[[Any], Expression], taken: set[str], short: int = 16
) -> tuple[list[tuple[TraceNode, str, Expression]], list[Expression]]:
    """Print a graph: definitions of named nodes, then the outputs.

    Parameters
    ----------
    graph : ScalarGraph
    spell : callable
        A node in the language; it gets a function that says an operand.
    number : callable
        A number in the language.
    taken : set of str
        Names that mean something already.
    short : int
        Expressions without a name in the formula, and at most this long, are repeated instead of stored.
    """
    used = set(taken)
    order = graph.nodes
    reads = Counter(one for node in order for one in node.inputs if isinstance(one, TraceNode))
    expressions: dict[TraceNode, Expression] = {}

    def operand(value: Any) -> Expression:
        if not isinstance(value, TraceNode):
            return number(value)
        return expressions[value] if value in expressions else spell(value, operand)

    lines = []
    for node in order:
        if node.op == "input":
            expressions[node] = Expression(node.attributes["name"])
            continue
        text, returned, named = spell(node, operand), graph.outputs.count(node), node in graph.names
        again = reads[node] + returned > 1
        if (again or not returned) if named else (again and len(text) > short):
            name = free_name(graph.names.get(node, graph.called.get(node, "t")), used)
            used.add(name)
            lines.append((node, name, text))
            expressions[node] = Expression(name)
    return lines, [operand(one) for one in graph.outputs]


def evaluate(value: Any, known: dict[TraceNode, Any]) -> Any:
    """Return the value of a node; `known` holds values of leaves, and caches the others."""
    if not isinstance(value, TraceNode):
        return value
    if value not in known:
        known[value] = computed(value.op, *(evaluate(one, known) for one in value.inputs), **value.attributes)
    return known[value]


def computed(op: str, *numbers: Any, **attributes: Any) -> Any:
    """Return the result of an operation on numbers."""
    with np.errstate(all="ignore"):
        if op == "cast":
            return np.asarray(*numbers).astype(**attributes)
        if op not in elementary.__all__ and not hasattr(np, op):
            import scipy.special  # it costs start-up time that most networks need not pay

            return getattr(scipy.special, op)(*numbers)
        return getattr(elementary if op in elementary.__all__ else np, op)(*numbers, **attributes)

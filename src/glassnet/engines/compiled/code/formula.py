"""Formulas as instructions: each is traced once (``ir/scalar.py``), and its nodes are lowered in order.

A formula of glassnet's own is called once in a process for each type of its operands, however many kernels need it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.engines.compiled import elementary
from glassnet.engines.compiled.code.functions import INSTRUCTIONS, LIBRARY, from_library, power
from glassnet.engines.compiled.code.value import FLOATS, TYPES, Value, kind_of
from glassnet.engines.compiled.once import once
from glassnet.formulas.activations import sigmoid
from glassnet.ir import UntraceableError
from glassnet.ir.dims import SymbolicDim
from glassnet.ir.numpy_functions import COMPOSED, ELEMENTWISE
from glassnet.ir.scalar import Graph, capture, computed, symbol
from glassnet.ir.tensor import Node

OTHERS: Final[dict[str, Callable[..., Any]]] = {
    **{name: rule for name, rule in COMPOSED.items() if name not in INSTRUCTIONS and name not in LIBRARY},
    **{function.__name__: rule for function, rule in ELEMENTWISE.items()},
    "expit": sigmoid,
}
"""Operations that are composed of others."""
ROWS: Final = (SymbolicDim("rows"), SymbolicDim("columns"))


class Given(NamedTuple):
    """A placeholder for an operand, or for rows, in a formula's arguments."""

    kind: str
    rows: bool = False


class Captured(NamedTuple):
    """The graph of a formula, with the nodes of its placeholders."""

    graph: Graph
    given: list[Node]


def captured(function: Callable[..., Any], *arguments: Any) -> Captured:
    """Trace a formula; arguments other than :class:`Given` are constants."""

    def capturing() -> Captured:
        given: list[Node] = []

        def stand_in(one: Any) -> Any:
            if isinstance(one, Given):
                tensor = symbol("x", TYPES[one.kind], ROWS if one.rows else ())
                given.append(tensor.node)
                return tensor
            return tuple(map(stand_in, one)) if isinstance(one, tuple) else one

        return Captured(capture(function, *map(stand_in, arguments), joined=False), given)

    return once(capturing, "graph", function, str(arguments))


def described(arguments: Sequence[Any], operands: list[Any]) -> tuple[Any, ...]:
    """A formula's arguments with placeholders for operands, which are appended to a list."""

    def given(one: Any) -> Any:
        if isinstance(one, Value):
            operands.append(one)
            return Given(one.kind)
        return described(one, operands) if isinstance(one, tuple) else one

    return tuple(map(given, arguments))


def lower(function: Callable[..., Any], *arguments: Any) -> Any:
    """Lower a formula of operands and constants."""
    operands: list[Value] = []
    return lowered(captured(function, *described(arguments, operands)), operands)


def lowered(formula: Captured, operands: Sequence[Value]) -> Any:
    """Lower a scalar graph."""
    known: dict[Node, Any] = dict(zip(formula.given, operands, strict=True))

    def operand(one: Any) -> Any:
        return known[one] if isinstance(one, Node) else one

    for node in formula.graph.made:
        known[node] = emit(node.op, *map(operand, node.inputs), **node.attributes)
    outputs = tuple(map(operand, formula.graph.outputs))
    return outputs if formula.graph.several else outputs[0]


def _elementary(name: str, kind: str) -> Captured:
    """An elementary function, composed of arithmetic on bits."""
    return once(lambda: captured(elementary.family(TYPES[kind])[name], Given(kind)), "elementary", name, kind)


def emit(op: str, *inputs: Any, **attributes: Any) -> Any:
    """Lower one operation of operands and constants."""
    like = next((one for one in inputs if isinstance(one, Value)), None)
    if like is None:
        return computed(op, *inputs, **attributes)
    code = like.code
    match op:
        case "where":
            return code.where(*inputs)
        case "cast":
            # of numbers it depends on the type that they have
            if like.kind != "i1" or np.dtype(attributes["dtype"]) not in (np.float32, np.float64):
                raise UntraceableError("`astype` of other than truth values, or to other than numbers with a point")
            return like.as_kind(kind_of(np.dtype(attributes["dtype"])))
        case "view":
            kind = kind_of(np.dtype(attributes["dtype"]))
            return code.cast("bitcast", like, "b64" if kind == "i64" else kind)
        case "full_like":
            if attributes:
                raise UntraceableError("np.full_like in another type")
            return code.constant(inputs[1], like.kind, like.lanes)
        case "power":
            return power(code.value(inputs[0], like), inputs[1])
    if op in OTHERS:
        return lower(partial(OTHERS[op], **attributes) if attributes else OTHERS[op], *inputs)
    if "dtype" in attributes:  # how formulas turn a truth value into 0 or 1
        kind = kind_of(np.dtype(attributes["dtype"]))
        inputs = tuple(one.as_kind(kind) if isinstance(one, Value) else one for one in inputs)
        like = next(one for one in inputs if isinstance(one, Value))
    numbers = [code.value(one, like) for one in inputs]
    if op in INSTRUCTIONS:
        return INSTRUCTIONS[op](*numbers)
    if op in LIBRARY:
        return from_library(LIBRARY[op], *numbers)
    if op in elementary.ULPS:
        x = numbers[0] if numbers[0].kind in FLOATS else numbers[0].as_kind("double")
        return lowered(_elementary(op, x.kind), [x])
    raise UntraceableError(f"{op}, which is no function of single numbers that is known here")

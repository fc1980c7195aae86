"""Formulas as instructions: each is traced once (``ir/scalar.py``), and its nodes are lowered in order.

A formula of glassnet's own is called once in a process for each type of its operands, however many kernels need it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.engines.compiled import approximations
from glassnet.engines.compiled.code.operands import FLOATS, TYPES, Value, kind_of
from glassnet.engines.compiled.reuse import once
from glassnet.formulas.activations import sigmoid
from glassnet.formulas.elementary import round_to_bfloat16
from glassnet.ir import UntraceableError
from glassnet.ir.dims import SymbolicDim
from glassnet.ir.numpy_functions import COMPOSED, ELEMENTWISE
from glassnet.ir.scalar import ScalarGraph, capture, computed, symbol
from glassnet.ir.tensor import TraceNode


def power(x: Value, exponent: Any) -> Any:
    """x to a power: small integers are products, one half is a square root."""
    if isinstance(exponent, (int, float, np.number)) and float(exponent) in (1.0, 2.0, 3.0, 4.0):
        square = x * x
        return (x, square, square * x, square * square)[int(exponent) - 1]
    if isinstance(exponent, (int, float, np.number)) and float(exponent) == 0.5:
        return x.code.intrinsic("sqrt", x)
    return from_library("pow", *x.code.pair(x, exponent))


def _sign(x: Value) -> Any:
    code = x.code
    return code.where(x > 0, 1.0, code.where(x < 0, -1.0, code.where(x == 0, 0.0, x)))


def maximum(x: Value, y: Value) -> Any:
    """NaN if one is."""
    x, y = x.code.pair(x, y)
    return x.code.where((x >= y) | (x != x), x, y)


def minimum(x: Value, y: Value) -> Any:
    """NaN if one is."""
    x, y = x.code.pair(x, y)
    return x.code.where((x <= y) | (x != x), x, y)


INSTRUCTIONS: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "floor_divide": lambda x, y: x // y,
    "remainder": lambda x, y: x % y,
    "float_power": lambda x, y: from_library("pow", *x.code.pair(x, y)),
    "negative": lambda x: -x,
    "absolute": abs,
    "sqrt": lambda x: x.code.intrinsic("sqrt", x),
    "sign": _sign,
    "maximum": maximum,
    "minimum": minimum,
    "fmax": lambda x, y: x.code.where((x >= y) | (y != y), *x.code.pair(x, y)),
    "fmin": lambda x, y: x.code.where((x <= y) | (y != y), *x.code.pair(x, y)),
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "logical_and": lambda x, y: x & y,
    "logical_or": lambda x, y: x | y,
    "logical_not": lambda x: ~x,
    "bitwise_and": lambda x, y: x & y,
    "bitwise_or": lambda x, y: x | y,
    "bitwise_xor": lambda x, y: x ^ y,
    "invert": lambda x: ~x,
    "left_shift": lambda x, y: x << y,
    "right_shift": lambda x, y: x >> y,
    "isnan": lambda x: x != x,
    "rint": lambda x: x.code.intrinsic("rint", x),
    "floor": lambda x: x.code.intrinsic("floor", x),
    "ceil": lambda x: x.code.intrinsic("ceil", x),
    "trunc": lambda x: x.code.intrinsic("trunc", x),
    "copysign": lambda x, y: x.code.intrinsic("copysign", *x.code.pair(x, y)),
}
"""NumPy's functions of single numbers by their names, beside those in ``approximations.py``."""

LIBRARY = {
    name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "exp2", "log2", "log10", "cbrt", "hypot", "fmod")
}
LIBRARY |= {f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")}
"""Functions of the C library, which take one number at a time, so loops with them are not vectorised."""


def from_library(name: str, *numbers: Value) -> Value:
    """Return a function of the C library, lane by lane."""
    code = numbers[0].code
    numbers = numbers if len(numbers) == 1 else code.pair(*numbers)
    kind = numbers[0].kind if numbers[0].kind in FLOATS else "double"
    numbers, symbol = tuple(x.as_kind(kind) for x in numbers), f"{name}f" if kind == "float" else name
    lanes = numbers[0].lanes
    if lanes == 1:
        return code.call(symbol, kind, *numbers)
    found = Value(code, kind, "poison", lanes)
    for lane in range(lanes):
        each = (f"extractelement {x.type} {x.text}, i64 {lane}" for x in numbers)
        one = code.call(symbol, kind, *(Value(code, kind, code.define(text)) for text in each))
        put = f"insertelement {found.type} {found.text}, {one.type} {one.text}, i64 {lane}"
        found = Value(code, kind, code.define(put), lanes)
    return found


OTHERS: Final[dict[str, Callable[..., Any]]] = {
    **{name: rule for name, rule in COMPOSED.items() if name not in INSTRUCTIONS and name not in LIBRARY},
    **{function.__name__: rule for function, rule in ELEMENTWISE.items()},
    "expit": sigmoid,
    "bfloat16": round_to_bfloat16,
}
"""Operations that are composed of others."""
ROWS: Final = (SymbolicDim("rows"), SymbolicDim("columns"))


class Placeholder(NamedTuple):
    """A placeholder for an operand, or for rows, in a formula's arguments."""

    kind: str
    rows: bool = False


class CapturedFormula(NamedTuple):
    """The graph of a formula, with the nodes of its placeholders."""

    graph: ScalarGraph
    placeholders: list[TraceNode]


def captured(function: Callable[..., Any], *arguments: Any) -> CapturedFormula:
    """Trace a formula; arguments other than :class:`Placeholder` are constants."""

    def capturing() -> CapturedFormula:
        placeholders: list[TraceNode] = []

        def stand_in(one: Any) -> Any:
            if isinstance(one, Placeholder):
                tensor = symbol("x", TYPES[one.kind], ROWS if one.rows else ())
                placeholders.append(tensor.node)
                return tensor
            return tuple(map(stand_in, one)) if isinstance(one, tuple) else one

        return CapturedFormula(capture(function, *map(stand_in, arguments), joined=False), placeholders)

    return once(capturing, "graph", function, str(arguments))


def described(arguments: Sequence[Any], operands: list[Any]) -> tuple[Any, ...]:
    """Return a formula's arguments with placeholders for operands, which are appended to a list."""

    def substitute(one: Any) -> Any:
        if isinstance(one, Value):
            operands.append(one)
            return Placeholder(one.kind)
        return described(one, operands) if isinstance(one, tuple) else one

    return tuple(map(substitute, arguments))


def lower(function: Callable[..., Any], *arguments: Any) -> Any:
    """Lower a formula of operands and constants."""
    operands: list[Value] = []
    return lowered(captured(function, *described(arguments, operands)), operands)


def lowered(formula: CapturedFormula, operands: Sequence[Value]) -> Any:
    """Lower a scalar graph."""
    known: dict[TraceNode, Any] = dict(zip(formula.placeholders, operands, strict=True))

    def operand(one: Any) -> Any:
        return known[one] if isinstance(one, TraceNode) else one

    for node in formula.graph.made:
        known[node] = emit(node.op, *map(operand, node.inputs), **node.attributes)
    outputs = tuple(map(operand, formula.graph.outputs))
    return outputs if formula.graph.several else outputs[0]


def _elementary(name: str, kind: str) -> CapturedFormula:
    """Return an elementary function, composed of arithmetic on bits."""
    return once(lambda: captured(approximations.family(TYPES[kind])[name], Placeholder(kind)), "elementary", name, kind)


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
    if op in approximations.ULPS:
        x = numbers[0] if numbers[0].kind in FLOATS else numbers[0].as_kind("double")
        return lowered(_elementary(op, x.kind), [x])
    raise UntraceableError("{operation}, which is no function of single numbers that is known here", operation=op)

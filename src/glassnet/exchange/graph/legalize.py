"""Legalization: each node of a trace becomes nodes of the export graph, which has few operations and explicit types.

A model is traced at its own widths, so all that is left to say is what NumPy decides silently: types, broadcasting of
vectors, movements that move nothing, and functions that are made of others.

Formulas that an export writes as one operation, or fuses, are found by a hook at the end of each call while a model is
traced, so nothing is searched for in a graph.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from types import CodeType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.exchange.graph.dataflow import ROWS, UFUNCS, Graph, Input, Node, constant, rows_in
from glassnet.formulas.elementary import COMPOSITIONS
from glassnet.formulas.rounded_products import einsum_by_product
from glassnet.ir import SymbolicArray, UntraceableError
from glassnet.ir.numpy_functions import BITWISE, COMPOSED, ELEMENTWISE, is_plain, kind, promoted
from glassnet.ir.printing import Hook
from glassnet.ir.tensor import SCALAR, TAPE, Tensor, TraceNode, record

MADE_OF_OTHERS: Final[dict[str, Callable[..., Any]]] = {
    **COMPOSITIONS,
    **COMPOSED,
    **{function.__name__: rule for function, rule in ELEMENTWISE.items()},
    "mean": lambda x, axes, keepdims: SymbolicArray.mean(x, axes, keepdims=keepdims),
    "tile": lambda x, reps: _tiled(x, reps),
    "einsum": lambda *operands, subscripts: _einsum(subscripts, *operands),
}
"""What no export has an operation for, by its name in a trace."""
Formula = Callable[..., Any]
Calls = dict[TraceNode, tuple[Formula, dict[str, Any]]]
"""By its result, each call: the formula, and its arguments by name."""
Rule = Callable[..., Tensor | None]
"""``rule(calls, **arguments)`` gives what replaces a call; None: nothing does."""


class Tape(list[TraceNode]):
    """A tape on which every node is legalized as it is recorded.

    Parameters
    ----------
    whole : set of str
        Operations that stay one in single precision, though they could be made of others.

    Attributes
    ----------
    made : dict of trace node to node
    """

    def __init__(self, whole: Set[str]) -> None:
        super().__init__()
        self.made: dict[TraceNode, Node] = {}
        self.whole = whole

    def append(self, node: TraceNode) -> None:
        super().append(node)
        self.made[node] = self._legal(node)

    def _legal(self, node: TraceNode) -> Node:
        if node.op in MADE_OF_OTHERS and not (node.op in self.whole and node.dtype == np.float32):
            tensors = [Tensor(one) if isinstance(one, TraceNode) else one for one in node.inputs]
            return self.made[MADE_OF_OTHERS[node.op](*tensors, **node.attributes).node]
        return _legal(node, [self.made[one] if isinstance(one, TraceNode) else one for one in node.inputs])


@contextlib.contextmanager
def recording(whole: Set[str] = frozenset()) -> Iterator[dict[TraceNode, Node]]:
    """Record operations on tensors within the context as nodes of an export graph; see :class:`Tape`."""
    tape = Tape(whole)
    token = TAPE.set(tape)
    try:
        yield tape.made
    finally:
        TAPE.reset(token)


def asked(name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Tensor:
    """Return a tensor that is an input of the graph."""
    return tensor_of(Node("input", (), shape, np.dtype(dtype), {"name": name}))


def tensor_of(node: Node) -> Tensor:
    """Return the tensor that stands for a node."""
    return record("node", (), node.shape, node.dtype, node=node)


def node_of(tensor: Tensor) -> Node:
    """Return the node of a tensor."""
    tape: Any = TAPE.get()
    return tape.made[tensor.node]


def graph_of(
    function: Callable[..., Any], columns: int = 1, /, dtype: npt.DTypeLike = np.float64, **about: str
) -> Graph:
    """Return the graph of a function of one matrix, with the input "X", as of a model of unnamed numbers, and the
    output "answer".

    Examples
    --------
    >>> [node.operation for node in graph_of(lambda x: 2 * x + 1).nodes]
    ['constant', 'input', 'multiply', 'constant', 'add']
    """
    x = Node("input", (), (ROWS, columns), np.dtype(dtype), {"name": "X"})
    return Graph((Input("X", "matrix", x),), {"answer": built(function, x)}, about)


def built(function: Callable[..., Any], *inputs: Node) -> Node:
    """Return the node of the result of a function, called with these arrays.

    Examples
    --------
    >>> from glassnet.exchange.graph.dataflow import ROWS
    >>> x = Node("input", (), (ROWS, 3), np.dtype(np.float32), {"name": "x"})
    >>> built(lambda x: np.maximum(x @ np.ones((3, 2), np.float32), 0), x)
    <maximum (rows, 2) float32>
    """
    with recording():
        return node_of(function(*map(tensor_of, inputs)))


def _legal(node: TraceNode, given: list[Any]) -> Node:
    """Return the node of an operation in the operations of exports; `given` are nodes, plain numbers and arrays."""
    about, shape = node.attributes, tuple(map(int, node.shape))
    x: Any = given[0] if given else None
    match node.op:
        case "node":
            return about["node"]
        case "constant":
            return as_node(about["value"])
        case "cast":
            return as_node(x, about["dtype"])
        case "where":
            return _where(*given)
        case "full_like":
            return _full_like(given[0], given[1], about.get("dtype"))
        case "bfloat16" | "erf" | "erfc" | "cos_turn" | "sin_turn":
            return _each(node.op, as_node(x, node.dtype), dtype=node.dtype)
        case "sum" | "max" | "min":
            x = as_node(x, node.dtype)
            for axis in about["axes"]:
                one = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
                x = Node(node.op, (x,), one, x.dtype, {"axis": _along(x, axis)})
            return _reshaped(x, shape)
        case "argmax":
            axis = _along(x, about["axis"])
            kept = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
            return _reshaped(Node("argmax", (x,), kept, node.dtype, {"axis": axis}), shape)
        case "argsort":
            _along(x, -1)
            return Node("argsort", (x,), shape, node.dtype)
        case "matmul" if isinstance(x, Node) and x.operation == "ngrams":
            return Node("sparse_matmul", (x, as_node(given[1])), shape, node.dtype)
        case "matmul":
            _along(x, -1)
            return Node("matmul", tuple(as_node(one, node.dtype) for one in given), shape, node.dtype)
        case "reshape" | "with_axes":
            return _reshaped(x, shape)
        case "transpose":
            axes = about["axes"]
            if x.operation == "transpose":
                x, axes = x.inputs[0], tuple(x.attributes["axes"][axis] for axis in axes)
            return x if list(axes) == sorted(axes) else Node("transpose", (x,), shape, x.dtype, {"axes": axes})
        case "slice":
            return _sliced(x, shape, about)
        case "concatenate":
            return _concatenated([as_node(one, node.dtype) for one in given], about["axis"])
        case "gather":
            axis, places = _along(x, about["axis"]), as_node(given[1])
            if places.value is not None:
                places = constant(places.value % x.shape[axis], np.int64, places.name)
            return Node("gather", (x, places), shape, x.dtype, {"axis": axis})
        case "take_along":
            _along(x, -1)
            return Node("take_along", tuple(given), shape, x.dtype)
        case "formula":
            return Node(about["name"], tuple(given), shape, node.dtype, about)
        case "lookup" | "ngrams":
            return Node(node.op, tuple(given), shape, node.dtype, about)
    return _map(node.op, given, about.get("dtype"))


# -------------------------------------------------------- numbers one by one


def as_node(value: Any, dtype: npt.DTypeLike | None = None) -> Node:
    """Return a node, or a constant node of known numbers; in a type if one is given."""
    if isinstance(value, Node):
        return value if dtype is None else _cast(value, np.dtype(dtype))
    array = np.asarray(value)
    if array.dtype == object:
        raise UntraceableError("{value!r} in the place of an array", value=value)
    if any(map(rows_in, array.shape)):
        raise UntraceableError("a new array that is as long as there are rows")
    return constant(array, dtype, getattr(value, "name", ""))


def _cast(node: Node, wanted: np.dtype[Any]) -> Node:
    if wanted == node.dtype:
        return node
    if wanted.kind in "iu":
        wanted = np.dtype(np.int64)
    if wanted not in (np.bool_, np.int64, np.float32, np.float64) or node.dtype.kind == "U":
        raise UntraceableError("a conversion from {before} to {after}", before=node.dtype, after=wanted)
    return Node("cast", (node,), node.shape, wanted)


def _map(name: str, inputs: Sequence[Any], dtype: Any) -> Node:
    """Return the node of a ufunc, with its inputs cast to the type that NumPy's promotion gives."""
    ufunc, name = getattr(np, name, None), BITWISE.get(name, name)
    if name not in UFUNCS or ufunc is None:
        raise UntraceableError(f"np.{name}")
    if name.startswith("logical"):
        return _each(name, *(as_node(value, np.bool_) for value in inputs), dtype=np.bool_)
    sources, result = promoted(ufunc, tuple(map(_kind, inputs)), dtype)
    if sources[0] == np.bool_ and name in ("multiply", "maximum", "minimum", "add"):
        name = "logical_and" if name in ("multiply", "minimum") else "logical_or"
    nodes = [as_node(value, source) for value, source in zip(inputs, sources, strict=True)]
    return _each(name, *nodes, dtype=result)


def _each(operation: str, *inputs: Node, dtype: npt.DTypeLike) -> Node:
    """Return the node of an elementwise operation."""
    return Node(operation, inputs, np.broadcast_shapes(*(node.shape for node in inputs)), np.dtype(dtype))


def _kind(value: Any) -> Any:
    return value.dtype if isinstance(value, Node) else kind(value)


def _where(condition: Any, x: Any, y: Any) -> Node:
    """Return a choice between two nodes, in their common type."""
    dtype = np.result_type(*(value if is_plain(value) else as_node(value).dtype for value in (x, y)))
    return _each("where", as_node(condition, np.bool_), as_node(x, dtype), as_node(y, dtype), dtype=dtype)


def _full_like(a: Node, number: Any, dtype: Any = None) -> Node:
    """Return a node of the shape of another one, filled with one number."""
    kept = as_node(number, a.dtype if dtype is None else dtype)
    return _each("where", _each("equal", a, a, dtype=np.bool_), kept, kept, dtype=kept.dtype)


# ---------------------------------------------------------------- movements


def _along(node: Node, axis: int) -> int:
    """Return the index of an axis; refuse that of the rows."""
    if rows_in(node.shape[axis]):
        raise UntraceableError("an operation along the rows: a prediction must depend on its own row alone")
    return axis


def _reshaped(node: Node, shape: tuple[int, ...]) -> Node:
    return node if node.shape == shape else Node("reshape", (node,), shape, node.dtype)


def _sliced(node: Node, shape: tuple[int, ...], about: Any) -> Node:
    if shape == node.shape and about["step"] == 1:
        return node
    axis = about["axis"]
    if rows_in(node.shape[axis]):
        raise UntraceableError("a selection of rows: a prediction must depend on its own row alone")
    range_of = {"axis": axis, "start": about["first"], "stop": about["last"], "step": about["step"]}
    return Node("slice", (node,), shape, node.dtype, range_of)


def _concatenated(nodes: Sequence[Node], axis: int) -> Node:
    filled = [node for node in nodes if node.shape[axis]]
    if any(rows_in(node.shape[axis]) for node in filled):
        raise UntraceableError("rows put behind other rows")
    if len(filled) == 1:
        return filled[0]
    shape = (*filled[0].shape[:axis], sum(one.shape[axis] for one in filled), *filled[0].shape[axis + 1 :])
    return Node("concat", tuple(filled), shape, filled[0].dtype, {"axis": axis})


def _tiled(x: Any, reps: Sequence[int]) -> Any:
    for axis, count in enumerate(reps):
        x = x if count == 1 else np.concatenate([x] * count, axis)
    return x


# ----------------------------------------------------------------- products


def _einsum(subscripts: str, *operands: Any) -> Any:
    """Lower an einsum of two operands to one matrix product: axes in order shared, rows, summed."""
    if len(operands) != 2:
        raise UntraceableError(f"np.einsum({subscripts!r})")
    try:
        x, y = map(SCALAR.constant, operands)
        return einsum_by_product(subscripts, x, y, operator.matmul)
    except ValueError:
        raise UntraceableError(f"np.einsum({subscripts!r})") from None


def operation(name: str, formula: Formula) -> Rule:
    """Return the rule that makes a formula of a number and of constants one operation, with the constants as
    attributes.
    """

    def rule(calls: Calls, **arguments: Any) -> Tensor | None:
        (_, x), *constants = arguments.items()
        if not all(isinstance(value, float) for _, value in constants):
            return None
        return record("formula", (x,), x.shape, x.dtype, name=name, formula=formula, **dict(constants))

    return rule


def return_hooks(
    made: dict[TraceNode, Node], rules: Mapping[Formula, Rule], fused: set[TraceNode]
) -> dict[CodeType, Hook]:
    """Return hooks that replace calls in single precision.

    Parameters
    ----------
    made : dict of trace node to node
        Of the tape that records.
    rules : mapping
        By formula.
    fused : set
        Gets the results that are computed in another way, which have no name of their own.
    """
    calls: Calls = {}

    def hook(formula: Formula, rule: Rule) -> Hook:
        names = formula.__code__.co_varnames[: formula.__code__.co_argcount]

        def replace(result: Any, variables: Mapping[str, Any]) -> None:
            if isinstance(result, Tensor) and result.dtype == np.float32:
                arguments = {name: _known(variables[name]) for name in names}
                calls[result.node] = formula, arguments
                replacement = rule(calls, **arguments)
                if replacement is not None:
                    made[result.node] = made[replacement.node]
                    fused.update({result.node} if replacement.node.op != "formula" else ())

        return replace

    return {formula.__code__: hook(formula, rule) for formula, rule in rules.items()}


def _known(value: Any) -> Any:
    """Return a constant as a number in single precision, or an array of several."""
    if isinstance(value, Tensor):
        return value
    array = np.array(value, np.float32)
    return float(array.ravel()[0]) if array.size == 1 else array

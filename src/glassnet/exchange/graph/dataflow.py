"""A dataflow graph of array operations, and how NumPy runs it.

A node is one operation on whole arrays. Its shape is known but for the number of rows, for which `ROWS` stands: a prime
larger than any batch, so that it stays recognisable in products. A dimension is the rows, or a multiple of them, if it
is divisible by it; see :func:`rows_in`.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from glassnet.formulas import elementary
from glassnet.layers import SparseMatrix

Array = npt.NDArray[Any]

ROWS: Final = 1_000_003
"""Stands for the number of rows wherever a shape is given."""
TEXT: Final = np.dtype("U")
"""The type of text of any length."""

OPERATIONS: Final[Mapping[str, str]] = {
    "input": "what is asked: attribute `name`",
    "constant": "numbers (or texts) that were learned: `value` of the node",
    # of each number by itself; all inputs have one type, and shapes that NumPy's rules bring together
    "cast": "the same numbers in the type of the node; a truth value is 0 or 1",
    "negative": "-a",
    "absolute": "|a|",
    "sign": "-1, 0 or 1",
    "sqrt": "√a",
    "exp": "e^a",
    "expm1": "e^a - 1, exact near 0",
    "log": "ln a",
    "log1p": "ln(1 + a), exact near 0",
    "tanh": "tanh a",
    "arctan": "arctan a",
    "sin": "sin a",
    "cos": "cos a",
    "erf": "the error function of a",
    "erfc": "1 - erf a, exact where erf a is near 1",
    "bfloat16": "a rounded to eight binary digits, halves to the even number; 0 below 2^-56, infinite from 2^64 on",
    "rint": "the nearest whole number, halves to the even one",
    "floor": "the largest whole number that is not above a",
    "isnan": "whether a is NaN",
    "logical_not": "not a",
    "add": "a + b",
    "subtract": "a - b",
    "multiply": "a · b",
    "divide": "a / b, of floats",
    "floor_divide": "⌊a / b⌋, also of whole numbers",
    "remainder": "a - b ⌊a / b⌋, with the sign of b",
    "power": "a^b",
    "maximum": "the larger one; NaN if one is",
    "minimum": "the smaller one; NaN if one is",
    "hypot": "√(a² + b²), without overflow on the way",
    "copysign": "|a| with the sign of b",
    "greater": "a > b",
    "greater_equal": "a ≥ b",
    "less": "a < b",
    "less_equal": "a ≤ b",
    "equal": "a = b",
    "not_equal": "a ≠ b",
    "logical_and": "a and b",
    "logical_or": "a or b",
    "where": "b where a is true, else c; b and c have one type",
    # along one axis, never that of the rows; the axis stays, of length 1
    "sum": "along `axis`",
    "max": "along `axis`; NaN if one is",
    "min": "along `axis`; NaN if one is",
    "argmax": "the place of the largest along `axis`, the first of equals",
    "argsort": "the places in ascending order along the last axis, equals in their order; keeps the shape",
    # products, and what only moves numbers
    "matmul": "matrix product of the last two axes; those before are brought together",
    "ngrams": "for each text its n-grams, a row of a matrix that is stored sparsely: attribute `column`, its encoding",
    "sparse_matmul": "matrix product of n-grams and weights: for each row Σ value · b[id] over the n-grams that it has",
    "reshape": "the same numbers in the shape of the node",
    "transpose": "axes in the order of `axes`",
    "slice": "of `axis` the places range(`start`, `stop`, `step`)",
    "concat": "all inputs one after the other along `axis`",
    "gather": "of a, along `axis`, the places b (whole numbers)",
    "take_along": "of a, along the last axis, for each place of b the number at b; both have as many other axes",
    "lookup": "for each text its number: attributes `keys` (texts), `values` (numbers), `default`",
}
"""Every operation, and what it gives of its inputs a, b, c."""
KINDS: Final = {
    "number": "number",
    "boolean": "1 (true) or 0 (false)",
    "duration": "seconds",
    "time": "seconds since midnight",
    "date": "days since 1970-01-01",
    "datetime": "microseconds since 1970-01-01 00:00 UTC",
    "category": "text",
    "text": "text of any length",
    "matrix": "numbers, in the order of the columns",
}
"""What a graph takes, by what the column holds."""
ANSWERS: Final = {
    "label": "the class",
    "probabilities": "the probability of each class, in the order of {classes}",
    "scores": "a score of each class, or of the second of two",
    "set": "whether each class is in the set that holds the true one as often as promised",
    "value": "the predicted number",
    "quantiles": "the predicted quantiles, in the order of the levels of the loss",
    "deviation": "the standard deviation of the prediction",
    "lower": "the lower end of the interval that holds the number as often as promised",
    "upper": "the upper end of that interval",
    "answer": "what the outputs of the network mean: probabilities, rates or values",
}
"""What it answers."""
UFUNCS: Final[Mapping[str, Callable[..., Any]]] = {
    **{
        name: getattr(np, name)
        for name in (
            *("negative", "absolute", "sign", "sqrt", "exp", "expm1", "log", "log1p", "tanh", "arctan", "sin", "cos"),
            *("rint", "floor", "isnan", "logical_not", "add", "subtract", "multiply", "divide", "floor_divide"),
            *("remainder", "power", "maximum", "minimum", "hypot", "copysign", "greater", "greater_equal", "less"),
            *("less_equal", "equal", "not_equal", "logical_and", "logical_or", "matmul", "where"),
        )
    },
    **{name: getattr(elementary, name) for name in ("bfloat16", "erf", "erfc", "cos_turn", "sin_turn")},
}
"""The operations that NumPy has under the same name."""


@dataclass(frozen=True)
class Scope:
    """Which part of the model a node belongs to, for those who want to make functions of parts.

    One column's encoding, what its n-grams add to outputs, all columns together, a layer of a network, or the
    postprocessing of the outputs.
    """

    part: Literal["column", "codes", "text", "encoder", "layer", "answer"] = "answer"
    name: str = ""  # of a column or its text the column's name; of a layer "1.2", the second of the first network
    note: str = ""  # a description for people


ANSWER: Final = Scope()
_scope: contextvars.ContextVar[Scope] = contextvars.ContextVar("scope", default=ANSWER)


@contextlib.contextmanager
def within(scope: Scope) -> Iterator[None]:
    """Record nodes within the context as parts of this scope of the model."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


@dataclass(frozen=True, eq=False)
class Node:
    """One operation, and by its inputs all that comes before it."""

    operation: str  # one of OPERATIONS
    inputs: tuple[Node, ...]
    shape: tuple[int, ...]  # ROWS stands for the number of rows
    dtype: np.dtype[Any]  # float32, float64, int64, bool or text
    attributes: Mapping[str, Any] = field(default_factory=dict)  # what the operation must know beside its inputs
    value: Array | None = None  # of a constant
    name: str = ""  # what it is called in the model, where it has a name there: "W", "gain", "z"
    scope: Scope = field(default_factory=_scope.get)

    @property
    def known(self) -> Array:
        """Return the value of a constant."""
        assert self.value is not None
        return self.value

    def __repr__(self) -> str:
        shape = ", ".join("rows" if size == ROWS else str(size) for size in self.shape)
        more = "".join(f", {name}={value!r}" for name, value in self.attributes.items())
        return f"<{self.operation} ({shape}) {self.dtype}{more}>"


@dataclass(frozen=True)
class Input:
    """One input: a column of the table, or the whole matrix.

    Attributes
    ----------
    name : str
    kind : str
        What the column holds: one of :data:`glassnet.tables.columns.column_values.KINDS`; "text" if the network learns
        from its words, "matrix" for numbers without names.
    node : Node
        Its place in the graph, of shape (rows, 1), or (rows, columns) for a matrix. Numbers, booleans and durations (in
        seconds) and times of day (in seconds since midnight) are float64, NaN for a gap; dates are int64 days, moments
        int64 microseconds since 1970-01-01 UTC, the smallest int64 for a gap; categories and texts are text, "" for a
        gap.
    """

    name: str
    kind: str
    node: Node


@dataclass(frozen=True)
class Graph:
    """A dataflow graph from the inputs to the outputs."""

    inputs: tuple[Input, ...]
    outputs: Mapping[str, Node]  # "label", "probabilities", ...; the first axis of each is the rows
    about: Mapping[str, str] = field(default_factory=dict)  # library, version, kind, classes of the model

    @property
    def nodes(self) -> list[Node]:
        """Every node that an output needs, each behind its inputs."""
        return in_order(self.outputs.values())


def in_order(ends: Iterable[Node], known: Container[Node] = ()) -> list[Node]:
    """Return every node that the outputs depend on in topological order; inputs of known nodes are left out.

    Not recursive, for networks may be deep.
    """
    ordered: dict[Node, None] = {}
    stack = [(node, False) for node in reversed(list(ends))]
    while stack:
        node, ready = stack.pop()
        if node in ordered:
            continue
        if ready or node in known:
            ordered[node] = None
        else:
            stack.append((node, True))
            stack += [(source, False) for source in reversed(node.inputs)]
    return list(ordered)


def rebuilt(graph: Graph, change: Callable[[Node, Node], Node]) -> Graph:
    """Return the graph after `change` has replaced each node, given its changed inputs."""
    made: dict[Node, Node] = {}
    for node in graph.nodes:
        inputs = tuple(made[source] for source in node.inputs)
        made[node] = change(node, node if inputs == node.inputs else replace(node, inputs=inputs))
    return replace(graph, outputs={name: made[node] for name, node in graph.outputs.items()})


def rows_in(size: int) -> int:
    """Return how many times the number of rows a dimension is: 1 for the rows, 0 for a fixed size.

    Examples
    --------
    >>> rows_in(ROWS), rows_in(4 * ROWS), rows_in(12)
    (1, 4, 0)
    """
    return size // ROWS if size and size % ROWS == 0 else 0


def constant(value: Any, dtype: npt.DTypeLike | None = None, name: str = "") -> Node:
    """Return a node of known numbers or texts.

    Examples
    --------
    >>> constant([1.0, 2.0])
    <constant (2) float64>
    """
    array = np.array(value, dtype)
    kind = TEXT if array.dtype.kind == "U" else array.dtype
    return Node("constant", (), array.shape, kind, value=array, name=name or getattr(value, "name", ""))


def evaluate(graph: Graph, inputs: Mapping[str, Array]) -> dict[str, Array]:
    """Return the outputs of a graph for some rows.

    Examples
    --------
    >>> from glassnet.exchange.graph.legalize import graph_of
    >>> evaluate(graph_of(lambda x: 2 * x + 1), {"X": np.array([[1.0], [2.0]])})
    {'answer': array([[3.],
           [5.]])}
    """
    rows = len(next(iter(inputs.values())))
    known = {source.node: np.asarray(inputs[source.name]) for source in graph.inputs}
    values = values_of(graph.outputs.values(), known, rows)
    return dict(zip(graph.outputs, values, strict=True))


def values_of(ends: Iterable[Node], known: Mapping[Node, Array], rows: int) -> list[Array]:
    """Return the values of some nodes, given those of others, which need not be inputs."""
    ends, values = list(ends), dict(known)
    with np.errstate(all="ignore"):
        for node in in_order(ends, known):
            if node not in values:
                values[node] = compute(node, [values[source] for source in node.inputs], rows)
    return [values[node] for node in ends]


def compute(node: Node, inputs: list[Array], rows: int = ROWS) -> Array:
    """Return the value of one node, given the values of its inputs."""
    about = node.attributes
    match node.operation:
        case "constant":
            return node.known
        case "cast":
            return inputs[0].astype(node.dtype)
        case "sum" | "max" | "min":
            return getattr(np, node.operation)(inputs[0], axis=about["axis"], keepdims=True)
        case "argmax":
            return np.argmax(inputs[0], axis=about["axis"], keepdims=True)
        case "argsort":
            return np.argsort(inputs[0], axis=-1, kind="stable")
        case "reshape":
            return inputs[0].reshape([rows_in(size) * rows or size for size in node.shape])
        case "transpose":
            return inputs[0].transpose(about["axes"])
        case "slice":
            stop = about["stop"] if about["stop"] >= 0 else None  # of a range that runs down to 0
            places = (*[slice(None)] * about["axis"], slice(about["start"], stop, about["step"]))
            return inputs[0][places]
        case "concat":
            return np.concatenate(inputs, axis=about["axis"])
        case "gather":
            return np.take(inputs[0], inputs[1], axis=about["axis"])
        case "take_along":
            return np.take_along_axis(inputs[0], inputs[1], axis=-1)
        case "ngrams":
            column, texts = about["column"], inputs[0].ravel().tolist()
            return SparseMatrix((len(texts), column.size), *column.encode(texts))  # type: ignore[return-value]
        case "sparse_matmul":
            return inputs[0] @ inputs[1]
        case "lookup":
            numbers = dict(zip(about["keys"], about["values"], strict=True))
            found = [numbers.get(text, about["default"]) for text in inputs[0].ravel().tolist()]
            return np.array(found, np.int64).reshape(inputs[0].shape)
        case _ if "formula" in about:
            return about["formula"](*inputs, **{name: one for name, one in about.items() if isinstance(one, float)})
        case name:
            return UFUNCS[name](*inputs)

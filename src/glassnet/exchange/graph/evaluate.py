"""A graph carried out with NumPy: what every export is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph.node import ROWS, Array, Graph, Node, in_order, rows_in
from glassnet.formulas import elementary
from glassnet.layers import Pass

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
    **{name: getattr(elementary, name) for name in ("erf", "erfc", "cos_turn", "sin_turn")},
}
"""The operations that NumPy has under the same name."""


def evaluate(graph: Graph, inputs: Mapping[str, Array]) -> dict[str, Array]:
    """The outputs of a graph for some rows.

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
    """What some nodes give where the values of others are known, which need not be inputs."""
    ends, values = list(ends), dict(known)
    with np.errstate(all="ignore"):
        for node in in_order(ends, known):
            if node not in values:
                values[node] = compute(node, [values[source] for source in node.inputs], rows)
    return [values[node] for node in ends]


def compute(node: Node, inputs: list[Array], rows: int = ROWS) -> Array:
    """What one node gives for the values of its inputs."""
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
        case "lookup":
            numbers = dict(zip(about["keys"], about["values"], strict=True))
            found = [numbers.get(text, about["default"]) for text in inputs[0].ravel().tolist()]
            return np.array(found, np.int64).reshape(inputs[0].shape)
        case "trees":
            return about["layer"].forward(about, inputs[0], Pass())[0]
        case _ if "formula" in about:
            return about["formula"](*inputs, **{name: one for name, one in about.items() if isinstance(one, float)})
        case name:
            return UFUNCS[name](*inputs)

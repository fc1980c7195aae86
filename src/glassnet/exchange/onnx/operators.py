"""The operations of a graph in ONNX's operators.

Most have one of the same meaning. The others are spelled by several, which differ from NumPy by rounding at most; of a
negative zero the sign is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import numpy as np

from glassnet.exchange.graph.node import Node, rows_in
from glassnet.exchange.onnx.trees import ensemble
from glassnet.formulas import activations

__all__ = ["FUNCTIONS", "SAME", "SPELLED", "Writer"]


class Writer(Protocol):
    """What notes down operators."""

    def emit(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """One operator more; the name of what it gives."""

    def tensor(self, value: Any, dtype: Any = np.int64) -> str:
        """The name of a constant."""

    def same(self, node: Node, inputs: list[str], operator: str) -> str:
        """An operator of ONNX on what a node takes, in single precision where there is no other implementation."""


SAME: Final[Mapping[str, str]] = {
    "negative": "Neg",
    "absolute": "Abs",
    "sign": "Sign",
    "sqrt": "Sqrt",
    "exp": "Exp",
    "log": "Log",
    "tanh": "Tanh",
    "arctan": "Atan",
    "sin": "Sin",
    "erf": "Erf",
    "rint": "Round",
    "floor": "Floor",
    "isnan": "IsNaN",
    "logical_not": "Not",
    "add": "Add",
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "power": "Pow",
    "maximum": "Max",
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "equal": "Equal",
    "logical_and": "And",
    "logical_or": "Or",
    "where": "Where",
}
"""Operations that ONNX has, too."""

Spelling = Callable[[Writer, Node, list[str]], str]


def _one(writer: Writer, node: Node) -> str:
    return writer.tensor(1, node.dtype)


def _expm1(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("Sub", writer.emit("Exp", *names), _one(writer, node))


def _log1p(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("Log", writer.emit("Add", *names, _one(writer, node)))


def _erfc(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("Sub", _one(writer, node), writer.same(node, names, "Erf"))


def _not_equal(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("Not", writer.emit("Equal", *names))


def _floor_divide(writer: Writer, node: Node, names: list[str]) -> str:
    if node.dtype.kind == "f":
        return writer.emit("Floor", writer.emit("Div", *names))
    # Div of whole numbers cuts off; of what Mod has left nothing is cut off
    return writer.emit("Div", writer.emit("Sub", names[0], writer.emit("Mod", *names)), names[1])


def _remainder(writer: Writer, node: Node, names: list[str]) -> str:
    if node.dtype.kind != "f":
        return writer.emit("Mod", *names)
    whole = _floor_divide(writer, node, names)
    return writer.emit("Sub", names[0], writer.emit("Mul", whole, names[1]))


def _hypot(writer: Writer, node: Node, names: list[str]) -> str:
    sizes = [writer.emit("Abs", name) for name in names]
    smallest = writer.tensor(np.finfo(node.dtype).tiny, node.dtype)
    large = writer.emit("Max", *sizes, smallest)
    share = writer.emit("Div", writer.emit("Min", *sizes), large)
    root = writer.emit("Sqrt", writer.emit("Add", writer.emit("Mul", share, share), _one(writer, node)))
    return writer.emit("Mul", large, root)


def _cos(writer: Writer, node: Node, names: list[str]) -> str:
    # older versions of ONNX Runtime have the sine of doubles, and no cosine
    return writer.emit("Sin", writer.emit("Add", *names, writer.tensor(np.pi / 2, node.dtype)))


def _minimum(writer: Writer, node: Node, names: list[str]) -> str:
    """Of a number that is known a Clip, which takes half the time; both keep NaN."""
    for x, top in (names, names[::-1]):
        if node.dtype.kind == "f" and node.inputs[names.index(top)].shape == ():
            return writer.emit("Clip", x, writer.tensor(-np.inf, node.dtype), top)
    return writer.emit("Min", *names)


def _copysign(writer: Writer, node: Node, names: list[str]) -> str:
    size, below = writer.emit("Abs", names[0]), writer.emit("Less", names[1], writer.tensor(0, node.dtype))
    return writer.emit("Where", below, writer.emit("Neg", size), size)


def _matmul(writer: Writer, node: Node, names: list[str]) -> str:
    """The product; of doubles with a step in front of it that does nothing where numbers come transposed.

    Older versions of ONNX Runtime melt transpositions into products, and have no such product of doubles.
    """
    if node.dtype == np.float64:
        names = [writer.emit("Max", name) if _is_moved(n) else name for n, name in zip(node.inputs, names, strict=True)]
    return writer.emit("MatMul", *names)


def _is_moved(node: Node) -> bool:
    return node.operation == "transpose" or (node.operation == "cast" and _is_moved(node.inputs[0]))


def _sum(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("ReduceSum", *names, writer.tensor([node.attributes["axis"]]), keepdims=1)


def _max(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("ReduceMax", *names, axes=[node.attributes["axis"]], keepdims=1)


def _min(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("ReduceMin", *names, axes=[node.attributes["axis"]], keepdims=1)


def _argmax(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("ArgMax", *names, axis=node.attributes["axis"], keepdims=1)


def _argsort(writer: Writer, node: Node, names: list[str]) -> str:
    # of equals the one in front comes first, as in a stable sort; the places are what it gives second
    return writer.emit("TopK", *names, writer.tensor([node.shape[-1]]), axis=-1, largest=0, sorted=1, gives=1)


def _reshape(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("Reshape", *names, writer.tensor([-1 if rows_in(size) else size for size in node.shape]))


def _transpose(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("Transpose", *names, perm=list(node.attributes["axes"]))


def _slice(writer: Writer, node: Node, names: list[str]) -> str:
    about = node.attributes
    stop = about["stop"] if about["stop"] >= 0 else np.iinfo(np.int64).min  # a range that runs down to 0
    ends = (about["start"], stop, about["axis"], about["step"])
    return writer.emit("Slice", *names, *(writer.tensor([end]) for end in ends))


def _concat(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("Concat", *names, axis=node.attributes["axis"])


def _gather(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("Gather", *names, axis=node.attributes["axis"])


def _take_along(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("GatherElements", *names, axis=-1)


def _lookup(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit(
        "LabelEncoder",
        *names,
        domain="ai.onnx.ml",
        keys_strings=list(node.attributes["keys"]),
        values_int64s=list(node.attributes["values"]),
        default_int64=node.attributes["default"],
    )


def _trees(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("TreeEnsembleRegressor", *names, domain="ai.onnx.ml", **ensemble(node.attributes))


def _selu(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("Selu", *names, gamma=node.attributes["scale"], alpha=node.attributes["alpha"])


def _elu(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("Elu", *names, alpha=node.attributes["alpha"])


def _leaky_relu(writer: Writer, node: Node, names: list[str]) -> str:
    return writer.emit("LeakyRelu", *names, alpha=node.attributes["slope"])


def _sigmoid(writer: Writer, node: Node, names: list[str]) -> str:
    """With e^min(z, 0) for the choice between 1 and e^z; the operator of that name ends at 10^-8."""
    above = writer.emit("Exp", writer.emit("Min", *names, writer.tensor(0, node.dtype)))
    below = writer.emit("Exp", writer.emit("Neg", writer.emit("Abs", *names)))
    return writer.emit("Div", above, writer.emit("Add", _one(writer, node), below))


FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Any], Spelling]]] = {
    "selu": (activations.selu, _selu),
    "elu": (activations.elu, _elu),
    "leaky_relu": (activations.leaky_relu, _leaky_relu),
    "sigmoid": (activations.sigmoid, _sigmoid),
}
"""Functions with a choice in them: in ONNX Runtime a Where takes longer than all else that is done to an output."""

SPELLED: Final[Mapping[str, Spelling]] = {
    "expm1": _expm1,
    "log1p": _log1p,
    "erfc": _erfc,
    "not_equal": _not_equal,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "hypot": _hypot,
    "copysign": _copysign,
    "minimum": _minimum,
    "cos": _cos,
    "matmul": _matmul,
    "sum": _sum,
    "max": _max,
    "min": _min,
    "argmax": _argmax,
    "argsort": _argsort,
    "reshape": _reshape,
    "transpose": _transpose,
    "slice": _slice,
    "concat": _concat,
    "gather": _gather,
    "take_along": _take_along,
    "lookup": _lookup,
    "trees": _trees,
}
"""Operations that take some attributes, or several operators."""

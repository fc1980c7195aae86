"""The operations of a graph as ONNX operators.

Most have one of the same meaning. The others take several, which differ from NumPy by rounding at most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from glassnet.errors import InputError
from glassnet.exchange.graph.dataflow import TEXT, Node, rows_in
from glassnet.formulas import activations
from glassnet.support.language import Text
from glassnet.tables.columns.ngrams import folded_characters

if TYPE_CHECKING:
    from glassnet.exchange.onnx.write_onnx import Writer


SAME: Final[Mapping[str, str]] = {
    **{name: name.title() for name in ("add", "equal", "erf", "exp", "floor", "greater", "less", "log", "sign", "sin")},
    **{name: name.title() for name in ("sqrt", "tanh")},
    "negative": "Neg",
    "absolute": "Abs",
    "arctan": "Atan",
    "rint": "Round",
    "isnan": "IsNaN",
    "logical_not": "Not",
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "power": "Pow",
    "maximum": "Max",
    "greater_equal": "GreaterOrEqual",
    "less_equal": "LessOrEqual",
    "logical_and": "And",
    "logical_or": "Or",
}
"""Operations that ONNX has, too."""

Spelling = Callable[["Writer", Node, list[str]], str]


def _one(writer: Writer, node: Node) -> str:
    return writer.tensor(1, node.dtype)


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


def _minimum(writer: Writer, node: Node, names: list[str]) -> str:
    """Of a number that is known a Clip, which takes half the time; both keep NaN."""
    for x, top in (names, names[::-1]):
        if node.dtype.kind == "f" and node.inputs[names.index(top)].shape == ():
            return writer.emit("Clip", x, writer.tensor(-np.inf, node.dtype), top)
    return writer.emit("Min", *names)


def _copysign(writer: Writer, node: Node, names: list[str]) -> str:
    # the smaller of y and 1 / y is below zero for -0.0 and for -inf, too
    signed = writer.emit("Min", names[1], writer.emit("Reciprocal", names[1]))
    size, below = writer.emit("Abs", names[0]), writer.emit("Less", signed, writer.tensor(0, node.dtype))
    return writer.emit("Where", below, writer.emit("Neg", size), size)


def _bfloat16(writer: Writer, node: Node, names: list[str]) -> str:
    """The type of that name rounds; small numbers that count as zero add less than is rounded anyway."""
    return writer.cast(writer.emit("Cast", *names, to=BFLOAT16), node.dtype)


def _where(writer: Writer, node: Node, names: list[str]) -> str:
    """Of truth values by logic: ONNX Runtime has no Where of them."""
    if node.dtype != np.bool_:
        return writer.emit("Where", *names)
    condition, yes, no = names
    otherwise = writer.emit("And", writer.emit("Not", condition), no)
    return writer.emit("Or", writer.emit("And", condition, yes), otherwise)


def _matmul(writer: Writer, node: Node, names: list[str]) -> str:
    """The product; of doubles with a step in front of it that does nothing where numbers come transposed.

    Older versions of ONNX Runtime melt transpositions into products, and have no such product of doubles.
    """
    if node.dtype == np.float64:
        names = [writer.emit("Max", name) if _is_moved(n) else name for n, name in zip(node.inputs, names, strict=True)]
    return writer.emit("MatMul", *names)


BFLOAT16: Final = 16
"""ONNX's number of this type."""
PAD: Final = "\x01"
NOTHING, UNKNOWN, BLANK = -1, 0, 1
"""Numbers in place of those of characters: of no character, of a character of no n-gram, of the blank."""


def _ngrams(writer: Writer, node: Node, names: list[str]) -> str:
    """Return a dense matrix of the n-grams of texts, by two operators that only ONNX Runtime has together.

    Each character becomes the numbers of those that it counts as; what a shorter text is padded with counts as blanks,
    of which there is one at the front, too. No known n-gram has two blanks beside each other.
    """
    column = node.attributes["column"]
    if not column.ngrams:
        rule = Text('With texts="text" each column of text must have a vocabulary')
        received = Text("column {name!r}, whose n-grams have hashes", name=column.name)
        raise InputError(rule, received, 'Use texts="ngrams"')
    alphabet = sorted(set("".join(column.ngrams)) - {" "})
    number = {one: place for place, one in enumerate(alphabet, BLANK + 1)} | {" ": BLANK}
    counts_as = folded_characters({*number}) | {one: one for one in number} | {PAD: " "}
    lengths = [*map(len, column.ngrams)]
    sizes = range(min(lengths), max(lengths) + 1)
    ids = sorted(range(column.size), key=lengths.__getitem__)
    starts = np.cumsum([0, *(size * lengths.count(size) for size in sizes[:-1])])
    flat = writer.emit("Reshape", *names, writer.tensor([-1]))
    cut: dict[str, Any] = {"separators": [""], "pad_value": PAD, "mark": 0, "mincharnum": 1}
    characters = writer.emit("Tokenizer", flat, domain="com.microsoft", **cut)
    writer.describe(characters, TEXT, ["rows", f"{characters} length"])  # what is made of them is checked
    parts = [
        _numbered(
            *(writer, characters),
            {one: number.get(others[place], UNKNOWN) for one, others in counts_as.items() if place < len(others)},
            UNKNOWN if place == 0 else NOTHING,
        )
        for place in range(max(map(len, counts_as.values())))
    ]
    known = parts[0] if len(parts) == 1 else _in_a_row(writer, parts)
    blank = _numbered(writer, names[0], {PAD: BLANK}, BLANK)
    counts = writer.emit(
        "TfIdfVectorizer",
        writer.emit("Concat", blank, known, blank, axis=1),
        mode="TF",
        min_gram_length=sizes[0],
        max_gram_length=sizes[-1],
        max_skip_count=0,
        ngram_counts=[0] * (sizes[0] - 1) + starts.tolist(),
        ngram_indexes=ids,
        pool_int64s=[number[character] for place in ids for character in column.ngrams[place]],
    )
    one = writer.tensor(1, np.float32)
    values = writer.emit("Add", writer.emit("Log", writer.emit("Max", counts, one)), writer.emit("Min", counts, one))
    length = writer.emit("Max", writer.emit("ReduceL2", values, axes=[1]), one)
    return writer.emit("Div", values, length)


def _numbered(writer: Writer, texts: str, numbers: Mapping[str, int], default: int) -> str:
    """Return the number of each text."""
    known: dict[str, Any] = {"keys_strings": [*numbers], "values_int64s": [*numbers.values()]}
    return writer.emit("LabelEncoder", texts, domain="ai.onnx.ml", **known, default_int64=default)


def _in_a_row(writer: Writer, parts: list[str]) -> str:
    """Return the first, second, ... number of each character one after another, without those of nothing.

    Each goes to its place in the row, which is that of its character plus its own; nothing goes to a last column, which
    is left out again. What remains of a row is blank.
    """
    there = [writer.emit("Greater", part, writer.tensor(NOTHING)) for part in parts]
    counted = writer.emit("Sum", *(writer.cast(each, np.float64) for each in there))
    begins = writer.emit("CumSum", writer.cast(counted, np.int64), writer.tensor(1), exclusive=1)
    last = writer.tensor(-1)
    places = [
        writer.emit("Where", each, writer.emit("Add", begins, writer.tensor(place)), last)
        for place, each in enumerate(there)
    ]
    numbers, places_of_all = (writer.emit("Concat", *each, axis=1) for each in (parts, places))
    blank = writer.tensor(BLANK)
    same = writer.emit("Add", writer.emit("Mul", numbers, writer.tensor(0)), blank)
    blanks = writer.emit("Pad", same, writer.tensor([0, 0, 0, 1]), blank)
    filled = writer.emit("ScatterElements", blanks, places_of_all, numbers, axis=1)
    return writer.emit("Slice", filled, writer.tensor([0]), writer.tensor([-1]), writer.tensor([1]))


def _sparse_matmul(writer: Writer, node: Node, names: list[str]) -> str:
    """Of the ids and values of each row's n-grams; of a matrix of them where the file makes it of the texts."""
    if node.inputs[0] not in writer.ngrams:
        dense = names[0] if node.dtype == np.float32 else writer.cast(names[0], node.dtype)
        return writer.emit("MatMul", dense, names[1])
    ids, values = writer.ngrams[node.inputs[0]]
    weights = writer.emit("Gather", names[1], ids, axis=0)
    values = values if node.dtype == np.float32 else writer.cast(values, node.dtype)
    each = writer.emit("Unsqueeze", values, writer.tensor([2]))
    return writer.emit("ReduceSum", writer.emit("Mul", each, weights), writer.tensor([1]), keepdims=0)


def _is_moved(node: Node) -> bool:
    return node.operation == "transpose" or (node.operation == "cast" and _is_moved(node.inputs[0]))


def _slice(writer: Writer, node: Node, names: list[str]) -> str:
    about = node.attributes
    stop = about["stop"] if about["stop"] >= 0 else np.iinfo(np.int64).min  # a range that runs down to 0
    ends = (about["start"], stop, about["axis"], about["step"])
    return writer.emit("Slice", *names, *(writer.tensor([end]) for end in ends))


def _lookup(writer: Writer, node: Node, names: list[str]) -> str:
    about = node.attributes
    known: dict[str, Any] = {"keys_strings": list(about["keys"]), "values_int64s": list(about["values"])}
    return writer.emit("LabelEncoder", *names, domain="ai.onnx.ml", **known, default_int64=about["default"])


def _sigmoid(writer: Writer, node: Node, names: list[str]) -> str:
    """With e^min(z, 0) for the choice between 1 and e^z; the operator of that name ends at 10^-8."""
    above = writer.emit("Exp", writer.emit("Min", *names, writer.tensor(0, node.dtype)))
    below = writer.emit("Exp", writer.emit("Neg", writer.emit("Abs", *names)))
    return writer.emit("Div", above, writer.emit("Add", _one(writer, node), below))


def _with_parameters(operator: str, **parameters: str) -> Spelling:
    """An operator whose attributes are parameters of the function, by their names there."""
    return lambda writer, node, names: writer.emit(
        operator, *names, **{there: node.attributes[here] for there, here in parameters.items()}
    )


def filled(x: Any) -> Any:
    """Return the numbers, none below 0 and none above 1."""
    return np.minimum(1.0, np.maximum(0.0, x))


FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Any], Spelling]]] = {
    "selu": (activations.selu, _with_parameters("Selu", gamma="scale", alpha="alpha")),
    "elu": (activations.elu, _with_parameters("Elu", alpha="alpha")),
    "leaky_relu": (activations.leaky_relu, _with_parameters("LeakyRelu", alpha="slope")),
    "sigmoid": (activations.sigmoid, _sigmoid),
    "filled": (
        filled,
        lambda writer, node, names: writer.emit("Clip", *names, writer.tensor(0, node.dtype), _one(writer, node)),
    ),
}
"""Functions with a choice in them: in ONNX Runtime a Where takes longer than all else that is done to an output."""

SPELLED: Final[Mapping[str, Spelling]] = {
    "bfloat16": _bfloat16,
    "expm1": lambda writer, node, names: writer.emit("Sub", writer.emit("Exp", *names), _one(writer, node)),
    "log1p": lambda writer, node, names: writer.emit("Log", writer.emit("Add", *names, _one(writer, node))),
    "erfc": lambda writer, node, names: writer.emit("Sub", _one(writer, node), writer.same(node, names, "Erf")),
    "not_equal": lambda writer, node, names: writer.emit("Not", writer.emit("Equal", *names)),
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "hypot": _hypot,
    "copysign": _copysign,
    "where": _where,
    "minimum": _minimum,
    # older versions of ONNX Runtime have the sine of doubles, and no cosine
    "cos": lambda writer, node, names: writer.emit(
        "Sin", writer.emit("Add", *names, writer.tensor(np.pi / 2, node.dtype))
    ),
    "matmul": _matmul,
    "ngrams": _ngrams,
    "sparse_matmul": _sparse_matmul,
    "sum": lambda writer, node, names: writer.emit(
        "ReduceSum", *names, writer.tensor([node.attributes["axis"]]), keepdims=1
    ),
    "max": lambda writer, node, names: writer.emit("ReduceMax", *names, axes=[node.attributes["axis"]], keepdims=1),
    "min": lambda writer, node, names: writer.emit("ReduceMin", *names, axes=[node.attributes["axis"]], keepdims=1),
    "argmax": lambda writer, node, names: writer.emit("ArgMax", *names, axis=node.attributes["axis"], keepdims=1),
    # of equals the one in front comes first, as in a stable sort; the places are what it gives second
    "argsort": lambda writer, node, names: writer.emit(
        "TopK", *names, writer.tensor([node.shape[-1]]), axis=-1, largest=0, sorted=1, gives=1
    ),
    "reshape": lambda writer, node, names: writer.emit(
        "Reshape", *names, writer.tensor([-1 if rows_in(size) else size for size in node.shape])
    ),
    "transpose": lambda writer, node, names: writer.emit("Transpose", *names, perm=list(node.attributes["axes"])),
    "slice": _slice,
    "concat": _with_parameters("Concat", axis="axis"),
    "gather": _with_parameters("Gather", axis="axis"),
    "take_along": lambda writer, node, names: writer.emit("GatherElements", *names, axis=-1),
    "lookup": _lookup,
}
"""Operations that take some attributes, or several operators."""

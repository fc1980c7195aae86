"""A graph as plain data, as the page's script reads it: nodes as lists, and all learned numbers in one packed text."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph import Graph, Node, rows_in
from glassnet.exchange.graph.dataflow import Array
from glassnet.tables.columns.ngrams import folded_characters
from glassnet.tables.columns.texts import TextColumn
from glassnet.tables.encoder_state import BETWEEN_NGRAMS

TYPES: Final = {"f4": "f", "f8": "d", "i8": "i", "b1": "b"}
"""The letters of ``web/model/graph.js``."""
FINENESS: Final = tuple(2.0**-bits for bits in (17, 16, 15, 14))
"""Weights of single precision are rounded to multiples of a step: at most so much of the root of their mean square, for
a single network. Of many that are averaged the errors cancel like those of chance, so their steps may be larger. The
first is taken where the page stays small enough, and the last where it must: then probabilities agree to 1e-4."""
LARGEST: Final = 2**22
"""And of so many steps at most, which three bytes hold."""


def plain_graph(graph: Graph, members: int = 1, fineness: float = FINENESS[0]) -> dict[str, Any]:
    """A graph as strict JSON; of a model that averages so many networks, whose weights are kept so finely.

    Nodes are lists: operation, letter of the type, shape (the rows are -1, and twice as many -2), inputs, attributes.
    They are packed as JSON, deflated, in base64; so are the numbers of all constants, one behind the other: each
    array's first bytes, then its second bytes and so on, for signs and exponents beside each other take the least room.
    Weight matrices are quantized, since their last bits are noise and do not compress: each weight is written as a
    number of steps from 0, the low bytes of all weights first; the step is an attribute of the node.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.exchange.graph import ROWS
    >>> from glassnet.exchange.graph.legalize import graph_of
    >>> plain = plain_graph(graph_of(abs))
    >>> zlib.decompress(base64.b64decode(plain["nodes"]))
    b'[["input","d",[-1,1],[],{"place":0}],["absolute","d",[-1,1],[0],{}]]'
    """
    nodes = graph.nodes
    places = {node: place for place, node in enumerate(nodes)}
    input_places = {source.node: place for place, source in enumerate(graph.inputs)}
    weights = {node.inputs[1] for node in nodes if node.operation in ("matmul", "sparse_matmul")}
    values = {node: node.value for node in nodes if node in weights and node.value is not None}
    rounded = {node: value for node, value in values.items() if value.dtype == np.float32 and np.isfinite(value).all()}
    steps = {node: _step(value, fineness * math.sqrt(members)) for node, value in rounded.items()}
    numbers = [
        _bytes(node.value)
        for node in nodes
        if node.value is not None and node.value.dtype.kind != "U" and node not in steps
    ]
    described = [
        [
            node.operation,
            TYPES.get(node.dtype.str[1:], "t"),
            [-rows_in(size) or size for size in node.shape],
            [places[source] for source in node.inputs],
            {"step": steps[node]} if node in steps else _about(node, input_places),
        ]
        for node in nodes
    ]
    text = json.dumps(described, ensure_ascii=False, separators=(",", ":"), default=lambda number: number.item())
    return {
        "nodes": _packed(text.encode()),
        "inputs": [source.kind for source in graph.inputs],
        "outputs": {name: places[node] for name, node in graph.outputs.items()},
        "numbers": _packed(b"".join(numbers)),
        "weights": _packed(_three_bytes([np.rint(rounded[node] / step) for node, step in steps.items()])),
    }


def _about(node: Node, places: dict[Node, int]) -> dict[str, Any]:
    if node.operation == "input":
        return {"place": places[node]}
    if node.operation == "ngrams":
        return text_table(node.attributes["column"])
    if node.value is not None:
        return {"texts": node.value.ravel().tolist()} if node.value.dtype.kind == "U" else {}
    return dict(node.attributes)


def text_table(column: TextColumn) -> dict[str, Any]:
    """Return what ``web/model/texts.js`` knows of a column of text: its vocabulary, and what characters count as."""
    alphabet = {*"".join(column.ngrams), " "} if column.ngrams else None
    return {"ngrams": BETWEEN_NGRAMS.join(column.ngrams), "folded": folded_characters(alphabet)}


def _packed(contents: bytes) -> str:
    return base64.b64encode(zlib.compress(contents, 9)).decode()


def _step(weights: Array, fineness: float) -> float:
    """The power of two whose multiples weights become."""
    wide = np.abs(weights.astype(np.float64))
    step = max(float(np.sqrt(np.mean(wide**2))) * fineness / 2, float(wide.max(initial=0)) / LARGEST)
    return 2.0 ** math.ceil(math.log2(step)) if step else 1.0


def _three_bytes(steps: Sequence[Array]) -> bytes:
    """Whole numbers below 2 to the 22nd: 0, -1, 1, -2 and so on counted from 0, the low bytes of all of them first."""
    signed = np.concatenate([each.ravel() for each in (*steps, np.zeros(0))]).astype(np.int32)
    counted = ((signed << 1) ^ (signed >> 31)).astype("<u4")
    return counted.view(np.uint8).reshape(-1, 4)[:, :3].T.tobytes()


def _bytes(array: Array) -> bytes:
    """Whole numbers as float64, which is what a script has."""
    plain = array.astype("<f8") if array.dtype.kind == "i" else array.astype(array.dtype.newbyteorder("<"))
    return np.frombuffer(plain.tobytes(), np.uint8).reshape(-1, plain.itemsize).T.tobytes()

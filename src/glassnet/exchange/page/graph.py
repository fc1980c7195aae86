"""A graph as plain data, as the page's script reads it: nodes as lists, and all learned numbers in one packed text."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph import Graph, Node, rows_in
from glassnet.exchange.graph.node import Array

TYPES: Final = {"f4": "f", "f8": "d", "i8": "i", "b1": "b"}
"""The letters of ``web/model/graph.js``."""
DROPPED: Final = 5
"""Bits of a weight of single precision that are rounded away: it differs by a share of 2e-6 at most."""


def plain_graph(graph: Graph) -> dict[str, Any]:
    """A graph as strict JSON.

    Nodes are lists: operation, letter of the type, shape (the rows are -1, and twice as many -2), inputs, attributes.
    They are packed as JSON, deflated, in base64; so are the numbers of all constants, one behind the other: each
    array's first bytes, then its second bytes and so on, for signs and exponents beside each other take the least room.
    Matrices of weights lose their last bits, which are nothing but chance and take the most.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.exchange.graph import ROWS
    >>> from glassnet.exchange.graph.node import Input
    >>> from glassnet.exchange.graph.symbol import Symbol
    >>> x = Symbol.input("x", (ROWS, 1), np.float64)
    >>> plain = plain_graph(Graph((Input("x", "number", x.node),), {"y": abs(x).node}))
    >>> zlib.decompress(base64.b64decode(plain["nodes"]))
    b'[["input","d",[-1,1],[],{"place":0}],["absolute","d",[-1,1],[0],{}]]'
    """
    nodes = graph.nodes
    places = {node: place for place, node in enumerate(nodes)}
    asked = {source.node: place for place, source in enumerate(graph.inputs)}
    weights = {node.inputs[1] for node in nodes if node.operation == "matmul"}
    numbers = [
        _bytes(_rounded(node.value) if node in weights else node.value)
        for node in nodes
        if node.value is not None and node.value.dtype.kind != "U"
    ]
    described = [
        [
            node.operation,
            TYPES.get(node.dtype.str[1:], "t"),
            [-rows_in(size) or size for size in node.shape],
            [places[source] for source in node.inputs],
            _about(node, asked),
        ]
        for node in nodes
    ]
    text = json.dumps(described, ensure_ascii=False, separators=(",", ":"), default=lambda number: number.item())
    return {
        "nodes": _packed(text.encode()),
        "inputs": [source.kind for source in graph.inputs],
        "outputs": {name: places[node] for name, node in graph.outputs.items()},
        "numbers": _packed(b"".join(numbers)),
    }


def _about(node: Node, asked: dict[Node, int]) -> dict[str, Any]:
    if node.operation == "input":
        return {"place": asked[node]}
    if node.value is not None:
        return {"texts": node.value.ravel().tolist()} if node.value.dtype.kind == "U" else {}
    return dict(node.attributes)


def _packed(contents: bytes) -> str:
    return base64.b64encode(zlib.compress(contents, 9)).decode()


def _rounded(array: Array) -> Array:
    """To the nearest number that ends in so many zeros; of double precision as it is."""
    if array.dtype != np.float32:
        return array
    bits = array.view(np.uint32).astype(np.uint64) + (1 << (DROPPED - 1)) >> DROPPED << DROPPED
    return bits.astype(np.uint32).view(np.float32)


def _bytes(array: Array) -> bytes:
    """Whole numbers as float64, which is what a script has."""
    plain = array.astype("<f8") if array.dtype.kind == "i" else array.astype(array.dtype.newbyteorder("<"))
    return np.frombuffer(plain.tobytes(), np.uint8).reshape(-1, plain.itemsize).T.tobytes()

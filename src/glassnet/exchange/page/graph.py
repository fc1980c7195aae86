"""A graph as plain data, as the page's script reads it: nodes as lists, and all learned numbers in one packed text."""

from __future__ import annotations

import base64
import zlib
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph import Graph, Node, rows_in
from glassnet.exchange.graph.node import Array

__all__ = ["plain_graph"]

TYPES: Final = {"f4": "f", "f8": "d", "i8": "i", "b1": "b"}
"""The letters of ``web/model/graph.js``."""


def plain_graph(graph: Graph) -> dict[str, Any]:
    """A graph as strict JSON.

    Of a shape the rows are -1, and twice as many -2. Numbers are packed: each array's first bytes, then its second
    bytes and so on, for signs and exponents beside each other take the least room; all of them behind each other,
    deflated, as base64.

    Parameters
    ----------
    graph : Graph

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.exchange.graph import ROWS
    >>> from glassnet.exchange.graph.node import Input
    >>> from glassnet.exchange.graph.symbol import Symbol
    >>> x = Symbol.input("x", (ROWS, 1), np.float64)
    >>> plain = plain_graph(Graph((Input("x", "number", x.node),), {"y": abs(x).node}))
    >>> plain["nodes"]
    [['input', 'd', [-1, 1], [], {'place': 0}], ['absolute', 'd', [-1, 1], [0], {}]]
    """
    nodes = graph.nodes
    places = {node: place for place, node in enumerate(nodes)}
    asked = {source.node: place for place, source in enumerate(graph.inputs)}
    numbers = [node.value for node in nodes if node.value is not None and node.value.dtype.kind != "U"]
    return {
        "nodes": [
            [
                node.operation,
                _type(node),
                [-rows_in(size) or size for size in node.shape],
                [places[source] for source in node.inputs],
                _about(node, asked),
            ]
            for node in nodes
        ],
        "inputs": [source.kind for source in graph.inputs],
        "outputs": {name: places[node] for name, node in graph.outputs.items()},
        "numbers": base64.b64encode(zlib.compress(b"".join(map(_packed, numbers)), 9)).decode(),
    }


def _type(node: Node) -> str:
    return TYPES.get(node.dtype.str[1:], "t")


def _about(node: Node, asked: dict[Node, int]) -> dict[str, Any]:
    if node.operation == "input":
        return {"place": asked[node]}
    if node.value is not None:
        return {"texts": node.value.ravel().tolist()} if node.value.dtype.kind == "U" else {}
    return dict(node.attributes)


def _packed(array: Array) -> bytes:
    """Whole numbers as float64, which is what a script has."""
    plain = array.astype("<f8") if array.dtype.kind == "i" else array.astype(array.dtype.newbyteorder("<"))
    return np.frombuffer(plain.tobytes(), np.uint8).reshape(-1, plain.itemsize).T.tobytes()

"""Weights of one byte: a quarter of the size, for a little accuracy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.exchange.graph import Graph, Node
from glassnet.exchange.graph.node import rebuilt

Array = npt.NDArray[Any]
LARGEST = 127
FEW, FEWEST = 8, 256
"""A table of fewer outputs, or of fewer numbers, stays as it is."""


def weights_of(graph: Graph) -> set[Node]:
    """The tables that rows are multiplied by, of float32, as far as they are large enough to be worth it."""
    return {
        right
        for node in graph.nodes
        if node.operation == "matmul"
        for right in node.inputs[1:]
        if right.operation == "constant"
        and right.dtype == np.float32
        and len(right.shape) == 2
        and _is_large(right.shape)
    }


def _is_large(shape: tuple[int, ...]) -> bool:
    return shape[1] >= FEW and shape[0] * shape[1] >= FEWEST


def quantized_table(weights: Array) -> tuple[Array, Array]:
    """Whole numbers from -127 to 127, and for each output what they are to be multiplied by.

    Examples
    --------
    >>> quantized_table(np.array([[0.5, 3.0], [-1.0, 0.0]], np.float32))
    (array([[  64,  127],
           [-127,    0]], dtype=int8), array([0.00787402, 0.02362205], dtype=float32))
    """
    largest = np.abs(weights).max(axis=0)
    scale = (np.where(largest > 0, largest, 1) / LARGEST).astype(np.float32)
    return np.rint(weights / scale).astype(np.int8), scale


def dequantized(graph: Graph, quantized: set[Node]) -> Graph:
    """The same graph with the weights that are left of those tables."""

    def change(old: Node, new: Node) -> Node:
        if old not in quantized:
            return new
        whole, scale = quantized_table(old.known)
        return replace(old, value=whole * scale)

    return rebuilt(graph, change)

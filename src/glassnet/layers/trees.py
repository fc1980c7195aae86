"""Decision trees as a layer: the sum of the leaves that a row reaches.

No gradient teaches them anything, so all their numbers are statistics: the code that grows the trees sets them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from glassnet.errors import InputError
from glassnet.layers.base import Array, Layer, Parameter, Pass, Record, Values, takes
from glassnet.support.language import Text
from glassnet.support.options import Integer

COUNT = takes(Integer("0 while nothing has grown", low=0, high=2**24 - 1))
"""Indices of nodes are stored as float32, which holds all integers up to here."""


@dataclass(frozen=True, repr=False)
class Trees(Layer):
    """Sums of decision trees: from each root down to a leaf, to the left where a column is at most a node's threshold.

    The nodes of all trees lie in one list. A leaf is its own left and right, and a node may be reached from several.

    Parameters
    ----------
    units : int
        The number of outputs. The first tree belongs to the first, the second to the second, and so on in turns.
    trees : int
        How many there are, a multiple of `units`; 0: nothing has grown yet, and every row has the same answer.
    nodes : int
        How many nodes they have together.
    depth : int
        How many nodes there are at most on a way before its leaf.

    Examples
    --------
    A tree that says 1 up to 0.5, and 2 above:

    >>> values = {"column": [0, 0, 0], "threshold": [0.5, 0, 0], "left": [1, 1, 2], "right": [2, 1, 2]}
    >>> values |= {"value": [0, 1, 2], "root": [0], "steps": [1], "base": [0]}
    >>> arrays = {name: np.array(numbers, float) for name, numbers in values.items()}
    >>> Trees(1, trees=1, nodes=3, depth=1).forward(arrays, np.array([[0.2], [0.9]]), Pass())[0].tolist()
    [[1.0], [2.0]]
    """

    units: int = field(metadata=takes(Integer("One for each number or class")))
    trees: int = field(default=0, metadata=COUNT)
    nodes: int = field(default=0, metadata=COUNT)
    depth: int = field(default=0, metadata=COUNT)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.trees % self.units or self.depth > self.nodes or bool(self.trees) != bool(self.nodes):
            rule = Text(
                "Each unit must have the same number of trees, and no path may be longer than the number of nodes"
            )
            raise InputError(rule, repr(self), "Give only `units`: then no trees have been grown yet")

    def outputs(self, inputs: int) -> int:
        return self.units

    def statistics(self, inputs: int) -> tuple[Parameter, ...]:
        def places(name: str, count: int, of: int, total: float = np.inf) -> Parameter:
            return Parameter(name, (count,), least=0, most=max(of - 1, 0), total=total, whole=True)

        base = Parameter("base", (self.units,))
        if not self.trees:
            return (base,)
        return (
            places("column", self.nodes, inputs),
            Parameter("threshold", (self.nodes,)),
            places("left", self.nodes, self.nodes),
            places("right", self.nodes, self.nodes),
            Parameter("value", (self.nodes,)),
            places("root", self.trees, self.nodes),
            places(
                "steps", self.trees, self.depth + 1, total=self.nodes
            ),  # a way meets no node twice: so rows end soon
            base,
        )

    def learned(self, inputs: int) -> int:
        """A threshold for each node that parts rows, a value for each leaf, and what all begin with."""
        return self.nodes + self.units

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        if not self.trees:
            a = np.zeros_like(x[:, :1]) + values["base"]
            return a, {"x": x, "a": a}
        column, left, right = (values[name].astype(np.intp) for name in ("column", "left", "right"))
        node = np.zeros_like(x[:, :1], np.intp) + values["root"].astype(np.intp)  # each row at all roots
        ended: list[Array] = []  # the last trees first
        for step in range(self.depth):
            walking = 1 + int(np.flatnonzero(values["steps"] > step).max(initial=0))
            if walking < node.shape[1]:
                ended.insert(0, node[:, walking:])
                node = node[:, :walking]
            low = np.take_along_axis(x, column[node], axis=1) <= values["threshold"][node]
            node = np.where(low, left[node], right[node])
        node = np.concatenate([node, *ended], axis=1) if ended else node
        leaves = values["value"][node].reshape(-1, self.trees // self.units, self.units)
        a = leaves.sum(axis=1) + values["base"]
        return a, {"x": x, "leaf": node, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        return np.zeros_like(record["x"])

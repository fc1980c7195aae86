"""Decision trees as ONNX has them: one operator that walks all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

NEVER = float(np.finfo(np.float32).max)
"""A threshold that no row is above."""
Nodes = dict[str, list[Any]]


def ensemble(about: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a TreeEnsembleRegressor, from those of a node "trees".

    The nodes of ONNX make trees, while ours may be reached from several others, where levels of a category that do not
    lie side by side go the same way. ONNX Runtime takes such a node, but only as the way of rows for which a comparison
    holds: the other child must be its own. So where it is not, a copy of a leaf stands there, or a comparison that
    always holds.

    Examples
    --------
    A tree that says 1 up to 0.5, and 2 above:

    >>> from glassnet.layers import Trees
    >>> numbers = {"column": [0, 0, 0], "threshold": [0.5, 0, 0], "left": [1, 1, 2], "right": [2, 1, 2]}
    >>> numbers |= {"value": [0, 1, 2], "root": [0], "base": [0]}
    >>> arrays = {name: np.array(values, float) for name, values in numbers.items()}
    >>> written = ensemble({"layer": Trees(1, trees=1, nodes=3, depth=1)} | arrays)
    >>> written["nodes_truenodeids"], written["nodes_falsenodeids"], written["target_weights"]
    ([2, 0, 0], [1, 0, 0], [2.0, 1.0])
    """
    column, left, right, roots = (about[name].astype(np.intp) for name in ("column", "left", "right", "root"))
    units, inner = about["layer"].units, left != np.arange(len(left))
    ways = np.bincount(np.concatenate([left[inner], right[inner]]), minlength=len(left))
    plain = [part.tolist() for part in (column, about["threshold"], left, right, about["value"], inner, ways > 1)]
    nodes: Nodes = {name: [] for name in ("treeids", "nodeids", "featureids", "values", "truenodeids", "falsenodeids")}
    nodes["modes"] = []
    leaves: Nodes = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    for tree, root in enumerate(roots.tolist()):
        _write(tree, root, tree % units, plain, nodes, leaves)
    return {
        **{f"nodes_{name}": values for name, values in nodes.items()},
        **{f"target_{name}": values for name, values in leaves.items()},
        "base_values": about["base"].tolist(),
        "n_targets": units,
        "aggregate_function": "SUM",
        "post_transform": "NONE",
    }


def _write(tree: int, root: int, unit: int, plain: list[list[Any]], nodes: Nodes, leaves: Nodes) -> None:
    """One tree, each node behind the one that it is first reached from."""
    column, threshold, left, right, value, inner, shared = plain
    waiting: list[int | None] = [root]  # a node; ~node: a comparison that always leads to it; None: never reached
    places = {root: 0}

    def added(node: int | None) -> int:
        waiting.append(node)
        return len(waiting) - 1

    def place_of(node: int) -> int:
        if node not in places:
            places[node] = added(node)
        return places[node]

    for place, node in enumerate(waiting):  # grows on the way
        feature, limit, true, false, mode = 0, 0.0, 0, 0, "BRANCH_LEQ"
        if node is not None and node < 0:
            limit, false, true = NEVER, added(None), place_of(~node)
        elif node is not None and inner[node]:
            feature, limit, other = column[node], threshold[node], right[node]
            if not shared[other]:
                false = place_of(other)
            else:
                false = added(~other if inner[other] else other)
            true = place_of(left[node])
        else:
            mode = "LEAF"
            weight = 0.0 if node is None else value[node]
            for name, given in zip(leaves, (tree, place, unit, weight), strict=True):
                leaves[name].append(given)
        for name, given in zip(nodes, (tree, place, feature, limit, true, false, mode), strict=True):
            nodes[name].append(given)

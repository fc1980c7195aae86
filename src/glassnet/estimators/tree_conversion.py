"""Trees that scikit-learn has grown, as the arrays of the layer :class:`Trees`.

What a fitted booster of scikit-learn holds is private there, and may look otherwise in another version. So it is read
here and nowhere else, once, right after the fit; what comes of it is compared with what the booster answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.layers.base import Array

READ = ("feature_idx", "num_threshold", "left", "right", "value", "is_leaf", "is_categorical", "bitset_idx")
"""The fields of a node that are read, beside where a gap goes."""


class Tree(NamedTuple):
    """One tree: the arrays of :class:`glassnet.layers.Trees`, of shape (nodes,), the root first, counted from there."""

    column: Array
    threshold: Array
    left: Array
    right: Array
    value: Array

    @classmethod
    def leaf(cls, value: float) -> Tree:
        """A tree with a single leaf."""
        here = np.zeros(1, np.intp)
        return cls(here, np.zeros(1), here, here, np.array([value]))

    def steps(self) -> int:
        """The depth: the largest number of nodes on a path before its leaf."""
        reached, steps = np.zeros(1, np.intp), 0
        while True:
            reached = reached[self.left[reached] != reached]
            if not len(reached):
                return steps
            reached, steps = np.unique([self.left[reached], self.right[reached]]), steps + 1


class Forest(NamedTuple):
    """Many trees in one list of nodes: the sizes and the statistics of a layer."""

    trees: int
    nodes: int
    depth: int
    statistics: Array


def read_boosted(booster: Any) -> tuple[Array, list[list[Any]]]:
    """The initial scores of a fitted scikit-learn booster, and its trees: a list per iteration, a tree per output."""
    try:
        return np.asarray(booster._baseline_prediction, np.float64).ravel(), [
            list(turn) for turn in booster._predictors
        ]
    except (AttributeError, TypeError, ValueError) as error:
        raise unknown(str(error)) from error


def read_tree(predictor: Any, columns: Array, levels: Sequence[Array], codes: Sequence[int]) -> Tree:
    """A tree of a fitted booster, whose features are these columns of a row, categories first.

    Of each category there are the levels that the booster has seen, ascending, and the highest code that may be.

    A booster splits categories by any set of levels. Such a node becomes several that compare codes: levels that lie
    side by side and go the same way are told from the others by their first and their last.
    """
    try:
        nodes = {name: predictor.nodes[name] for name in (*READ, "missing_go_to_left")}
        bits = np.asarray(predictor.raw_left_cat_bitsets, np.uint32)
    except (AttributeError, ValueError, TypeError, IndexError) as error:
        raise unknown(str(error)) from error
    here, leaf = np.arange(len(nodes["left"])), nodes["is_leaf"].astype(bool)
    left, right = (np.where(leaf, here, nodes[side]).astype(np.intp) for side in ("left", "right"))
    feature = np.where(leaf, 0, nodes["feature_idx"])
    tree = Tree(columns[feature], np.where(leaf, 0.0, nodes["num_threshold"]), left, right, nodes["value"])
    parts = [list(array) for array in tree]
    for node in np.flatnonzero(nodes["is_categorical"].astype(bool) & ~leaf):
        category = feature[node]
        to_left = np.full(codes[category] + 1, bool(nodes["missing_go_to_left"][node]))
        rank = np.arange(len(levels[category]))
        of_node = bits[nodes["bitset_idx"][node]]
        to_left[levels[category]] = (of_node[rank // 32] >> (rank % 32).astype(np.uint32)) & 1
        _divide(parts, int(node), to_left)
    return Tree(*(np.array(part) for part in parts))


def _divide(parts: list[list[Any]], node: int, to_left: Array) -> None:
    """A node that sends each code where it belongs becomes a tree of nodes that compare, by halves."""
    column, threshold, left, right, _ = parts
    ways = {True: left[node], False: right[node]}
    borders = np.flatnonzero(to_left[1:] != to_left[:-1])
    runs = [ways[bool(to_left[0])], *(ways[bool(to_left[border + 1])] for border in borders)]

    def written(at: int, first: int, last: int) -> None:
        """The split at a node that separates the runs from first to last."""
        middle = (first + last) // 2
        threshold[at] = borders[middle] + 0.5
        for side, (low, high) in ((left, (first, middle)), (right, (middle + 1, last))):
            if low == high:
                side[at] = runs[low]
                continue
            side[at] = new = len(column)
            for part, number in zip(parts, (column[node], 0.0, new, new, 0.0), strict=True):
                part.append(number)
            written(new, low, high)

    if len(borders):
        written(node, 0, len(borders))
    else:  # all codes go the same way
        left[node] = right[node] = runs[0]


def pack_trees(trees: Sequence[Tree], base: Array, dtype: npt.DTypeLike) -> Forest:
    """All trees in one list, with thresholds that tell numbers of this type apart as the booster's do."""
    if not trees:
        return Forest(0, 0, 0, base.astype(dtype))
    starts = np.cumsum([0, *(len(tree.left) for tree in trees)])
    steps = [tree.steps() for tree in trees]
    parts = [_joined(trees, 0), rounded_down(_joined(trees, 1), dtype)]
    parts += [np.concatenate([tree[side] + at for tree, at in zip(trees, starts, strict=False)]) for side in (2, 3)]
    statistics = np.concatenate([*parts, _joined(trees, 4), starts[:-1], steps, base]).astype(dtype)
    return Forest(len(trees), int(starts[-1]), max(steps), statistics)


def _joined(trees: Sequence[Tree], part: int) -> Array:
    return np.concatenate([tree[part] for tree in trees])


def rounded_down(thresholds: Array, dtype: npt.DTypeLike) -> Array:
    """The next number of a type that is not above: a number of that type is at most the one if it is at most the other.

    Examples
    --------
    >>> float(np.float32(0.1)), float(rounded_down(np.array([0.1]), np.float32)[0])
    (0.10000000149011612, 0.09999999403953552)
    """
    with np.errstate(over="ignore"):
        near = thresholds.astype(dtype)
    return np.where(near > thresholds, np.nextafter(near, near.dtype.type(-np.inf)), near)


def unknown(what: str) -> InputError:
    """The error for a format of trees that is not supported."""
    import sklearn

    return InputError(
        "Boosted trees must have the format of scikit-learn 1.6 to 1.9",
        f"scikit-learn {sklearn.__version__}: {what}",
        'Install one of those, or use preset="bagged"',
    )

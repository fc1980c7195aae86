"""scikit-learn's boosters of one member: one for each target, or one for all classes together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.estimators.tree_conversion import Forest, Tree, pack_trees, read_boosted, read_tree, unknown
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.training import Rows

SETTINGS: Final[Mapping[str, Any]] = MappingProxyType({"l2_regularization": 1.0})
SLOWEST, FASTEST, WAY = 0.1, 0.3, 10.0
"""The learning rate, and between the two what times the most trees of an output is so much: few must learn faster."""
MOST_WORK, BESIDE_COLUMNS, FEWEST = 25_000, 44, 16
"""So many trees times columns may be grown, and as how many columns counts what else there is to do for a tree: where
there are many classes, the trees of a round then take about as long as its networks. So many each class may always
have."""
MOST_LEVELS = 254
"""A category of more is split by the order of its codes: scikit-learn tells 255 levels apart, and 0 is a code, too."""
DIGITS = 20
"""So many binary ones of the largest number of a column tell rows apart: further ones may be rounding."""


class Boosters:
    """Grow tree after tree, and answer for rows as a network does."""

    def __init__(
        self,
        loss: Loss,  # log-loss or squared error
        levels: Sequence[int],  # for each column of codes, the last ones, how many codes it has beside 0
        learned: Rows,
        outputs: int,
        seed: int,
        monotone: Sequence[int] | None = None,  # the direction of each column
    ) -> None:
        self.loss, self.width = loss, outputs
        coded = np.arange(learned.X.shape[1] - len(levels), learned.X.shape[1])
        categories = coded[np.array(levels, int) <= MOST_LEVELS]
        self.columns = np.concatenate([categories, np.setdiff1d(np.arange(learned.X.shape[1]), categories)])
        """In this order scikit-learn gets them; categories come first, as it would put them itself."""
        self.monotone = None if monotone is None else np.array(monotone)[self.columns]
        self.codes = [level for level in levels if level <= MOST_LEVELS]
        self.X, self.weight = without_last_digits(learned.X[:, self.columns]), learned.weight
        if self.weight is not None:  # as in networks only their ratios tell: sums would hold trees back
            self.weight = self.weight / self.weight.mean()
        self.seen = [np.unique(self.X[:, place]).astype(np.intp) for place in range(len(categories))]
        self.base, tasks = _tasks(loss, learned.y.reshape(len(learned.y), -1), outputs)
        at_once = sum(len(places) for _, places in tasks)
        self.most = max(FEWEST, MOST_WORK // (max(1, at_once) * (self.X.shape[1] + BESIDE_COLUMNS)))
        """How many trees each output may have; it follows from the table alone, never from the clock."""
        self.tasks = [(self._new(seed), targets, places) for targets, places in tasks]
        """Each booster, what it learns, and which outputs are its own; none, where nothing varies."""

    def _new(self, seed: int) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingRegressor if self.loss.response == "identity" else HistGradientBoostingClassifier
        categories = list(range(len(self.codes))) or None
        rate = min(FASTEST, max(SLOWEST, WAY / self.most))
        own = {"learning_rate": rate, "categorical_features": categories, "monotonic_cst": self.monotone}
        return kind(**SETTINGS, **own, random_state=seed % 2**32, early_stopping=False, warm_start=True)

    def grow(self, count: int) -> None:
        """Grow trees until each output has this many; existing ones are kept."""
        for booster, targets, _ in self.tasks:
            booster.set_params(max_iter=count).fit(self.X, targets, sample_weight=self.weight)

    def outputs(self, X: Array) -> Iterator[Array]:
        """The raw outputs of shape (rows, outputs) after each tree."""
        arranged, base = X[:, self.columns], np.tile(self.base, (len(X), 1))
        answers = [
            (booster.staged_predict if self.loss.response == "identity" else booster.staged_decision_function)(arranged)
            for booster, *_ in self.tasks
        ]
        if not answers:
            yield base
        for each in zip(*answers, strict=True) if answers else ():
            outputs = base.copy()
            for (_, _, places), answer in zip(self.tasks, each, strict=True):
                outputs[:, places] = answer.reshape(len(X), -1)
            yield outputs

    def losses(self, rows: Rows, before: Sequence[float] = ()) -> list[float]:
        """The mean loss on rows after each tree; of the first ones it is known from `before`."""
        targets = self.loss.prepare(rows.y, self.width)
        each = (self.loss.value(outputs, targets) for outputs in islice(self.outputs(rows.X), len(before), None))
        return [*before, *(float(np.average(losses, weights=rows.weight)) for losses in each)]

    def forest(self, count: int, dtype: npt.DTypeLike) -> Forest:
        """The first so many trees of each output, and what they begin with."""
        base, trees = self.base.copy(), [[Tree.leaf(0.0)] * self.width for _ in range(count if self.tasks else 0)]
        for booster, _, places in self.tasks:
            first, grown = read_boosted(booster)
            base[places] = first
            for row, predictors in zip(trees, grown, strict=False):
                for place, predictor in zip(places, predictors, strict=True):
                    row[place] = read_tree(predictor, self.columns, self.seen, self.codes)
        # the deepest first: whoever walks them ends one by one
        deepest = sorted(trees, key=lambda row: -max(tree.steps() for tree in row))
        return pack_trees([tree for row in deepest for tree in row], base, dtype)

    def check(self, X: Array, count: int, answered: Array) -> None:
        """Refuse trees that were read otherwise than they are, as their answers for some rows show."""
        (expected,) = islice(self.outputs(X), count - 1, count)
        if not np.allclose(answered, expected, 1e-3, 1e-3):
            raise unknown(f"an answer of {expected.flat[0]:g} was read as {answered.flat[0]:g}")


def without_last_digits(X: Array) -> Array:
    """Numbers so that none are parted which differ by rounding alone: elsewhere, in an export, it may be another.

    Examples
    --------
    >>> without_last_digits(np.array([[1.0, 3.0], [np.cos(np.pi / 2), 250.0]])).tolist()
    [[1.0, 3.0], [0.0, 250.0]]
    """
    _, exponent = np.frexp(np.abs(X).max(axis=0, initial=0).astype(np.float64))
    step = np.ldexp(1.0, exponent - DIGITS)
    rounded: Array = np.rint(X / step) * step
    return rounded


def _tasks(loss: Loss, y: Array, outputs: int) -> tuple[Array, list[tuple[Array, Array]]]:
    """The initial score of each output; and targets, with the outputs that get trees.

    Where rows of a class are missing, or there are no others, nothing can be grown: it is as unlikely as half a row.
    """
    never = -np.log(2.0 * len(y))
    if loss.response != "softmax":
        columns = [np.unique(column) for column in y.T]
        varied = np.array([loss.response == "identity" or len(values) > 1 for values in columns])
        certain = np.array([never * (1 - 2 * values[0]) for values in columns])
        tasks = [(y[:, place], np.array([place])) for place in np.flatnonzero(varied)]
        return np.where(varied, 0.0, certain), tasks
    classes = np.unique(y).astype(np.intp)
    base = np.full(outputs, never)
    base[classes] = 0.0
    grown = [] if len(classes) == 1 else [classes[1:] if len(classes) == 2 else classes]
    return base, [(y[:, 0], places) for places in grown]

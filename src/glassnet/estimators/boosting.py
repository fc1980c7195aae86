"""A member that is no network: boosted trees, grown by scikit-learn and kept as a layer.

scikit-learn's HistGradientBoosting learns from the same rows as the networks of a round, and is judged by the same
ones. What it has grown becomes the layer :class:`glassnet.layers.Trees`; so whatever can be done with a network that
has learned can be done with it: averages, files, exports. Nothing of scikit-learn is needed for that.

The attributes of a fitted booster of scikit-learn are private, and may differ in another version. So they are read
in ``read_boosted`` and ``read_tree`` alone, once, right after the fit; the result is compared with the booster's
predictions.

Source: Friedman (2001), *Greedy Function Approximation: A Gradient Boosting Machine*; histograms, and trees whose best
leaf grows on, as in Ke et al. (2017), *LightGBM: A Highly Efficient Gradient Boosting Decision Tree*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.estimators.members import MemberSplit, Stop, TimeSlice, TrainedMember
from glassnet.formulas.loss import Loss
from glassnet.formulas.measure import is_log_loss, is_squared_error
from glassnet.layers import Trees
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.tables.containers import is_sparse
from glassnet.training import History, Rows

STAGES = (32, 48, 64, 96, 128, 192, 256, 384, 512)
"""With so many trees of each output it is asked whether more are worth it: they are, while the best number is in the
last third."""
UNJUDGED = 128
"""So many, where no rows judge, and no other trees have been judged."""
SAMPLE = 2000
"""Rows learned from that tell the loss on such, and whether the layer answers as what was grown."""
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
READ = ("feature_idx", "num_threshold", "left", "right", "value", "is_leaf", "is_categorical", "bitset_idx")
"""The fields of a node that are read, beside where a gap goes."""


@dataclass(frozen=True)
class BoostedTrees:
    """The learner of a member of boosted trees."""

    loss: Loss  # log-loss or squared error; label smoothing is for networks: trees learn the labels as they are
    levels: tuple[int, ...] = ()  # for each column of codes, the last ones, how many codes it has beside 0

    def check(self) -> None:
        """Refuse a loss that they do not learn: neither log-loss nor squared error."""
        if not (is_squared_error(self.loss) or is_log_loss(self.loss.without_smoothing)):
            rule = Text("Boosted trees support only log loss and squared error, so `loss` must be one of them")
            raise InputError(rule, str(self.loss), 'Use preset="bagged", or kinds without trees')

    def learn(
        self, network: NeuralNetwork, split: MemberSplit, history: History | None, stop: Stop, time: TimeSlice | None
    ) -> TrainedMember:
        """Grow trees on a member's rows; gives the network that they become, and the loss after each."""
        from threadpoolctl import threadpool_limits

        learned, held = split.training(), split.validation()
        if is_sparse(learned.X):
            remedy = Text('Pass a dense table, or use preset="bagged"')
            raise InputError("Boosted trees need a dense table", f"a sparse one of shape {learned.X.shape}", remedy)
        loss, monotone = self.loss.without_smoothing, network.monotone
        boosters = Boosters(loss, self.levels, learned, network.outputs, network.seed, monotone)
        sample = learned.take(np.arange(0, len(learned.y), -(-len(learned.y) // SAMPLE)))
        begun, history, best = perf_counter(), History(), 1
        losses, judged = list[float](), list[float]()
        with threadpool_limits(1, "openmp"):  # several add in another order; members share the processors instead
            for count in stages_of(boosters, held is not None, split.epochs):
                try:
                    boosters.grow(count)
                except KeyboardInterrupt:
                    if not history:
                        raise
                    history.end("interrupted")  # with the trees that were grown, and judged, before
                    break
                seconds = perf_counter() - begun
                losses = boosters.losses(sample, losses)
                judged = [] if held is None else boosters.losses(held, judged)
                history.rows = _rows(losses, judged)
                best = len(history) if held is None else int(np.argmin(history["validation_loss"])) + 1
                if stop.event.is_set():
                    history.end("interrupted")
                elif time is not None and 2 * seconds > time.seconds / time.rounds:
                    history.end("trees_time")
                elif 3 * best <= 2 * count or not boosters.tasks:
                    history.end("trees_patience", count=count - best)
                if history.endings:
                    break
            else:
                history.end("trees_done", count=count)
            history.best_epoch = best
            forest = boosters.forest(best, network.dtype)
            layers = [Trees(network.outputs, forest.trees, forest.nodes, forest.depth), *network.layers[1:]]
            numbers = {"parameters": np.zeros(0, network.dtype), "statistics": forest.statistics}
            grown = network.remade(layers=layers, loss=self.loss, **numbers)
            boosters.check(sample.X, best, grown.forward_each(sample.X)[0])
        return TrainedMember(grown, history)


def stages_of(boosters: Boosters, judged: bool, wanted: int | None) -> list[int]:
    """The number of trees of each output, and the stages at which validation rows are scored before that."""
    last = min(boosters.most, STAGES[-1] if judged else wanted or UNJUDGED)
    return [*(count for count in STAGES if judged and count < last), last]


def _rows(losses: Sequence[float], judged: Sequence[float]) -> list[dict[str, float]]:
    """A history's rows, one a tree of each output."""
    rows: list[dict[str, float]] = [{"epoch": number, "loss": loss} for number, loss in enumerate(losses, 1)]
    for row, loss in zip(rows, judged, strict=False):
        row["validation_loss"] = loss
    return rows


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
        # the deepest first: they are walked until each one ends
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

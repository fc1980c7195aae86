"""A member that is no network: boosted trees, grown by scikit-learn and kept as a layer.

scikit-learn's HistGradientBoosting learns from the same rows as the networks of a round, and is judged by the same
ones. What it has grown becomes the layer :class:`glassnet.layers.Trees`; so whatever can be done with a network that
has learned can be done with it: averages, files, exports. Nothing of scikit-learn is needed for that.

Source: Friedman (2001), *Greedy Function Approximation: A Gradient Boosting Machine*; histograms, and trees whose best
leaf grows on, as in Ke et al. (2017), *LightGBM: A Highly Efficient Gradient Boosting Decision Tree*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators.boosters import Boosters
from glassnet.estimators.members import MemberSplit, Stop, TrainedMember
from glassnet.estimators.time_budget import TimeSlice
from glassnet.formulas.loss import Loss
from glassnet.formulas.measure import is_log_loss, is_squared_error
from glassnet.layers import Trees
from glassnet.network import NeuralNetwork
from glassnet.tables.containers import is_sparse
from glassnet.training import History

STAGES = (32, 48, 64, 96, 128, 192, 256, 384, 512)
"""With so many trees of each output it is asked whether more are worth it: they are, while the best number is in the
last third."""
UNJUDGED = 128
"""So many, where no rows judge, and no other trees have been judged."""
SAMPLE = 2000
"""Rows learned from that tell the loss on such, and whether the layer answers as what was grown."""


@dataclass(frozen=True)
class BoostedTrees:
    """The learner of a member of boosted trees."""

    loss: Loss  # log-loss or squared error; label smoothing is for networks: trees learn the labels as they are
    levels: tuple[int, ...] = ()  # for each column of codes, the last ones, how many codes it has beside 0

    def check(self) -> None:
        """Refuse a loss that they do not learn: neither log-loss nor squared error."""
        if not (is_squared_error(self.loss) or is_log_loss(self.loss.without_smoothing)):
            rule = "Boosted trees support only log loss and squared error, so `loss` must be one of them"
            raise InputError(rule, str(self.loss), 'Use preset="bagged", or kinds without trees')

    def learn(
        self, network: NeuralNetwork, split: MemberSplit, history: History | None, stop: Stop, time: TimeSlice | None
    ) -> TrainedMember:
        """Grow trees on a member's rows; gives the network that they become, and the loss after each."""
        from threadpoolctl import threadpool_limits

        learned, held = split.training(), split.validation()
        if is_sparse(learned.X):
            remedy = 'Pass a dense table, or use preset="bagged"'
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

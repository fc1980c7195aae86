"""Members of one estimator, each learned by a worker: the same bits as side by side in one process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from glassnet.distributed.dask_workers import DaskWorkers
from glassnet.distributed.workers import Call
from glassnet.estimators.members import GradientLearner, Learner, MemberSplit, MemberTask, Stop, TrainedMember
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.training import History, Rows
from glassnet.training.rounds import Rounds


def train_on_workers(client: Any, tasks: Sequence[MemberTask]) -> list[TrainedMember]:
    """Train the members of an estimator by the workers of a Dask cluster, one each.

    Callbacks are left out: they are in this process, and the training is not.
    """
    calls = [
        Call(_trained, (_without_callbacks(learner), network, *split.table, *split[1:], history))
        for learner, network, split, history in tasks
    ]
    return DaskWorkers(client, Rounds().deadline).results(calls)


def _without_callbacks(learner: Learner) -> Learner:
    if not isinstance(learner, GradientLearner):
        return learner
    return replace(learner, trainer=replace(learner.trainer, callbacks=(), verbose=False))


def _trained(
    learner: Learner,
    network: NeuralNetwork,
    X: Any,
    y: Array,
    weight: Array | None,
    training_rows: Array | None,
    validation_rows: Array | Rows | None,
    epochs: int | None,
    history: History | None,
) -> TrainedMember:
    split = MemberSplit(Rows(X, y, weight), training_rows, validation_rows, epochs)
    return learner.learn(network, split, history, Stop(), None)

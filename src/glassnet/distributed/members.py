"""Members of one estimator, each learned by a worker: the same bits as side by side in one process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from glassnet.distributed.dask_workers import DaskWorkers
from glassnet.distributed.workers import Call
from glassnet.estimators.members import Learner, MemberSplit, Stop, Trained
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.training import History, Rows
from glassnet.training.rounds import Rounds


def learn_elsewhere(
    client: Any,
    learners: Sequence[Learner],
    networks: Sequence[NeuralNetwork],
    shares: Sequence[MemberSplit],
    earlier: Sequence[History | None],
) -> list[tuple[NeuralNetwork, History]]:
    """Let workers of a Dask cluster train the members of an estimator, one each: their networks and histories.

    Callbacks see nothing of it: they are here, and the training is not.
    """
    calls = [
        Call(_learned, (_unwatched(learner), network, *share.table, *share[1:], history))
        for learner, network, share, history in zip(learners, networks, shares, earlier, strict=True)
    ]
    return DaskWorkers(client, Rounds().deadline).results(calls)


def _unwatched(learner: Learner) -> Learner:
    """The same without callbacks."""
    if not isinstance(learner, Trained):
        return learner
    return replace(learner, trainer=replace(learner.trainer, callbacks=(), verbose=False))


def _learned(
    learner: Learner,
    network: NeuralNetwork,
    X: Any,
    y: Array,
    weight: Array | None,
    of_learning: Array | None,
    of_judging: Array | Rows | None,
    epochs: int | None,
    history: History | None,
) -> tuple[NeuralNetwork, History]:
    share = MemberSplit(Rows(X, y, weight), of_learning, of_judging, epochs)
    return learner.learn(network, share, history, Stop(), None)

"""A member that learns by rounds, from shards that workers keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from glassnet.distributed.table import described
from glassnet.distributed.workers import Call, Workers
from glassnet.errors import InputError
from glassnet.estimators.members import GradientLearner, Learner, MemberSplit, Stop, TrainedMember
from glassnet.estimators.time_budget import TimeSlice
from glassnet.network import NeuralNetwork
from glassnet.training import History, Rows, Trainer
from glassnet.training.round_trainer import RoundTrainer
from glassnet.training.rounds import LocalTrainer, LocalUpdate, Rounds, StepRange, local_round


@dataclass
class KeptShards:
    """Rows in shards that workers keep; see :class:`glassnet.training.rounds.Shards`.

    `kept` stands for the rows of each; `digested` says whether it will be asked what rows there are.
    """

    workers: Workers
    kept: list[Any]
    sample: Rows
    digested: bool

    def __post_init__(self) -> None:
        facts = self.workers.results([Call(described, (rows, self.digested)) for rows in self.kept])
        counts, weights, digests = zip(*facts, strict=True)
        self.counts: Sequence[int] = counts
        self.weight = sum(counts) / sum(weights)
        self.digest = " ".join(digests)

    def go(self, network: NeuralNetwork, inner: LocalTrainer, stretches: Sequence[StepRange]) -> list[LocalUpdate]:
        """See :class:`glassnet.training.rounds.Shards`."""
        calls = [
            Call(local_round, (network, inner, rows, stretch))
            for rows, stretch in zip(self.kept, stretches, strict=True)
        ]
        return self.workers.results(calls)


@dataclass(frozen=True)
class RoundsLearner:
    """The learner of a member trained by rounds; `inner` is the one for rows in this process."""

    inner: GradientLearner
    trainer: RoundTrainer
    shards: KeptShards

    @classmethod
    def of(cls, learner: Learner, rounds: Rounds, shards: KeptShards) -> RoundsLearner:
        """The same by rounds.

        Raises
        ------
        InputError
            If it is no network that learns by gradient.
        """
        if not isinstance(learner, GradientLearner):
            rule = "Boosted trees need all rows at once, so they cannot train on shards"
            raise InputError(rule, "such members", 'Use preset="bagged", "realmlp", "tabm" or "mlp"')
        settings = {field.name: getattr(learner.trainer, field.name) for field in fields(Trainer)}
        return cls(learner, RoundTrainer(**settings, rounds=rounds), shards)

    def check(self) -> None:
        """See :class:`Learner`."""
        self.inner.check()
        self.trainer.check()

    def learn(
        self, network: NeuralNetwork, split: MemberSplit, history: History | None, stop: Stop, time: TimeSlice | None
    ) -> TrainedMember:
        """See :class:`Learner`; the rows to learn from are those of the shards."""
        own = replace(self.trainer, callbacks=(*self.trainer.callbacks, stop))
        validation = split.validation()
        trained = own.fit_shards(
            network,
            self.shards,
            validation,
            score=self.inner.score_of(own, network, validation),
            history=history,
            checkpoint=self.inner.checkpoint,
        )
        return TrainedMember(network, trained)

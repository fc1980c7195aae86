"""Training on a cluster: a fit by rounds on shards of a table in blocks, or one member of an estimator per worker."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from sklearn.base import is_classifier

from glassnet.distributed.dask_workers import DaskWorkers
from glassnet.distributed.round_trainer import RoundTrainer
from glassnet.distributed.rounds import LocalTrainer, LocalUpdate, Rounds, StepRange, local_round
from glassnet.distributed.table import (
    MOST_JUDGES,
    ColumnRoles,
    DistributedTable,
    Encoding,
    Share,
    blocks_of,
    described,
    together,
)
from glassnet.distributed.workers import Call, LocalWorkers, Workers
from glassnet.errors import InputTypeError, shown
from glassnet.estimators.base import BY_ROUNDS, NeuralEstimator
from glassnet.estimators.checks import check_classes, check_numbers, refuse_given
from glassnet.estimators.ensemble_training import learners_of_members, train
from glassnet.estimators.fit import Fit
from glassnet.estimators.folds import judges_by_rows_held_back
from glassnet.estimators.members import (
    GradientLearner,
    Learner,
    MemberSplit,
    MemberTask,
    Stop,
    TimeSlice,
    TrainedMember,
)
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.coercion import rows_of
from glassnet.support.language import Text
from glassnet.support.options import option_of
from glassnet.tables.containers import in_partitions
from glassnet.tables.reading.table_blocks import is_out_of_core, open_blocks
from glassnet.training import Checkpoint, History, Rows, Trainer

E = TypeVar("E", bound=NeuralEstimator)


def fit_by_rounds(
    estimator: E,
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    client: Any,
    shards: int | Rounds | None,
    checkpoint: str | os.PathLike[str] | Checkpoint | None,
    validation_data: tuple[Any, ...] | None,
) -> E:
    """Fit an estimator by rounds; see ``fit``. Without a client, all shards are in this process."""
    rounds = Rounds.taken(option_of("fit", "shards"), shards)
    folder = None if checkpoint is None else Checkpoint.taken(option_of("fit", "checkpoint"), checkpoint)
    with Fit.of(estimator, checkpoint=folder) as fit:
        given = {name: getattr(estimator, name) or None for name in ("cv", "warm_start", "refits")}
        refuse_given(BY_ROUNDS, "Omit it, or fit a table in memory", **given)
        workers: Workers = LocalWorkers() if client is None else DaskWorkers(client, rounds.deadline)
        model, numbers = fit.model, estimator.learns_numbers
        table = _table(estimator, X, y, sample_weight, workers)
        rows, columns = table.count()
        seed = fit.seed()
        # the targets are not known yet; the settings used here do not depend on them
        first = fit.choose(rows, columns, "mse", estimator.preset)
        held_out = validation_data is None and judges_by_rows_held_back(first)
        share = Share(seed, min(float(first["validation_fraction"]), MOST_JUDGES / rows) if held_out else 0.0)
        found = table.look_through(share, quantiles=first["scaling"] == "robust", numbers=numbers)
        model.targets_ = model._surveyed_targets(found.targets)
        fit.decide((rows, columns), found.targets.ends())
        sample = together(found.sample)
        fit.refuse_number_levels()
        fit.limit_members(sample.X)
        fit.settings["refits"] = 0  # all members have the same validation rows
        encoder = fit.new_encoder().fit_survey(found.table)
        class_weights = fit.weights_of_classes(found.targets)
        encoding = Encoding(encoder, model.targets_, class_weights)
        fit.start_networks(encoder, seed)
        validation = None
        if validation_data is not None:
            judging = rows_of("`validation_data`", validation_data)
            if in_partitions(judging[0]):
                validation_data = _table(estimator, *judging, workers).together()
            validation = fit.check_validation(validation_data, class_weights)
            validation = validation._replace(X=encoder.transform(validation.X))
        elif found.judging:
            validation = encoding.rows(*together(found.judging))
        here = encoding.rows(*sample)
        model.data_ = replace(model._described(sample.X, sample.y), rows=rows)
        kept = KeptShards(workers, table.shards(rounds.shards, encoding, share), here, folder is not None)

        def by_rounds(learner: GradientLearner) -> RoundsLearner:
            own = RoundsLearner.of(learner, rounds, kept)
            own.check()
            return own

        learners = learners_of_members(fit, by_rounds)
        with _warm(workers, model.networks_, learners, here):
            train(fit, learners, [MemberSplit(here, None, validation)] * len(learners))
    return estimator


def _table(estimator: NeuralEstimator, X: Any, y: Any, weight: Any, workers: Workers) -> DistributedTable:
    """The table in blocks."""
    if not (is_out_of_core(X) or in_partitions(X)):
        X, y, weight = estimator._check_rows(X, y, weight)
        if hasattr(X, "tocsr"):
            raise InputTypeError(
                "Training in rounds does not support sparse tables", shown(X), "Fit it without `shards`"
            )
        return DistributedTable(blocks_of(X, y, weight), None, workers)
    lazy = in_partitions(X)
    rule, example = Text("If the table is not in memory, `{name}` must be the name of one of its columns"), '"churn"'
    if lazy:
        rule = Text("Beside a table of Dask, `{name}` must be a Series or an array of Dask, or name a column")
        example = 'table["churn"], or dask.array.from_array(y)'
    for name, value in (("y", y), ("sample_weight", weight)):
        names = isinstance(value, str) and not hasattr(X, "rechunk")  # an array has no names
        if not (names or (lazy and in_partitions(value)) or (value is None and name != "y")):
            raise InputTypeError(rule.filled(name=name), shown(value), Text("For example {example}", example=example))
    target, weights = (value if isinstance(value, str) else None for value in (y, weight))
    columns = ColumnRoles(target, weights, check_classes if is_classifier(estimator) else check_numbers)
    return DistributedTable(blocks_of(X if lazy else open_blocks(X, target=target), y, weight), columns, workers)


def _warm(
    workers: Workers, networks: Sequence[Any], learners: Sequence[Any], sample: Rows
) -> contextlib.AbstractContextManager[None]:
    """Within it all workers have their kernels ready."""
    if isinstance(workers, LocalWorkers):
        return contextlib.nullcontext()
    from glassnet.distributed.plugin import WarmKernels

    work = [
        (network, LocalTrainer.of(learner.trainer.inner(network)))
        for network, learner in zip(networks, learners, strict=True)
    ]
    dask: Any = workers
    prepared: contextlib.AbstractContextManager[None] = dask.prepared(
        WarmKernels(work, sample.take(np.arange(min(2, len(sample.y)))))
    )
    return prepared


@dataclass
class KeptShards:
    """Rows in shards that workers keep; see :class:`glassnet.distributed.rounds.Shards`.

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
        """See :class:`glassnet.distributed.rounds.Shards`."""
        calls = [
            Call(local_round, (network, inner, rows, step_range))
            for rows, step_range in zip(self.kept, stretches, strict=True)
        ]
        return self.workers.results(calls)


@dataclass(frozen=True)
class RoundsLearner:
    """The learner of a member trained by rounds; `inner` is the one for rows in this process."""

    inner: GradientLearner
    trainer: RoundTrainer
    shards: KeptShards

    @classmethod
    def of(cls, learner: GradientLearner, rounds: Rounds, shards: KeptShards) -> RoundsLearner:
        """The same by rounds."""
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

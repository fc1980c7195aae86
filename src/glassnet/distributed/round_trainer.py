"""The trainer of rounds: a step is the average update of all shards; everything else is the trainer's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.distributed.rounds import LocalTrainer, RoundPlan, Rounds, Shards, StepRange, average_updates, plan_rounds
from glassnet.engines import ReferenceEngine, Updater
from glassnet.engines.reference import CALM, PLAIN_STEPS, StepOptions
from glassnet.errors import DivergenceError, InputError
from glassnet.layers.base import Array
from glassnet.network import LBFGS, NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.options import option_of
from glassnet.support.training_lock import locked_for_training
from glassnet.training.callbacks import Run
from glassnet.training.checkpoint import Checkpoint, CheckpointWriter
from glassnet.training.early_stopping import EarlyStopping, Judge, Rows
from glassnet.training.history import History
from glassnet.training.trainer import Trainer
from glassnet.training.windows import Order, Portion


@dataclass
class RoundTrainer(Trainer):
    """Trains a network by rounds on shards of rows that may be anywhere.

    Schedules, validation, early stopping, history, callbacks and checkpoints are those of :class:`Trainer`, here where
    it is called. The learning rate is the same in all steps of a round. What goes from round to round is the network,
    the momentum of its updates, and the mean of the shards' optimizer states; so a checkpoint holds all that
    there is.

    Parameters
    ----------
    rounds : Rounds
    **others
        Those of :class:`Trainer`. `batch_size` is of each shard, so a round goes through as many times more rows as
        there are shards.
    """

    rounds: Rounds = field(default_factory=Rounds)

    def fit_shards(
        self,
        network: NeuralNetwork,
        shards: Shards,
        validation: Rows | None = None,
        *,
        score: Judge | None = None,
        history: History | None = None,
        checkpoint: str | os.PathLike[str] | Checkpoint | None = None,
    ) -> History:
        """Train a network in place, as :meth:`Trainer.fit` does.

        Parameters
        ----------
        network : NeuralNetwork
        shards : Shards
        validation : Rows, optional
            What epochs are judged by.
        score : callable of (X, y, weight), optional
        history : History, optional
        checkpoint : str, path or Checkpoint, optional
            A round ends between two checkpoints, never within.

        Returns
        -------
        History
        """
        self.check()
        place = None if checkpoint is None else Checkpoint.taken(option_of("fit_shards", "checkpoint"), checkpoint)
        if place is not None:
            place.check_clock(self.time_limit)
            self.check_repeatable()
        with locked_for_training(self):
            self.shards, self.pace = shards, plan_rounds(shards.counts, self.batch_size, self.rounds.local_steps)
            order = _ShardOrder(self.pace.rounds * self.batch_size, shards.digest)
            options: dict[str, Any] = {"score": score, "history": history, "checkpoint": place}
            return self.fit_rows(network, shards.sample, validation, order=order, **options)

    def check(self) -> None:
        """Refuse settings that have no meaning in rounds."""
        super().check()
        if self.optimizer == LBFGS:
            rule = Text("L-BFGS needs the whole table in each step, so it cannot train in rounds")
            raise InputError(rule, Text("shards", context="received"), "Use another optimizer")
        if self.ema_decay is not None:
            rule = Text("An average of the weights after each step cannot be kept when training in rounds")
            raise InputError(rule, f"ema_decay={self.ema_decay}", "Omit it")

    def updater(self, network: NeuralNetwork) -> Updater:
        """The updater that moves the network by the mean displacement."""
        return OuterUpdater(network, self.rounds.outer_momentum, self.inner(network))

    def inner(self, network: NeuralNetwork) -> Updater:
        """The updater that each shard uses in its steps."""
        return super().updater(network)

    def _about(self, score: Judge | None) -> dict[str, Any]:
        """As for a trainer, with the settings of rounds and the rows of all shards."""
        rounds = {name: value for name, value in vars(self.rounds).items() if name != "deadline"}
        return super()._about(score) | rounds | {"rows of shards": list(map(int, self.shards.counts))}

    def _epochs(
        self,
        run: Run,
        early_stopping: EarlyStopping,
        rows: Rows,
        order: Order,
        updater: Updater,
        writer: CheckpointWriter | None,
    ) -> None:
        assert isinstance(updater, OuterUpdater)
        walk = _EpochRounds(self.shards, self.pace, self.rounds.outer_rate, run, updater, self.batch_size)
        self._loop(run, early_stopping, walk, order, updater.inner.rate(self.learning_rate), writer)


class OuterUpdater(Updater):
    """Nesterov momentum of the average update, at one rate for all parameters, with the optimizer state of shards.

    Parameters
    ----------
    network : NeuralNetwork
    momentum : float
    inner : Updater
        That of the steps within a round. Its memories are among the slots, so a checkpoint holds them.
    """

    def __init__(self, network: NeuralNetwork, momentum: float, inner: Updater) -> None:
        super().__init__(network.layout, f"nesterov(mu={momentum})", weight_decay=0.0, dtype=network.dtype)
        self.rates = None  # shards have gone at the rates of their layers already
        self.inner = inner
        self.slots |= {f"inner.{name}": memory for name, memory in inner.slots.items()}

    def moved(self, parameters: Array, gradient: Array, slots: tuple[Array, ...], alpha: float) -> tuple[Array, ...]:
        """See :meth:`glassnet.engines.Updater.moved`; the state of shards is left unchanged."""
        own = len(self.rule.slots)
        return (*self.rule(parameters, gradient, slots[:own], alpha, self.coefficients or ()), *slots[own:])

    def inner_after(self, steps: int) -> LocalTrainer:
        """The shards' optimizer with its state after some steps."""
        inner = self.inner
        while inner.t < steps:
            inner.t += 1
            inner.coefficients = inner.rule.at_step(inner.t, inner.coefficients)
        return LocalTrainer.of(inner)

    def remember(self, memory: Sequence[Array]) -> None:
        """Store the state from which the shards continue."""
        for slot, remembered in zip(self.inner.slots.values(), memory, strict=True):
            slot[...] = remembered


@dataclass(frozen=True)
class _ShardOrder:
    """Replaces an order of rows, since each shard has its own: as many batches as there are rounds.

    Parameters
    ----------
    learned : int
    digest_of_rows : str
    """

    learned: int
    digest_of_rows: str

    def portions(self, engine: ReferenceEngine, seed: int, epoch: int, batch_size: int) -> Iterator[Portion]:
        yield Portion(np.zeros(self.learned, np.int64))

    def first(self, rows: Rows, batch_size: int) -> Rows:
        return rows

    def of(self, X: Any) -> Any:
        return X

    def digest(self) -> str | None:
        return self.digest_of_rows or None


@dataclass
class _EpochRounds:
    """The rounds of an epoch, as an engine's :class:`glassnet.engines.reference.Steps`."""

    shards: Shards
    pace: RoundPlan
    outer_rate: float
    run: Run
    updater: OuterUpdater
    batch_size: int

    def __call__(
        self,
        order: Array,
        rates: Sequence[float] | Array,
        options: StepOptions = PLAIN_STEPS,
    ) -> float:
        network, updater, counts = self.run.network, self.updater, self.shards.counts
        first, total = options.done, options.total
        before = (self.run.epochs_before + self.run.epoch - 1) * self.pace.rounds
        for number, rate in enumerate(np.asarray(rates)[first:].tolist(), first):
            stretches = [
                StepRange(
                    shard,
                    before + number,
                    self.pace.steps,
                    size,
                    rate,
                    options.decay,
                    options.dropout,
                    self.shards.weight,
                )
                for shard, size in enumerate(self.pace.batch_sizes)
            ]
            inner = updater.inner_after(updater.t * self.pace.steps)
            mean = average_updates(self.shards.go(network, inner, stretches), counts)
            if not np.isfinite(mean.loss):
                raise DivergenceError(
                    Text("The loss became {loss} in round {number}", loss=mean.loss, number=before + number + 1), CALM
                )
            updater.step(network.parameters, mean.moved, self.outer_rate)
            updater.remember(mean.memory)
            network.put_back(network.parameters, mean.statistics)
            total += mean.loss * self.batch_size  # a round stands for a batch
            if options.look is not None and options.look(number + 1, total):
                break
        if not np.isfinite(network.parameters).all():
            raise DivergenceError("The parameters became inf or NaN", CALM)
        return total

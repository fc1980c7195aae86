"""One training of the study: its settings, and the losses that it was seen to have on its way."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.rounds.shards import ReadyShards
from benchmarks.rounds.tasks import DEALT, Task
from glassnet import Rounds, Trainer
from glassnet.distributed.round_trainer import RoundTrainer
from glassnet.distributed.workers import LocalWorkers
from glassnet.training.callbacks import Run

__all__ = ["AVERAGE", "BATCH", "MOMENTUM", "TOGETHER", "Setting", "Trial", "measured"]

TOGETHER, AVERAGE, MOMENTUM = "every step together", "average", "momentum"
"""Exact steps on the batches of all shards; the plain average of rounds; Nesterov's momentum of it, as in DiLoCo."""
MU = {AVERAGE: 0.0, MOMENTUM: 0.9}
BATCH = 25
"""Rows of a step of a shard. 8 shards of 20,000 rows have 100 such steps an epoch, so all of 1 to 100 can be local."""
LOOK = 4000
"""Rows between two looks at the losses, if a round has not more."""


@dataclass(frozen=True)
class Setting:
    """What is compared.

    Parameters
    ----------
    table : str
    shards : int
        1: one machine.
    local_steps : int
    method : {"every step together", "average", "momentum"}
    dealing : str
    """

    table: str
    shards: int
    local_steps: int = 1
    method: str = TOGETHER
    dealing: str = DEALT

    @property
    def momentum(self) -> bool:
        """Whether there is a rate of the mean way to choose."""
        return self.method == MOMENTUM


@dataclass(frozen=True)
class Trial:
    """A setting with its rates.

    Parameters
    ----------
    setting : Setting
    learning_rate, outer_rate : float
    seed, rows, epochs : int
    """

    setting: Setting
    learning_rate: float
    outer_rate: float
    seed: int
    rows: int
    epochs: int

    def as_plain(self) -> dict[str, Any]:
        """As a journal has it."""
        plain = asdict(self)
        return plain.pop("setting") | plain | {"batch": BATCH}


class Looks:
    """A callback: notes the losses every so many rows.

    Parameters
    ----------
    task : Task
    rows : int
        Of a step, or of a round.
    """

    def __init__(self, task: Task, rows: int) -> None:
        self.task, self.rows, self.every = task, rows, max(1, LOOK // rows)
        self.seen: list[tuple[int, float, float]] = []

    def on_train_begin(self, run: Run) -> None:
        engine = run.network.engine
        self.losses = [engine.evaluation(run.network, *rows) for rows in (self.task.choosing, self.task.held)]

    def on_batch_end(self, run: Run) -> None:
        done = (run.epoch - 1) * run.steps + run.step
        if done % self.every == 0 or done == run.epochs * run.steps:
            choosing, held = (loss() for loss in self.losses)
            self.seen.append((done * self.rows, choosing, held))


def measured(task: Task, trial: Trial) -> list[tuple[int, float, float]]:
    """Train; gives rows seen, and the losses on the rows that choose and on those that are reported.

    Raises
    ------
    ArithmeticError
        If it diverges.
    """
    setting, network = trial.setting, task.network(trial.seed)
    options: dict[str, Any] = {
        "optimizer": "adamw",
        "learning_rate": trial.learning_rate,
        "schedule": "cosine",
        "epochs": trial.epochs,
        "early_stopping": False,
        "restore_best": False,
    }
    if setting.method == TOGETHER:
        looks = Looks(task, BATCH * setting.shards)
        Trainer(batch_size=BATCH * setting.shards, callbacks=[looks], **options).fit_rows(network, task.learned, None)
    else:
        parts = task.parts(setting.shards, setting.dealing)
        shards = ReadyShards(LocalWorkers(), parts, parts[0], digested=False)
        looks = Looks(task, BATCH * setting.shards * setting.local_steps)
        rounds = Rounds(setting.shards, setting.local_steps, trial.outer_rate, MU[setting.method])
        trainer = RoundTrainer(batch_size=BATCH, rounds=rounds, callbacks=[looks], **options)
        with contextlib.closing(shards):
            trainer.fit_shards(network, shards, None)
        assert trainer.pace.rows == looks.rows, "the rounds of the study go up into its rows"
    return looks.seen

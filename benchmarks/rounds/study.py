"""Which settings are compared, how their rates are chosen, and what is known of them so far."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.journal import append, read
from benchmarks.rounds.tasks import DEALT, SORTED, Task
from benchmarks.rounds.trial import AVERAGE, MOMENTUM, Setting, Trial, measured

__all__ = ["OUTER", "RATES", "Chosen", "Curve", "Study", "climb", "settings_of"]

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
FIRST = 3
"""The place of the rate that is tried first."""
OUTER = (0.7, 0.35, 1.0)
"""Rates of the mean way where it has a momentum: that of DiLoCo, which is tried with all rates, then others."""

UNSTEADY = 1.5
"""A rate with which another seed's loss is so many times the first's is too large; the next smaller one is taken."""

Curve = list[tuple[int, float, float]]


@dataclass(frozen=True)
class Chosen:
    """A setting with the rates that are best for it.

    Parameters
    ----------
    setting : Setting
    epochs : int
    place : int
        Of the learning rate in `RATES`.
    outer_rate : float
    runs : list
        Of each seed, the looks; None where it diverged.
    """

    setting: Setting
    epochs: int
    place: int
    outer_rate: float
    runs: list[Curve | None]


@dataclass
class Study:
    """Trainings, of which those that are known are not done again.

    Parameters
    ----------
    journal : Path
    rows, seeds : int
    sorted_seeds : int
        Of shards in the order of the targets; fewer where there is little time.
    """

    journal: Path
    rows: int
    seeds: int
    sorted_seeds: int = 5

    def __post_init__(self) -> None:
        records = read(self.journal) if self.journal.exists() else []
        self.known: dict[str, Curve | None] = {_key(record["trial"]): record["looks"] for record in records}

    def looks(self, task: Task, trial: Trial) -> Curve | None:
        """Of a training; None if it diverges."""
        key = _key(trial.as_plain())
        if key not in self.known:
            looks: Curve | None
            try:
                looks = measured(task, trial)
            except ArithmeticError:
                looks = None
            append(self.journal, {"trial": trial.as_plain(), "looks": looks})
            self.known[key] = looks
        return self.known[key]

    def chosen(self, task: Task, setting: Setting, epochs: int, start: int) -> Chosen:
        """The best rates by the first seed, and the trainings of all seeds with them."""

        def trained(place: int, outer_rate: float, seed: int) -> Curve | None:
            return self.looks(task, Trial(setting, RATES[place], outer_rate, seed, self.rows, epochs))

        first, *others = OUTER if setting.momentum else (1.0,)
        place = climb(lambda place: smallest(trained(place, first, 0)), start, len(RATES))
        outer = min((first, *others), key=lambda outer: smallest(trained(place, outer, 0)))
        found = self.with_rates(task, setting, epochs, place, outer)
        while place > 0 and any(smallest(run) > UNSTEADY * smallest(found.runs[0]) for run in found.runs):
            place -= 1
            found = self.with_rates(task, setting, epochs, place, outer)
        return found

    def with_rates(self, task: Task, setting: Setting, epochs: int, place: int, outer_rate: float) -> Chosen:
        """The trainings of all seeds with these rates."""
        seeds = self.seeds if setting.dealing == DEALT else self.sorted_seeds
        trials = [Trial(setting, RATES[place], outer_rate, seed, self.rows, epochs) for seed in range(seeds)]
        return Chosen(setting, epochs, place, outer_rate, [self.looks(task, trial) for trial in trials])

    def of(
        self, task: Task, shards: Sequence[int], local_steps: Sequence[int], epochs: Sequence[int]
    ) -> Iterator[list[Chosen]]:
        """All settings of a table, each by every schedule; a rate is looked for where the one before found its.

        Shards that differ get the longest schedule only, with the rates of those that are dealt.
        """
        place: dict[tuple[str, int], int] = {}
        longest: dict[Setting, Chosen] = {}
        for setting in settings_of(task.name, shards, local_steps):
            if setting.dealing == DEALT:
                found = []
                for count in epochs:
                    start = place.get((setting.method, count), FIRST)
                    found.append(self.chosen(task, setting, count, start))
                    place[setting.method, count] = found[-1].place
                longest[setting] = found[-1]
                yield found
            else:
                like = longest[replace(setting, dealing=DEALT)]
                yield [self.with_rates(task, setting, epochs[-1], like.place, like.outer_rate)]


def settings_of(table: str, shards: Sequence[int], local_steps: Sequence[int]) -> Iterator[Setting]:
    """One machine, exact steps on all shards' batches, then rounds."""
    yield from (Setting(table, count) for count in (1, *shards))
    for dealing, method, count, steps in product((DEALT, SORTED), (AVERAGE, MOMENTUM), shards, local_steps):
        yield Setting(table, count, steps, method, dealing)


def climb(loss: Callable[[int], float], start: int, count: int) -> int:
    """The place from which no neighbour has a smaller loss.

    Examples
    --------
    >>> climb(lambda place: (place - 5) ** 2, start=2, count=9)
    5
    """
    known: dict[int, float] = {}

    def at(place: int) -> float:
        if place not in known:
            known[place] = loss(place)
        return known[place]

    place = start
    while True:
        best = min((near for near in (place, place - 1, place + 1) if 0 <= near < count), key=at)
        if best == place:
            return place
        place = best


def smallest(looks: Curve | None) -> float:
    """The smallest loss on the rows that choose."""
    return min((one for _, one, _ in looks or [] if math.isfinite(one)), default=math.inf)


def _key(trial: dict[str, Any]) -> str:
    return json.dumps(trial, sort_keys=True)

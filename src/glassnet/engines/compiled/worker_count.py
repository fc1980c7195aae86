"""How many workers a training step is worth: found out while training, for only the clock knows what else is going on.

A second worker halves the work, and each has to wait for the other. On an idle machine that pays for all but the
smallest networks; where other trainings want the processors, it makes a step many times slower. No bit depends on how
many workers there are, so both are tried now and then, and the faster goes on. Trainings of one process know of each
other, and share the processors instead of trying.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any
from weakref import WeakSet

from glassnet.engines.compiled.workers import cores

STRETCH = 2_000_000_000
"""Multiplications after which the driver comes back to Python, where a signal can be heard: hundredths of a second."""

SHORT_STEPS = 20_000
"""At most so many steps, however small. Where a stretch ends follows from the work, never from a clock."""

TRIAL, TRIAL_STEPS, TRIAL_MOST = 20, 5, 8
"""A trial is so much shorter than a stretch, but has so many steps at least, for the first are slow for whoever begins;
unless these are more than an eighth of a stretch: where few steps take as long as that, one or two tell enough."""

FIRST_TRIALS, SOON, SELDOM = 4, 2, 40
"""How many trials there are at the beginning, and how many stretches from one later one to the next: few after what
goes on has changed, twice as many after each that has changed nothing, up to some seconds."""

WORTH_A_WORKER = 500_000
"""Multiplications in a step, for each worker, below which one alone is faster on every machine."""

SURELY_WORTH = 7_500_000
"""The same, above which all are faster on an idle machine, so that a single look at each is enough."""

GAIN = 0.9
"""Others must bring a tenth of the time: they take a processor from somebody else, or from the battery."""


class Pace:
    """For each stretch of steps, how many it has, and how many workers do them.

    Parameters
    ----------
    most : int
        How many workers there are.
    work : int
        Multiplications in a step.
    fixed : bool
        Whether all of them shall work, whatever it takes.

    Examples
    --------
    >>> pace = Pace(2, 2_000_000, fixed=False)
    >>> for _ in range(5):
    ...     workers, steps = pace.next()
    ...     pace.took(workers, steps, seconds=steps * (1.0 if workers == 2 else 0.5))
    >>> pace.next()  # two took longer than one
    (1, 1000)
    """

    def __init__(self, most: int, work: int, fixed: bool) -> None:
        self.most, self.fixed = most, fixed
        self.long = max(1, min(SHORT_STEPS, STRETCH // max(work, 1)))
        self.trial = max(1, self.long // TRIAL, min(TRIAL_STEPS, self.long // TRIAL_MOST))
        self.trials = 2 if work > SURELY_WORTH * most else FIRST_TRIALS
        self.stretches, self.wait = 0, SOON
        self.due = self.trials + self.wait
        """Before which stretch the other is tried again."""
        self.seconds = {1: math.inf, most: math.inf}
        """Of a step, by the number of workers, when it was last tried."""

    @property
    def best(self) -> int:
        """How many workers are worth it, as far as is known."""
        return self.most if self.fixed or self.seconds[self.most] < GAIN * self.seconds[1] else 1

    def next(self) -> tuple[int, int]:
        """How many workers do how many steps."""
        if self.fixed:
            return self.most, self.long
        if self.stretches < self.trials:
            return (self.most, 1)[self.stretches % 2], self.trial
        if self.stretches >= self.due:
            return self.most + 1 - self.best, self.trial
        return self.best, self.long

    def took(self, workers: int, steps: int, seconds: float) -> None:
        """What a stretch took; of the first trials the faster counts, later ones say how it is now."""
        each, first, before = seconds / steps, self.stretches < self.trials, self.best
        self.seconds[workers] = min(each, self.seconds[workers]) if first else each
        self.stretches += 1
        if not first and (workers != before or self.best != before):
            self.wait = min(2 * self.wait, SELDOM) if self.best == before else SOON
            self.due = self.stretches + self.wait


@lru_cache(maxsize=256)
def common_pace(most: int, work: int) -> Pace:
    """The one of all trainings in this process whose steps are alike: what one has found out, the next knows."""
    return Pace(most, work, fixed=most == 1)


under_way: WeakSet[Any] = WeakSet()
"""The trainings of this process."""


def share_of_processors(most: int) -> int:
    """How many workers each of the trainings under way may have, and this one, which has so many at most."""
    return max(1, min(most, cores() // max(1, len(under_way))))

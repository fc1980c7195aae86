"""A time limit: progress by time, and the learning rates that follow from it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.formulas.schedules import Schedule
from glassnet.layers.base import Array
from glassnet.training.history import Ending

AFTERWARDS = 0.4
"""The share of an epoch's time that follows its last step (validation, a final check)."""


class Deadline:
    """The end of a training by the clock.

    Progress, which schedules follow, is that of the planned steps, or that of the time where it ends sooner: how many
    steps will be done until then follows from how long those took that were. So a schedule reaches its end with the
    training, whatever ends it.

    Parameters
    ----------
    seconds : float
        From now.
    epochs, steps : int
        Planned: how many epochs there are, and steps in each.

    Attributes
    ----------
    end : float
        By `time.perf_counter`; it may be moved.
    """

    def __init__(self, seconds: float, epochs: int, steps: int) -> None:
        self.begun = time.perf_counter()
        self.end = self.begun + seconds
        self.epochs, self.steps = epochs, steps
        self.epoch = self.done = 0
        self.progress, self.pace = 0.0, 1 / (epochs * steps)

    @property
    def ending(self) -> Ending:
        """Why training ends."""
        return Ending("time", numbers={"count": self.epoch, "whole": self.epochs})

    @property
    def whole(self) -> float:
        """Estimated seconds of all planned steps; 0 before the first."""
        return (time.perf_counter() - self.begun) * self.epochs * self.steps / self.done if self.done else 0.0

    def steps_in_time(self) -> float:
        """Return the estimated number of steps that fit into the time; all, before the first."""
        now = time.perf_counter()
        if not self.done:
            return float(self.epochs * self.steps)
        return (self.end - now) * self.done / (now - self.begun) - AFTERWARDS * self.steps

    def courses(
        self, schedules: tuple[Schedule, Schedule, Schedule], scores: Sequence[float], rate: float
    ) -> Iterator[tuple[Array, float, float]]:
        """Yield the learning rates of an epoch's steps, and its factors of decay and dropout, while there is time.

        Parameters
        ----------
        schedules : tuple of three Schedules
            Of the learning rate, of the decay and of dropout.
        scores : sequence of float
            The validation losses so far.
        rate : float
        """
        self.schedule, decay, dropout = schedules
        self.scores, self.rate = scores, rate
        self.begun = time.perf_counter()  # setup before is not part of a step
        while self.epoch < self.epochs and not self.over:
            self.epoch += 1
            self.rates = np.empty(self.steps)
            self._plan(0)
            yield self.rates, float(decay(self.progress)), float(dropout(self.progress))

    def advance(self, step: int) -> None:
        """Update the estimate after steps of an epoch."""
        done = (self.epoch - 1) * self.steps + step
        self.progress += (done - self.done) * self.pace
        self.done = done
        left = min(self.epochs * self.steps - done, self.steps_in_time())
        self.pace = (1 - self.progress) / max(1.0, left)
        self._plan(step)

    def iterated(self, epoch: int) -> None:
        """Update the estimate after epochs of one step each, without a schedule."""
        self.epoch = self.done = epoch

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.done < self.epochs * self.steps and self.steps_in_time() <= 0

    def _plan(self, step: int) -> None:
        """The rates of the rest of an epoch."""
        ahead = self.progress + self.pace * np.arange(self.steps - step)
        self.rates[step:] = self.rate * np.asarray(self.schedule(ahead, self.scores))

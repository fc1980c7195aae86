"""The time that a fit has, and how its members share it."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

from glassnet.training import Callback

if TYPE_CHECKING:
    from glassnet.training import Run

RESERVE = 0.05
"""What is kept of the time for what comes after the members, such as the calibration."""
SHORTEST = 0.25
"""A member that trains for less than this share of the time that it would take is worth less than the others lose."""
TOO_SHORT = 0.5
"""Of that: with less time left, no more members begin."""
MOMENT = 1e-3
"""Seconds that are there when there are none, for a first step."""


class TimeBudget:
    """The time each member may train, so that all together keep a time limit.

    They share what is left alike. But none trains for less than a quarter of the time that it would take, if there is
    as much: rather the last ones are left out, and the others have their time. It begins when this is made.
    """

    def __init__(self, seconds: float) -> None:
        self.end = time.perf_counter() + seconds * (1 - RESERVE)
        self.lock = threading.Lock()
        self.whole = self.before = 0.0
        """Seconds that a member takes without a limit, and before its first step; 0 while nobody knows."""

    def share_out(self, members: int, at_a_time: int) -> None:
        """Set the number of members, and how many of them train at a time."""
        self.waiting = members
        self.at_a_time = at_a_time
        self.begun = self.closed = False

    def next_turn(self) -> TimeSlice | None:
        """The turn of the member that begins now; None: it is left out. The first one always has one."""
        with self.lock:
            now, first = time.perf_counter(), not self.begun
            left, rounds = self.end - now, math.ceil(self.waiting / self.at_a_time)
            self.waiting, self.begun = self.waiting - 1, True
            if not first and left <= self.before + TOO_SHORT * SHORTEST * self.whole:
                self.closed = True  # those that stay are the first ones, whoever finds a little more time later
            if self.closed:
                return None
            return TimeSlice(self, now, rounds)


class TimeSlice(Callback):
    """The time that one member has: all that is left, until its first steps have shown how long it would take."""

    def __init__(self, allowance: TimeBudget, begin: float, rounds: int) -> None:
        self.allowance, self.begin = allowance, begin
        self.rounds = rounds  # so many members would be trained one after the other from now on

    @property
    def seconds(self) -> float:
        """The time left when the member begins."""
        return max(self.allowance.end - self.begin, MOMENT)

    def on_progress(self, run: Run) -> None:
        if run.deadline is not None and run.deadline.done:
            before, whole = run.deadline.begun - self.begin, run.deadline.whole
            self.allowance.before, self.allowance.whole = before, whole
            rounds = max(1, min(self.rounds, int(self.seconds / (before + SHORTEST * whole))))
            run.deadline.end = self.begin + self.seconds / rounds

"""The loop of a search: trials begin, run beside each other, and are recorded in the order in which they began.

What comes next depends on the trials before, but for the last few, whether these happen to be done or not. So the clock
has no say in what is tried: the same table, seed and number of jobs give the same trials, whoever carries them out.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

from glassnet.formulas.schedules import SCHEDULES
from glassnet.tuning.executor import Executor
from glassnet.tuning.plan import Plan
from glassnet.tuning.progress import Update
from glassnet.tuning.pruning import checkpoints
from glassnet.tuning.trial import Outcome, TrialWatch
from glassnet.tuning.trials import Proposal, Trials

TICK = 0.3
"""Seconds between two looks at the clock while trials are at work."""
INTERRUPTED = "interrupted"


class Clock:
    """Says when a search is over: after so many seconds from now, or when it is stopped."""

    def __init__(self, seconds: float | None) -> None:
        self.end = None if seconds is None else time.monotonic() + seconds
        self.stopped = threading.Event()

    def over(self) -> bool:
        return self.stopped.is_set() or (self.end is not None and time.monotonic() >= self.end)


@dataclass
class _AtWork:
    """A trial that has begun, and whether its outcome is kept already."""

    future: Future[Outcome]
    proposal: Proposal
    kept: bool = False


def window(jobs: int) -> int:
    """How many trials have begun and are not recorded, at most.

    Were it as many as run at a time, all would wait for the slowest; with many more, proposals would know too little.

    >>> window(1), window(4)
    (1, 7)
    """
    return 2 * jobs - 1


def carry_out(
    plan: Plan,
    folds: int,
    tried: Trials,
    seed: int,
    clock: Clock,
    limit: int | None,
    jobs: int,
    executor: Executor,
    callbacks: Sequence[Callable[[dict[str, Any]], object]],
    progress: Update,
) -> str:
    """Carry out trials until the search is over; gives why it is.

    Each trial is `folds` trainings; `limit` is how many trials there are to be, `jobs` how many run at a time. The row
    of every trial is given to the callbacks, and `progress` is called with how far it is.
    """
    epochs = plan.settings["epochs"]
    judged_after = checkpoints(SCHEDULES.get(plan.settings["schedule"] or "constant"), epochs, folds)
    running: deque[_AtWork] = deque()
    exhausted = False

    def begin(proposal: Proposal) -> None:
        watch = TrialWatch(plan.metric, epochs, judged_after, proposal.known)
        running.append(_AtWork(executor.begin(plan.for_trial(proposal.options, seed, jobs), watch), proposal))

    def keep(trial: _AtWork) -> None:
        if not trial.kept:
            tried.keep(trial.proposal, executor.outcome(trial.future))
            trial.kept = True

    def why_no_more() -> str:
        if exhausted:
            return "every combination was tried"
        if limit is not None and tried.done + len(running) >= limit:
            return f"all {limit} trials are done"
        return "the budget is used up" if clock.over() else ""

    try:
        while True:
            while not (ended := why_no_more()) and len(running) < window(jobs):
                proposal = tried.propose()
                if proposal is None:
                    exhausted = True
                else:
                    begin(proposal)
            if not running:
                return ended
            # one is recorded, then one is proposed: so what each knows does not depend on the clock
            if running[0].kept:
                row = tried.record(running.popleft().proposal)
                for callback in callbacks:
                    callback(row)
                continue
            executor.look()
            done = wait([trial.future for trial in running if not trial.kept], TICK, FIRST_COMPLETED).done
            for trial in running:
                if trial.future in done:
                    keep(trial)
            progress(tried.done, min(jobs, len(running)), tried.so_far())
    except KeyboardInterrupt:
        clock.stopped.set()
        executor.look()
        for trial in running:  # each ends as soon as it can
            keep(trial)
            tried.record(trial.proposal)
        return INTERRUPTED
    finally:
        clock.stopped.set()
        executor.look()

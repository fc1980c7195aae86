"""The loop of a search: trials begin, run beside each other, and are recorded in the order in which they began.

The next trial depends on the earlier trials except the last few, whether those have finished or not. So the trials do
not depend on the clock: the same table, seed and number of jobs give the same trials, in threads of this process and
on a cluster.
"""

from __future__ import annotations

import contextlib
import math
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from glassnet.display.progress import ProgressBar
from glassnet.distributed.dask_workers import DaskWorkers
from glassnet.distributed.rounds import Rounds
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.formulas.schedules import SCHEDULES
from glassnet.support.coercion import plain_number
from glassnet.support.language import Text
from glassnet.tuning.plan import SearchPlan
from glassnet.tuning.study import Proposal, Trials
from glassnet.tuning.trial import NewEstimator, Outcome, TrialFold, TrialMonitor, checkpoints, quiet_trials, run_trial

TICK = 0.3
"""Seconds between two looks at the clock while trials are at work."""
INTERRUPTED = Text("interrupted")
UNITS = {"h": 3600.0, "min": 60.0, "m": 60.0, "s": 1.0}
PART = r"\s*(\d+(?:\.\d+)?)\s*(h|min|m|s)"
SEARCH = Text("search")
AT_WORK = Text("{done} trials done, {running} running")
Update = Callable[[int, int, str], object]
"""Is called with the number of trials done, of trials at work, and the best score in words."""
CUT_OFF = Outcome("unfinished", math.nan, 0, 0.0, {})


class SearchClock:
    """The end of a search: after a number of seconds from now, or when it is stopped."""

    def __init__(self, seconds: float | None) -> None:
        self.end = None if seconds is None else time.monotonic() + seconds
        self.stopped = threading.Event()

    def over(self) -> bool:
        return self.stopped.is_set() or (self.end is not None and time.monotonic() >= self.end)


@dataclass
class _RunningTrial:
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
    plan: SearchPlan,
    folds: int,
    tried: Trials,
    seed: int,
    clock: SearchClock,
    limit: int | None,
    jobs: int,
    executor: Executor,
    callbacks: Sequence[Callable[[dict[str, Any]], object]],
    progress: Update,
) -> Text:
    """Carry out trials until the search is over; gives why it is.

    Each trial is `folds` trainings; `limit` is how many trials there are to be, `jobs` how many run at a time. The row
    of every trial is given to the callbacks, and `progress` is called with how far it is.
    """
    epochs = plan.settings["epochs"]
    judged_after = checkpoints(SCHEDULES.get(plan.settings["schedule"] or "constant"), epochs, folds)
    running: deque[_RunningTrial] = deque()
    exhausted = False

    def begin(proposal: Proposal) -> None:
        monitor = TrialMonitor(plan.metric, epochs, judged_after, proposal.known)
        running.append(_RunningTrial(executor.begin(plan.for_trial(proposal.options, seed, jobs), monitor), proposal))

    def keep(trial: _RunningTrial) -> None:
        if not trial.kept:
            tried.keep(trial.proposal, executor.outcome(trial.future))
            trial.kept = True

    def why_no_more() -> Text:
        if exhausted:
            return Text("every combination was tried")
        if limit is not None and tried.done + len(running) >= limit:
            return Text("all {count} trials are done", count=limit)
        return Text("the budget is used up") if clock.over() else Text("")

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


def budget_seconds(budget: str | float) -> float:
    """A length of time in seconds.

    Parameters
    ----------
    budget : str or float
        "90s", "10m" or "10 min", "1h30m"; a number alone is seconds.

    Raises
    ------
    InputError
        If it is no length of time, or not positive.
    InputTypeError
        If it is neither text nor a number.

    Examples
    --------
    >>> budget_seconds("10m"), budget_seconds("1h30m"), budget_seconds(45)
    (600.0, 5400.0, 45.0)
    >>> budget_seconds("10 parsecs")
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: `budget` must be a duration. Received: '10 parsecs'. For example "90s", "10m" \
or "1h30m".
    """
    rule, remedy = Text("`budget` must be a duration"), Text('For example "90s", "10m" or "1h30m"')
    seconds = _spelled(str.__str__(budget)) if isinstance(budget, str) else plain_number(budget)
    if seconds is None:
        raise InputTypeError(rule, shown(budget), remedy)
    if not (math.isfinite(seconds) and seconds > 0):
        raise InputError(rule, shown(budget), remedy)
    return seconds


class LengthOfTime:
    """As a rule of an option."""

    def taken(self, name: str, value: Any) -> float:
        return budget_seconds(value)


def _spelled(text: str) -> float:
    """The seconds that a text means; not a number where it means none."""
    text = text.strip()
    if re.fullmatch(rf"(?:{PART})+", text):
        return sum(float(number) * UNITS[unit] for number, unit in re.findall(PART, text))
    try:
        return float(text)
    except ValueError:
        return math.nan


@contextmanager
def search_progress(shown: bool, seconds: float | None, trials: int | None) -> Iterator[Update]:
    """A progress bar of the budget, or else of the number of trials; one of them is known."""
    if not shown:
        yield lambda done, running, best: None
        return
    bar, started = ProgressBar(SEARCH.say(), seconds or trials or 1), time.monotonic()

    def update(done: int, running: int, best: str) -> None:
        elapsed = time.monotonic() - started if seconds else done
        bar.update(elapsed, "", AT_WORK.say(done=done, running=running) + best)

    try:
        yield update
    finally:
        bar.close()


class Executor(Protocol):
    """An executor of trials."""

    def begin(self, estimator: NewEstimator, monitor: TrialMonitor) -> Future[Outcome]:
        """Begin a trial, as :func:`glassnet.tuning.trial.run_trial` carries it out, or queue it."""

    def look(self) -> None:
        """See after those who are at work; it is called again and again. Once the search is over, they end."""

    def outcome(self, future: Future[Outcome]) -> Outcome:
        """What came out of a trial, waiting for it."""


@contextmanager
def threads(parts: Sequence[TrialFold], jobs: int, over: Callable[[], bool]) -> Iterator[Executor]:
    """So many threads of this process, whose steps hold no lock of Python's, until the search is over."""
    with ThreadPoolExecutor(jobs, "trial") as pool:
        yield _ThreadExecutor(pool, parts, over)


@dataclass(frozen=True)
class _ThreadExecutor:
    pool: ThreadPoolExecutor
    parts: Sequence[TrialFold]
    over: Callable[[], bool]

    def begin(self, estimator: NewEstimator, monitor: TrialMonitor) -> Future[Outcome]:
        monitor.over = self.over  # each trial looks for itself, several times a second
        return self.pool.submit(run_trial, estimator, self.parts, monitor)

    def look(self) -> None:
        pass

    def outcome(self, future: Future[Outcome]) -> Outcome:
        return future.result()


@contextlib.contextmanager
def workers_of(client: Any, parts: Sequence[TrialFold], over: Callable[[], bool]) -> Iterator[Executor]:
    """The workers of a cluster as a :class:`glassnet.tuning.loop.Executor`; each has the rows before any trial."""
    from glassnet.distributed.plugin import Broadcast

    workers, rows = DaskWorkers(client, Rounds().deadline), Broadcast(parts)
    with workers.prepared(rows):
        yield _WorkerExecutor(workers, rows.name, over)


class _WorkerExecutor:
    def __init__(self, workers: DaskWorkers, rows: str, over: Callable[[], bool]) -> None:
        self._workers, self._rows, self._over = workers, rows, over
        self._executor = workers.client.get_executor(pure=False)
        self._begun: list[Future[Outcome]] = []

    def begin(self, estimator: NewEstimator, monitor: TrialMonitor) -> Future[Outcome]:
        future: Future[Outcome] = self._executor.submit(_carried_out, self._rows, estimator, monitor)
        self._begun.append(future)
        return future

    def look(self) -> None:
        self._begun = [future for future in self._begun if not future.done()]
        if self._over():
            for future in self._begun:
                future.cancel()
        elif self._begun:
            self._workers.give_up_silent()  # what they had begun, the scheduler gives to others

    def outcome(self, future: Future[Outcome]) -> Outcome:
        with self._workers.answering():
            try:
                return future.result()
            except CancelledError:
                if self._over():
                    return CUT_OFF
                raise
        raise AssertionError("unreachable")


def _carried_out(rows: str, estimator: NewEstimator, monitor: TrialMonitor) -> Outcome:
    """A trial, on a worker."""
    from distributed import get_worker

    worker: Any = get_worker()
    key = worker.get_current_task()

    def over() -> bool:
        """Whether its result is no longer wanted; Dask itself ends no work that has begun."""
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"

    monitor.over = over
    with quiet_trials():
        return run_trial(estimator, worker.plugins[rows].data, monitor)

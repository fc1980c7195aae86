"""Trials of a search, each carried out by a worker of a cluster: the outcomes that threads of one process come to."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from typing import Any

from glassnet.distributed.dask_workers import DaskWorkers
from glassnet.training.rounds import Rounds
from glassnet.tuning.executor import Executor
from glassnet.tuning.trial import Outcome, TrialWatch, quiet_trials, run_trial
from glassnet.tuning.validation import Part

CUT_OFF = Outcome("unfinished", math.nan, 0, 0.0, {})


@contextlib.contextmanager
def workers_of(client: Any, parts: Sequence[Part], over: Callable[[], bool]) -> Iterator[Executor]:
    """The workers of a cluster as a :class:`glassnet.tuning.executor.Executor`; each has the rows before any trial."""
    from glassnet.distributed.plugin import Holding

    workers, rows = DaskWorkers(client, Rounds().deadline), Holding(parts)
    with workers.prepared(rows):
        yield _ByWorkers(workers, rows.name, over)


class _ByWorkers:
    def __init__(self, workers: DaskWorkers, rows: str, over: Callable[[], bool]) -> None:
        self._workers, self._rows, self._over = workers, rows, over
        self._executor = workers.client.get_executor(pure=False)
        self._begun: list[Future[Outcome]] = []

    def begin(self, estimator: Callable[..., Any], watch: TrialWatch) -> Future[Outcome]:
        future: Future[Outcome] = self._executor.submit(_carried_out, self._rows, estimator, watch)
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


def _carried_out(rows: str, estimator: Callable[..., Any], watch: TrialWatch) -> Outcome:
    """A trial, on a worker."""
    from distributed import get_worker

    worker: Any = get_worker()
    key = worker.get_current_task()

    def over() -> bool:
        """Whether nobody waits for it any more; Dask itself ends no work that has begun."""
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"

    watch.over = over
    with quiet_trials():
        return run_trial(estimator, worker.plugins[rows].data, watch)

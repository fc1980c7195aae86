"""Who carries out the trials of a search: threads of this process, or others that come to the same outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from glassnet.tuning.trial import Outcome, TrialWatch, run_trial
from glassnet.tuning.validation import Part


class Executor(Protocol):
    """Whoever carries out trials."""

    def begin(self, estimator: Callable[..., Any], watch: TrialWatch) -> Future[Outcome]:
        """Begin a trial, as :func:`glassnet.tuning.trial.run_trial` carries it out, or queue it."""

    def look(self) -> None:
        """See after those who are at work; it is called again and again. Once the search is over, they end."""

    def outcome(self, future: Future[Outcome]) -> Outcome:
        """What came out of a trial, waiting for it."""


@contextmanager
def threads(parts: Sequence[Part], jobs: int, over: Callable[[], bool]) -> Iterator[Executor]:
    """So many threads of this process, whose steps hold no lock of Python's, until the search is over."""
    with ThreadPoolExecutor(jobs, "trial") as pool:
        yield _Threads(pool, parts, over)


@dataclass(frozen=True)
class _Threads:
    pool: ThreadPoolExecutor
    parts: Sequence[Part]
    over: Callable[[], bool]

    def begin(self, estimator: Callable[..., Any], watch: TrialWatch) -> Future[Outcome]:
        watch.over = self.over  # each trial looks for itself, several times a second
        return self.pool.submit(run_trial, estimator, self.parts, watch)

    def look(self) -> None:
        pass

    def outcome(self, future: Future[Outcome]) -> Outcome:
        return future.result()

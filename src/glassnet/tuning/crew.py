"""Who carries out the trials of a search: threads of this process, or others that come to the same outcomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Protocol, Self

from glassnet.tuning.trial import Outcome, TrialWatch, run_trial
from glassnet.tuning.validation import Part

__all__ = ["Crew", "Threads"]


class Crew(Protocol):
    """Whoever carries out trials."""

    def begin(self, estimator: Callable[..., Any], watch: TrialWatch) -> Future[Outcome]:
        """Begin a trial, as :func:`glassnet.tuning.trial.run_trial` carries it out, or queue it."""

    def look(self) -> None:
        """See after those who are at work; it is called again and again. Once the search is over, they end."""

    def outcome(self, future: Future[Outcome]) -> Outcome:
        """What came out of a trial, waiting for it."""


class Threads:
    """Threads of this process, whose steps hold no lock of Python's.

    Parameters
    ----------
    parts : sequence of Part
    jobs : int
        How many trials run at a time.
    over : callable
        Whether the search is over.
    """

    def __init__(self, parts: Sequence[Part], jobs: int, over: Callable[[], bool]) -> None:
        self._parts, self._over = parts, over
        self._pool = ThreadPoolExecutor(jobs, "trial")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def begin(self, estimator: Callable[..., Any], watch: TrialWatch) -> Future[Outcome]:
        """See :class:`Crew`."""
        watch.over = self._over  # each trial looks for itself, several times a second
        return self._pool.submit(run_trial, estimator, self._parts, watch)

    def look(self) -> None:
        """See :class:`Crew`."""

    def outcome(self, future: Future[Outcome]) -> Outcome:
        """See :class:`Crew`."""
        return future.result()

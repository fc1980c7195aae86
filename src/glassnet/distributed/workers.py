"""Who carries out pieces of work: this process, or others that give the same results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol


class Call(NamedTuple):
    """A piece of work: a pure function, so that it may be done anywhere, and again.

    It is importable from the installed package; its arguments are plain data, what :meth:`Workers.kept` gave, or
    partitions of a Dask collection.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


class Workers(Protocol):
    """An executor of calls."""

    def results(self, calls: Sequence[Call]) -> list[Any]:
        """Return the results in the order of the calls, whichever is done first."""

    def kept(self, calls: Sequence[Call]) -> list[Any]:
        """Run the calls, but keep the results on their workers; the returned handles are arguments of other calls."""


class LocalWorkers:
    """Carries out calls in this process, one after the other.

    Examples
    --------
    >>> LocalWorkers().results([Call(max, (1, 2)), Call(min, (1, 2))])
    [2, 1]
    """

    def results(self, calls: Sequence[Call]) -> list[Any]:
        return [call.function(*map(_opened, call.arguments)) for call in calls]

    def kept(self, calls: Sequence[Call]) -> list[Any]:
        return self.results(calls)


def _opened(argument: Any) -> Any:
    """A partition of a Dask collection as what it holds; anything else as it is."""
    return argument.compute(scheduler="synchronous") if hasattr(argument, "__dask_graph__") else argument

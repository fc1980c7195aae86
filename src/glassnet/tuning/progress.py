"""A live line for a search: trials done and at work, the best score so far, the time left; silent where none looks."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from glassnet.language import Text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["SearchProgress"]

AT_WORK = Text("{done} trials done, {running} at work", "已完成 {done} 次试验，{running} 次进行中")


class SearchProgress:
    """The line, as a context manager.

    Parameters
    ----------
    shown : bool
        False: nothing at all.
    seconds : float or None
        The budget.
    trials : int or None
        How many trials there will be at most; one of the two is known.
    """

    def __init__(self, shown: bool, seconds: float | None, trials: int | None) -> None:
        self.shown, self.seconds, self.trials = shown, seconds, trials
        self.started = time.monotonic()
        self.progress: Progress | None = None
        self.task: TaskID | None = None

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)  # standard output may be data
        if self.shown and console.is_terminal:
            columns = BarColumn(bar_width=24), TextColumn("{task.fields[said]}"), TimeRemainingColumn(compact=True)
            self.progress = Progress(*columns, console=console, transient=True)
            self.task = self.progress.add_task("", total=self.seconds or self.trials, said="")
            self.progress.start()
        return self

    def update(self, done: int, running: int, said: str) -> None:
        """Say how things are."""
        if self.progress is not None and self.task is not None:
            elapsed = time.monotonic() - self.started if self.seconds else done
            self.progress.update(self.task, completed=elapsed, said=AT_WORK.say(done=done, running=running) + said)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.progress is not None:
            self.progress.stop()

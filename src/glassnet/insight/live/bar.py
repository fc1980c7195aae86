"""Progress in one line of the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassnet.insight.live.words import numbers, speed
from glassnet.language import Text
from glassnet.training import Run

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["ProgressBar"]

EPOCH = Text("epoch", "轮次")
WIDE = 100
"""Columns of a terminal that has room for a bar beside the numbers."""


class ProgressBar:
    """A live line in the terminal: epoch, loss, validation, rows a second, time left. Silent where none is."""

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self.task: TaskID | None = None

    def on_train_begin(self, run: Run) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.table import Column

        console = Console(stderr=True)  # standard output may be data
        if not console.is_terminal:
            return
        columns = (
            TextColumn(f"{EPOCH.say()} {{task.fields[epoch]}}/{{task.fields[epochs]}}"),
            *([BarColumn(bar_width=24)] if console.width >= WIDE else []),
            TextColumn("{task.fields[numbers]}", table_column=Column(no_wrap=False)),  # the one that may need two lines
            TimeRemainingColumn(compact=True),
        )
        self.progress = Progress(*columns, console=console, transient=False)
        self.task = self.progress.add_task("", total=run.epochs * run.steps, epoch=0, epochs=run.epochs, numbers="")
        self.progress.start()

    def on_progress(self, run: Run) -> None:
        if self.progress is not None and self.task is not None:
            done = (run.epoch - 1) * run.steps + run.step
            said = "  ".join([*numbers(run, most=1), *speed(run)])
            self.progress.update(self.task, completed=done, epoch=run.epoch, numbers=said)

    def on_train_end(self, run: Run) -> None:
        if self.progress is not None and self.task is not None:
            if run.step:
                self.on_progress(run)  # the numbers it ends with
            # an early end is a full bar: there is nothing left to wait for
            self.progress.update(self.task, completed=run.epochs * run.steps)
            self.progress.stop()
            self.progress = None

    def __getstate__(self) -> dict[str, Any]:
        return {"progress": None, "task": None}  # a terminal's threads and locks do not travel

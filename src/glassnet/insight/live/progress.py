"""What ``verbose=True`` shows of a training: a line of the terminal, or a bar and the curves in a notebook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from glassnet.insight.blocks import Block, Charts
from glassnet.insight.charts.training import training
from glassnet.insight.epochs import EPOCH, LOSS, column_name
from glassnet.insight.stepwise import Screen, in_notebook, progress_page, time_left
from glassnet.support.language import Language, Text, get_language, minus
from glassnet.support.markup import Markup
from glassnet.support.redrawing import can_redraw
from glassnet.training import History, Run
from glassnet.training.history import LOSSES

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

WHERE = Text("epoch {epoch:,} of {epochs:,}", "第 {epoch:,} 轮，共 {epochs:,} 轮")
SPEED = Text("{speed:,.0f} rows/s", "每秒 {speed:,.0f} 行")
WIDE = 100
"""Columns of a terminal that has room for a bar beside the numbers."""


def progress_view() -> ProgressBar | NotebookView:
    """The view that suits: a bar and the curves in a notebook, a line in a terminal."""
    return NotebookView() if in_notebook() else ProgressBar()


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
        if not can_redraw(console):
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
            said = "  ".join([*numbers(run, most=1), *pace(run, left=False)])
            self.progress.update(self.task, completed=_done(run), epoch=run.epoch, numbers=said)

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


class NotebookView:
    """A callback: a bar and the curves of loss and validation, in one place of a notebook."""

    def __init__(self) -> None:
        self.screen: Screen | None = None

    def on_train_begin(self, run: Run) -> None:
        self.screen = Screen(_page(run))

    def on_progress(self, run: Run) -> None:
        if self.screen is not None:
            self.screen.show(lambda: _page(run))

    def on_train_end(self, run: Run) -> None:
        if self.screen is not None:
            self.screen.close(_page(run, over=True))
            self.screen = None

    def __getstate__(self) -> dict[str, Any]:
        return {"screen": None}  # a notebook does not travel


def _page(run: Run, *, over: bool = False) -> Markup:
    whole = run.epochs * run.steps
    said = [epoch(run), *numbers(run), *pace(run, left=not over)]
    history = History(run.history.rows[run.epochs_before :])
    history.best_epoch = run.history.best_epoch
    names = [name for name in LOSSES if name in history.columns]
    curves: list[Block] = [Charts([training([history], names, get_language())])] if len(history) > 1 else []
    return progress_page(whole if over else _done(run), whole, epoch(run), said, *curves)


# ------------------------------------------------------------------- in words


def epoch(run: Run, language: Language | None = None) -> str:
    """How far it is."""
    return WHERE.say(language, epoch=run.epoch, epochs=run.epochs)


def numbers(run: Run, language: Language | None = None, most: int | None = None) -> list[str]:
    """The loss, and what the validation says; of several the last `most`: the score where there is one."""
    last = run.history.rows[-1] if run.history.rows else {}
    judged = [name for name in last if name.startswith("validation_")]
    shown = judged if most is None else judged[-most:]
    loss = f"{LOSS.say(language)} {short(run.loss)}"
    return [loss, *(f"{column_name(name, language)} {short(last[name])}" for name in shown)]


def pace(run: Run, language: Language | None = None, *, left: bool = True) -> list[str]:
    """Rows a second, and the time that is `left` if all epochs are trained; nothing before the first step."""
    done, passed = _done(run), time.perf_counter() - run.started
    said = [SPEED.say(language, speed=done * run.rows / run.steps / passed)] if done and passed else []
    return said + ([time_left(passed * (run.epochs * run.steps - done) / done, language)] if done and left else [])


def short(value: float) -> str:
    """A number in few letters, as many from one moment to the next as can be."""
    size = abs(value)
    return minus(f"{value:.4f}" if size == 0 or 1e-3 <= size < 1e3 else f"{value:.4g}")


def _done(run: Run) -> int:
    """How many steps were made."""
    return max(0, run.epoch - 1) * run.steps + run.step

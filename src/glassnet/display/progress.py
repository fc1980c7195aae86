"""Progress of work of a known number of steps, in a terminal or a notebook: how far it is, and the time left."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from glassnet.display.blocks import Block, Drawn, Words, display
from glassnet.display.markup import Markup, element
from glassnet.support.language import Language, Text

if TYPE_CHECKING:
    from rich.console import Console

LEFT = Text("{time} left")

Thing = TypeVar("Thing")

KERNEL = "JPY_PARENT_PID"
"""A variable that Jupyter gives its kernels, and they to the commands of a cell."""


def can_redraw(console: Console) -> bool:
    """Whether a console can redraw lines.

    A command in a cell of a notebook (``!glassnet train ...``) writes to something that says it is one, but what should
    be drawn anew is shown below what was there before.

    Examples
    --------
    >>> import io
    >>> from rich.console import Console
    >>> can_redraw(Console(file=io.StringIO()))
    False
    """
    return console.is_terminal and not console.is_dumb_terminal and KERNEL not in os.environ


@contextmanager
def steps(what: str, total: int, *, shown: bool) -> Iterator[Callable[[], object]]:
    """A bar with the time left: a line of the terminal, or in a notebook; gone when the work is done.

    Examples
    --------
    >>> with steps("sum", 3, shown=False) as done:
    ...     for number in range(3):
    ...         done()
    """
    if not shown:
        yield lambda: None
        return
    with (_in_notebook if in_notebook() else _in_terminal)(what, total) as done:
        yield done


def tracked(things: Sequence[Thing], what: str, *, shown: bool) -> Iterator[Thing]:
    """The same around a loop: each round is a step.

    Examples
    --------
    >>> [2 * number for number in tracked([1, 2, 3], "doubles", shown=False)]
    [2, 4, 6]
    """
    with steps(what, len(things), shown=shown) as done:
        for thing in things:
            yield thing
            done()


@contextmanager
def _in_terminal(what: str, total: int) -> Iterator[Callable[[], object]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)  # standard output may be data
    if not can_redraw(console):
        yield lambda: None
        return
    columns = TextColumn("{task.description}"), BarColumn(24), TaskProgressColumn(), TimeRemainingColumn(compact=True)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)


@contextmanager
def _in_notebook(what: str, total: int) -> Iterator[Callable[[], object]]:
    count, started = 0, time.perf_counter()

    def page() -> Markup:
        left = [time_left((time.perf_counter() - started) * (total - count) / count)] if count else []
        return progress_page(count, total, what, [what, *left])

    def done() -> None:
        nonlocal count
        count += 1
        screen.show(page)

    screen = Screen(page())
    try:
        yield done
    finally:
        screen.close()


def time_left(seconds: float, language: Language | None = None) -> str:
    """Set the time left, in seconds."""
    return LEFT.say(language, time=_clock(seconds))


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


# ----------------------------------------------------------------- in a notebook

PAUSE = 0.4
"""Seconds between two pictures: more often nobody sees, and each has to be sent."""


def in_notebook() -> bool:
    """Whether a notebook would show what is displayed."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")


class Screen:
    """The place, with a first page: a widget, which is drawn anew without a flicker, or the display itself."""

    def __init__(self, page: Markup) -> None:
        self.ipython: Any = importlib.import_module("IPython.display")
        self.widget: Any = None
        self.shown = 0.0
        if importlib.util.find_spec("ipywidgets") is None:
            self.handle = self._displayed(page)
        else:
            self.widget = importlib.import_module("ipywidgets").HTML(page)
            self.ipython.display(self.widget)

    def show(self, page: Callable[[], Markup]) -> None:
        """Draw another page, if the last is old enough."""
        if time.perf_counter() - self.shown >= PAUSE:
            self._draw(page())
            self.shown = time.perf_counter()

    def close(self, last: Markup | None = None) -> None:
        """Leave a page that a saved notebook has, or nothing."""
        if self.widget is None:
            self._draw(last or Markup(""))
            return
        self.widget.close()
        if last is not None:
            self._displayed(last)

    def _draw(self, page: Markup) -> None:
        if self.widget is None:
            self.handle.update(self.ipython.HTML(page))
        else:
            self.widget.value = str(page)

    def _displayed(self, page: Markup) -> Any:
        return self.ipython.display(self.ipython.HTML(page), display_id=True)


def progress_page(done: int, whole: int, what: str, said: Iterable[str], *more: Block) -> Markup:
    """A bar, and below it what is said of it; `what` is for those who do not see."""
    bar = element("progress", value=done, max=whole, style="width: 100%", aria_label=what)
    return display([Drawn(bar), Words("  ".join(said)), *more])

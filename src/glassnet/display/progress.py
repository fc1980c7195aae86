"""Progress of long work, in a terminal or a notebook: how far it is, and the time left."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from glassnet.display.blocks import Block, MarkupBlock, Paragraph, display
from glassnet.display.markup import Markup, element
from glassnet.support.language import Language, Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

LEFT = Text("{time} left")

Thing = TypeVar("Thing")

KERNEL = "JPY_PARENT_PID"
"""A variable that Jupyter gives its kernels, and they to the commands of a cell."""


def can_redraw(console: Console) -> bool:
    """Return whether a console can redraw lines.

    A command in a cell of a notebook (``!glassnet train ...``) writes to something that claims to be a console, but
    shows each redrawn line below the one before.

    Examples
    --------
    >>> import io
    >>> from rich.console import Console
    >>> can_redraw(Console(file=io.StringIO()))
    False
    """
    return console.is_terminal and not console.is_dumb_terminal and KERNEL not in os.environ


class ProgressBar:
    """A bar with texts and the time left: a line of a terminal or a page of a notebook, nothing elsewhere.

    Parameters
    ----------
    name : str
        The label of the bar, for screen readers.
    total : float
        The amount of work, in steps or seconds.
    keep : bool
        Whether a terminal keeps the line at the end.
    bar_from : int
        Columns of a terminal from which on there is a bar beside the texts.
    """

    def __init__(self, name: str, total: float, *, keep: bool = False, bar_from: int = 0) -> None:
        self.name, self.total, self.started = name, total, time.perf_counter()
        self.screen: Screen | None = None
        self.line: Progress | None = None
        if in_notebook():
            self.screen = Screen(progress_page(0, total, name, [name]))
        else:
            self.line = _line(total, keep, bar_from)

    @property
    def in_notebook(self) -> bool:
        """Whether it is shown in a notebook."""
        return self.screen is not None

    @property
    def visible(self) -> bool:
        """Whether it is shown anywhere."""
        return self.screen is not None or self.line is not None

    def update(self, done: float, before: str, after: str, blocks: Callable[[], Iterable[Block]] = tuple) -> None:
        """Show how much is done.

        Parameters
        ----------
        done : float
            Of the total.
        before, after : str
            Texts on the left and on the right of the bar.
        blocks : callable
            Returns the blocks that a notebook shows below the bar.
        """
        if self.line is not None:
            self.line.update(self.line.task_ids[0], completed=done, before=before, after=after)
        elif self.screen is not None:
            self.screen.show(lambda: self._page(done, [before, after, *self._left(done)], blocks()))

    def close(self, last: Iterable[str] = (), blocks: Iterable[Block] | None = None) -> None:
        """End the display; with `blocks`, a notebook keeps a full bar, the `last` texts and these below it."""
        if self.line is not None:
            self.line.update(self.line.task_ids[0], completed=self.total)  # at an early end nothing is left to wait for
            self.line.stop()
        if self.screen is not None:
            self.screen.close(None if blocks is None else self._page(self.total, last, blocks))
        self.line = self.screen = None

    def _left(self, done: float) -> list[str]:
        passed = time.perf_counter() - self.started
        return [time_left(passed * (self.total - done) / done)] if done else []

    def _page(self, done: float, texts: Iterable[str], blocks: Iterable[Block]) -> Markup:
        return progress_page(done, self.total, self.name, filter(None, texts), *blocks)


def _line(total: float, keep: bool, bar_from: int) -> Progress | None:
    """Return a progress line of the terminal; None where there is none."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    console = Console(stderr=True)  # standard output may be data
    if not can_redraw(console):
        return None
    columns = (
        TextColumn("{task.fields[before]}"),
        *([BarColumn(bar_width=24)] if console.width >= bar_from else []),
        TextColumn("{task.fields[after]}", table_column=Column(no_wrap=False)),  # the one that may need two lines
        TimeRemainingColumn(compact=True),
    )
    line = Progress(*columns, console=console, transient=not keep)
    line.add_task("", total=total, before="", after="")
    line.start()
    return line


@contextmanager
def steps(what: str, total: int, *, shown: bool) -> Iterator[Callable[[], object]]:
    """A progress bar of a known number of steps, gone when the work is done; the result counts one step.

    Examples
    --------
    >>> with steps("sum", 3, shown=False) as done:
    ...     for number in range(3):
    ...         done()
    """
    if not shown:
        yield lambda: None
        return
    bar, count = ProgressBar(what, total), 0

    def done() -> None:
        nonlocal count
        count += 1
        bar.update(count, what, f"{100 * count / total:>3.0f}%")

    try:
        yield done
    finally:
        bar.close()


def tracked(things: Sequence[Thing], what: str, *, shown: bool) -> Iterator[Thing]:
    """Yield the same around a loop: each round is a step.

    Examples
    --------
    >>> [2 * number for number in tracked([1, 2, 3], "doubles", shown=False)]
    [2, 4, 6]
    """
    with steps(what, len(things), shown=shown) as done:
        for thing in things:
            yield thing
            done()


def time_left(seconds: float, language: Language | None = None) -> str:
    """Set the time left, in seconds."""
    return LEFT.say(language, time=_clock(seconds))


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


# ----------------------------------------------------------------- in a notebook

PAUSE = 0.4
"""Seconds between two pictures: more often cannot be seen, and each has to be sent."""


def in_notebook() -> bool:
    """Return whether displayed objects appear in a notebook."""
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


def progress_page(done: float, whole: float, what: str, details: Iterable[str], *more: Block) -> Markup:
    """Return a progress bar with `details` below it; `what` is its label for screen readers."""
    bar = element("progress", value=done, max=whole, style="width: 100%", aria_label=what)
    return display([MarkupBlock(bar), Paragraph("  ".join(details)), *more])

"""Progress of work of a known number of steps: what is done, how far it is, the time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from glassnet.insight.blocks import Drawn, Words
from glassnet.insight.display import display
from glassnet.insight.screen import PAUSE, in_notebook, opened
from glassnet.language import Language, Text
from glassnet.markup import Markup, element

__all__ = ["steps", "time_left", "tracked"]

LEFT = Text("{time} left", "还剩 {time}")

Thing = TypeVar("Thing")


@contextmanager
def steps(what: str, total: int, *, shown: bool) -> Iterator[Callable[[], object]]:
    """A bar with the time left: a line of the terminal, or in a notebook; gone when the work is done.

    Parameters
    ----------
    what : str
        What is done, for people.
    total : int
        How many steps there are.
    shown : bool
        False: nothing at all, as where neither a terminal nor a notebook is.

    Yields
    ------
    callable
        To be called after each step.

    Examples
    --------
    >>> with steps("sum", 3, shown=False) as done:
    ...     for number in range(3):
    ...         done()
    """
    if not shown:
        yield lambda: None
    elif in_notebook():
        with _in_notebook(what, total) as done:
            yield done
    else:
        with _in_terminal(what, total) as done:
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
    if not console.is_terminal:
        yield lambda: None
        return
    columns = TextColumn("{task.description}"), BarColumn(24), TaskProgressColumn(), TimeRemainingColumn(compact=True)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)


@contextmanager
def _in_notebook(what: str, total: int) -> Iterator[Callable[[], object]]:
    count, started, shown = 0, time.perf_counter(), 0.0

    def page() -> Markup:
        bar = element("progress", value=count, max=total, style="width: 100%", aria_label=what)
        left = [time_left((time.perf_counter() - started) * (total - count) / count)] if count else []
        return display([Drawn(bar), Words("  ".join([what, *left]))])

    def done() -> None:
        nonlocal count, shown
        count, now = count + 1, time.perf_counter()
        if now - shown >= PAUSE:
            screen(page())
            shown = now

    screen, close = opened(page())
    try:
        yield done
    finally:
        close()


def time_left(seconds: float, language: Language | None = None) -> str:
    """So many seconds are left."""
    return LEFT.say(language, time=_clock(seconds))


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

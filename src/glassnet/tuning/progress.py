"""A live line for a search: trials done and at work, the best score so far, the time left; silent where none looks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from glassnet.display.progress import can_redraw
from glassnet.support.language import Text

AT_WORK = Text("{done} trials done, {running} running")
Told = Callable[[int, int, str], object]
"""Is told how many trials are done, how many are at work, and the best score in words."""


@contextmanager
def search_progress(shown: bool, seconds: float | None, trials: int | None) -> Iterator[Told]:
    """The line, where it is to be shown; of the budget and the number of trials one is known."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console, started = Console(stderr=True), time.monotonic()  # standard output may be data
    if not (shown and can_redraw(console)):
        yield lambda done, running, said: None
        return
    columns = BarColumn(bar_width=24), TextColumn("{task.fields[said]}"), TimeRemainingColumn(compact=True)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=seconds or trials, said="")

        def tell(done: int, running: int, said: str) -> None:
            elapsed = time.monotonic() - started if seconds else done
            progress.update(task, completed=elapsed, said=AT_WORK.say(done=done, running=running) + said)

        yield tell

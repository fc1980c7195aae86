"""The progress display of a search: trials done and at work, the best score so far, the time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from glassnet.display.progress import ProgressBar
from glassnet.support.language import Text

SEARCH = Text("search")
AT_WORK = Text("{done} trials done, {running} running")
Update = Callable[[int, int, str], object]
"""Is called with the number of trials done, of trials at work, and the best score in words."""


@contextmanager
def search_progress(shown: bool, seconds: float | None, trials: int | None) -> Iterator[Update]:
    """A progress bar of the budget, or else of the number of trials; one of them is known."""
    if not shown:
        yield lambda done, running, best: None
        return
    bar, started = ProgressBar(SEARCH.say(), seconds or trials or 1), time.monotonic()

    def update(done: int, running: int, best: str) -> None:
        elapsed = time.monotonic() - started if seconds else done
        bar.update(elapsed, "", AT_WORK.say(done=done, running=running) + best)

    try:
        yield update
    finally:
        bar.close()

"""Progress in a notebook: a bar, the numbers of the moment, and the curves, drawn anew while training runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from glassnet.insight.blocks import Block, Charts, Drawn, Words
from glassnet.insight.charts.training import training
from glassnet.insight.display import display
from glassnet.insight.live.words import epoch, left, numbers, speed
from glassnet.insight.screen import PAUSE, Screen, has_widgets, updated_display, widget
from glassnet.language import get_language
from glassnet.markup import Markup, element
from glassnet.training import History, Run

__all__ = ["NotebookView"]


class NotebookView:
    """A callback: a bar and the curves of loss and validation, in one place of a notebook.

    With ipywidgets it is a widget while training runs, which is replaced by a plain display at its end, so that a saved
    notebook has it; without, the display itself is updated.
    """

    def __init__(self) -> None:
        self.screen: Screen | None = None
        self.close: Callable[[], object] | None = None
        self.shown = 0.0

    def on_train_begin(self, run: Run) -> None:
        if has_widgets():
            self.screen, self.close = widget(self._page(run))
        else:
            self.screen = updated_display(self._page(run))

    def on_progress(self, run: Run) -> None:
        now = time.perf_counter()
        if self.screen is not None and now - self.shown >= PAUSE:
            self.screen(self._page(run))
            self.shown = now

    def on_train_end(self, run: Run) -> None:
        if self.screen is None:
            return
        if self.close is None:
            self.screen(self._page(run, over=True))
        else:
            self.close()
            updated_display(self._page(run, over=True))
        self.screen = self.close = None

    def __getstate__(self) -> dict[str, Any]:
        return {"screen": None, "close": None, "shown": 0.0}  # a notebook does not travel

    def _page(self, run: Run, *, over: bool = False) -> Markup:
        whole = run.epochs * run.steps
        done = whole if over else max(0, run.epoch - 1) * run.steps + run.step
        said = [epoch(run), *numbers(run), *speed(run), *([] if over else left(run))]
        bar = element("progress", value=done, max=whole, style="width: 100%", aria_label=epoch(run))
        blocks: list[Block] = [Drawn(bar), Words("  ".join(said))]
        history = History(run.history.rows[run.epochs_before :])
        history.best_epoch = run.history.best_epoch
        names = [name for name in ("loss", "validation_loss") if name in history.columns]
        if len(history) > 1:
            blocks.append(Charts([training([history], names, get_language())]))
        return display(blocks)

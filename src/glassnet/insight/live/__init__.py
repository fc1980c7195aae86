"""How a training is shown while it runs."""

from glassnet.insight.live.bar import ProgressBar
from glassnet.insight.live.notebook import NotebookView
from glassnet.insight.live.view import LiveView
from glassnet.insight.screen import in_notebook

__all__ = ["LiveView", "NotebookView", "ProgressBar", "progress_view"]


def progress_view() -> ProgressBar | NotebookView:
    """What ``verbose=True`` shows: a bar and the curves in a notebook, a line in a terminal."""
    return NotebookView() if in_notebook() else ProgressBar()

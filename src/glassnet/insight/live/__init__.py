"""How a training is shown while it runs."""

from glassnet.insight.live.progress import NotebookView, ProgressBar, progress_view
from glassnet.insight.live.view import LiveView

__all__ = ["LiveView", "NotebookView", "ProgressBar", "progress_view"]

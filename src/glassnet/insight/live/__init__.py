"""The live view of a training in the terminal: curves, numbers, and what a doctor finds on the way."""

from glassnet.insight.live.view import LiveView

__all__ = ["LiveView"]

"""A report about a model: one self-contained HTML page."""

from glassnet.insight.report.page import report

__all__ = ["report"]

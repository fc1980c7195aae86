"""Plots of networks, of their training and of their predictions, each as matplotlib Axes.

All but `summary` and `svg`, which are texts, take `ax` (None: a figure of its own), `language` ("en" or "zh") and
`theme` ("light" or "dark", for pages whose ground is dark: the pictures themselves have none). They need matplotlib:
``pip install "glassnet[plot]"``.
"""

from glassnet.insight.plots.canvas import svg
from glassnet.insight.plots.curves import over_time, training_curves
from glassnet.insight.plots.decision import decision_boundary, neuron_line
from glassnet.insight.plots.models import summary
from glassnet.insight.plots.results import (
    calibration_curve,
    confusion_matrix,
    precision_recall_curve,
    quantile_bands,
    residuals,
    roc_curve,
)
from glassnet.insight.plots.surface import loss_surface

__all__ = [
    "calibration_curve",
    "confusion_matrix",
    "decision_boundary",
    "loss_surface",
    "neuron_line",
    "over_time",
    "precision_recall_curve",
    "quantile_bands",
    "residuals",
    "roc_curve",
    "summary",
    "svg",
    "training_curves",
]

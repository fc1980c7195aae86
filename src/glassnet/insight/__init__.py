"""Insight: analyses of a network and its training, in numbers, plots and words."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["plots"]


def __getattr__(name: str) -> Any:
    if name == "plots":  # at first use, for it brings scikit-learn along
        return importlib.import_module("glassnet.insight.plots")
    raise AttributeError(f"module 'glassnet.insight' has no attribute {name!r}")

"""Doors to the rooms above: what others can do with a fitted estimator, as methods of it.

The rooms above import the estimators, and never the other way round; so a door knows its room by name alone, and opens
it at first use.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

__all__ = ["Doors"]


def _room(name: str) -> Any:
    return importlib.import_module(f"glassnet.{name}")


class Doors:
    """The methods of an estimator whose work is done on a floor above."""

    def report(self, path: str | os.PathLike[str], X: Any, y: Any, **options: Any) -> Path:
        """Write a report about the model, judged by these rows, as one HTML page; see :func:`glassnet.report`."""
        return _room("insight.report").report(self, X, y, path, **options)

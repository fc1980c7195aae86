"""Doors to the rooms above: what others can do with a fitted estimator, as methods of it.

The rooms above import the estimators, and never the other way round; so a door knows its room by name alone, and opens
it at first use.
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["Doors"]


def _room(name: str) -> Any:
    return importlib.import_module(f"glassnet.{name}")


class Doors:
    """The methods of an estimator whose work is done on a floor above."""

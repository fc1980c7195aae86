"""Doors to the rooms above: what others can do with a fitted estimator, as methods of it.

The rooms above import the estimators, and never the other way round; so a door knows its room by name alone, and opens
it at first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet.insight.doctor import Diagnosis
    from glassnet.insight.text import Language

__all__ = ["Doors"]


def _room(name: str) -> Any:
    return importlib.import_module(f"glassnet.{name}")


class Doors:
    """The methods of an estimator whose work is done on a floor above."""

    def diagnose(
        self,
        X: Any = None,
        y: Any = None,
        *,
        validation_data: tuple[Any, Any] | None = None,
        language: Language = "en",
    ) -> Diagnosis:
        """What is wrong with the model, its training or its rows, best those it was fitted with: see `diagnose`."""
        diagnosis: Diagnosis = _room("insight.doctor").diagnose(
            self, X, y, validation_data=validation_data, language=language
        )
        return diagnosis

"""Tables as the other libraries want them: they take no strings, and some refuse gaps or names with brackets.

glassnet needs none of this; it gets the frame as it was read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

from benchmarks.accuracy.tables import numeric_columns

__all__ = ["OfPreparedTables", "Prepared"]

GAP = "(missing)"


class OfPreparedTables(ABC):
    """A fitted model behind tables that are prepared for it."""

    model: Any

    @abstractmethod
    def _prepare(self, X: pd.DataFrame) -> Any:
        """Return what the model takes."""

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.model.predict(self._prepare(X))).reshape(-1)

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.model.predict_proba(self._prepare(X)))

    @property
    def classes_(self) -> np.ndarray:
        return self.model.classes_


class Prepared(OfPreparedTables):
    """A model behind a table whose numbers are floats and whose strings are categories.

    The categories are those of the training rows; any other becomes missing.

    Parameters
    ----------
    make : callable
        From the names of the columns that hold categories to a model.
    fill_gaps : bool
        Whether a missing number becomes the median of its column.
    as_text : bool
        Whether categories stay strings, and a missing one becomes a string, too.
    """

    def __init__(self, make: Callable[[Sequence[str]], Any], *, fill_gaps: bool = False, as_text: bool = False) -> None:
        self.make, self.fill_gaps, self.as_text = make, fill_gaps, as_text

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        """Learn categories and medians, then let the model learn."""
        numeric = set(numeric_columns(X))
        self.levels = {name: _levels(X[name]) for name in X if name not in numeric}
        self.medians = {name: np.nan_to_num(X[name].astype(float).median()) for name in numeric}
        categories = [f"f{place}" for place, name in enumerate(X) if name in self.levels]
        self.model = self.make(categories)
        self.model.fit(self._prepare(X), y)
        return self

    def _prepare(self, X: pd.DataFrame) -> pd.DataFrame:
        columns: dict[str, Any] = {}
        X = X.reset_index(drop=True)
        for place, name in enumerate(X):
            column = X[name]
            if name not in self.levels:
                column = column.astype(float)
                columns[f"f{place}"] = column.fillna(self.medians[name]) if self.fill_gaps else column
                continue
            text = _as_text(column)
            known = pd.Series(pd.Categorical(text.where(text.isin(self.levels[name])), categories=self.levels[name]))
            columns[f"f{place}"] = known.astype(object).where(known.notna(), GAP) if self.as_text else known
        return pd.DataFrame(columns)


def _as_text(column: pd.Series) -> pd.Series:
    return column.astype(object).map(str, na_action="ignore")


def _levels(column: pd.Series) -> list[str]:
    return sorted(_as_text(column).dropna().unique())

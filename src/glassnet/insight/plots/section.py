"""A table seen through two of its columns, the others held where most rows are."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from glassnet.errors import InputError, shown
from glassnet.layers.base import Array
from glassnet.tables import feature_names, is_sparse, row_count, take
from glassnet.tables.rows import as_frame, is_frame
from glassnet.touching import listed, place, touching

__all__ = ["Section", "Slice"]


class Section:
    """A plane through a table: two columns of numbers are its axes, all others keep the value of the middle row.

    Parameters
    ----------
    X : table of rows
    features : two names or numbers of columns

    Attributes
    ----------
    names : list of str
        Of the two.
    chosen : array of shape (rows, 2)
        Their values; gaps are filled with the median.
    held : bool
        Whether there are other columns.

    Raises
    ------
    InputError, InputTypeError
        If X is no table, or there are no two such columns with numbers.
    """

    def __init__(self, X: Any, features: Any) -> None:
        if is_sparse(X):
            raise InputError("The picture needs a dense table", "a sparse one", "Use X.toarray()")
        with touching("X must be a table of rows and columns", X, "Give an array or a DataFrame"):
            self.table = as_frame(X).to_native() if is_frame(X) else np.asarray(X)
        if not is_frame(X) and self.table.ndim != 2:
            raise InputError("X must be a table of rows and columns", f"shape {self.table.shape}", "Reshape it")
        if row_count(X) < 1:
            raise InputError("X must have at least one row", "none", "Give some rows: their range is drawn")
        known = feature_names(X) or [f"x{number}" for number in range(self.table.shape[1])]
        self.places = _places(features, known)
        self.names = [known[place] for place in self.places]
        self.held = len(known) > 2
        self.chosen = np.column_stack([self._filled(place, known[place]) for place in self.places])
        self.usual = {place: _middle(self._values(place)) for place in range(len(known)) if place not in self.places}

    def _values(self, place: int) -> Array:
        if is_frame(self.table):
            frame = as_frame(self.table)
            return np.asarray(frame[frame.columns[place]].to_numpy())
        values: Array = self.table[:, place]
        return values

    def _filled(self, place: int, name: str) -> Array:
        numbers = _as_numbers(self._values(place))
        if numbers is None or not np.isfinite(numbers).any():
            raise InputError("`features` must be columns of numbers", name, "Choose two columns of numbers")
        return np.where(np.isfinite(numbers), numbers, np.median(numbers[np.isfinite(numbers)]))

    def rows(self, points: Array) -> Any:
        """Points of the plane as rows of the table.

        Parameters
        ----------
        points : array of shape (points, 2)

        Returns
        -------
        table of the same kind as X
        """
        if not is_frame(self.table):
            rows = np.empty((len(points), self.table.shape[1]), object if self.table.dtype.kind in "OUS" else float)
            for place, row in self.usual.items():
                rows[:, place] = self.table[row, place]
            rows[:, self.places] = points
            return rows
        import narwhals.stable.v2 as nw

        rows = as_frame(take(self.table, np.zeros(len(points), np.intp)))
        columns = []
        for place, name in enumerate(rows.columns):
            if place in self.places:
                values = points[:, self.places.index(place)].copy()
                columns.append(nw.new_series(name, values, backend=rows.implementation))
            else:
                columns.append(as_frame(take(self.table, np.full(len(points), self.usual[place], np.intp)))[name])
        return rows.with_columns(*columns).to_native()


class Slice(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A regressor of two features: what the model says in a plane through its table."""

    def __init__(self, model: Any = None, section: Any = None) -> None:
        self.model, self.section = model, section

    def fit(self) -> Slice:
        """Nothing is learned; scikit-learn wants to see that it could have been."""
        self.n_features_in_ = 2
        return self

    def predict(self, X: Any) -> Array:
        """What the model says at these points of the plane."""
        return np.asarray(self.model.predict(self.section.rows(np.asarray(X))))


def _places(features: Any, known: list[str]) -> list[int]:
    """Where the two columns stand."""
    pair = listed("`features`", features, "For example (0, 1)")
    if len(pair) != 2:
        raise InputError("`features` must be two columns", shown(features), "For example (0, 1)")
    places = []
    for feature in pair:
        if not isinstance(feature, str):
            places.append(place("Each of `features`", feature, len(known), f"Or a name of: {', '.join(known)}"))
        elif str.__str__(feature) in known:
            places.append(known.index(str.__str__(feature)))
        else:
            raise InputError("`features` must be columns of X", shown(feature), f"They are: {', '.join(known)}")
    if places[0] == places[1]:
        raise InputError("`features` must be two different columns", shown(features), "For example (0, 1)")
    return places


def _as_numbers(values: Array) -> Array | None:
    """A column as numbers, if it has them."""
    if values.dtype.kind == "M":
        return None
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError):
        return None


def _middle(values: Array) -> int:
    """The row whose value is the median of the column, or of what is no number the most frequent."""
    numbers = _as_numbers(values)
    if numbers is None:
        _, first, counts = np.unique(values.astype(str), return_index=True, return_counts=True)
        return int(first[counts.argmax()])
    if not np.isfinite(numbers).any():
        return 0
    return int(np.nanargmin(np.abs(numbers - np.nanmedian(numbers))))

"""Which columns a model relies on: how much worse it gets when the cells of one column change places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators import NeuralClassifier, NeuralRegressor
from glassnet.insight.axes import FOR, QUIET, fresh_axes
from glassnet.insight.cells import Cells, as_frame_like
from glassnet.insight.explanations.answer import check_model
from glassnet.insight.text import Language, Text, check_language
from glassnet.layers.base import Array, positive
from glassnet.training.scoring import Scoring, scorer_for

__all__ = ["Importances", "importances"]

COLUMN = Text("column", "列")
DROP = Text("drop of {metric}", "{metric} 的下降")
DEVIATION = Text("deviation", "标准差")


@dataclass(frozen=True)
class Importances:
    """How much the score drops when a column is shuffled; printed, a table with the most important column first.

    Attributes
    ----------
    columns : tuple of str
        In the order of the training table.
    drops : array of shape (columns, repeats)
        By how much the score was lower, each time.
    score : float
        With every column in its place.
    metric : str
        What the score is.
    """

    columns: tuple[str, ...]
    drops: Array
    score: float
    metric: str
    table: Any = field(default=None, repr=False)

    @property
    def means(self) -> Array:
        """The mean drop of each column."""
        means: Array = self.drops.mean(axis=1)
        return means

    @property
    def deviations(self) -> Array:
        """The standard deviation of each column's drops, from shuffling to shuffling."""
        deviations: Array = self.drops.std(axis=1)
        return deviations

    @property
    def order(self) -> list[int]:
        """The places of the columns, the most important first."""
        return [int(place) for place in np.argsort(-self.means, kind="stable")]

    def to_frame(self) -> Any:
        """A row for each column, the most important first: column, importance, deviation."""
        order = self.order
        names = np.array(self.columns, dtype=object)[order]
        columns = {"column": names, "importance": self.means[order], "deviation": self.deviations[order]}
        return as_frame_like(self.table, columns)

    def plot(self, *, axes: Any = None, language: Language = "en", most: int = 20) -> Any:
        """Draw the most important columns as bars, with the deviation from shuffling to shuffling.

        Returns
        -------
        matplotlib axes
        """
        language, places = check_language(language), self.order[:most][::-1]
        axes = fresh_axes(axes, 1.0 + 0.3 * len(places))
        axes.barh(range(len(places)), self.means[places], xerr=self.deviations[places], color=FOR, ecolor=QUIET)
        axes.set_yticks(range(len(places)), [self.columns[place] for place in places])
        axes.set_xlabel(DROP.say(language, metric=self.metric))
        return axes

    def cells(self, language: Language = "en") -> list[tuple[str, str, str]]:
        """The table as text: its head, then column, mean drop and deviation, the most important first."""
        language = check_language(language)
        head = (COLUMN.say(language), DROP.say(language, metric=self.metric), DEVIATION.say(language))
        return [head, *((self.columns[p], f"{self.means[p]:.4f}", f"{self.deviations[p]:.4f}") for p in self.order)]

    def __str__(self) -> str:
        cells = self.cells()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [f"{name:<{widths[0]}}  {drop:>{widths[1]}}  {dev:>{widths[2]}}" for name, drop, dev in cells]
        return "\n".join([*lines, f"{self.metric} with every column in its place: {self.score:.4g}"])


def importances(
    model: Any,
    X: Any,
    y: Any,
    *,
    scoring: Scoring | None = None,
    repeats: int = 5,
    sample_weight: Any = None,
    random_state: int | np.random.RandomState | None = 0,
) -> Importances:
    """Shuffle one column after the other, and see by how much the score drops.

    Rows that the model has not seen say what its predictions rely on. Of two columns that say the same, each seems
    unimportant, for the other is still there.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        Fitted.
    X : table of rows
    y : array-like of shape (rows,)
    scoring : str or callable
        A scikit-learn scorer such as "roc_auc"; None: accuracy or R², for several quantiles the loss with a minus.
    repeats : int
        How often each column is shuffled.
    sample_weight : array-like of shape (rows,), optional
    random_state : int, RandomState or None
        Decides the shuffling.

    Returns
    -------
    Importances

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        If the model is none or not fitted, the rows are none for it, or there is no such scoring.

    Notes
    -----
    Source: Breiman (2001), *Random Forests*, section 10; carried out by scikit-learn's ``permutation_importance``.

    Examples
    --------
    >>> from glassnet import NeuralRegressor
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> model = NeuralRegressor(hidden_layers=(), optimizer="lbfgs", random_state=0).fit(X, X @ [3.0, 0.0])
    >>> importances(model, X, X @ [3.0, 0.0]).means.round(1) + 0.0
    array([2., 0.])
    """
    from sklearn.inspection import permutation_importance

    check_model(model)
    repeats = positive("importances", "repeats", repeats, "5 is usual")
    cells = Cells(model, X)
    y = np.asarray(y)
    if len(y) != cells.rows:
        raise InputError("X and y must have the same number of rows", f"{cells.rows} and {len(y)}", "Match them")
    weight = None if sample_weight is None else np.asarray(sample_weight, np.float64)
    metric, scorer = _usual(model) if scoring is None else (_name(scoring), scoring)
    score = scorer_for(scorer, model)
    in_place = np.arange(cells.rows)

    def scored(_: Any, rows: Array, truth: Array) -> float:
        """What scikit-learn shuffles are the numbers of the rows; so the cells may be of any type."""
        moved = {column: rows[:, column] for column in range(rows.shape[1]) if (rows[:, column] != in_place).any()}
        return score(cells.moved(moved), truth, weight)

    numbers = np.repeat(in_place[:, None], len(cells.names), axis=1)
    found = permutation_importance(model, numbers, y, scoring=scored, n_repeats=repeats, random_state=random_state)
    return Importances(tuple(cells.names), found.importances, scored(None, numbers, y), metric, X)


def _usual(model: NeuralClassifier | NeuralRegressor) -> tuple[str, Scoring]:
    """The score that a model has of itself, with its name; several quantiles have none but the loss."""
    loss = model.network_.loss
    if loss.outputs_per_target > loss.columns:

        def negative_loss(model: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
            return -float(model.judged(X, y, sample_weight))

        return (_name(model.scoring), model.scoring) if model.scoring is not None else ("negative loss", negative_loss)

    def own_score(model: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
        return float(model.score(X, y, sample_weight=sample_weight))

    return "accuracy" if isinstance(model, NeuralClassifier) else "R²", own_score


def _name(scoring: Any) -> str:
    return scoring if isinstance(scoring, str) else str(getattr(scoring, "__name__", type(scoring).__name__))

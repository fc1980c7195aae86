"""Which columns a model relies on: how much worse it gets when the cells of one column change places."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.estimators import NeuralClassifier, NeuralRegressor
from glassnet.insight.cells import Cells, as_frame_like
from glassnet.insight.explanations.answer import check_model
from glassnet.insight.text import Language, Text, check_language
from glassnet.layers.base import Array, positive
from glassnet.tables import is_sparse, take
from glassnet.training.scoring import Scoring, scorer_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Importances", "ModelScore", "importances"]

TITLE = Text("Importance of the columns", "各列的重要性")
COLUMN = Text("column", "列")
DROP = Text("drop of {metric}", "{metric} 的下降")
DEVIATION = Text("deviation", "标准差")

FIRST_LOOK = 200
"""Rows that say which of many columns are worth a second look."""


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

    def plot(self, *, most: int = 20, ax: Axes | None = None, language: str = "en", theme: str = "light") -> Axes:
        """Draw the most important columns as bars, with the deviation from shuffling to shuffling.

        Parameters
        ----------
        most : int
            How many bars.
        ax : matplotlib Axes, optional
            None: a figure of its own.
        language : {"en", "zh"}
        theme : {"light", "dark"}

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        InputError, InputTypeError
            If an option is out of range.
        """
        from glassnet.insight.plots.bars import draw_bars
        from glassnet.insight.plots.style import canvas

        places = self.order[: positive("a picture", "most", most, "20 is usual")]
        with canvas(ax, language, theme, room=(0, 1.0 + 0.3 * len(places))) as drawing:
            color, quiet = drawing.theme.color(0), drawing.theme.quiet
            names = [self.columns[place] for place in places]
            bars = draw_bars(drawing, names, self.means[places], [color] * len(places))
            drawing.ax.errorbar(self.means[places], bars, xerr=self.deviations[places], fmt="none", ecolor=quiet)
            drawing.label(TITLE, DROP, metric=self.metric)
            return drawing.ax

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


@dataclass(frozen=True)
class ModelScore:
    """A score that asks the model alone: whoever measures it need not have a table, only something to predict from.

    Parameters
    ----------
    name : str
    measure : callable of (model, X, y, sample_weight)
        Higher is better. `X` is for the model's methods, and for nobody else.
    """

    name: str
    measure: Callable[[Any, Any, Array, Array | None], float]

    def __call__(self, model: Any, X: Any, y: Array, sample_weight: Array | None = None) -> float:
        return self.measure(model, X, y, sample_weight)


def importances(
    model: Any,
    X: Any,
    y: Any,
    *,
    scoring: Scoring | None = None,
    repeats: int = 5,
    rows: int | None = None,
    most: int | None = None,
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
        A function of your own gets the table with the shuffled cells; a name is much faster, for the rest of the table
        need not be encoded again.
    repeats : int
        How often each column is shuffled.
    rows : int, optional
        At most so many, drawn at random; None: all. Some thousand say the same, sooner.
    most : int, optional
        At most so many columns: of more, those that matter most in a first look at 200 rows; None: all.
    sample_weight : array-like of shape (rows,), optional
    random_state : int, RandomState or None
        Decides the shuffling.

    Returns
    -------
    Importances

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        If the model is none or not fitted, the rows are none for it, there is no such scoring, or a number is none.

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
    from sklearn.utils import check_random_state

    check_model(model)
    repeats = positive("importances", "repeats", repeats, "5 is usual")
    rows = None if rows is None else positive("importances", "rows", rows, "Some thousand are enough")
    most = None if most is None else positive("importances", "most", most, "30 can be read")
    scorer = _usual(model) if scoring is None else scoring
    table, y, weight = model._check_rows(X, y, sample_weight)
    random = check_random_state(random_state)
    if rows is not None and len(y) > rows:
        table, y, weight = _some(np.sort(random.choice(len(y), rows, replace=False)), table, y, weight)
    names: list[str] = model.encoder_.feature_names_in
    places = np.arange(len(names))
    if most is not None and len(places) > most:
        few = _some(np.arange(min(FIRST_LOOK, len(y))), table, y, weight)
        rough, _ = _drops(model, *few, scorer, places, 1, random)
        places = np.sort(np.argsort(-rough[:, 0], kind="stable")[:most])
    drops, score = _drops(model, table, y, weight, scorer, places, repeats, random)
    return Importances(tuple(names[place] for place in places), drops, score, _name(scorer), X)


def _some(chosen: Array, X: Any, y: Array, weight: Array | None) -> tuple[Any, Array, Array | None]:
    return take(X, chosen), y[chosen], None if weight is None else weight[chosen]


def _drops(
    model: Any, X: Any, y: Array, weight: Array | None, scorer: Scoring, places: Array, repeats: int, random: Any
) -> tuple[Array, float]:
    """By how much the score is lower with each of these columns shuffled, each time; and the score itself.

    What scikit-learn shuffles are the numbers of the rows, column by column; so cells may be of any type.
    """
    from sklearn.inspection import permutation_importance

    table: Callable[[Array], Any]
    if isinstance(scorer, (str, ModelScore)):
        score, table = scorer_for(scorer, _asked_by_number(model, X, places)), np.asarray
    else:
        score, table = scorer_for(scorer, model), _table_by_number(model, X, places)

    def scored(_: Any, rows: Array, truth: Array) -> float:
        return score(table(rows), truth, weight)

    numbers = np.repeat(np.arange(len(y))[:, None], len(places), axis=1)
    found = permutation_importance(model, numbers, y, scoring=scored, n_repeats=repeats, random_state=random)
    drops: Array = found.importances
    return drops, scored(None, numbers, y)


def _table_by_number(model: Any, X: Any, places: Array) -> Callable[[Array], Any]:
    """From numbers of rows, a column for each of these places of the table, to the table with the cells of those."""
    import narwhals.stable.v2 as nw

    cells = Cells(model, X)

    def table(rows: Array) -> Any:
        moved = cells.moved({int(places[at]): rows[:, at] for at in _moved(rows)})
        return nw.to_native(moved, pass_through=True)  # a frame of the user's own library

    return table


def _moved(rows: Array) -> list[int]:
    """The columns of which not all rows are in their place."""
    moved: list[int] = np.flatnonzero((rows != np.arange(len(rows))[:, None]).any(axis=0)).tolist()
    return moved


def _asked_by_number(model: Any, X: Any, places: Array) -> Any:
    """A copy of a model that is asked with numbers of rows, a column for each of these places of the table.

    Each number means what stands in that row of the table, in that column. The table is encoded but once.
    """
    face = copy.copy(model)
    face.encoder_ = _Numbered(model.encoder_, X, places)
    return face


class _Numbered:
    """In the place of an encoder: from numbers of rows to those rows, encoded."""

    def __init__(self, encoder: Any, X: Any, places: Array) -> None:
        encoded = encoder.transform(X)
        self.encoded = encoded.toarray() if is_sparse(encoded) else encoded
        self.blocks = [np.flatnonzero(encoder.sources == place) for place in places]

    def transform(self, rows: Array) -> Array:
        """The encoded rows, each column of the table from the rows that are named."""
        found: Array = self.encoded.copy()
        for at in _moved(rows):
            found[:, self.blocks[at]] = self.encoded[np.ix_(rows[:, at], self.blocks[at])]
        return found


def _usual(model: NeuralClassifier | NeuralRegressor) -> Scoring:
    """The score that a model has of itself; several quantiles have none but the loss."""
    loss = model.network_.loss
    if loss.outputs_per_target > loss.columns:
        negative = ModelScore("negative loss", lambda model, X, y, weight: -float(model.judged(X, y, weight)))
        return negative if model.scoring is None else model.scoring
    name = "accuracy" if isinstance(model, NeuralClassifier) else "R²"
    return ModelScore(name, lambda model, X, y, weight: float(model.score(X, y, sample_weight=weight)))


def _name(scoring: Any) -> str:
    if isinstance(scoring, ModelScore):
        return scoring.name
    return scoring if isinstance(scoring, str) else str(getattr(scoring, "__name__", type(scoring).__name__))

"""Permutation importance: by how much the score drops when a column is shuffled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack

import numpy as np

from glassnet.display.blocks import Block, Charts, Paragraph, TableBlock
from glassnet.display.chart import Bar, Bars
from glassnet.display.numbers import beside, fixed
from glassnet.display.progress import steps
from glassnet.display.result import Result
from glassnet.display.theme import Axes, Look, picture
from glassnet.estimators import Classifier, Regressor
from glassnet.insight.answer import check_model
from glassnet.insight.cells import as_frame_like
from glassnet.insight.scores import metric_name
from glassnet.insight.shuffled_columns import (
    ColumnGroups,
    Shuffled,
    asked_by_number,
    shuffled_columns,
    table_by_number,
)
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text, aligned, check_language
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import VERBOSE, Integer, Optional, RandomState, checked
from glassnet.tables import take
from glassnet.training import Rows
from glassnet.training.scorers import SCORING, Scoring, scorer_for

TITLE = Text("Feature importance")
COLUMN = Text("column")
DROP = Text("drop in {metric}")
SCORE = Text("{metric} before permutation: {score:.4g}")
DEVIATION = Text("deviation")

MEASURED = Text("importances")
FIRST_LOOK = 200
"""The rows of the first pass, which selects the columns for a second one."""


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class Importances(Result):
    """Permutation importances: the drop in score when a column is shuffled; prints as a table, most important first.

    Attributes
    ----------
    columns : tuple of str
        In the order of the training table; groups of columns come first.
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
        return self.drops.mean(axis=1)

    @property
    def deviations(self) -> Array:
        """The standard deviation of each column's drops, from shuffling to shuffling."""
        return self.drops.std(axis=1)

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

    @picture(most=Integer("20 is a common choice"))
    def plot(self, *, most: int = 20, **look: Unpack[Look]) -> Axes:
        """Draw the most important columns as bars, with the deviation from shuffling to shuffling.

        Parameters
        ----------
        most : int
            How many bars.
        **look
        """
        from glassnet.insight.plots.canvas import draw

        return draw(lambda spoken: self.chart(spoken, most), **look)

    @checked(most=Integer("20 is a common choice"))
    def chart(self, language: Language | None = None, most: int = 20) -> Bars:
        """Bar chart of the most important columns."""
        each = [
            Bar(self.columns[at], mean, beside(mean, self.means), "a", mean - deviation, mean + deviation)
            for at in self.order[:most]
            for mean, deviation in [(float(self.means[at]), float(self.deviations[at]))]
        ]
        return Bars(TITLE.say(language), each, DROP.say(language, metric=metric_name(self.metric, language)))

    def _blocks(self, language: Language) -> list[Block]:
        head, *rows = self.cells(language)
        score = Paragraph(self._score_text(language), "note")
        return [Charts([self.chart(language)]), TableBlock("", head, rows), score]

    def _score_text(self, language: Language | None) -> str:
        return SCORE.say(language, metric=metric_name(self.metric, language), score=self.score)

    def cells(self, language: Language | None = None) -> list[tuple[str, str, str]]:
        """The table as text: its head, then column, mean drop and deviation, the most important first."""
        language = check_language(language)
        head = (
            COLUMN.say(language),
            DROP.say(language, metric=metric_name(self.metric, language)),
            DEVIATION.say(language),
        )
        numbers = [[fixed(number, 4, grouped=False) for number in column] for column in (self.means, self.deviations)]
        return [head, *((self.columns[p], numbers[0][p], numbers[1][p]) for p in self.order)]

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: that of the result, else the language that is set."""
        return f"{aligned(self.cells(language))}\n{self._score_text(language)}"


# ------------------------------------------------------------------- measurement


@dataclass(frozen=True)
class ModelScore:
    """A score of a model on any input that it can predict from, not only on a table.

    Parameters
    ----------
    name : str
    measure : callable of (model, X, y, sample_weight)
        Higher is better. `X` is passed to the model's methods only.
    """

    name: str
    measure: Callable[[Any, Any, Array, Array | None], float]

    def __call__(self, model: Any, X: Any, y: Array, sample_weight: Array | None = None) -> float:
        return self.measure(model, X, y, sample_weight)


@checked(
    groups=Optional(ColumnGroups()),
    scoring=SCORING,
    repeats=Integer("5 is a common choice"),
    rows=Optional(Integer("A few thousand are enough")),
    most=Optional(Integer("30 are readable")),
    random_state=RandomState(),
    verbose=VERBOSE,
)
def importances(
    model: Any,
    X: Any,
    y: Any,
    *,
    groups: Mapping[str, Sequence[str | int]] | None = None,
    scoring: Scoring | None = None,
    repeats: int = 5,
    rows: int | None = None,
    most: int | None = None,
    sample_weight: Any = None,
    random_state: int | np.random.RandomState | None = 0,
    verbose: bool | int = False,
) -> Importances:
    """Permutation importance: by how much the score drops when a column is shuffled.

    Measured on unseen rows, it tells which columns the predictions rely on. If two columns are redundant, each seems
    unimportant, because the other is still there.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        Fitted.
    X : table of rows
    y : array-like of shape (rows,)
    groups : mapping from str to sequence of str or int, optional
        Columns that are shuffled together, by the name of the group: {"place": ["lat", "lon"]}. Information that they
        share is counted once. Columns in no group are shuffled separately.
    scoring : str or callable
        A scikit-learn scorer such as "roc_auc"; None: accuracy or R², for several quantiles the loss with a minus.
        Your own function gets the table with the shuffled cells; a name is much faster, because the rest of the table
        need not be encoded again.
    repeats : int
        How often each column is shuffled.
    rows : int, optional
        The maximum number of rows, drawn at random; None: all. A few thousand are enough.
    most : int, optional
        The maximum number of columns or groups; of more, those that matter most on 200 rows are measured. None: all.
    sample_weight : array-like of shape (rows,), optional
    random_state : int, RandomState or None
        Decides the shuffling.
    verbose : bool
        Whether a bar shows how far it is, in a terminal or a notebook.

    Returns
    -------
    Importances

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        If the model is not of this kind or not fitted, the rows do not fit it, or an option is wrong.

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
    scorer = _usual(model) if scoring is None else scoring
    scored_rows, random = Rows(*model._check_rows(X, y, sample_weight)), check_random_state(random_state)
    if rows is not None and len(scored_rows.y) > rows:
        scored_rows = _some(scored_rows, np.sort(random.choice(len(scored_rows.y), rows, replace=False)))
    columns = shuffled_columns(model.encoder_.feature_names_in, groups or {})
    if most is not None and len(columns) > most:
        few = _some(scored_rows, np.arange(min(FIRST_LOOK, len(scored_rows.y))))
        rough, _ = _drops(model, few, scorer, columns, 1, random, verbose)
        columns = [columns[place] for place in np.sort(np.argsort(-rough[:, 0], kind="stable")[:most])]
    drops, score = _drops(model, scored_rows, scorer, columns, repeats, random, verbose)
    return Importances(tuple(name for name, _ in columns), drops, score, _name(scorer), X)


def _some(rows: Rows, chosen: Array) -> Rows:
    """Some rows of a table of any kind."""
    return Rows(take(rows.X, chosen), rows.y[chosen], None if rows.weight is None else rows.weight[chosen])


def _drops(
    model: Any, rows: Rows, scorer: Scoring, columns: Sequence[Shuffled], repeats: int, random: Any, verbose: bool | int
) -> tuple[Array, float]:
    """The drop of the score for each shuffled column and repeat; and the score itself.

    What scikit-learn shuffles are the numbers of the rows, column by column; so cells may be of any type.
    """
    from sklearn.inspection import permutation_importance

    table: Callable[[Array], Any]
    if isinstance(scorer, (str, ModelScore)):
        score, table = scorer_for(scorer, asked_by_number(model, rows.X, columns)), np.asarray
    else:
        score, table = scorer_for(scorer, model), table_by_number(model, rows.X, columns)

    numbers = np.repeat(np.arange(len(rows.y))[:, None], len(columns), axis=1)
    with steps(MEASURED.say(), 2 + repeats * len(columns), shown=bool(verbose)) as done:

        def scored(_: Any, row_numbers: Array, truth: Array) -> float:
            found = score(table(row_numbers), truth, rows.weight)
            done()
            return found

        found = permutation_importance(model, numbers, rows.y, scoring=scored, n_repeats=repeats, random_state=random)
        drops: Array = found.importances
        return drops, scored(None, numbers, rows.y)


def _usual(model: Classifier | Regressor) -> Scoring:
    """The score that a model has of itself; several quantiles have none but the loss."""
    loss = model.network_.loss
    if loss.outputs_per_target > loss.columns:
        negative = ModelScore("negative loss", lambda model, X, y, weight: -float(model.evaluate(X, y, weight)))
        return negative if model.scoring is None else model.scoring
    name = "accuracy" if isinstance(model, Classifier) else "R²"
    return ModelScore(name, lambda model, X, y, weight: float(model.score(X, y, sample_weight=weight)))


def _name(scoring: Any) -> str:
    if isinstance(scoring, ModelScore):
        return scoring.name
    return scoring if isinstance(scoring, str) else str(getattr(scoring, "__name__", type(scoring).__name__))

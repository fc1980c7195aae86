"""Shuffle one column after the other, and see by how much the score drops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.display.progress import steps
from glassnet.estimators import Classifier, Regressor
from glassnet.insight.explanations.answer import check_model
from glassnet.insight.importances.result import Importances
from glassnet.insight.importances.shuffled import (
    ColumnGroups,
    Shuffled,
    asked_by_number,
    shuffled_columns,
    table_by_number,
)
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.options import VERBOSE, Integer, Optional, RandomState, checked
from glassnet.tables import take
from glassnet.training import Rows
from glassnet.training.scoring import SCORING, Scoring, scorer_for

MEASURED = Text("importances")
FIRST_LOOK = 200
"""Rows that say which of many columns are worth a second look."""


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
    asked, random = Rows(*model._check_rows(X, y, sample_weight)), check_random_state(random_state)
    if rows is not None and len(asked.y) > rows:
        asked = _some(asked, np.sort(random.choice(len(asked.y), rows, replace=False)))
    columns = shuffled_columns(model.encoder_.feature_names_in, groups or {})
    if most is not None and len(columns) > most:
        few = _some(asked, np.arange(min(FIRST_LOOK, len(asked.y))))
        rough, _ = _drops(model, few, scorer, columns, 1, random, verbose)
        columns = [columns[place] for place in np.sort(np.argsort(-rough[:, 0], kind="stable")[:most])]
    drops, score = _drops(model, asked, scorer, columns, repeats, random, verbose)
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

        def scored(_: Any, asked: Array, truth: Array) -> float:
            found = score(table(asked), truth, rows.weight)
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

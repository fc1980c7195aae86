"""A leaked target: a column that alone predicts it, as nothing does that is known beforehand."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.engines.data import take_rows
from glassnet.insight.doctor.data import column_names
from glassnet.insight.doctor.finding import Case, Finding
from glassnet.insight.doctor.forest import sample
from glassnet.insight.doctor.patient import NotMeasurable, Patient
from glassnet.layers.base import Array

__all__ = ["leaked_target", "skill_of_column"]

LEAK = {"warning": 0.98, "serious": 0.999}
"""Of the errors of the most frequent class, or of the variance of the ranks, the share that a tree on one column takes
away. The best honest columns of well-known tables (petals of iris: 0.94, the smell of mushrooms: 0.97) stay below."""
PROMISING = 0.9
"""A first look at half of the rows, so that wide tables do not take long."""
FOLDS = 5
MOST_COLUMNS = 1000
ROWS = 2000
FEWEST_ROWS = 50
FEWEST_IN_LEAF = 3

LEAKED = Case.named("leaked_target")


def leaked_target(patient: Patient) -> Iterator[Finding]:
    """Columns of the table that alone predict the target; of numbers the ranks, lest a few large ones decide."""
    from scipy.stats import rankdata

    rows = sample(patient.X.shape[0], ROWS)
    classes = patient.task == "classes"
    target = patient.target[rows] if classes else rankdata(patient.target[rows])
    if classes:
        counts = np.bincount(target)
        frequent = counts[target] >= FOLDS  # a class of fewer rows is in no fold but one
        rows, target = rows[frequent], target[frequent]
    if len(rows) < FEWEST_ROWS or len(np.unique(target)) < 2:
        raise NotMeasurable("few_rows")
    skills: dict[str, float] = {}
    for source in _candidates(patient, rows, target, classes):
        x = take_rows(patient.X[:, np.flatnonzero(patient.sources == source)], rows, np.float64)
        if skill_of_column(x, target, classes, folds=2) >= PROMISING:
            skills[patient.names[source]] = skill_of_column(x, target, classes, FOLDS)
    leaks = {name: skill for name, skill in skills.items() if skill >= LEAK["warning"]}
    if leaks:
        leaks = dict(sorted(leaks.items(), key=lambda item: -item[1]))
        best = max(leaks.values())
        yield LEAKED.found(
            "serious" if best >= LEAK["serious"] else "warning",
            columns=column_names(list(leaks)),
            skill=best,
            skills=leaks,
        )


def _candidates(patient: Patient, rows: Array, target: Array, classes: bool) -> Array:
    """The columns of the table to look at: all, or of very many those that go best with the target by themselves."""
    from sklearn.feature_selection import f_classif, f_regression

    sources = np.unique(patient.sources)
    if len(sources) <= MOST_COLUMNS:
        return sources
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns that do not vary in the sample
        scores, _ = (f_classif if classes else f_regression)(patient.X[rows], target)
    best: list[int] = patient.sources[np.argsort(-np.nan_to_num(scores), kind="stable")].tolist()
    return np.array(list(dict.fromkeys(best))[:MOST_COLUMNS])


def skill_of_column(x: Any, target: Array, classes: bool, folds: int) -> float:
    """Of the errors of the most frequent class, or of the variance, what a tree takes away on rows not learned from.

    Examples
    --------
    >>> x = np.arange(200.0)[:, None]
    >>> skill_of_column(x, (x[:, 0] > 77).astype(int), True, folds=5) > 0.95
    True
    """
    from sklearn.model_selection import KFold, StratifiedKFold
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    tree = (DecisionTreeClassifier if classes else DecisionTreeRegressor)(
        min_samples_leaf=FEWEST_IN_LEAF, random_state=0
    )
    parts = (StratifiedKFold if classes else KFold)(folds, shuffle=True, random_state=0)
    predicted = np.empty_like(target)
    for learned, judged in parts.split(x, target):  # `cross_val_predict` takes twice as long around such small trees
        predicted[judged] = tree.fit(x[learned], target[learned]).predict(x[judged])
    if classes:
        return float(1 - (predicted != target).mean() / (1 - np.bincount(target).max() / len(target)))
    return float(1 - np.mean((predicted - target) ** 2) / np.var(target))

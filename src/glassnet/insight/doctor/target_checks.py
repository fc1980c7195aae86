"""The targets: leaked by a column that alone predicts them, or wrong in rows that the network has not learned by heart.

For classes: errors of a network that knows its matter become rare where it is sure. Where they do not, the answers are
right and the labels wrong. (The idea of confident learning: Northcutt, Jiang, Chuang 2021, *Confident Learning:
Estimating Uncertainty in Dataset Labels*; here it is a test of the whole table, for most have rows that are just hard.)
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.engines.data import take_rows
from glassnet.insight.doctor.diagnostics import Diagnostics, NotMeasurable
from glassnet.insight.doctor.finding import Case, Finding, Severity
from glassnet.insight.doctor.row_checks import named_few
from glassnet.insight.doctor.skill import sample
from glassnet.layers.base import Array
from glassnet.layers.text_rows import matrix_of
from glassnet.tables.target_column import FEWEST_SCORES

LEAK = {"warning": 0.98, "serious": 0.999}
"""Of the errors of the most frequent class, or of the variance of the ranks, the share that a tree on one column takes
away. The best honest columns of well-known tables (petals of iris: 0.94, the smell of mushrooms: 0.97) stay below."""
PROMISING = 0.9
"""A first look at half of the rows, so that wide tables do not take long."""
FOLDS = 5
MOST_COLUMNS = 1000
SAMPLED_ROWS = 2000
FEWEST_IN_SAMPLE = 50
FEWEST_IN_LEAF = 3

LEAKED = Case.named("leaked_target")


def leaked_target(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Columns of the table that alone predict the target; of numbers the ranks, lest a few large ones decide."""
    from scipy.stats import rankdata

    rows = sample(diagnostics.X.shape[0], SAMPLED_ROWS)
    classes = diagnostics.task == "classes"
    target = diagnostics.target[rows] if classes else rankdata(diagnostics.target[rows])
    if classes:
        counts = np.bincount(target)
        frequent = counts[target] >= FOLDS  # a class of fewer rows is in no fold but one
        rows, target = rows[frequent], target[frequent]
    if len(rows) < FEWEST_IN_SAMPLE or len(np.unique(target)) < 2:
        raise NotMeasurable("few_rows")
    skills: dict[str, float] = {}
    for source in _candidates(diagnostics, rows, target, classes):
        x = take_rows(matrix_of(diagnostics.X)[:, np.flatnonzero(diagnostics.sources == source)], rows, np.float64)
        if skill_of_column(x, target, classes, folds=2) >= PROMISING:
            skills[diagnostics.names[source]] = skill_of_column(x, target, classes, FOLDS)
    leaks = {name: skill for name, skill in skills.items() if skill >= LEAK["warning"]}
    if leaks:
        leaks = dict(sorted(leaks.items(), key=lambda item: -item[1]))
        best = max(leaks.values())
        yield LEAKED.found(
            "serious" if best >= LEAK["serious"] else "warning",
            columns=named_few(list(leaks)),
            skill=best,
            skills=leaks,
        )


def _candidates(diagnostics: Diagnostics, rows: Array, target: Array, classes: bool) -> Array:
    """The columns of the table to look at: all, or of very many those that go best with the target by themselves."""
    from sklearn.feature_selection import f_classif, f_regression

    sources = np.unique(diagnostics.sources)
    if len(sources) <= MOST_COLUMNS:
        return sources
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns that do not vary in the sample
        scores, _ = (f_classif if classes else f_regression)(matrix_of(diagnostics.X)[rows], target)
    best: list[int] = diagnostics.sources[np.argsort(-np.nan_to_num(scores), kind="stable")].tolist()
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


# ------------------------------------------------------------------- wrong labels

KNOWS = 0.4
"""Of the errors of the most frequent class it must take away so many: where there is little to know, errors are as even
as where labels were mixed up, and the two cannot be told apart."""
FLOOR = 0.015
"""Errors among the surest quarter of the answers, beyond what chance explains."""
PLATEAU = 0.5
"""Errors among the surest quarter as a share of those among the middle half: else they are far rarer there."""
STANDARD_ERRORS = 2.0
PROOF = 3.0
"""Standard errors beyond the floor: with fewer than these it is worth a look, from these on a warning."""
FEWEST_ROWS = 100
FAR_OFF = 8.0
"""Times the 95th percentile of all residuals. Of a t distribution with 3 degrees of freedom, whose tails are as heavy
as those of most targets, 1 of 7,000 is so far off."""
SHOWN = 10

WRONG_CLASSES, WRONG_NUMBERS = Case.named("suspect_labels"), Case.named("suspect_labels", "suspect_numbers")


def suspect_labels(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Rows whose target the network contradicts."""
    if diagnostics.X.shape[0] < FEWEST_ROWS:
        raise NotMeasurable("few_rows")
    yield from _classes(diagnostics) if diagnostics.task == "classes" else _numbers(diagnostics)


def _classes(diagnostics: Diagnostics) -> Iterator[Finding]:
    rows, probabilities = diagnostics.probabilities()
    label = diagnostics.target[rows]
    sure, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
    wrong = predicted != label
    usual = 1 - np.bincount(label).max() / len(label)
    if usual == 0 or wrong.mean() > (1 - KNOWS) * usual:
        raise NotMeasurable("knows_too_little")
    order = np.argsort(-sure, kind="stable")
    surest, middle = np.split(order, [len(rows) // 4, 3 * len(rows) // 4])[:2]
    floor = float(wrong[surest].mean())
    error = np.sqrt(max(floor, FLOOR) * (1 - floor) / len(surest))
    if floor - STANDARD_ERRORS * error > FLOOR and floor >= PLATEAU * wrong[middle].mean():
        own = probabilities[np.arange(len(rows)), label]
        half = order[: len(rows) // 2]
        suspects = half[wrong[half]]
        suspects = suspects[np.argsort(own[suspects], kind="stable")]
        severity: Severity = "warning" if floor - PROOF * error > FLOOR else "note"
        yield _finding_of_rows(WRONG_CLASSES, severity, _given_rows(diagnostics, rows[suspects]), floor=floor)


def _numbers(diagnostics: Diagnostics) -> Iterator[Finding]:
    loss = diagnostics.network.loss
    if loss.response != "identity" or diagnostics.network.outputs != 1:
        raise NotMeasurable("no_number")
    rows, answers = diagnostics.answers
    off = np.abs(answers[:, 0] - diagnostics.target[rows])
    usual = float(np.quantile(off, 0.95))
    suspects = np.flatnonzero(off > FAR_OFF * usual) if usual > 0 else np.zeros(0, np.intp)
    if len(suspects):
        suspects = suspects[np.argsort(-off[suspects], kind="stable")]
        yield _finding_of_rows(
            WRONG_NUMBERS, "note", _given_rows(diagnostics, rows[suspects]), times=float(off[suspects[0]] / usual)
        )


# ------------------------------------------------------------------- classes with an order

ORDERED_CLASSES = Case.named("ordered_classes")
FEWEST_WRONG = 30
NEARER, PROVED = 0.85, 5.0
"""Wrong predictions are so many times as far off as by chance at most, by so many standard errors at least."""


def ordered_classes(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Classes that are numbers, of which a near one is predicted where the prediction is wrong: scores or amounts."""
    names = np.asarray(diagnostics.classes)
    if names.dtype.kind not in "iuf" or len(names) < FEWEST_SCORES:
        return
    rows, probabilities = diagnostics.probabilities()
    label, predicted = diagnostics.target[rows], probabilities.argmax(axis=1)
    wrong = predicted != label
    if wrong.sum() < FEWEST_WRONG:
        raise NotMeasurable("few_rows")
    apart = np.abs(np.subtract.outer(np.arange(len(names)), np.arange(len(names))))
    off = apart[label[wrong], predicted[wrong]]
    pairs = np.outer(*(np.bincount(each[wrong], minlength=len(names)) for each in (label, predicted))) * (apart > 0)
    chance = float(np.average(apart, weights=pairs))
    if off.mean() <= NEARER * chance and (chance - off.mean()) * np.sqrt(len(off)) >= PROVED * off.std():
        yield ORDERED_CLASSES.found("note", classes=len(names), off=float(off.mean()), chance=chance)


def _given_rows(diagnostics: Diagnostics, rows: Array) -> list[int]:
    """Return the numbers of rows in the table that the caller passed."""
    return (rows if diagnostics.numbers is None else diagnostics.numbers[rows]).tolist()


def first_numbers(rows: list[int]) -> str:
    """The first of many row numbers.

    >>> first_numbers([4, 2, 9])
    '4, 2, 9'
    """
    return ", ".join(map(str, rows[:SHOWN])) + (", …" if len(rows) > SHOWN else "")


def _finding_of_rows(case: Case, severity: Severity, rows: list[int], **evidence: float) -> Finding:
    return case.found(severity, count=len(rows), first=first_numbers(rows), rows=rows, **evidence)

"""Rows to learn from and rows to judge by that are not alike: column by column, and all columns together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.engines.data import take_rows
from glassnet.insight.doctor.data import column_names
from glassnet.insight.doctor.finding import TEXTS, Case, Finding
from glassnet.insight.doctor.forest import FEWEST_ROWS, forest_answers, sample
from glassnet.insight.doctor.patient import NotMeasurable, Patient

__all__ = ["drift"]

LEVEL = 0.01
"""Of all columns together, by Bonferroni's correction: one false alarm in a hundred tables that are alike."""
DISTANCE = 0.1
"""The largest difference of the two distribution functions from which it matters: in a large table every small
difference is significant."""
TOLD_APART = 0.6
"""The area under the curve from which a forest tells the rows apart well enough to matter; 0.5 is guessing."""
STANDARD_ERRORS = 4.0
ROWS = 2000

DRIFT = Case.named("drift")


def drift(patient: Patient) -> Iterator[Finding]:
    """Columns with another distribution in the validation rows, and whether a forest tells the rows apart."""
    assert patient.given is not None
    first, second = patient.X, patient.given.X
    if min(first.shape[0], second.shape[0]) < FEWEST_ROWS:
        raise NotMeasurable("few_rows")
    ours = take_rows(first, sample(first.shape[0], ROWS, first.shape[1]), np.float64)
    theirs = take_rows(second, sample(second.shape[0], ROWS, first.shape[1]), np.float64)
    distances = _distances(ours, theirs)
    columns: dict[str, float] = {}
    for column, distance in distances.items():
        name = patient.names[patient.sources[column]]
        columns[name] = max(distance, columns.get(name, 0.0))
    auc, error = _told_apart(np.vstack([ours, theirs]), len(ours))
    if columns or (auc >= TOLD_APART and auc - 0.5 > STANDARD_ERRORS * error):
        columns = dict(sorted(columns.items(), key=lambda item: -item[1]))
        yield DRIFT.found(
            "warning",
            columns=column_names(list(columns)) if columns else TEXTS["columns.together"],
            distance=max(distances.values(), default=0.0),
            auc=auc,
            distances=columns,
        )


def _distances(ours: np.ndarray, theirs: np.ndarray) -> dict[int, float]:
    """The columns that differ, by Kolmogorov and Smirnov's test, and how far."""
    from scipy.stats import ks_2samp

    tests = [ks_2samp(ours[:, column], theirs[:, column], method="asymp") for column in range(ours.shape[1])]
    level = LEVEL / len(tests)
    return {
        column: float(test.statistic)
        for column, test in enumerate(tests)
        if test.pvalue < level and test.statistic >= DISTANCE
    }


def _told_apart(rows: np.ndarray, first: int) -> tuple[float, float]:
    """How well a forest tells the first rows from the others: the area under its curve, and its error under chance."""
    from sklearn.metrics import roc_auc_score

    origin = (np.arange(len(rows)) >= first).astype(int)
    answers = forest_answers(rows, origin, classes=True)[:, 1]
    other = len(rows) - first
    return float(roc_auc_score(origin, answers)), float(np.sqrt((len(rows) + 1) / (12 * first * other)))

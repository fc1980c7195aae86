"""Rows to learn from and rows to judge by that are not alike: column by column, and all columns together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.engines.data import take_rows
from glassnet.insight.doctor.data import column_names
from glassnet.insight.doctor.finding import Case, Finding
from glassnet.insight.doctor.forest import FEWEST_ROWS, forest_answers, sample
from glassnet.insight.doctor.patient import NotMeasurable, Patient
from glassnet.language import Text

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

DRIFT = Case(
    "drift",
    Text(
        "training and validation rows differ: in {columns} (Kolmogorov-Smirnov distance {distance:.2f}); a random "
        "forest tells them apart with an ROC AUC of {auc:.2f}",
        "训练样本与验证样本的分布不同：{columns}（Kolmogorov-Smirnov 距离 {distance:.2f}）；随机森林区分两者的 ROC 曲"
        "线下面积为 {auc:.2f}",
    ),
    Text(
        "What holds for some rows need not hold for others. The validation score then says how the network does on "
        "rows unlike its training rows, which may be just what you want to know, or an accident of the split.",
        "在一部分样本上成立的规律，在另一部分上未必成立。这时验证得分说明的是网络在不同于训练数据的样本上表现如何，这"
        "也许正是所要了解的，也可能只是划分不当。",
    ),
    Text(
        "If rows follow each other in time, this is to be expected: prefer columns that stay stable. Otherwise split "
        "at random, and look for columns that number or date the rows.",
        "如果样本有时间先后，这很正常：请选用稳定的列。否则请随机划分，并检查是否有给样本编号或记录日期的列。",
    ),
)
TOGETHER = Text("no single column", "单独看没有哪一列不同")
FEW_ROWS = Text("there are too few rows", "样本太少")


def drift(patient: Patient) -> Iterator[Finding]:
    """Columns with another distribution in the validation rows, and whether a forest tells the rows apart."""
    assert patient.given is not None
    first, second = patient.X, patient.given.X
    if min(first.shape[0], second.shape[0]) < FEWEST_ROWS:
        raise NotMeasurable(FEW_ROWS)
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
            columns=column_names(list(columns)) if columns else TOGETHER,
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

"""Targets that may be wrong: rows that the network contradicts, though it has not learned them by heart.

For classes: errors of a network that knows its matter become rare where it is sure. Where they do not, the answers are
right and the labels wrong. (The idea of confident learning: Northcutt, Jiang, Chuang 2021, *Confident Learning:
Estimating Uncertainty in Dataset Labels*; here it is a test of the whole table, for most have rows that are just hard.)
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.insight.doctor.finding import Case, Finding, Severity
from glassnet.insight.doctor.patient import NotMeasurable, Patient
from glassnet.language import Text
from glassnet.layers.base import Array

__all__ = ["first_numbers", "suspect_labels"]

KNOWS = 0.4
"""Of the errors of the most frequent class it must take away so many: where there is little to know, errors are as even
as where labels were mixed up, and nobody can tell the two apart."""
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

WRONG_CLASSES = Case(
    "suspect_labels",
    Text(
        "labels that may be wrong: even where the network is most confident, {floor:.1%} of them contradict it; "
        "{count:,} rows, the most suspicious first: {first}",
        "标签可能有误：即使在网络最有把握的样本中，仍有 {floor:.1%} 的标签与预测不符；共 {count:,} 行，"
        "最可疑的是 {first}",
    ),
    Text(
        "If rows were merely hard, errors would be rare where the network is confident. Here they are nearly as "
        "frequent there as elsewhere, as if labels had been mixed up at random.",
        "如果只是有些样本难以判断，网络有把握的地方就很少出错。而这里出错几乎与别处一样多，就像标签被随机弄错过一样。",
    ),
    Text(
        "Check these rows (numbers from 0; all in evidence['rows']) and correct or drop them; label_smoothing makes "
        "the rest less harmful.",
        "请检查这些行（行号从 0 起，全部在 evidence['rows'] 里），改正或去掉；"
        "label_smoothing 能减轻其余错误标签的影响。",
    ),
)
WRONG_NUMBERS = Case(
    "suspect_labels",
    Text(
        "targets that may be wrong: {count:,} rows with errors of up to {times:.0f} times the 95th percentile, the "
        "most suspicious first: {first}",
        "目标值可能有误：{count:,} 行的误差远超其余各行，最大达 95% 分位数的 {times:.0f} 倍，最可疑的是 {first}",
    ),
    Text(
        "Mistakes in the unit or the decimal point look like this; so do rare but true values.",
        "单位或小数点弄错时会这样；少见但真实的值也可能如此。",
    ),
    Text(
        "Check these rows (numbers from 0; all in evidence['rows']). Correct what is wrong; if the values are true, a "
        "loss such as huber keeps them from dominating.",
        "请检查这些行（行号从 0 起，全部在 evidence['rows'] 里）。错的改正；如果属实，可用 huber 之类的损失，以免模型"
        "受它们左右。",
    ),
)
FEW_ROWS = Text("there are too few rows", "样本太少")
KNOWS_TOO_LITTLE = Text("the network is not good enough to question labels", "网络不够准确，不足以质疑标签")


def suspect_labels(patient: Patient) -> Iterator[Finding]:
    """Rows whose target the network contradicts."""
    if patient.X.shape[0] < FEWEST_ROWS:
        raise NotMeasurable(FEW_ROWS)
    yield from _classes(patient) if patient.task == "classes" else _numbers(patient)


def _classes(patient: Patient) -> Iterator[Finding]:
    rows, probabilities = patient.probabilities()
    label = patient.target[rows]
    sure, said = probabilities.max(axis=1), probabilities.argmax(axis=1)
    wrong = said != label
    usual = 1 - np.bincount(label).max() / len(label)
    if usual == 0 or wrong.mean() > (1 - KNOWS) * usual:
        raise NotMeasurable(KNOWS_TOO_LITTLE)
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
        yield _found(WRONG_CLASSES, severity, _given(patient, rows[suspects]), floor=floor)


def _numbers(patient: Patient) -> Iterator[Finding]:
    loss = patient.network.loss
    if loss.response != "identity" or patient.network.outputs != 1:
        raise NotMeasurable(Text("the network does not predict a single number", "网络预测的不是单个数值"))
    rows, answers = patient.answers
    off = np.abs(answers[:, 0] - patient.target[rows])
    usual = float(np.quantile(off, 0.95))
    suspects = np.flatnonzero(off > FAR_OFF * usual) if usual > 0 else np.zeros(0, np.intp)
    if len(suspects):
        suspects = suspects[np.argsort(-off[suspects], kind="stable")]
        yield _found(WRONG_NUMBERS, "note", _given(patient, rows[suspects]), times=float(off[suspects[0]] / usual))


def _given(patient: Patient, rows: Array) -> list[int]:
    """The numbers that rows have among those that were given."""
    numbers: list[int] = (rows if patient.numbers is None else patient.numbers[rows]).tolist()
    return numbers


def first_numbers(rows: list[int]) -> str:
    """The first of many row numbers.

    >>> first_numbers([4, 2, 9])
    '4, 2, 9'
    """
    return ", ".join(map(str, rows[:SHOWN])) + (", …" if len(rows) > SHOWN else "")


def _found(case: Case, severity: Severity, rows: list[int], **evidence: float) -> Finding:
    return case.found(severity, count=len(rows), first=first_numbers(rows), rows=rows, **evidence)

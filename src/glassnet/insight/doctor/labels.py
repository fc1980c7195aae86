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

WRONG_CLASSES, WRONG_NUMBERS = Case.named("suspect_labels"), Case.named("suspect_labels", "suspect_numbers")


def suspect_labels(patient: Patient) -> Iterator[Finding]:
    """Rows whose target the network contradicts."""
    if patient.X.shape[0] < FEWEST_ROWS:
        raise NotMeasurable("few_rows")
    yield from _classes(patient) if patient.task == "classes" else _numbers(patient)


def _classes(patient: Patient) -> Iterator[Finding]:
    rows, probabilities = patient.probabilities()
    label = patient.target[rows]
    sure, said = probabilities.max(axis=1), probabilities.argmax(axis=1)
    wrong = said != label
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
        yield _found(WRONG_CLASSES, severity, _given(patient, rows[suspects]), floor=floor)


def _numbers(patient: Patient) -> Iterator[Finding]:
    loss = patient.network.loss
    if loss.response != "identity" or patient.network.outputs != 1:
        raise NotMeasurable("no_number")
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

"""How probabilities and classes fare: calibration, and which class was taken for which."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np

from glassnet.display.blocks import Beside, Block, Cell, Charts, Table, Words
from glassnet.display.numbers import counted
from glassnet.estimators.calibration import reliability
from glassnet.insight.charts import PRECISION, RECALL
from glassnet.insight.charts import calibration as curve
from glassnet.insight.predicted import predict_rows
from glassnet.insight.report.subject import BINS, Subject
from glassnet.insight.report.words import headed, percent
from glassnet.layers.base import Array
from glassnet.support.language import shortened

MOST_CLASSES = 12
"""A wider table of confusions is not read by anyone: then the most frequent confusions are listed."""
SHOWN_PAIRS = 15
NOTABLE = 0.005
"""A smaller change of the calibration error makes no difference to anybody."""


def calibration(subject: Subject) -> list[Block]:
    """Confidence against how often it is right, before and after the temperature; and what the temperature did."""
    found, temperature = subject.reliability, subject.model.temperature_
    if found is None or subject.classes is None:
        return []
    asked = subject.model.settings_.get("calibration", "none") != "none"
    stages = [("after" if temperature != 1 else "plain", found)]
    if temperature != 1:
        plain = copy.copy(subject.model)
        plain.temperature_ = 1.0
        probabilities = np.asarray(predict_rows(plain, subject.X).probabilities)
        right = subject.classes[probabilities.argmax(axis=1)] == subject.y
        stages.append(("before", reliability(probabilities.max(axis=1), right, BINS, subject.weight)))
    named = [(subject.say(f"calibration.{name}"), each) for name, each in stages]
    chart = replace(curve(named, None, subject.language), note=subject.say("calibration.note"))
    return [Words(_what_it_did(subject, asked, [each.error for _, each in stages])), Charts([chart])]


def _what_it_did(subject: Subject, asked: bool, errors: list[float]) -> str:
    """Whether probabilities were calibrated, in which direction, and whether that helped on these rows."""
    temperature = subject.model.temperature_
    if temperature == 1:
        judged = any("validation_loss" in history.columns for history in subject.model.histories_)
        return subject.say("calibration." + ("none" if not asked else "found_one" if judged else "asked_in_vain"))
    after, before = errors
    change = after - before
    code = "same" if abs(change) < NOTABLE else "better" if change < 0 else "worse"
    sides = "too_sure" if temperature > 1 else "too_shy"
    did = subject.say("calibration.temperature", temperature=temperature, what=subject.say(f"calibration.{sides}"))
    return subject.sentences([did, subject.say(f"calibration.{code}", before=f"{before:.4f}", after=f"{after:.4f}")])


def confusions(subject: Subject) -> list[Block]:
    """A matrix of few classes, the most frequent confusions of many; and each class by itself."""
    from sklearn.metrics import confusion_matrix

    if subject.classes is None:
        return []
    counts = confusion_matrix(subject.y, subject.predicted.values, labels=subject.classes, sample_weight=subject.weight)
    names = [shortened(str(name), 24) for name in subject.classes]
    drawn = _matrix(subject, counts, names) if len(names) <= MOST_CLASSES else _pairs(subject, counts, names)
    return [Beside([drawn, _per_class(subject, names)]), Words(subject.say("classes.note"), "note")]


def _matrix(subject: Subject, counts: Array, names: list[str]) -> Table:
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    rows: list[list[str | Cell]] = []
    for name, row, shared in zip(names, counts.tolist(), shares.tolist(), strict=True):
        rows.append([name, *(Cell(counted(count), shade=share) for count, share in zip(row, shared, strict=True))])
    caption = "confusions.matrix" if subject.weight is None else "confusions.weighted"
    return Table(subject.say(caption), [subject.say("confusions.corner"), *names], rows)


def _pairs(subject: Subject, counts: Array, names: list[str]) -> Table:
    wrong = counts - np.diag(np.diag(counts))
    order = [at for at in np.argsort(-wrong, axis=None, kind="stable")[:SHOWN_PAIRS] if wrong.flat[at]]
    rows = [[names[at // len(names)], names[at % len(names)], counted(wrong.flat[at])] for at in order]
    head = [subject.say("rows.actual"), subject.say("rows.predicted")]
    head.append(subject.say("confusions.rows" if subject.weight is None else "confusions.weight"))
    return Table(subject.say("confusions.pairs"), head, rows, (0, 1))


def _per_class(subject: Subject, names: list[str]) -> Table:
    """Precision, recall and F1 of each class."""
    from sklearn.metrics import precision_recall_fscore_support

    each = precision_recall_fscore_support(
        subject.y, subject.predicted.values, labels=subject.classes, zero_division=0, sample_weight=subject.weight
    )
    known = np.asarray(subject.classes)
    rows = [
        [name, percent(precision), percent(recall), f"{f1:.3f}", f"{int(np.sum(subject.y == label)):,}"]
        for name, label, precision, recall, f1 in zip(names, known, *each[:3], strict=True)
    ]
    head = [subject.say("classes.class"), headed(PRECISION, subject), headed(RECALL, subject)]
    head += ["F1", subject.say("confusions.rows")]
    return Table(subject.say("classes.caption"), head, rows)

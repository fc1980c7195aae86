"""How probabilities and classes fare: calibration, thresholds of two classes, and which class was taken for which."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np

from glassnet.estimators.calibration import reliability
from glassnet.insight.blocks import Beside, Block, Cell, Charts, Own, Table, Words
from glassnet.insight.charts import Axis, Chart, Line, Rule, figure
from glassnet.insight.charts.chart import Mark
from glassnet.insight.charts.classification import PRECISION, RECALL, Ranked, gained, gains, precision_recall, roc
from glassnet.insight.charts.classification import calibration as curve
from glassnet.insight.charts.svg import LEFT, RIGHT, WIDTH
from glassnet.insight.numbers import number
from glassnet.insight.predicted import predict_rows
from glassnet.insight.report.subject import BINS, NETWORK, Subject
from glassnet.insight.report.words import headed, model_name, percent
from glassnet.layers.base import Array
from glassnet.tables.summary import shortened

MOST_CLASSES = 12
"""A wider table of confusions is not read by anyone: then the most frequent confusions are listed."""
SHOWN_PAIRS = 15
NOTABLE = 0.005
"""A smaller change of the calibration error makes no difference to anybody."""
LISTED = range(10, 100, 10)
"""The thresholds of the table, in percent."""


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
    return [Words(_what_it_did(subject, asked, [each.error for _, each in stages])), Charts([chart, *curves(subject)])]


def _what_it_did(subject: Subject, asked: bool, errors: list[float]) -> str:
    """Whether probabilities were calibrated, in which direction, and whether that helped on these rows."""
    temperature = subject.model.temperature_
    if temperature == 1:
        return subject.say("calibration.asked_in_vain" if asked else "calibration.none")
    after, before = errors
    change = after - before
    code = "same" if abs(change) < NOTABLE else "better" if change < 0 else "worse"
    sides = "too_sure" if temperature > 1 else "too_shy"
    did = subject.say("calibration.temperature", temperature=temperature, what=subject.say(f"calibration.{sides}"))
    return subject.sentences([did, subject.say(f"calibration.{code}", before=f"{before:.4f}", after=f"{after:.4f}")])


def curves(subject: Subject) -> list[Chart]:
    """ROC, and precision and recall, of two classes: of the network and of the first simple model."""
    if "roc_auc" not in subject.scores[NETWORK] or subject.classes is None:
        return []
    name = str(subject.classes[1])
    each = _ranked(subject)
    notes = {"roc": {}, "pr": {"share": percent(float(np.average(each[0].is_one, weights=subject.weight)))}}
    return [
        replace(
            draw(each, subject.language),
            title=subject.say(f"curves.{code}", name=name),
            note=subject.say(f"curves.{code}_note", name=name, **notes[code]),
        )
        for code, draw in (("roc", roc), ("pr", precision_recall))
    ]


def _ranked(subject: Subject) -> list[Ranked]:
    """The rows by their probability of the second of two classes: of the network and of the first simple model."""
    positive = subject.y == np.asarray(subject.classes)[1]
    return [
        Ranked(model_name(subject, model), positive, np.asarray(predicted.probabilities)[:, 1], subject.weight)
        for model, predicted in subject.models.items()
        if predicted.probabilities is not None
    ][:2]


def _gains(subject: Subject, name: str) -> Chart:
    """How many of the second class are found from the top of the list."""
    each = _ranked(subject)
    tenth, fifth = (percent(float(share), 0) for share in np.interp([0.1, 0.2], *gained(each[0])))
    return replace(
        gains(each, subject.language),
        title=subject.say("curves.gains", name=name),
        note=subject.say("curves.gains_note", name=name, tenth=tenth, fifth=fifth),
    )


def thresholds(subject: Subject) -> list[Block]:
    """Above which probability a row counts as the second class: a slider, and a table for who has no script."""
    if "roc_auc" not in subject.scores[NETWORK] or subject.classes is None:
        return []
    probabilities = np.asarray(subject.predicted.probabilities)[:, 1]
    no, yes = (str(name) for name in subject.classes)
    positive = subject.y == subject.classes[1]
    weight = np.ones(len(positive)) if subject.weight is None else subject.weight
    points = []
    for percent_ in range(101):  # a tie at one half is answered as `predict` does: the first class
        said = probabilities >= percent_ / 100 if percent_ != 50 else probabilities > 0.5
        points.append([float(weight[said & ~positive].sum()), float(weight[said & positive].sum())])
    wrong, found = np.array(points).T
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = found / (wrong + found), found / found[0]
    places = np.arange(101) / 100
    shares = PRECISION.say(subject.language), RECALL.say(subject.language)
    marks: list[Mark] = [Line(shares[0], places, precision, "a"), Line(shares[1], places, recall, "b")]
    marks.append(Rule(subject.say("threshold.mark"), 0.5))
    x = Axis(subject.say("threshold.axis", yes=yes), limits=(0.0, 1.0))
    y = Axis(subject.say("threshold.share"), limits=(0.0, 1.0))
    chart = Chart(subject.say("threshold.chart"), x, y, marks, subject.say("threshold.chart_note"))
    data = {
        "points": json.dumps([[_short(value) for value in point] for point in points], separators=(",", ":")),
        "axis": json.dumps([LEFT, WIDTH - RIGHT]),
        "language": subject.language,
        "charts": [figure(chart), figure(_gains(subject, yes))],
        "table": _listed(subject, yes, found, wrong),
        "name": yes,
        "classes": [shortened(name, 24) for name in (yes, no)],
        "shares": shares,
    }
    return [Own("threshold.html", data)]


def _listed(subject: Subject, yes: str, found: Array, wrong: Array) -> Table:
    """Some thresholds, for who has no script or prints the page."""
    rows = []
    for at in LISTED:
        counts = (found[at], wrong[at], found[0] - found[at])
        shares = (found[at] / max(found[at] + wrong[at], 1e-12), found[at] / max(found[0], 1e-12))
        rows.append([f"{at}%", *map(_count, counts), *map(percent, shares)])
    head = [subject.say(f"threshold.{name}") for name in ("from", "found", "false", "missed")]
    head += [headed(PRECISION, subject), headed(RECALL, subject)]
    return Table(subject.say("threshold.table", yes=yes), head, rows, best=LISTED.index(50))


def _short(value: float) -> float:
    return int(value) if value == int(value) else round(value, 3)


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
    for name, counted, shared in zip(names, counts.tolist(), shares.tolist(), strict=True):
        rows.append([name, *(Cell(_count(count), shade=share) for count, share in zip(counted, shared, strict=True))])
    caption = "confusions.matrix" if subject.weight is None else "confusions.weighted"
    return Table(subject.say(caption), [subject.say("confusions.corner"), *names], rows)


def _pairs(subject: Subject, counts: Array, names: list[str]) -> Table:
    wrong = counts - np.diag(np.diag(counts))
    order = [at for at in np.argsort(-wrong, axis=None, kind="stable")[:SHOWN_PAIRS] if wrong.flat[at]]
    rows = [[names[at // len(names)], names[at % len(names)], _count(wrong.flat[at])] for at in order]
    head = [subject.say("rows.true"), subject.say("rows.predicted")]
    head.append(subject.say("confusions.rows" if subject.weight is None else "confusions.weight"))
    return Table(subject.say("confusions.pairs"), head, rows, (0, 1))


def _count(rows: float) -> str:
    """A number of rows, or the sum of their weights."""
    return f"{int(rows):,}" if rows == int(rows) else number(rows)


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

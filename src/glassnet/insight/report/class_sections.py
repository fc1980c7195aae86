"""Sections about classes: curves of one class against the rest, thresholds, calibration, confusions."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from glassnet.display.blocks import Block, Cell, Charts, Paragraph, SideBySide, TableBlock, Template
from glassnet.display.chart import Axis, Bars, Chart, Line, Mark, ReferenceLine
from glassnet.display.numbers import counted, percent
from glassnet.display.svg import LEFT, RIGHT, WIDTH, figure
from glassnet.estimators.calibration import reliability
from glassnet.estimators.class_targets import BY_COSTS
from glassnet.estimators.decision_threshold import cost_matrix
from glassnet.insight.charts import PRECISION, RECALL, Ranked, gained, gains, precision_recall, roc
from glassnet.insight.charts import calibration as curve
from glassnet.insight.predictions import predict_rows
from glassnet.insight.report.formatting import headed, model_name, reasons_of_decision
from glassnet.insight.report.subject import BINS, NETWORK, Subject
from glassnet.layers.base import Array
from glassnet.support.language import shortened

MOST_CURVES = 12
"""Of more classes the most frequent ones can be chosen."""
STEPS = 1000
"""So many steps the slider has: a rare class is found at thresholds of a few thousandths."""
LISTED = (1, 2, 5, *range(10, 100, 10))
"""The thresholds of the table, in percent."""
LONGEST = 24

MOST_CLASSES = 12
"""A wider table of confusions is not read by anyone: then the most frequent confusions are listed."""
SHOWN_PAIRS = 15
NOTABLE = 0.005
"""A smaller change of the calibration error makes no difference to anybody."""


def curves(subject: Subject) -> list[Block]:
    """ROC, precision and recall, and the top of the list, of the network and of the first simple model."""
    if subject.predicted.probabilities is None:
        return []
    return charts_of_classes(subject, lambda place: _curves(subject, place))


def charts_of_classes(subject: Subject, draw: Callable[[int], Sequence[Chart | Bars]]) -> list[Block]:
    """Charts for each class by its place; those of one are shown, and a selector changes which."""
    places = _places(subject)
    if not places:
        return []
    drawn = [{"place": place, "charts": Charts(draw(place))} for place in places]
    more = len(np.asarray(subject.classes)) - len(places)
    note = [Paragraph(subject.say("data.more_classes", count=more), "note")] if more > 0 else []
    return [Template("curves.html", {**_choice(subject, places), "each": drawn}), *note]


def _places(subject: Subject) -> list[int]:
    """The places of the classes to choose from: there are rows of it and of others."""
    if subject.classes is None:
        return []
    counts = {place: int(np.sum(subject.y == name)) for place, name in enumerate(subject.classes)}
    there = [place for place, count in counts.items() if 0 < count < len(subject.y)]
    return sorted(sorted(there, key=lambda place: -counts[place])[:MOST_CURVES])


def _choice(subject: Subject, places: list[int]) -> dict[str, Any]:
    """The options of the selector, and the initial one: the positive class, or the rarest."""
    classes = np.asarray(subject.classes)
    shown = subject.positive
    if shown is None:
        shown = min(places, key=lambda place: int(np.sum(subject.y == classes[place])))
    return {"options": [(place, shortened(str(classes[place]), LONGEST)) for place in places], "shown": shown}


def _curves(subject: Subject, place: int) -> list[Chart]:
    each = _ranked(subject, place)
    share = percent(float(np.average(each[0].is_one, weights=subject.weight)))
    tenth, fifth = (percent(float(found), 0) for found in np.interp([0.1, 0.2], *gained(each[0])))
    notes = {"roc": {}, "pr": {"share": share}, "gains": {"tenth": tenth, "fifth": fifth}}
    name = str(np.asarray(subject.classes)[place])
    return [
        replace(
            draw(each, subject.language),
            title=subject.say(f"curves.{code}", name=name),
            note=subject.say(f"curves.{code}_note", name=name, **notes[code]),
        )
        for code, draw in (("roc", roc), ("pr", precision_recall), ("gains", gains))
    ]


def _ranked(subject: Subject, place: int) -> list[Ranked]:
    """The rows by their probability of one class: of the network and of the first simple model."""
    is_one = subject.y == np.asarray(subject.classes)[place]
    return [
        Ranked(model_name(subject, model), is_one, np.asarray(predicted.probabilities)[:, place], subject.weight)
        for model, predicted in subject.models.items()
        if predicted.probabilities is not None
    ][:2]


CELLS: Final = ((("tp", "fn"), ("fp", "tn")), (("tn", "fp"), ("fn", "tp")))
"""The cells of a confusion matrix in the order of the classes, where the first or the second of them is looked for."""


def thresholds(subject: Subject) -> list[Block]:
    """From which probability on a row counts as a class: a slider, and a table for who has no script."""
    places = _places(subject)
    if subject.positive is None or "roc_auc" not in subject.scores[NETWORK]:
        return []
    return [Template("thresholds.html", {**_choice(subject, places), "each": [_chooser(subject, at) for at in places]})]


def _chooser(subject: Subject, place: int) -> dict[str, Any]:
    """What the tool for one of the two classes is made of."""
    names = [str(name) for name in np.asarray(subject.classes)]
    yes, no = names[place], names[1 - place]
    wrong, found = _counts(subject, place)
    now = subject.model.decision_threshold_ if place == subject.positive else 1 - subject.model.decision_threshold_
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = found / (wrong + found), found / found[0]
    shares = PRECISION.say(subject.language), RECALL.say(subject.language)
    places = np.arange(STEPS + 1) / STEPS
    marks: list[Mark] = [Line(shares[0], places, precision, "a"), Line(shares[1], places, recall, "b")]
    marks.append(ReferenceLine(subject.say("threshold.mark"), now))
    x = Axis(subject.say("threshold.axis", yes=yes), limits=(0.0, 1.0))
    y = Axis(subject.say("threshold.share"), limits=(0.0, 1.0))
    points = [[_compact(value) for value in pair] for pair in zip(wrong.tolist(), found.tolist(), strict=True)]
    return {
        "place": place,
        "name": yes,
        "classes": [shortened(name, LONGEST) for name in (yes, no)],
        "matrix": list(zip((shortened(name, LONGEST) for name in names), CELLS[place], strict=True)),
        "points": json.dumps(points, separators=(",", ":")),
        "axis": json.dumps([LEFT, WIDTH - RIGHT]),
        "now": f"{100 * now:.1f}".removesuffix(".0"),
        "language": subject.language,
        "shares": shares,
        "costs": _costs(subject, place),
        "command": _command(subject, place),
        "chart": figure(Chart(subject.say("threshold.chart"), x, y, marks, subject.say("threshold.chart_note"))),
        "table": _listed(subject, yes, found, wrong, now),
    }


def _costs(subject: Subject, place: int) -> tuple[str, str]:
    """The cost of a row that is taken for this class wrongly, and of one that is missed: the model's own, if it has."""
    model = subject.model
    decided = model.targets_.chosen_for == BY_COSTS and model.costs is not None
    costs = cost_matrix(model.costs if decided else {}, np.asarray(subject.classes))
    return f"{costs[1 - place, place]:.12g}", f"{costs[place, 1 - place]:.12g}"


def _command(subject: Subject, place: int) -> list[str]:
    """What to type, and what to write in Python, so that a threshold decides; it stands behind each."""
    name = None if place == subject.positive else np.asarray(subject.classes).tolist()[place]
    code = "" if name is None else f"model.positive_ = {name!r}\n"
    typed = subject.origin.predict
    words = [] if typed is None else [f"{typed(None if name is None else str(name))} --decision-threshold "]
    return [*words, f"{code}model.decision_threshold_ = "]


def _counts(subject: Subject, place: int) -> tuple[Array, Array]:
    """The weight of the rows that are wrongly and rightly predicted as a class from each threshold on.

    At one half a tie is answered as `predict` does it: with the first class.
    """
    chance = np.asarray(subject.predicted.probabilities)[:, place]
    order = np.argsort(chance, kind="stable")
    weight = np.ones(len(order)) if subject.weight is None else subject.weight
    is_one = subject.y == np.asarray(subject.classes)[place]
    steps = (np.arange(STEPS + 1) / STEPS).astype(chance.dtype)
    first = np.searchsorted(chance[order], steps)
    if place == 1:
        first[STEPS // 2] = np.searchsorted(chance[order], steps[STEPS // 2], side="right")
    wrong, found = (
        np.append(np.cumsum(np.where(rows, weight, 0.0)[order][::-1])[::-1], 0.0)[first] for rows in (~is_one, is_one)
    )
    return wrong, found


def _listed(subject: Subject, yes: str, found: Array, wrong: Array, now: float) -> TableBlock:
    """Some thresholds, for who has no script or prints the page."""
    rows = []
    for at in LISTED:
        step = at * STEPS // 100
        counts = (found[step], wrong[step], found[0] - found[step])
        shares = (found[step] / max(found[step] + wrong[step], 1e-12), found[step] / max(found[0], 1e-12))
        rows.append([f"{at}%", *map(counted, counts), *map(percent, shares)])
    head = [subject.say(f"threshold.{name}") for name in ("from", "found", "false", "missed")]
    head += [headed(PRECISION, subject), headed(RECALL, subject)]
    nearest = min(range(len(LISTED)), key=lambda place: abs(LISTED[place] / 100 - now))
    return TableBlock(subject.say("threshold.table", yes=yes), head, rows, best=nearest)


def _compact(value: float) -> float:
    return int(value) if value == int(value) else round(value, 3)


# ------------------------------------------------------------------- calibration and confusions


def calibration(subject: Subject) -> list[Block]:
    """Confidence against how often it is right, before and after the temperature; and what the temperature did."""
    found, temperature = subject.reliability, subject.model.temperature_
    if found is None or subject.classes is None:
        return []
    calibrated = subject.model.settings_.get("calibration", "none") != "none"
    stages = [("after" if temperature != 1 else "plain", found)]
    if temperature != 1:
        plain = copy.copy(subject.model)
        plain.temperature_ = 1.0
        probabilities = np.asarray(predict_rows(plain, subject.X).probabilities)
        right = subject.classes[probabilities.argmax(axis=1)] == subject.y
        stages.append(("before", reliability(probabilities.max(axis=1), right, BINS, subject.weight)))
    named = [(subject.say(f"calibration.{name}"), each) for name, each in stages]
    chart = replace(curve(named, None, subject.language), note=subject.say("calibration.note"))
    return [Paragraph(_what_it_did(subject, calibrated, [each.error for _, each in stages])), Charts([chart])]


def _what_it_did(subject: Subject, calibrated: bool, errors: list[float]) -> str:
    """Whether probabilities were calibrated, in which direction, and whether that helped on these rows."""
    temperature = subject.model.temperature_
    if temperature == 1:
        judged = any("validation_loss" in history.columns for history in subject.model.histories_)
        return subject.say("calibration." + ("none" if not calibrated else "found_one" if judged else "asked_in_vain"))
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
    targets = subject.model.targets_
    said = reasons_of_decision(targets.chosen_for, targets.costs, subject.classes.tolist(), subject.say)
    reasons = [Paragraph(reason, "note") for reason in said]
    return [SideBySide([drawn, _per_class(subject, names)]), Paragraph(subject.say("classes.note"), "note"), *reasons]


def _matrix(subject: Subject, counts: Array, names: list[str]) -> TableBlock:
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    rows: list[list[str | Cell]] = []
    for name, row, shared in zip(names, counts.tolist(), shares.tolist(), strict=True):
        rows.append([name, *(Cell(counted(count), shade=share) for count, share in zip(row, shared, strict=True))])
    caption = "confusions.matrix" if subject.weight is None else "confusions.weighted"
    return TableBlock(subject.say(caption), [subject.say("confusions.corner"), *names], rows)


def _pairs(subject: Subject, counts: Array, names: list[str]) -> TableBlock:
    wrong = counts - np.diag(np.diag(counts))
    order = [at for at in np.argsort(-wrong, axis=None, kind="stable")[:SHOWN_PAIRS] if wrong.flat[at]]
    rows = [[names[at // len(names)], names[at % len(names)], counted(wrong.flat[at])] for at in order]
    head = [subject.say("rows.actual"), subject.say("rows.predicted")]
    head.append(subject.say("confusions.rows" if subject.weight is None else "confusions.weight"))
    return TableBlock(subject.say("confusions.pairs"), head, rows, (0, 1))


def _per_class(subject: Subject, names: list[str]) -> TableBlock:
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
    return TableBlock(subject.say("classes.caption"), head, rows)

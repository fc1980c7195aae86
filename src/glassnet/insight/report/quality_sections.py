"""Sections about quality: scores beside those of simple models, errors, single rows with their reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.display.blocks import Block, Cell, Charts, Facts, Paragraph, TableBlock, Template
from glassnet.display.chart import Bar, Bars, Ink
from glassnet.display.numbers import number, percent, short_percent
from glassnet.estimators.class_targets import HALF
from glassnet.insight.baselines import MOST_LEARNED
from glassnet.insight.bootstrap import draws_for
from glassnet.insight.charts import MOST_POINTS, against, histogram
from glassnet.insight.integrated_gradients import explain
from glassnet.insight.report.formatting import error, headed, model_name, reasons_of_decision, span, truth
from glassnet.insight.report.subject import NETWORK, Subject
from glassnet.insight.scores import HIGHER_IS_BETTER, METRICS, STANDARD_ERRORS, Metric, lead
from glassnet.layers.base import Array
from glassnet.tables import is_sparse, take

FEWEST_ROWS = 2
WIDTHS = ((1.0, 0.6827), (1.96, 0.95))
"""How many deviations hold which share of a normal distribution."""

OF_EACH, SHOWN_ROWS, SHOWN_COLUMNS = 2, 10, 6
REASONS = 3


def compared(subject: Subject) -> list[Block]:
    """A picture for each of the first metrics: a bar for each model, with the interval of its score."""
    if not subject.simple:
        return []
    return [Charts([_picture(subject, metric) for metric in subject.metrics])]


def _picture(subject: Subject, metric: Metric) -> Bars:
    each = []
    for name, found in subject.scores.items():
        value = found.get(metric.key)
        if value is not None:
            around = subject.resampled.interval(name, metric.key)
            ends = (None, None) if around is None else (around.low, around.high)
            kind: Ink = "a" if name == NETWORK else "quiet"
            each.append(Bar(model_name(subject, name), value, metric.spell(value), kind, *ends))
    better = subject.say("scores.higher" if metric.key in HIGHER_IS_BETTER else "scores.lower")
    title = subject.say("scores.beside", metric=subject.say(METRICS[metric.key]), better=better)
    return Bars(title, each)


def scores(subject: Subject) -> list[Block]:
    """Return a table of scores with their meanings."""
    metrics = subject.metrics
    rows = []
    for name, found in subject.scores.items():
        cells: list[str | Cell] = [model_name(subject, name)]
        for metric in metrics:
            interval = subject.resampled.interval(name, metric.key)
            around = "" if interval is None else span(metric, interval.low, interval.high)
            cells.append(Cell(metric.spell(found.get(metric.key)), around))
        rows.append(cells)
    head = [subject.say("scores.model"), *(headed(METRICS[metric.key], subject) for metric in metrics)]
    origin = "scores.alone" if not subject.simple else "scores.folds" if subject.folds else "scores.others"
    decided = subject.simple and getattr(subject.model.targets_, "chosen_for", None)
    notes = [origin, "scores.undecided"] if decided else [origin]
    measured = subject.resampled.interval(NETWORK, metrics[0].key) is not None
    meanings = [(subject.say(METRICS[metric.key]), subject.say(f"meaning.{metric.key}")) for metric in metrics]
    return [
        TableBlock(subject.say("scores.caption", rows=len(subject.y)), head, rows, best=0),
        Facts(meanings),
        Paragraph(subject.sentences([subject.say(name, most=MOST_LEARNED) for name in notes])),
        *([Paragraph(subject.say("scores.intervals", count=draws_for(len(subject.y))))] if measured else []),
    ]


def residuals(subject: Subject) -> list[Block]:
    """A scatter of predictions, a histogram of errors; for quantiles and deviations how often they hold."""
    if subject.classes is not None or len(subject.y) < FEWEST_ROWS:
        return []
    say, known, values = subject.say, subject.y, subject.predicted.values
    error = values - known
    half, most = np.quantile(np.abs(error), [0.5, 0.9])
    notes = [say("residuals.note", half=number(float(half)), most=number(float(most)))]
    if len(known) > MOST_POINTS:
        notes.append(say("residuals.some", rows=len(known), shown=MOST_POINTS))
    charts = [replace(against(known, values, subject.language), note=subject.sentences(notes))]
    if error.max() > error.min():
        note = say("residuals.mean", mean=number(float(error.mean())), bias=say(f"residuals.{_bias(error)}"))
        charts.append(histogram(say("residuals.errors"), error, say("residuals.axis"), say("data.rows"), note=note))
    return [Charts(charts), *_promises(subject)]


def _bias(error: Array) -> str:
    """Whether the mean error is further from 0 than chance explains."""
    found = lead(error)
    return "balanced" if abs(found.z) < STANDARD_ERRORS else "too_high" if found.mean > 0 else "too_low"


def _promises(subject: Subject) -> list[Block]:
    more = subject.predicted.more
    rows = []
    for name, values in more.items():
        if name.startswith("quantile_"):
            level = float(name.removeprefix("quantile_"))
            came = float(np.average(subject.y <= values, weights=subject.weight))
            rows.append([subject.say("promises.below", share=short_percent(level), level=level), percent(came)])
    if "deviation" in more:
        distance = np.abs(subject.y - subject.predicted.values) / more["deviation"]
        for width, promised in WIDTHS:
            came = float(np.average(distance <= width, weights=subject.weight))
            rows.append([subject.say("promises.within", share=percent(promised), width=width), percent(came)])
    head = [subject.say("promises.promised"), subject.say("promises.came")]
    return [TableBlock(subject.say("promises.caption"), head, rows)] if rows else []


# ------------------------------------------------------------------- single rows


def explained(subject: Subject) -> list[Block]:
    """Two rows of each kind, with the columns that decided."""
    if is_sparse(subject.X):
        return []
    groups = {name: rows.tolist() for name, rows in _chosen(subject).items() if len(rows)}
    order = [row for rows in groups.values() for row in rows]
    if not order:
        return []
    found, cases = explain(subject.model, take(subject.X, np.array(order))), {}
    for at, row in enumerate(order):
        answers = {"actual": truth(subject, subject.y, row), "predicted": truth(subject, subject.predicted.values, row)}
        head = subject.say("cases.head", row=subject.names[row], **answers)
        cases[row] = {"head": head, "words": found.words(at, language=subject.language, most=REASONS)}
    shown = [
        {"name": name, "title": subject.say(f"cases.{name}"), "cases": [cases[row] for row in rows]}
        for name, rows in groups.items()
    ]
    note = subject.sentences([subject.say("cases.note"), *_decided(subject)])
    return [Template("cases.html", shown), Paragraph(note, "note")]


def _decided(subject: Subject) -> list[str]:
    """Why a class may be predicted that is not the most probable one."""
    if subject.classes is None:
        return []
    targets, model, reasons = subject.model.targets_, subject.model, []
    if subject.positive is not None and model.decision_threshold_ != HALF:
        shown = {"name": str(model.positive_), "threshold": percent(model.decision_threshold_)}
        reasons.append(subject.say("decision.threshold", **shown))
    return reasons + reasons_of_decision(targets.chosen_for, targets.costs, subject.classes.tolist(), subject.say)


def _chosen(subject: Subject) -> dict[str, Array]:
    """The rows to speak of: surely right, furthest off, and those that it knows least of."""
    errors = subject.errors
    wrong = np.argsort(-errors, kind="stable")
    if subject.classes is None:
        more = subject.predicted.more
        spread = more.get("deviation", np.ptp(np.stack([*more.values()]), axis=0) if more else None)
        unsure = np.array([], np.intp) if spread is None else np.argsort(-spread, kind="stable")
        high = subject.predicted.values > np.median(subject.predicted.values)
        close = np.argsort(errors, kind="stable")
        right = np.concatenate([close[~high[close]][:1], close[high[close]][:1]])  # a low and a high one
        wrong = wrong[~np.isin(wrong, right)][:OF_EACH]
        return {"close": right, "wrong": wrong, "unsure": unsure[~np.isin(unsure, [*right, *wrong])][:OF_EACH]}
    sure = subject.sureness
    wrong = wrong[subject.wrong[wrong]][:OF_EACH]
    predicted = subject.predicted.values
    sure_ones: list[int] = []
    for row in np.argsort(-sure, kind="stable").tolist():  # the surest of each of two classes
        other = all(predicted[row] != predicted[one] for one in sure_ones)
        if len(sure_ones) < OF_EACH and other and not subject.wrong[row]:
            sure_ones.append(row)
    unsure = np.argsort(sure, kind="stable")
    taken = [*sure_ones, *wrong.tolist()]
    unsure = unsure[~np.isin(unsure, taken)][: OF_EACH if subject.predicted.probabilities is not None else 0]
    return {"right": np.array(sure_ones, np.intp), "wrong": wrong, "unsure": unsure}


def worst_rows(subject: Subject) -> list[Block]:
    """The rows with the largest loss, with their values: wrong answers in a table are often found here."""
    order = np.argsort(-subject.errors, kind="stable")[:SHOWN_ROWS]
    order = order[subject.errors[order] > 0]
    if not len(order):
        return []
    sure = subject.classes is not None and subject.predicted.probabilities is not None
    head = [subject.say(f"rows.{name}") for name in ("row", "actual", "predicted")]
    if sure or subject.classes is None:
        head.append(subject.say("rows.probability" if sure else "rows.error"))
    each = [] if subject.columns is None else [subject.columns[at] for at in subject.leading[:SHOWN_COLUMNS]]
    rows: list[list[Any]] = []
    for row in order.tolist():
        cells: list[Any] = [subject.names[row]]
        cells += [truth(subject, values, row) for values in (subject.y, subject.predicted.values)]
        if sure:
            cells.append(percent(float(np.exp(-subject.errors[row])), 2))
        elif subject.classes is None:
            cells.append(error(subject, row))
        for column in each:
            cell = column.cell(row)
            cells.append(Cell(subject.say("rows.missing"), look="quiet") if cell is None else cell)
        rows.append(cells)
    words = [0, *([] if subject.classes is None else [1, 2])]
    words += [place for place, column in enumerate(each, len(head)) if column.ends is None]
    head += [column.name for column in each]
    note = "rows.note" if each and subject.importances is not None else "rows.note_plain"
    return [Paragraph(subject.say(note)), TableBlock(subject.say("rows.caption", count=len(order)), head, rows, words)]

"""How good it is: the scores of the network beside those of simple models; of numbers, errors and promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glassnet.display.blocks import Block, Cell, Charts, Facts, Table, Words
from glassnet.display.chart import Bar, Bars, Ink
from glassnet.display.numbers import number
from glassnet.insight.charts import MOST_POINTS, against, histogram
from glassnet.insight.report.intervals import RESAMPLES
from glassnet.insight.report.subject import NETWORK, Subject
from glassnet.insight.report.words import headed, model_name, percent, requested, span
from glassnet.insight.scores import HIGHER_IS_BETTER, METRICS, Metric
from glassnet.layers.base import Array

FEWEST_ROWS = 2
WIDTHS = ((1.0, 0.6827), (1.96, 0.95))
"""How many deviations hold which share of a normal distribution."""


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
    """A table of scores, and what they mean."""
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
    measured = subject.resampled.interval(NETWORK, metrics[0].key) is not None
    meanings = [(subject.say(METRICS[metric.key]), subject.say(f"meaning.{metric.key}")) for metric in metrics]
    return [
        Table(subject.say("scores.caption", rows=len(subject.y)), head, rows, best=0),
        Facts(meanings),
        Words(subject.say(origin)),
        *([Words(subject.say("scores.intervals", count=RESAMPLES))] if measured else []),
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
    noise = 2 * error.std() / np.sqrt(len(error))
    return "balanced" if abs(error.mean()) <= noise else "too_high" if error.mean() > 0 else "too_low"


def _promises(subject: Subject) -> list[Block]:
    more = subject.predicted.more
    rows = []
    for name, values in more.items():
        if name.startswith("quantile_"):
            level = float(name.removeprefix("quantile_"))
            came = float(np.average(subject.y <= values, weights=subject.weight))
            rows.append([subject.say("promises.below", share=requested(level), level=level), percent(came)])
    if "deviation" in more:
        distance = np.abs(subject.y - subject.predicted.values) / more["deviation"]
        for width, promised in WIDTHS:
            came = float(np.average(distance <= width, weights=subject.weight))
            rows.append([subject.say("promises.within", share=percent(promised), width=width), percent(came)])
    head = [subject.say("promises.promised"), subject.say("promises.came")]
    return [Table(subject.say("promises.caption"), head, rows)] if rows else []

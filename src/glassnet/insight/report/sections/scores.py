"""The scores of the network and of simple models on the same rows, with their intervals."""

from __future__ import annotations

from glassnet.insight.blocks import Block, Cell, Charts, Facts, Table, Words
from glassnet.insight.charts import Bar, Bars
from glassnet.insight.charts.chart import Ink
from glassnet.insight.report.intervals import RESAMPLES
from glassnet.insight.report.subject import NETWORK, Subject
from glassnet.insight.report.words import model_name, span
from glassnet.insight.scores import HIGHER_IS_BETTER, METRICS, Metric

__all__ = ["compared", "scores"]


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
    head = [subject.say("scores.model"), *(subject.say(METRICS[metric.key]) for metric in metrics)]
    origin = "scores.alone" if not subject.simple else "scores.folds" if subject.folds else "scores.others"
    measured = subject.resampled.interval(NETWORK, metrics[0].key) is not None
    meanings = [(subject.say(METRICS[metric.key]), subject.say(f"meaning.{metric.key}")) for metric in metrics]
    return [
        Table(subject.say("scores.caption", rows=len(subject.y)), head, rows, best=0),
        Facts(meanings),
        Words(subject.say(origin)),
        *([Words(subject.say("scores.intervals", count=RESAMPLES))] if measured else []),
    ]

"""How numbers fare: predictions against the truth, how the errors are distributed, and whether promises are kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glassnet.insight.blocks import Block, Charts, Table
from glassnet.insight.charts.chart import MOST_POINTS
from glassnet.insight.charts.regression import against, histogram
from glassnet.insight.numbers import number
from glassnet.insight.report.subject import Subject
from glassnet.insight.report.words import percent
from glassnet.layers.base import Array

__all__ = ["residuals"]

FEWEST_ROWS = 2
WIDTHS = ((1.0, 0.6827), (1.96, 0.95))
"""How many deviations hold which share of a normal distribution."""


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
            rows.append([subject.say("promises.below", share=percent(level), level=level), percent(came)])
    if "deviation" in more:
        distance = np.abs(subject.y - subject.predicted.values) / more["deviation"]
        for width, promised in WIDTHS:
            came = float(np.average(distance <= width, weights=subject.weight))
            rows.append([subject.say("promises.within", share=percent(promised), width=width), percent(came)])
    head = [subject.say("promises.promised"), subject.say("promises.came")]
    return [Table(subject.say("promises.caption"), head, rows)] if rows else []

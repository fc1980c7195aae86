"""How numbers fare: predictions against the truth, how the errors are distributed, and whether promises are kept."""

from __future__ import annotations

import numpy as np

from glassnet.insight.numbers import number
from glassnet.insight.report.charts import columns, scatter
from glassnet.insight.report.markup import Markup, element, join, table
from glassnet.insight.report.sections.words import percent
from glassnet.insight.report.subject import Subject
from glassnet.insight.text import Text

__all__ = ["residuals"]

FEWEST_ROWS = 2
AGAINST = Text("Prediction against truth", "预测值与真实值")
AGAINST_NOTE = Text(
    "Each point is a row; on the dashed line the prediction is right. Half of the rows are off by {half} at most, "
    "nine of ten by {most}.",
    "每个点是一行；在虚线上，预测正好等于真实值。一半的行误差不超过 {half}，十分之九的行不超过 {most}。",
)
SOME = Text("Of the {rows:,} rows {shown:,} are drawn.", "{rows:,} 行中画出了 {shown:,} 行。")
TRUE, PREDICTED, EQUAL = (
    Text("truth", "真实值"),
    Text("prediction", "预测值"),
    Text("prediction = truth", "预测值 = 真实值"),
)
ERRORS = Text("How the errors are distributed", "误差的分布")
ERROR_AXIS, ROWS = Text("prediction minus truth", "预测值减真实值"), Text("rows", "行数")
ERRORS_NOTE = Text("The mean error is {mean}: {bias}.", "平均误差为 {mean}：{bias}。")
BALANCED = Text("as often too high as too low, by about as much", "偏高与偏低大致相抵")
TOO_HIGH, TOO_LOW = (
    Text("predictions tend to be too high", "预测值总体偏高"),
    Text("predictions tend to be too low", "预测值总体偏低"),
)
PROMISES = Text("What was promised, and what came", "所承诺的与实际的")
PROMISE, CAME = Text("Promised", "所承诺的"), Text("Came", "实际的")
BELOW = Text("{share} of the rows lie below the quantile {level:g}", "{share} 的行低于分位数 {level:g}")
WITHIN = Text("{share} of the rows lie within {width:g} standard deviations", "{share} 的行在 {width:g} 个标准差以内")
WIDTHS = ((1.0, 0.6827), (1.96, 0.95))
"""How many deviations hold which share of a normal distribution."""


def residuals(subject: Subject) -> Markup | None:
    """A scatter of predictions, a histogram of errors; for quantiles and deviations how often they hold."""
    if subject.classes is not None or len(subject.y) < FEWEST_ROWS:
        return None
    from glassnet.insight.report.charts import MOST_POINTS

    truth, values = subject.y, subject.predicted.values
    error = values - truth
    half, most = np.quantile(np.abs(error), [0.5, 0.9])
    notes = [subject.say(AGAINST_NOTE, half=number(float(half)), most=number(float(most)))]
    if len(truth) > MOST_POINTS:
        notes.append(subject.say(SOME, rows=len(truth), shown=MOST_POINTS))
    charts = [
        scatter(
            "against", subject.say(AGAINST), subject.sentences(notes), subject.say(TRUE), subject.say(PREDICTED),
            truth, values, subject.say(EQUAL),
        )
    ]  # fmt: skip
    if error.max() > error.min():
        note = subject.say(ERRORS_NOTE, mean=number(float(error.mean())), bias=subject.say(_bias(error)))
        charts.append(columns("errors", subject.say(ERRORS), note, subject.say(ERROR_AXIS), subject.say(ROWS), error))
    return join([element("div", *charts, class_="charts"), _promises(subject)])


def _bias(error: np.ndarray) -> Text:
    """Whether the mean error is further from 0 than chance explains."""
    noise = 2 * error.std() / np.sqrt(len(error))
    return BALANCED if abs(error.mean()) <= noise else TOO_HIGH if error.mean() > 0 else TOO_LOW


def _promises(subject: Subject) -> Markup | None:
    more = subject.predicted.more
    rows = []
    for name, values in more.items():
        if name.startswith("quantile_"):
            level = float(name.removeprefix("quantile_"))
            came = float(np.average(subject.y <= values, weights=subject.weight))
            rows.append([subject.say(BELOW, share=percent(level), level=level), percent(came)])
    if "deviation" in more:
        distance = np.abs(subject.y - subject.predicted.values) / more["deviation"]
        for width, promised in WIDTHS:
            came = float(np.average(distance <= width, weights=subject.weight))
            rows.append([subject.say(WITHIN, share=percent(promised), width=width), percent(came)])
    return table(subject.say(PROMISES), [subject.say(PROMISE), subject.say(CAME)], rows) if rows else None

"""How far a regressor is off, and whether its quantiles hold what they promise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from glassnet.insight.charts.chart import Axis, Band, Chart, Columns, Dots, Line, Mark, Rule, some
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text

RESIDUALS = Text("Residuals", "残差")
PREDICTED = Text("predicted", "预测值")
LEFT_OVER = Text("actual − predicted", "实际值 − 预测值")
TYPICAL = Text("half of the residuals: ±{size:.3g}", "半数样本：±{size:.3g}")
AGAINST = Text("Predicted vs. actual values", "预测值与实际值")
ACTUAL = Text("actual value", "实际值")
PREDICTION = Text("prediction", "预测值")
EQUAL = Text("prediction = actual value", "预测值 = 实际值")
BANDS = Text("Quantiles", "分位数")
VALUE = Text("target", "目标值")
BAND = Text("{low:.0%} to {high:.0%}: covers {held:.0%}", "{low:.0%} 至 {high:.0%}：含 {held:.0%}")
LEVEL = Text("{level:.0%} quantile", "{level:.0%} 分位数")
ROWS = Text("rows", "样本")

MOST_COLUMNS = 30
"""Of a histogram: more are a comb."""


def residuals(y: Array, predicted: Array, language: Language) -> Chart:
    """Residuals, actual minus predicted; half of the rows lie in the band."""
    drawn, half = some(len(y)), float(np.median(np.abs(y - predicted)))
    marks: list[Mark] = [
        Band(TYPICAL.say(language, size=half), -half, half, "quiet"),
        Rule("", 0.0, level=True),
        Dots("", predicted[drawn], (y - predicted)[drawn]),
    ]
    return Chart(RESIDUALS.say(language), Axis(PREDICTED.say(language)), Axis(LEFT_OVER.say(language)), marks)


def against(y: Array, predicted: Array, language: Language) -> Chart:
    """The prediction of each row over its actual value, and the line where both are equal."""
    drawn, both = some(len(y)), np.concatenate([y, predicted]).astype(np.float64)
    ends = np.array([both.min(), both.max()])
    marks = [Dots("", y[drawn], predicted[drawn]), Line(EQUAL.say(language), ends, ends, "guide")]
    return Chart(AGAINST.say(language), Axis(ACTUAL.say(language)), Axis(PREDICTION.say(language)), marks)


def quantile_bands(
    x: Array, y: Array, predicted: Array, levels: Array, name: str, language: Language
) -> Chart:  # fmt: skip
    """The quantiles of each row as bands, and the targets: whether as many lie within as was promised."""
    marks: list[Mark] = []
    for depth in range(len(levels) // 2):
        low, high = predicted[:, depth], predicted[:, -1 - depth]
        held = float(np.mean((low <= y) & (y <= high)))
        label = BAND.say(language, low=levels[depth], high=levels[-1 - depth], held=held)
        marks.append(Band(label, low, high, x=x))
    middle = len(levels) // 2
    if len(levels) % 2:
        marks.append(Line(LEVEL.say(language, level=levels[middle]), x, predicted[:, middle]))
    drawn = some(len(y))
    marks.append(Dots(ROWS.say(language), x[drawn], y[drawn], "h"))
    return Chart(BANDS.say(language), Axis(name), Axis(VALUE.say(language)), marks)


def histogram(
    title: str, values: Array, x: str, y: str, spell: Callable[[float], str] | None = None, note: str = ""
) -> Chart:
    """Histogram with bins of equal width; with `spell`, only the ends are labeled, in its words."""
    unit = 1
    with np.errstate(over="ignore"):
        if not np.isfinite(np.ptp(values)):  # the type of the values does not hold how far they are apart
            unit, values = 4, values.astype(np.float64) / 4
    reach = values.max() - values.min()
    finest = reach / np.spacing(np.abs(values).max())  # no column is narrower than a number
    bins = int(max(1, min(MOST_COLUMNS, max(5, round(len(values) ** 0.5)), finest)))
    if spell is None and reach < MOST_COLUMNS and (values == np.round(values)).all():
        counts, edges = np.histogram(values, np.arange(values.min(), values.max() + 2) - 0.5)  # one for each number
    else:
        counts, edges = np.histogram(values, bins)
        edges = edges * unit
    names: Sequence[tuple[float, str]] = ()
    if spell is not None:
        names = [(float(end), spell(float(end))) for end in (edges[0], edges[-1])]
    return Chart(title, Axis(x, names=names), Axis(y, whole=True), [Columns("", edges, counts)], note)

"""Charts of results as data: how well a classifier tells classes apart, how far a regressor is off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from glassnet.display.chart import Axis, Band, Chart, Dots, Line, Mark, ReferenceLine, VerticalBars, color
from glassnet.display.numbers import row_count
from glassnet.estimators.calibration import Reliability
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text
from glassnet.training.split import sample_rows

ROC = Text("ROC curve")
FALSE_RATE = Text("false positive rate")
TRUE_RATE = Text("true positive rate")
AREA = Text("{name}: AUC {area:.3f}")
CHANCE = Text("chance")
PRECISION_RECALL = Text("Precision and recall")
RECALL = Text("recall")
PRECISION = Text("precision")
AVERAGE = Text("{name}: AP {area:.3f}")
GAINS = Text("Cumulative gains")
TAKEN = Text("fraction of rows, most probable first")
FOUND = Text("recall", context="classification")
REST = Text("{count} rarer classes: {low:.3f} to {high:.3f}")

CALIBRATION = Text("Calibration curve")
PROBABILITY = Text("predicted probability of “{name}”")
FREQUENCY = Text("observed frequency of “{name}”")
SURENESS = Text("probability of the predicted class")
RIGHT = Text("accuracy", context="classification")
PERFECT = Text("perfectly calibrated")
ERROR = Text("{name}, mean error {error:.3f}")
ROWS = Text("rows in each bin")

FLOOR = 0.16
"""The part of a calibration's height where the bars of its bins stand."""
SHARE = (0.0, 1.0)

RESIDUALS = Text("Residuals")
PREDICTED = Text("predicted")
LEFT_OVER = Text("actual − predicted")
TYPICAL = Text("half of the residuals: ±{size:.3g}")
AGAINST = Text("Predicted vs. actual values")
ACTUAL = Text("actual value")
PREDICTION = Text("prediction")
EQUAL = Text("prediction = actual value")
BANDS = Text("Quantiles")
VALUE = Text("target", context="charts")
BAND = Text("{low:.0%} to {high:.0%}: covers {held:.0%}")
LEVEL = Text("{level:.0%} quantile")
ROW_DOTS = Text("rows")

MOST_COLUMNS = 30
"""Of a histogram: more are a comb."""
MOST_POINTS = 1000
"""More points than these are one blot, and a large file."""


class Ranked(NamedTuple):
    """Rows by their probability of one class: whether each is of it, its score and its weight.

    Curves without a colour of their own are thin and grey.
    """

    name: str
    is_one: Array
    scores: Array
    weight: Array | None = None
    named: bool = True


def roc(each: Sequence[Ranked], language: Language) -> Chart:
    """The trade between rows rightly and rows wrongly taken for a class."""
    from sklearn.metrics import auc, roc_curve

    found = []
    for ranked in each:
        false, true, _ = roc_curve(ranked.is_one, ranked.scores, sample_weight=ranked.weight)
        found.append((false, true, float(auc(false, true))))
    chance = Line(CHANCE.say(language), [0, 1], [0, 1], "guide")
    marks = [*_curves(each, found, AREA, language), chance]
    return Chart(ROC.say(language), _share(FALSE_RATE, language), _share(TRUE_RATE, language), marks)


def precision_recall(each: Sequence[Ranked], language: Language) -> Chart:
    """The trade between finding a class and being right about it, over what guessing gives: the class's share."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    found = []
    for ranked in each:
        weight = ranked.weight
        precision, recall, _ = precision_recall_curve(ranked.is_one, ranked.scores, sample_weight=weight)
        area = average_precision_score(ranked.is_one, ranked.scores, sample_weight=weight)
        found.append((recall, precision, float(area)))
    marks = _curves(each, found, AVERAGE, language)
    shares = dict.fromkeys(float(np.average(one.is_one, weights=one.weight)) for one in each if one.named)
    marks += [
        ReferenceLine("" if place else CHANCE.say(language), share, level=True) for place, share in enumerate(shares)
    ]
    return Chart(PRECISION_RECALL.say(language), _share(RECALL, language), _share(PRECISION, language), marks)


def gains(each: Sequence[Ranked], language: Language) -> Chart:
    """Cumulative gains: the fraction of a class found in the most probable rows."""
    marks: list[Mark] = [Line(ranked.name, *gained(ranked), color(place)) for place, ranked in enumerate(each)]
    chance = Line(CHANCE.say(language), [0, 1], [0, 1], "guide")
    return Chart(GAINS.say(language), _share(TAKEN, language), _share(FOUND, language), [*marks, chance])


def gained(ranked: Ranked) -> tuple[Array, Array]:
    """The share of all rows that is taken, and the share of the class that is among them.

    Rows of equal scores are taken in equal parts.

    Examples
    --------
    >>> taken, found = gained(Ranked("yes", np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1])))
    >>> np.interp([0.25, 0.5, 0.75], taken, found).tolist()
    [0.5, 0.75, 1.0]
    """
    from sklearn.metrics import roc_curve

    false, true, _ = roc_curve(ranked.is_one, ranked.scores, sample_weight=ranked.weight)
    share = float(np.average(ranked.is_one, weights=ranked.weight))
    return share * true + (1 - share) * false, true


def _curves(
    each: Sequence[Ranked], found: Sequence[tuple[Array, Array, float]], label: Text, language: Language
) -> list[Mark]:
    """The curves with their areas in the legend; those without a colour share a line of it."""
    pairs = sorted(zip(each, found, strict=True), key=lambda pair: not pair[0].named)
    named = sum(ranked.named for ranked in each)
    marks: list[Mark] = [
        Line(label.say(language, name=ranked.name, area=area), x, y, color(place))
        for place, (ranked, (x, y, area)) in enumerate(pairs[:named])
    ]
    rest = [area for _, (_, _, area) in pairs[named:]]
    for count, (_, (x, y, _)) in enumerate(pairs[named:], 1):
        name = REST.say(language, count=count, low=min(rest), high=max(rest)) if count == len(rest) else ""
        marks.append(Line(name, x, y, "quiet", weight="thin"))
    return marks


def calibration(found: Sequence[tuple[str, Reliability]], positive: str | None, language: Language) -> Chart:
    """Calibration curve: observed frequency against predicted probability; below, the number of rows in each bin."""
    rows = found[0][1].rows
    edges = np.arange(len(rows) + 1) / len(rows)
    marks: list[Mark] = [
        VerticalBars(
            ROWS.say(language), edges, FLOOR * rows / rows.max(), "quiet", [row_count(int(count)) for count in rows]
        ),
        Line(PERFECT.say(language), [0, 1], [0, 1], "guide"),
    ]
    for place, (name, each) in enumerate(found):
        called, there = ERROR.say(language, name=name, error=each.error), each.rows > 0
        marks.append(Line(called, each.sure[there], each.right[there], color(place), dots=True))
    sure, right = (SURENESS, RIGHT) if positive is None else (PROBABILITY, FREQUENCY)
    x, y = (_share(text, language, name=positive) for text in (sure, right))
    return Chart(CALIBRATION.say(language), x, y, marks)


def _share(text: Text, language: Language, **values: object) -> Axis:
    return Axis(text.say(language, **values), limits=SHARE)


# ------------------------------------------------------------------- regression


def drawn_rows(rows: int) -> Array:
    """Return the rows to draw: all, or a random sample of `MOST_POINTS`."""
    return sample_rows(rows, MOST_POINTS)


def residuals(y: Array, predicted: Array, language: Language) -> Chart:
    """Residuals, actual minus predicted; half of the rows lie in the band."""
    drawn, half = drawn_rows(len(y)), float(np.median(np.abs(y - predicted)))
    marks: list[Mark] = [
        Band(TYPICAL.say(language, size=half), -half, half, "quiet"),
        ReferenceLine("", 0.0, level=True),
        Dots("", predicted[drawn], (y - predicted)[drawn]),
    ]
    return Chart(RESIDUALS.say(language), Axis(PREDICTED.say(language)), Axis(LEFT_OVER.say(language)), marks)


def against(y: Array, predicted: Array, language: Language) -> Chart:
    """The prediction of each row over its actual value, and the line where both are equal."""
    drawn, both = drawn_rows(len(y)), np.concatenate([y, predicted]).astype(np.float64)
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
    drawn = drawn_rows(len(y))
    marks.append(Dots(ROW_DOTS.say(language), x[drawn], y[drawn], "h"))
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
    return Chart(title, Axis(x, names=names), Axis(y, whole=True), [VerticalBars("", edges, counts)], note)

"""How well a classifier tells classes apart, and whether its probabilities may be believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from glassnet.estimators.calibration import Reliability
from glassnet.insight.charts.chart import Axis, Chart, Columns, Line, Mark, Rule, color
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text

ROC = Text("ROC curve", "ROC 曲线")
FALSE_RATE = Text("false positive rate", "假阳性率")
TRUE_RATE = Text("true positive rate", "真阳性率")
AREA = Text("{name}: AUC {area:.3f}", "{name}：AUC {area:.3f}")
CHANCE = Text("chance", "随机猜测")
PRECISION_RECALL = Text("Precision and recall", "精确率与召回率")
RECALL = Text("recall", "召回率")
PRECISION = Text("precision", "精确率")
AVERAGE = Text("{name}: AP {area:.3f}", "{name}：AP {area:.3f}")
GAINS = Text("Cumulative gains", "累积增益曲线")
TAKEN = Text("fraction of rows, most probable first", "所取样本的比例（概率高者在前）")
FOUND = Text("recall", "其中找到的比例（召回率）")
REST = Text("{count} rarer classes: {low:.3f} to {high:.3f}", "其余 {count} 个较少的类：{low:.3f} 至 {high:.3f}")

CALIBRATION = Text("Calibration curve", "校准曲线")
PROBABILITY = Text("predicted probability of “{name}”", "预测为“{name}”的概率")
FREQUENCY = Text("observed frequency of “{name}”", "实际为“{name}”的比例")
SURENESS = Text("probability of the predicted class", "所预测类别的概率")
RIGHT = Text("accuracy", "预测正确的比例")
PERFECT = Text("perfectly calibrated", "完美校准")
ERROR = Text("{name}, mean error {error:.3f}", "{name}，平均误差 {error:.3f}")
ROWS = Text("rows in each bin", "各区间的样本数")

FLOOR = 0.16
"""The part of a calibration's height where the bars of its bins stand."""
SHARE = (0.0, 1.0)


class Ranked(NamedTuple):
    """Rows by their probability of one class: whether each is of it, its score and its weight.

    What has no colour of its own is thin and grey.
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
    marks += [Rule("" if place else CHANCE.say(language), share, level=True) for place, share in enumerate(shares)]
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
        Columns(ROWS.say(language), edges, FLOOR * rows / rows.max(), "quiet", [_short(int(count)) for count in rows]),
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


def _short(count: int) -> str:
    """A number of rows in a few letters."""
    return f"{count}" if count < 1000 else f"{count / 1000:.1f}k" if count < 10_000 else f"{count // 1000}k"

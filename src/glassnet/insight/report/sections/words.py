"""Words that several sections use."""

from __future__ import annotations

import math
from typing import Final

from glassnet.insight.baselines import CONSTANTS, LINEAR
from glassnet.insight.numbers import number
from glassnet.insight.report.subject import NETWORK, Subject
from glassnet.insight.scores import Metric
from glassnet.insight.text import Text
from glassnet.layers.base import Array

__all__ = ["METRICS", "MODELS", "difference", "error", "model_name", "percent", "span", "truth"]

MODELS: Final = {
    NETWORK: Text("the network", "网络"),
    **LINEAR,
    **CONSTANTS,
}
METRICS: Final = {
    "accuracy": Text("accuracy", "正确率"),
    "balanced_accuracy": Text("balanced accuracy", "平衡正确率"),
    "roc_auc": Text("ROC AUC", "ROC 曲线下面积"),
    "log_loss": Text("log loss", "对数损失"),
    "rmse": Text("RMSE", "均方根误差"),
    "mae": Text("MAE", "平均绝对误差"),
    "r2": Text("R²", "决定系数 R²"),
}
POINTS = Text("{value} points", "{value} 个百分点")


def model_name(subject: Subject, name: str) -> str:
    """What a model is called in the language of the report."""
    return subject.say(MODELS[name]) if name in MODELS else name


def percent(share: float, digits: int = 1) -> str:
    """A share of the whole.

    Examples
    --------
    >>> percent(0.1234), percent(1)
    ('12.3 %', '100 %')
    """
    written = f"{100 * share:.{digits}f}"
    return f"{written.rstrip('0').rstrip('.') if '.' in written else written} %"


def span(metric: Metric, low: float, high: float) -> str:
    """The ends of an interval of a score.

    Examples
    --------
    >>> from glassnet.insight.scores import CLASSIFICATION
    >>> span(CLASSIFICATION[0], 0.85, 0.875)
    '85.00 – 87.50 %'
    """
    first = metric.spell(low)
    return f"{first.removesuffix(' %')} – {metric.spell(high)}"


def difference(subject: Subject, metric: Metric, value: float) -> str:
    """How far two scores are apart; percents in points."""
    if metric.form == "percent":
        return subject.say(POINTS, value=f"{100 * value:+.2f}".replace("-", "−"))
    return ("+" if value > 0 else "−" if value < 0 else "") + metric.spell(abs(value))


def truth(subject: Subject, values: Array, row: int) -> str:
    """A class or a number of a row."""
    return number(float(values[row])) if subject.classes is None else str(values[row])


def error(subject: Subject, row: int) -> str:
    """How far off a row is."""
    value = float(subject.errors[row])
    return number(value) if math.isfinite(value) else "-"

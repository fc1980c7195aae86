"""Numbers and names as several sections of the report format them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from glassnet.display.numbers import beside, number
from glassnet.estimators.class_targets import BY_COSTS
from glassnet.insight.baselines import CONSTANTS, LINEAR
from glassnet.insight.report.texts import TEXTS
from glassnet.insight.scores import Metric
from glassnet.layers.base import Array
from glassnet.support.language import Text, minus

if TYPE_CHECKING:
    from glassnet.insight.importances import Importances
    from glassnet.insight.report.subject import Subject


MODELS: Final = {"network": TEXTS["scores.network"], **LINEAR, **CONSTANTS}


def model_name(subject: Subject, name: str) -> str:
    """Return the name of a model in the language of the report."""
    return subject.say(MODELS[name]) if name in MODELS else name


def headed(text: Text, subject: Subject) -> str:
    """Return a name as the head of a column."""
    name = subject.say(text)
    return name[:1].upper() + name[1:]


def span(metric: Metric, low: float, high: float) -> str:
    """Return the ends of an interval of a score.

    Examples
    --------
    >>> from glassnet.insight.scores import CLASSIFICATION
    >>> span(CLASSIFICATION[0], 0.85, 0.875)
    '85.00% – 87.50%'
    """
    return f"{metric.spell(low)} – {metric.spell(high)}"


def difference(subject: Subject, metric: Metric, value: float) -> str:
    """Return the difference of two scores; of percentages in points."""
    if metric.form == "percent":
        return subject.say("scores.points", value=minus(f"{100 * value:+.2f}"))
    return ("+" if value > 0 else "") + metric.spell(value)


def loss_name(subject: Subject) -> str:
    """Return the name of the loss by which importances are measured."""
    ours = subject.scores["network"]
    name = "rmse" if subject.classes is None else "log_loss" if "log_loss" in ours else "wrong"
    return subject.say(f"importance.{name}")


def increase(importances: Importances, value: float) -> str:
    """Return the increase of a loss; the largest has three significant digits."""
    return beside(value, importances.means)


def truth(subject: Subject, values: Array, row: int) -> str:
    """Return the class or the number of a row."""
    return number(float(values[row])) if subject.classes is None else str(values[row])


def error(subject: Subject, row: int) -> str:
    """Return the error of a row."""
    value = float(subject.errors[row])
    return number(value) if math.isfinite(value) else "-"


def reasons_of_decision(chosen_for: str | None, say: Callable[..., str]) -> list[str]:
    """Return the sentence on why another class than the most probable one may be predicted; nothing if none may."""
    if chosen_for is None:
        return []
    return [say("decision.by_costs") if chosen_for == BY_COSTS else say("decision.by_score", score=chosen_for)]

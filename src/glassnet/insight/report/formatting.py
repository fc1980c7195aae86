"""Numbers and names as several sections of the report format them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

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


SHOWN_COSTS: Final = 12
"""Of more costs of errors the highest are named."""
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


def reasons_of_decision(
    chosen_for: str | None,
    costs: Sequence[Sequence[float]] | None,
    classes: Sequence[Any],
    say: Callable[..., str],
) -> list[str]:
    """Return the sentences on why another class than the most probable one may be predicted; none if none may.

    `costs` of each prediction for each true class are known of more than two classes.
    """
    if chosen_for is None:
        return []
    if chosen_for != BY_COSTS:
        return [say("decision.by_score", score=chosen_for)]
    reasons = [say("decision.by_costs")]
    if costs is not None:
        errors = [
            (cost, true, predicted)
            for true, row in zip(classes, costs, strict=True)
            for predicted, cost in zip(classes, row, strict=True)
            if true != predicted
        ]
        usual = Counter(cost for cost, _, _ in errors).most_common(1)[0][0]
        named = sorted((each for each in errors if each[0] != usual), key=lambda each: -each[0])[:SHOWN_COSTS]
        parts = [say("decision.cost", actual=true, predicted=predicted, cost=cost) for cost, true, predicted in named]
        parts.append(say("decision.other_costs", cost=usual))
        reasons.append(say("decision.costs", costs=say("page.semicolon").join(parts)))
    return reasons

"""Scores and confusions as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.apps.console import table
from glassnet.apps.texts import say
from glassnet.estimators.positive_class import HALF
from glassnet.insight.report.words import MODELS
from glassnet.insight.scores import CLASSIFICATION, METRICS, OF_POSITIVE, REGRESSION, Metric
from glassnet.layers.base import Array


def score_table(title: str, scores: Mapping[str, Mapping[str, float]]) -> Any:
    """Scores as a table: a line for each model, the first one being ours."""
    return _table(title, scores, (*CLASSIFICATION, *REGRESSION))


def positive_tables(model: Any, scores: Mapping[str, Mapping[str, float]]) -> list[Any]:
    """How well the positive class is found, in the same form, below an empty line; none where no score says."""
    known = {name: values for name, values in scores.items() if "recall" in values}
    return ["", _table(positive_in_words(model), known, OF_POSITIVE)] if known else []


def positive_in_words(model: Any) -> str:
    """The positive class of a classifier, and the threshold where it is not one half."""
    threshold = model.decision_threshold_
    said = "scores.positive" if threshold == HALF else "scores.positive_from"
    return say(said, name=model.positive_, threshold=threshold)


def _table(title: str, scores: Mapping[str, Mapping[str, float]], metrics: Sequence[Metric]) -> Any:
    shown = [m for m in metrics if any(m.key in values for values in scores.values())]
    rows = [
        [MODELS[name].say() if name in MODELS else name, *(m.spell(values.get(m.key)) for m in shown)]
        for name, values in scores.items()
    ]
    return table([title, *(METRICS[metric.key].say() for metric in shown)], rows, best=[0])


def confusion(truth: Array, predicted: Array, classes: Sequence[Any]) -> list[list[str]]:
    """How many rows of each class (a line each) were taken for which; nothing reads as a dot."""
    counts = [[int(np.sum((truth == row) & (predicted == column))) for column in classes] for row in classes]
    return [[f"{count:,}" if count else "·" for count in line] for line in counts]


def confusion_table(truth: Array, predicted: Array, classes: Sequence[Any]) -> Any:
    """:func:`confusion` as a table to look at."""
    rows = [[str(name), *line] for name, line in zip(classes, confusion(truth, predicted, classes), strict=True)]
    return table([say("scores.corner"), *map(str, classes)], rows)

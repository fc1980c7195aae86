"""Scores and confusions as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.apps.console import table
from glassnet.apps.texts import say
from glassnet.insight.report.words import MODELS
from glassnet.insight.scores import CLASSIFICATION, METRICS, REGRESSION
from glassnet.layers.base import Array


def score_table(title: str, scores: Mapping[str, Mapping[str, float]]) -> Any:
    """Scores as a table: a line for each model, the first one being ours."""
    shown = [m for m in (*CLASSIFICATION, *REGRESSION) if any(m.key in values for values in scores.values())]
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
    return table([say("scores.truth"), *map(str, classes)], rows)

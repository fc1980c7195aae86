"""A forest beside the network: what rows hold, seen by a method that has no rate, no scale and no epochs.

Each tree leaves out a third of the rows; what the forest says of a row comes from the trees that have not seen it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.insight.doctor.patient import Patient
from glassnet.insight.some_rows import drawn
from glassnet.layers.base import Array

__all__ = ["CELLS", "FEWEST_ROWS", "forest_answers", "forest_skill", "sample"]

TREES = 60
"""Enough that every row is left out by some of them (by 22 on average)."""
FEWEST_IN_LEAF = 5
ROWS = 2000
"""At most so many: a second's work."""
FEWEST_ROWS = 50
CELLS = 20_000_000
"""Numbers that are looked at together: some 160 MB."""
SMALLEST = 1e-3
"""A probability below it counts as this much: a forest's shares may be 0, whose logarithm is infinite."""


def forest_skill(patient: Patient) -> float | None:
    """The share of the best constant answer's loss that a forest takes away on unseen rows.

    Of squares for numbers, of cross-entropy for classes; None where there are too few rows, or no target of one column.
    """
    if patient.task == "other" or patient.X.shape[0] < FEWEST_ROWS:
        return None
    chosen = sample(patient.X.shape[0], ROWS)
    target = patient.target[chosen]
    if len(np.unique(target)) < 2:
        return None
    answers = forest_answers(patient.X[chosen], target, classes=patient.task == "classes")
    if patient.task == "numbers":
        return float(1 - np.mean((answers[:, 0] - target) ** 2) / target.var())
    _, position = np.unique(target, return_inverse=True)
    shares = np.bincount(position) / len(target)
    rows = np.arange(len(target))
    loss = -np.log(np.clip(answers[rows, position], SMALLEST, 1)).mean()
    return float(1 - loss / -(shares * np.log(shares)).sum())


def forest_answers(X: Any, target: Array, *, classes: bool) -> Array:
    """What a forest says of each row without having seen it: a probability for each class in order, or one number."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestClassifier if classes else RandomForestRegressor
    options = {} if classes else {"max_features": 1 / 3}  # the usual shares: the root for classes, a third for numbers
    forest = kind(TREES, min_samples_leaf=FEWEST_IN_LEAF, oob_score=True, random_state=0, **options).fit(X, target)
    answers: Array = forest.oob_decision_function_ if classes else forest.oob_prediction_[:, None]
    return answers


def sample(rows: int, most: int, columns: int = 1) -> Array:
    """At most so many row numbers, always the same; fewer, where they would be dense rows of very many columns."""
    return drawn(rows, max(1, min(most, CELLS // columns)))

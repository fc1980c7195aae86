"""Which rows of a table a saved model was trained with: those are looked over, and tell little of how good it is."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from glassnet.apps.labelled import Labelled
from glassnet.apps.saved import remembered_share, task_of
from glassnet.insight.doctor import Finding
from glassnet.insight.doctor.preparation import trained_with
from glassnet.insight.doctor.table import TRAINED_ON
from glassnet.layers.base import Array
from glassnet.training import split_rows


class Parts(NamedTuple):
    """The numbers of the rows that were learned from, and of those held back for a test."""

    learned: Array
    tested: Array


def parts_of(model: Any, rows: Labelled) -> Parts | None:
    """All rows were learned from, or what ``glassnet train`` leaves after its test; None where that is not certain."""

    def learned(part: Labelled) -> bool:
        return trained_with(model, part.X, part.y, part.weight, groups=part.groups, times=part.times)

    if learned(rows):
        return Parts(np.arange(len(rows)), np.arange(0))
    seed, share = model.get_params().get("random_state"), remembered_share(model)
    if isinstance(seed, int) and share and len(rows) > 1:
        classes = rows.y if task_of(model) == "classification" else None
        parts = Parts(*split_rows(len(rows), share, seed, classes, groups=rows.groups, times=rows.times))
        if learned(rows.take(parts.learned)):
            return parts
    return None


def trained_on(model: Any, rows: Labelled) -> list[Finding]:
    """That scores on these rows are those of rows which the model knows; nothing where that is not certain."""
    parts = parts_of(model, rows)
    return [] if parts is None else [TRAINED_ON.found("warning", count=len(parts.learned), rows=len(rows))]

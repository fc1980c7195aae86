"""What an estimator knows of its targets: how they become what the network learns, and how its outputs become answers.

There are three kinds: one class of several, several yes-or-no answers at once, and numbers. Each is learned from the
training targets once, and is plain data from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators.class_targets import CLASS_DTYPES, AnswerTargets, ClassTargets
from glassnet.estimators.number_targets import NumberTargets
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array

__all__ = ["AnswerTargets", "ClassTargets", "NumberTargets", "Targets", "targets_from_state"]


class Targets(Protocol):
    """What the three kinds have in common."""

    @property
    def default_loss(self) -> str:
        """The loss that suits them."""

    def outputs(self, loss: Loss) -> int:
        """How many outputs the network needs, or an error if the loss does not suit."""

    def encode(self, y: Array) -> Array:
        """Checked targets as the network's loss wants them."""

    def decode(self, outputs: Array, loss: Loss) -> Array:
        """The answers that the network's raw outputs mean."""

    def strata(self, encoded: Array) -> Array | None:
        """What a split of the rows keeps in proportion."""

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Everything, as strict JSON and arrays."""


def targets_from_state(state: Any, arrays: Mapping[str, Array]) -> ClassTargets | AnswerTargets | NumberTargets:
    """What ``to_state`` gave, checked as if a stranger had written it.

    Raises
    ------
    InputError
        If it is not such.
    """
    kind = state.get("kind") if isinstance(state, dict) else None
    if kind == "classes":
        return ClassTargets(_classes(state.get("dtype"), state.get("classes")))
    if kind == "answers" and type(state.get("count")) is int and state["count"] > 0:
        return AnswerTargets(state["count"])
    if kind == "numbers" and type(state.get("single")) is bool:
        center, scale = arrays.get("center"), arrays.get("scale")
        if center is None or scale is None or not _are_statistics(center, scale):
            _refuse("no mean and deviation for each target")
        low, high = arrays.get("low"), arrays.get("high")
        if low is not None and not (high is not None and _are_ends(low, high, len(center))):
            _refuse("no smallest and largest value for each target")
        if len(center) == 1 or not state["single"]:
            return NumberTargets(center, scale, state["single"], low, high if low is not None else None)
    return _refuse(f"{kind!r}")


def _are_statistics(center: Array, scale: Array) -> bool:
    return (
        0 < center.size == scale.size
        and all(a.ndim == 1 and a.dtype == np.float64 and np.isfinite(a).all() for a in (center, scale))
        and bool((scale > 0).all())
    )


def _are_ends(low: Array, high: Array, targets: int) -> bool:
    return all(a.shape == (targets,) and a.dtype == np.float64 and np.isfinite(a).all() for a in (low, high)) and bool(
        (low <= high).all()
    )


def _classes(dtype: Any, values: Any) -> Array:
    python = CLASS_DTYPES.get(dtype) if isinstance(dtype, str) else None
    if python is None or not isinstance(values, list) or not values or any(type(v) is not python for v in values):
        _refuse(f"classes of type {dtype!r}")
    try:
        classes = np.array(values, str if dtype == "text" else dtype)
    except OverflowError:
        _refuse(f"classes out of the range of {dtype}")
    if not (classes.tolist() == values and (classes[:-1] < classes[1:]).all()):
        _refuse("classes out of order")
    return classes


def _refuse(received: str) -> NoReturn:
    raise InputError("The targets of a model must be as they were written", received, "Is the file damaged?")

"""Pruning of an ensemble: the members that answer some rows best together are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators.calibration import temperature
from glassnet.estimators.ensemble import kept_members, normalized
from glassnet.formulas.averages import averaged
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.options import Integer
from glassnet.tables.opened_table import open_dense

if TYPE_CHECKING:
    from glassnet.estimators.base import NeuralEstimator


def best_together(there: int, loss: Callable[[Sequence[int]], float], count: int) -> list[int]:
    """The members to keep, by greedy selection: the best one, then each time the one that improves the average most.

    A member that is good by itself may bring nothing, if another makes the same mistakes.

    Source: Caruana, Niculescu-Mizil, Crew, Ksikes (2004), *Ensemble Selection from Libraries of Models*, section 2;
    without replacement, so that no member is carried along twice.

    Examples
    --------
    >>> answers = np.array([0.9, 0.8, 1.2])
    >>> best_together(3, lambda some: abs(answers[list(some)].mean() - 1.0), 2)
    [0, 2]
    """
    kept: list[int] = []
    while len(kept) < count:
        rest = [member for member in range(there) if member not in kept]
        losses = [loss([*kept, candidate]) for candidate in rest]
        kept.append(rest[int(np.argmin(losses))])
    return sorted(kept)


def prune(model: NeuralEstimator, members: int, X: Any, y: Any, sample_weight: Any = None) -> None:
    """Keep so many networks of a fitted estimator; see :meth:`NeuralEstimator.prune`."""
    model._check_fitted()
    there = len(model.networks_)
    members = Integer("Give the number of members to keep").taken("`members`", members)
    if members > there:
        raise InputError(
            Text("`members` must be at most {count}, the number of trained members", count=there),
            members,
            "Keep fewer members",
        )
    encoded, targets, weight = model._encoded_rows(*model._check_rows(open_dense(X), y, sample_weight))
    answers = [network.scores(encoded) for network in model.networks_]
    loss, weights = model.network_.loss, model.weights_

    def weights_of(some: Sequence[int]) -> Array | None:
        return None if weights is None else normalized(weights[list(some)])

    def mean_loss(some: Sequence[int]) -> float:
        outputs = averaged([answers[member] for member in some], loss, model.temperature_, weights_of(some))
        return model._mean_loss(outputs, targets, weight)

    kept = best_together(there, mean_loss, members)
    model.weights_ = weights_of(kept)
    model.networks_ = [model.networks_[member] for member in kept]
    model.histories_ = [model.histories_[member] for member in kept]
    updaters = getattr(model, "updaters_", None)
    model.updaters_ = updaters and [updaters[member] for member in kept]
    model.settings_ |= kept_members(model.settings_, kept)
    model.conformal_, model._oof_predictions = None, None
    if model._calibrates:
        outputs = model._outputs_each(encoded)
        model.temperature_ = temperature(outputs, targets, weight, loss, model._weights_each)

"""What members predict for rows that they have not learned from.

The weights of kinds, the calibration, ``oof_predictions_`` and thresholds chosen by a score all follow from these
predictions, which are computed once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from glassnet.estimators.ensemble import members_by_round, normalized
from glassnet.estimators.members import MemberSplit
from glassnet.formulas.averages import averaged
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork


class Round(NamedTuple):
    """Members, at most one of each kind, from which the same rows were held out; or which learned from all rows.

    Attributes
    ----------
    members : list of int
    split : MemberSplit
    outputs : list of arrays of shape (rows, outputs)
        The raw outputs of each member for the rows held out; empty where there are none.
    y, weight : array or None
        The targets of these rows as the loss takes them, and their weights.
    """

    members: list[int]
    split: MemberSplit
    outputs: list[Array]
    y: Array | None
    weight: Array | None

    def inputs(self) -> Any:
        """Return the encoded rows that were held out."""
        rows = self.split.validation()
        assert rows is not None
        return rows.X

    def average(self, outputs: Sequence[Array], loss: Loss, weights: Array | None) -> Array:
        """Return the average of the members' raw outputs for some rows; `weights` are those of all members."""
        own = None if weights is None else normalized(weights[self.members])
        return averaged(outputs, loss, weights=own)


def rounds_of(
    settings: Mapping[str, Any], networks: Sequence[NeuralNetwork], splits: Sequence[MemberSplit]
) -> list[Round]:
    """Return the rounds of trained members, with their raw outputs for the rows held out from them."""
    rounds = []
    for members in members_by_round(settings, [split.validation_rows for split in splits]):
        split = splits[members[0]]
        rows = split.validation()
        if rows is None:
            rounds.append(Round(members, split, [], None, None))
        else:
            outputs = [networks[member].scores(rows.X) for member in members]
            rounds.append(Round(members, split, outputs, rows.y, rows.weight))
    return rounds


def share_held_out_rows(rounds: Sequence[Round]) -> bool:
    """Return whether the same rows were held out from all members, so that all together can be judged by them."""
    first = rounds[0].split.validation_rows
    return first is not None and all(each.split.validation_rows is first for each in rounds)


class HeldOutPredictions(NamedTuple):
    """Predictions for rows by members that have not seen them.

    Attributes
    ----------
    predictions : array of float32 of shape (rows, ...)
        NaN where a row was not held out.
    y, weight : array of shape (rows, ...) or None
        The targets as the loss takes them, and the weights.
    """

    predictions: Array
    y: Array
    weight: Array | None


def predictions_by_row(
    rounds: Sequence[Round], predictions: Sequence[Array], weights: Array | None = None
) -> HeldOutPredictions:
    """Return the mean of the predictions of several rounds for each row.

    Parameters
    ----------
    rounds : sequence of Round
        From which rows were held out: of all the same table, or rows elsewhere.
    predictions : sequence of arrays of shape (rows, ...)
        What the members of each round predict together.
    weights : array of shape (networks,) or None
        The weight of each network, 1 on average; None: all equal.
    """
    shares = [float(len(each.members) if weights is None else weights[each.members].sum()) for each in rounds]
    rows_of = [each.split.validation_rows for each in rounds]
    if isinstance(rows_of[0], np.ndarray):
        (_, y, weight), numbers = rounds[0].split.table, [np.asarray(rows) for rows in rows_of]
    else:
        apart = {id(rows): each for rows, each in zip(rows_of, rounds, strict=True)}
        lengths, places = [len(np.asarray(each.y)) for each in apart.values()], list(apart)
        starts = np.cumsum([0, *lengths])
        numbers = [starts[place] + np.arange(lengths[place]) for place in (places.index(id(rows)) for rows in rows_of)]
        y, weight = np.concatenate([np.asarray(each.y) for each in apart.values()]), None
        if rounds[0].weight is not None:
            weight = np.concatenate([np.asarray(each.weight) for each in apart.values()])
    parts = list(zip(numbers, predictions, shares, strict=True))
    return HeldOutPredictions(mean_by_row(len(y), parts), y, weight)


def mean_by_row(rows: int, parts: Sequence[tuple[Array, Array, float]]) -> Array:
    """Return for each row the mean of those values that are given for it; NaN where none is.

    Parameters
    ----------
    rows : int
    parts : sequence of (array of int, array of shape (len, ...), float)
        The numbers of some rows, a value for each of them, and the weight of these values.

    Returns
    -------
    array of float32 of shape (rows, ...)

    Examples
    --------
    >>> parts = [(np.array([0, 2]), np.array([1.0, 2.0]), 1.0), (np.array([2]), np.array([5.0]), 2.0)]
    >>> mean_by_row(4, parts)
    array([ 1., nan,  4., nan], dtype=float32)
    """
    each = parts[0][1].shape[1:]
    total, weights = np.zeros((rows, *each), np.float32), np.zeros((rows, *[1] * len(each)), np.float32)
    for numbers, values, weight in parts:
        total[numbers] += np.float32(weight) * values.astype(np.float32)
        weights[numbers] += np.float32(weight)
    with np.errstate(invalid="ignore"):
        mean: Array = total / weights
    return mean

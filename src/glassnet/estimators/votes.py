"""How much each kind of members counts in their average, and which answer best together, as unseen rows say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.estimators.kinds import members_by_round, numbers_of_kinds
from glassnet.estimators.members import MemberSplit
from glassnet.formulas.averages import averaged
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork

VOTES = 16
"""So many times at most the kind gets a vote that makes the average best. More change weights by less than chance."""
ROWS_OF_A_VOTE = 100
"""And once for so many rows that judge: of few rows a kind is the best by chance."""
ENOUGH_NUMBERS = 50_000
"""Answers that tell which kinds are better."""


def chosen_weights(kinds: int, loss: Callable[[Array], float], rows: int) -> Array:
    """The weight of each kind, 1 on average: each vote goes to the kind that improves the average of all votes most.

    All begin with one, so that no kind is left out because of some rows. The more `rows` judge, the more votes there
    are.

    Source: Caruana, Niculescu-Mizil, Crew, Ksikes (2004), *Ensemble Selection from Libraries of Models*, section 2.1,
    with replacement; there the best ones begin.

    Examples
    --------
    >>> answers = np.array([1.0, 3.0])
    >>> chosen_weights(2, lambda weights: abs(np.mean(weights * answers) - 1.5), rows=5000).round(2)
    array([1.56, 0.44])
    """
    votes = np.ones(kinds)
    for _ in range(min(VOTES, rows // ROWS_OF_A_VOTE)):
        losses = [loss(normalized(votes + one)) for one in np.eye(kinds)]
        votes[int(np.argmin(losses))] += 1
    return normalized(votes)


def normalized(votes: Sequence[float] | Array) -> Array:
    """Weights that are 1 on average, and the same numbers in float32, in which some networks compute.

    >>> normalized([1.0, 3.0]).tolist()
    [0.5, 1.5]
    """
    weights: Array = (np.asarray(votes) / np.mean(votes)).astype(np.float32).astype(np.float64)
    return weights


def weights_of_members(
    settings: Mapping[str, Any],
    networks: Sequence[NeuralNetwork],
    splits: Sequence[MemberSplit],
    mean_loss: Callable[[Array, Array, Array | None], float],
) -> Array | None:
    """The weight of each member, 1 on average: that of its kind, divided among the members of the kind.

    Only rounds with a member of every kind say anything: each of them answers rows that none of the round has learned
    from. Where there are no such rows kinds count alike. None where all members do.
    """
    by_round = members_by_round(settings, [split.validation_rows for split in splits])
    numbers = np.unique(numbers_of_kinds(settings), return_inverse=True)[1].tolist()
    kinds = len(set(numbers))
    held = [(sorted(members, key=numbers.__getitem__), splits[members[0]].validation()) for members in by_round]
    complete = [(members, rows) for members, rows in held if len(members) == kinds and rows is not None]
    if kinds == 1 or (not complete and len({numbers.count(number) for number in numbers}) == 1):
        return None
    if not complete:
        return normalized([1 / numbers.count(number) for number in numbers])
    judging = [rows for _, rows in complete]
    y, weight = np.concatenate([rows.y for rows in judging]), None
    if judging[0].weight is not None:
        weight = np.concatenate([np.asarray(rows.weight) for rows in judging])
    answers = [
        np.concatenate([networks[member].scores(rows.X) for member, rows in zip(of_kind, judging, strict=True)])
        for of_kind in zip(*(members for members, _ in complete), strict=True)
    ]
    rows = len(y)
    some = np.arange(0, rows, -(-answers[0].size // ENOUGH_NUMBERS))
    answers, y, weight = [one[some] for one in answers], y[some], None if weight is None else weight[some]
    loss = networks[0].loss
    chosen = chosen_weights(kinds, lambda weights: mean_loss(averaged(answers, loss, weights=weights), y, weight), rows)
    return normalized([chosen[number] / numbers.count(number) for number in numbers])


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

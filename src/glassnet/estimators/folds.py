"""Which rows each member learns from and which ones it is judged by: by chance, by groups, by time, or as given."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.checks import where_left
from glassnet.estimators.ensemble import (
    judged_members,
    members_for_rounds,
    rounds_of_members,
)
from glassnet.layers.base import Array
from glassnet.support.coercion import coercing, offers, plain_integer
from glassnet.support.language import Text
from glassnet.support.options import Integer
from glassnet.tables.opened_table import OpenedTable
from glassnet.training import Ties, split_rows

Split = tuple[Array, Array]
"""The numbers of the rows to learn from, and of those to be judged by."""
Part = tuple[Array | None, Array | None]
"""The same of a member; None: it learns from all, others judge or none."""
ALL: Part = (None, None)

UNTIED = Ties()


def held_back(
    rows: int, members: int, fraction: float, seed: int, strata: Array | None, ties: Ties = UNTIED
) -> list[Split]:
    """For each member its training rows and its validation rows.

    A single member is judged by a share of the rows, drawn by chance. Of several each takes the next of as many folds
    as the share says, so that different members have not seen different rows: the first five, with a fifth held back,
    have together seen all rows, and each row is unseen by exactly one. Where rows have times, all are judged by the
    latest.
    """
    if ties.times is not None:
        return [ties.latest(fraction)] * members
    if members == 1:
        return [split_rows(rows, fraction, seed, strata, groups=ties.groups)]
    most = rows if ties.groups is None else int(ties.groups.max()) + 1
    folds = max(2, min(round(1 / fraction), most))
    parts: list[Split] = []
    rng = np.random.default_rng(seed)
    while len(parts) < members:
        fold_of = _fold_of(rows, folds, rng, strata, ties)
        parts += [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(folds)]
    return parts[:members]


def _fold_of(rows: int, folds: int, rng: np.random.Generator, strata: Array | None, ties: Ties) -> Array:
    """The fold of each row: rows in random order, class after class, are dealt out like cards; or whole groups are."""
    if ties.groups is not None:
        return ties.dealt(np.full(folds, 1 / folds), rng, strata)
    order = rng.permutation(rows)
    if strata is not None:
        order = order[np.argsort(strata[order], kind="stable")]
    fold_of = np.empty(rows, np.intp)
    fold_of[order] = np.arange(rows) % folds
    return fold_of


class FitRows(NamedTuple):
    """The rows of a fit, in the form that fold splitters need."""

    X: Any
    y: Array
    strata: Array | None
    ties: Ties
    places: Array  # where each row is now of those that were given; -1: left out, for its weight is 0


def ties_left(groups: Any, times: Any, sample_weight: Any, given: int, left: int) -> tuple[Ties, Array]:
    """The ties of the rows that are left where those of weight 0 are left out, and where each of the given ones is now.

    >>> ties, places = ties_left(["ann", "bob", "ann"], None, [1, 0, 2], given=3, left=2)
    >>> ties.groups, places
    (array([0, 0]), array([ 0, -1,  1]))
    """
    places = where_left(sample_weight, given, left)
    return Ties.of(groups, times, given).take(np.flatnonzero(places >= 0)), places


def judges_by_rows_held_back(settings: Mapping[str, Any]) -> bool:
    """Whether some of the rows are to judge the epochs."""
    return bool(settings["early_stopping"] and (settings["cv"] is not None or settings["validation_fraction"]))


def folds_of(settings: Mapping[str, Any], seed: int, fit_rows: FitRows, *, all_folds: bool) -> list[Split]:
    """For each member its training and validation rows: from `cv`, in turn, or held out.

    With `all_folds` more members are added until each fold of `cv` has as many.

    Raises
    ------
    InputError, InputTypeError
        If these are no folds of these rows, or a group is on both sides, or validation is not later.
    """
    rows, ties, cv, members = len(fit_rows.y), fit_rows.ties, settings["cv"], settings["members"]
    if cv is None:
        return held_back(rows, members, settings["validation_fraction"], seed, fit_rows.strata, ties)
    if not isinstance(cv, int):
        folds = _pairs(cv, fit_rows)
        for fold in folds:
            ties.check(fold)
    elif ties.times is not None:
        folds = ties.forward(cv)
    else:
        count = rows if ties.groups is None else int(ties.groups.max()) + 1
        if cv > count:
            what = Text("rows", context="number of") if ties.groups is None else Text("groups")
            raise InputError(
                Text("`cv` must be at most the number of {role}", role=what), f"{cv}, {count} {what}", "Use fewer folds"
            )
        needed = -(-members // cv) * cv if all_folds else members
        return held_back(rows, needed, 1 / cv, seed, fit_rows.strata, ties)
    needed = -(-members // len(folds)) * len(folds) if all_folds else members
    return [folds[member % len(folds)] for member in range(needed)]


def _pairs(cv: Any, fit_rows: FitRows) -> list[Split]:
    """The pairs of row numbers of a splitter, or those that were given."""
    splits = hasattr(cv, "split")
    places = np.arange(len(fit_rows.y)) if splits else fit_rows.places
    with coercing(RULE, cv, REMEDY):
        try:
            X = fit_rows.X.container if isinstance(fit_rows.X, OpenedTable) else fit_rows.X
            pairs = cv.split(X, fit_rows.y, fit_rows.ties.groups) if splits else cv
            some = islice(pairs, MOST_FOLDS + 1)
            found = [(_placed(learned, places), _placed(held, places)) for learned, held in some]
        except InputError:
            raise
        except ValueError as error:  # a splitter says why in its own words
            raise InputError("`cv` must be able to split the rows", str(error).splitlines()[0], REMEDY) from error
    if not found:
        raise InputError(RULE, Text("none", context="received"), REMEDY)
    if len(found) > MOST_FOLDS:
        raise InputError(
            Text("`cv` must give at most {count} folds", count=MOST_FOLDS),
            Text("more", context="received"),
            "Give a number of folds",
        )
    for learned, held in found:
        if not len(learned) or not len(held) or np.isin(learned, held).any():
            rule = Text("Each pair in `cv` must have training rows and other rows for validation")
            raise InputError(
                rule,
                Text(
                    "{count} and {other} rows, some on both sides or none on one", count=len(learned), other=len(held)
                ),
                REMEDY,
            )
    return found


def _placed(numbers: Any, places: Array) -> Array:
    """The current numbers of rows given by number (or by a mask), in ascending order."""
    rows = np.asarray(numbers)
    if rows.dtype == bool and rows.shape == places.shape:
        rows = np.flatnonzero(rows)
    if rows.ndim != 1 or (rows.size and not (rows.dtype.kind in "iu" and 0 <= rows.min() <= rows.max() < len(places))):
        raise InputError(
            Text("Row numbers in `cv` must be integers from 0 to {last}", last=len(places) - 1), shown(numbers), REMEDY
        )
    kept = places[np.unique(rows).astype(np.intp)]
    return np.asarray(kept[kept >= 0])


MOST_FOLDS = 10_000
RULE = Text(
    "`cv` must be a number of folds, a splitter of scikit-learn, or pairs of (training, validation) row numbers"
)
REMEDY = Text("For example 5 or GroupKFold(5)")


class CrossValidation:
    """As a rule of an option: which rows a table has, and so whether these are folds of them, is known in `fit`."""

    def taken(self, name: str, value: Any) -> Any:
        if plain_integer(value) is not None:
            return Integer("5 is a common choice", low=2).taken(name, value)
        if offers(value, "__next__"):
            rule = Text("{name} must be readable more than once: a generator can be read only once", name=name)
            raise InputTypeError(rule, shown(value), "Convert it to a list")
        splits = offers(value, "split", "get_n_splits") and not isinstance(value, type)
        if not splits and (isinstance(value, (str, bytes, dict)) or not offers(value, "__iter__")):
            raise InputTypeError(RULE.replace("`cv`", name), shown(value), REMEDY)
        return value


def rows_of_members(
    settings: Mapping[str, Any], seed: int, fit_rows: FitRows | None, *, all_folds: bool
) -> tuple[dict[str, Any], list[Part]]:
    """The settings with the members that there will be, and the rows of each.

    Members of one round, one of each kind, have the same rows, so that kinds can be compared. Those that are refitted
    learn from all, as the others do where other rows judge. If `fit_rows` is None, rows of another table judge.
    """
    if fit_rows is None or not judges_by_rows_held_back(settings):
        return {**settings, "refits": 0}, [ALL] * settings["members"]
    judged = {**settings, "members": judged_members(settings)}
    rounds = max(rounds_of_members(judged)) + 1
    of_round = folds_of({**judged, "members": rounds}, seed, fit_rows, all_folds=all_folds)
    judged |= {"members": members_for_rounds(judged, len(of_round))}
    parts = [of_round[number] for number in rounds_of_members(judged)] + [ALL] * settings["refits"]
    return {**settings, "members": len(parts)}, parts


def check_unseen(settings: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Refuse to go on with members that would be judged by rows which they have learned from, as refitted ones have."""
    earlier, members = before["refits"], settings["members"]
    if judges_by_rows_held_back(settings) and (settings["refits"] < earlier or earlier == members):
        rule = Text("Members trained on all rows cannot be validated on some of them")
        instead = "early_stopping=False" if earlier == members else f"refits={earlier} or more"
        remedy = Text("Set {variable}, or set warm_start=False and call fit to start afresh", variable=instead)
        raise InputError(
            rule,
            Text(
                "refits={value}, after {earlier} of {members} members",
                value=settings["refits"],
                earlier=earlier,
                members=members,
            ),
            remedy,
        )

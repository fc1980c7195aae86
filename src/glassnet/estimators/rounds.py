"""Which rows each member of a fit learns from and is judged by, with as many members as that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.errors import InputError
from glassnet.estimators.folds import Given, folds_of, judges_by_rows_held_back
from glassnet.estimators.kinds import (
    judged_members,
    kept_members,
    kinds_of_members,
    members_for_rounds,
    rounds_of_members,
)
from glassnet.estimators.learners import grows_trees
from glassnet.layers.base import Array

__all__ = ["check_unseen", "rows_of_members"]

Part = tuple[Array | None, Array | None]
"""The numbers of the rows to learn from (None: all), and of those to be judged by (None: others, or none)."""
ALL: Part = (None, None)


def rows_of_members(
    settings: Mapping[str, Any], seed: int, given: Given | None, *, all_folds: bool
) -> tuple[dict[str, Any], list[Part]]:
    """The settings with the members that there will be, and the rows of each.

    Members of one round, one of each kind, have the same rows, so that kinds can be compared. Those that are refitted
    learn from all, as the others do where other rows judge. Of trees that would have the same rows as others there is
    but one member.

    Parameters
    ----------
    settings : mapping from str to object
    seed : int
    given : Given or None
        None: rows of another table judge.
    all_folds : bool
        Whether members are added until each fold of `cv` has as many.

    Raises
    ------
    InputError, InputTypeError
        If the rows cannot be parted so.
    """
    if given is None or not judges_by_rows_held_back(settings):
        return _without_twins({**settings, "refits": 0}, [ALL] * settings["members"])
    judged = {**settings, "members": judged_members(settings)}
    rounds = max(rounds_of_members(judged)) + 1
    of_round = folds_of({**judged, "members": rounds}, seed, given, all_folds=all_folds)
    judged |= {"members": members_for_rounds(judged, len(of_round))}
    parts = [of_round[number] for number in rounds_of_members(judged)] + [ALL] * settings["refits"]
    return _without_twins({**settings, "members": len(parts)}, parts)


def check_unseen(settings: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Refuse to go on with members that would be judged by rows which they have learned from, as refitted ones have.

    Parameters
    ----------
    settings, before : mapping from str to object
        Of this training, and of the one that it goes on from.

    Raises
    ------
    InputError
        If fewer members are refitted than before, or no others are left.
    """
    earlier, members = before.get("refits") or 0, settings["members"]
    if judges_by_rows_held_back(settings) and (settings["refits"] < earlier or earlier == members):
        rule = "Members that have learned from all rows cannot be judged by some of them"
        instead = "early_stopping=False" if earlier == members else f"refits={earlier} or more"
        remedy = f"Set {instead}, or set warm_start=False and call fit to start afresh"
        raise InputError(rule, f"refits={settings['refits']}, after {earlier} of {members} members", remedy)


def _without_twins(settings: Mapping[str, Any], parts: Sequence[Part]) -> tuple[dict[str, Any], list[Part]]:
    """Without trees that others would be equal to: the same rows grow the same trees, whatever the seed."""
    grown: set[int] = set()
    kept: list[int] = []
    for member, kind in enumerate(kinds_of_members(settings)):
        rows = id(parts[member])
        if not grows_trees(kind) or rows not in grown:
            kept.append(member)
        if grows_trees(kind):
            grown.add(rows)
    fewer = kept_members(settings, kept) if len(kept) < len(parts) else {}
    return {**settings, **fewer}, [parts[member] for member in kept]

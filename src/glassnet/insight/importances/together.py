"""Which columns are shuffled together, and which alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.layers.base import Array
from glassnet.touching import listed, place, plain_dict

__all__ = ["ColumnGroups", "Shuffled", "shuffled_columns"]

REMEDY = 'For example {"place": ["lat", "lon"]}'


class Shuffled(NamedTuple):
    """Columns that change places together.

    Attributes
    ----------
    name : str
    places : array of int
        In the training table.
    """

    name: str
    places: Array


class ColumnGroups:
    """As a rule of an option: names, each with a list of columns; which there are, only the model knows."""

    def taken(self, name: str, value: Any) -> dict[str, list[Any]]:
        groups = plain_dict(value)
        rule = f"{name} must be a dict from a name to a list of columns"
        if groups is None or not all(isinstance(key, str) for key in groups):
            raise InputTypeError(rule, shown(value), REMEDY)
        found = {str.__str__(key): listed(f"{name} of {shown(key)}", own, REMEDY) for key, own in groups.items()}
        empty = [key for key, own in found.items() if not own]
        if empty:
            raise InputError(f"{name} must have columns in each group", f"none in {shown(empty[0])}", REMEDY)
        return found


def shuffled_columns(names: Sequence[str], groups: Mapping[str, Sequence[Any]]) -> list[Shuffled]:
    """The groups, and every column that is in none of them by itself.

    Parameters
    ----------
    names : sequence of str
        Of the columns of the training table.
    groups : mapping from str to sequence of str or int

    Raises
    ------
    InputError, InputTypeError
        If there is no such column, or a group is called as a column that is in none.

    Examples
    --------
    >>> for name, places in shuffled_columns(["lat", "lon", "age"], {"place": ["lat", "lon"]}):
    ...     print(name, places.tolist())
    place [0, 1]
    age [2]
    """
    together = [Shuffled(name, np.unique([_position(names, column) for column in own])) for name, own in groups.items()]
    taken = {int(position) for _, places in together for position in places}
    alone = [Shuffled(name, np.array([position])) for position, name in enumerate(names) if position not in taken]
    twice = {name for name, _ in together} & {name for name, _ in alone}
    if twice:
        raise InputError("A group must not have the name of a column outside", shown(min(twice)), "Name it otherwise")
    return [*together, *alone]


def _position(names: Sequence[str], column: Any) -> int:
    if not isinstance(column, str):
        return place("A column of a group", column, len(names), "Or give its name")
    name = str.__str__(column)
    if name in names:
        return names.index(name)
    near = get_close_matches(name, names, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else "Name those of the training table"
    raise InputError("The columns of a group must be learned from", shown(name), remedy)

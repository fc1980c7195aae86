"""The validation split: by chance, or with groups that stay on one side, and times that have an order.

Rows of one patient are alike, and tomorrow is not known today. A validation that forgets this is too optimistic.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.layers.base import Array
from glassnet.support.coercion import coercing
from glassnet.support.language import Text
from glassnet.support.options import Number


def split_rows(
    rows: int, fraction: float, seed: int, classes: Array | None = None, *, groups: Any = None, times: Any = None
) -> tuple[Array, Array]:
    """Split the numbers of rows into those for training and those for validation, by chance.

    Parameters
    ----------
    rows : int
    fraction : float in (0, 1)
        The share that is held back.
    seed : int
    classes : array of shape (rows,), optional
        Every class keeps its share in both parts, as far as its rows go. At least one row of each stays in training,
        even if fewer rows than `fraction` says are then held back: a class without training rows cannot be judged.
    groups : array-like of shape (rows,), optional
        No group is in both parts. The shares are then as near as whole groups allow.
    times : array-like of shape (rows,), optional
        Numbers or dates: the latest rows are held back, so chance and classes decide nothing. A group with rows among
        them is not learned from.

    Returns
    -------
    two arrays of row numbers, each in ascending order

    Raises
    ------
    InputError, InputTypeError
        If a part would be empty, the share is none, or there is not one known group and time a row.

    Examples
    --------
    >>> train, validation = split_rows(10, 0.2, seed=0, classes=np.repeat([0, 1], 5))
    >>> len(train), validation.tolist()
    (8, [4, 6])
    >>> split_rows(6, 0.3, seed=0, groups=["ann", "ann", "bob", "bob", "cid", "cid"])[1]
    array([0, 1])
    """
    fraction = Number("(0, 1)", "Common values are 0.1 to 0.3").taken("`validation_fraction`", fraction)
    ties = Ties.of(groups, times, rows)
    if ties.times is not None:
        return ties.latest(fraction)
    rng = np.random.default_rng(seed)
    if ties.groups is not None:
        part = ties.dealt(np.array([1 - fraction, fraction]), rng, classes)
        return np.flatnonzero(part == 0), np.flatnonzero(part == 1)
    return _by_chance(rows, fraction, rng, classes)


def _by_chance(rows: int, fraction: float, rng: np.random.Generator, classes: Array | None) -> tuple[Array, Array]:
    if rows < 2:
        remedy = Text("Use more rows, or hold none out")
        raise InputError("A validation split needs at least 2 rows", f"n_samples = {rows}", remedy)
    count = min(max(1, round(rows * fraction)), rows - 1)
    # rows in random order, each with its quantile within its class: the smallest quantiles of every class are taken
    order = rng.permutation(rows)
    quantile = np.empty(rows)
    group = np.zeros(rows, np.intp) if classes is None else np.unique(classes, return_inverse=True)[1]
    for members in np.split(order[np.argsort(group[order], kind="stable")], np.cumsum(np.bincount(group))[:-1]):
        size = len(members)
        quantile[members] = (np.arange(size) + 0.5) / size
        if classes is not None:
            quantile[members[-1]] = np.inf
    count = min(count, max(1, np.isfinite(quantile).sum()))
    validation = np.zeros(rows, bool)
    validation[np.argsort(quantile, kind="stable")[:count]] = True
    return np.flatnonzero(~validation), np.flatnonzero(validation)


Split = tuple[Array, Array]
"""The numbers of the training rows and of the validation rows, in ascending order."""


class Ties(NamedTuple):
    """The group and the time of each row, if given.

    Attributes
    ----------
    groups, times : array of int of shape (rows,), or None
        Counted from 0; times in their order, equal ones alike.

    Examples
    --------
    >>> ties = Ties.of(groups=["ann", "bob", "ann"], times=None, rows=3)
    >>> ties.groups
    array([0, 1, 0])
    """

    groups: Array | None = None
    times: Array | None = None

    @classmethod
    def of(cls, groups: Any, times: Any, rows: int) -> Ties:
        """Return the ties from a table's groups and times.

        Raises
        ------
        InputError, InputTypeError
            If there is not one known value a row, or values have no order; text has none as a time.
        """
        return cls(
            None if groups is None else _numbered("`groups`", groups, rows, "Give one group a row"),
            None if times is None else _numbered("`times`", times, rows, "Give a number or a date a row", text=False),
        )

    def take(self, rows: Array) -> Ties:
        """Return the groups and times of some rows."""
        return Ties(*(None if each is None else np.unique(each[rows], return_inverse=True)[1] for each in self))

    def latest(self, fraction: float) -> Split:
        """Return the latest rows for validation, about this share, and those before them for training.

        >>> train, validation = Ties(times=np.array([2, 0, 1, 2, 0])).latest(0.3)
        >>> train.tolist(), validation.tolist()
        ([1, 2, 4], [0, 3])
        """
        times = np.asarray(self.times)
        (moment,) = _moments(times, [len(times) * (1 - fraction)])
        return self._parted(times < moment, times >= moment)

    def forward(self, folds: int) -> list[Split]:
        """Consecutive blocks by time, each the validation set for all rows before it.

        >>> [validation.tolist() for _, validation in Ties(times=np.arange(6)).forward(2)]
        [[2, 3], [4, 5]]
        """
        times = np.asarray(self.times)
        begins = _moments(times, [len(times) * fold / (folds + 1) for fold in range(1, folds + 1)])
        ends = [*begins[1:], times.max() + 1]
        return [
            self._parted(times < begin, (times >= begin) & (times < end))
            for begin, end in zip(begins, ends, strict=True)
        ]

    def _parted(self, before: Array, after: Array) -> Split:
        """Leave out training rows of groups that have validation rows."""
        if self.groups is not None:
            before &= ~np.isin(self.groups, self.groups[after])
        split = np.flatnonzero(before), np.flatnonzero(after)
        if not len(split[0]):
            rule = Text("At least one group must have only earlier rows, for training")
            raise InputError(rule, "groups that go on to the end", "Omit `groups` or `times`")
        return split

    def dealt(self, shares: Array, rng: np.random.Generator, classes: Array | None) -> Array:
        """Return a part for each row: no group is in two parts, and each part has about its share of every class.

        The largest groups come first, of equal ones any. Each goes to the part where its classes are
        rarest, as shares of their rows and of the part's share.

        Parameters
        ----------
        shares : array of shape (parts,)
            Of the rows; they sum to 1.
        rng : Generator
        classes : array of int of shape (rows,) or None

        Raises
        ------
        InputError
            If there are fewer groups than parts.

        Examples
        --------
        >>> ties = Ties(groups=np.array([0, 0, 1, 2, 3, 3]))
        >>> part = ties.dealt(np.array([0.5, 0.5]), np.random.default_rng(0), None)
        >>> bool(part[0] == part[1] != part[4] == part[5]), np.bincount(part).tolist()
        (True, [3, 3])
        """
        groups = np.asarray(self.groups)
        count, parts = int(groups.max()) + 1, len(shares)
        if count < parts:
            received = f"{count} group{'s' * (count > 1)}, {parts} parts"
            raise InputError(
                "There must be at least as many groups as parts", received, "Use fewer folds, or hold none out"
            )
        kinds = np.zeros(len(groups), np.intp) if classes is None else np.unique(classes, return_inverse=True)[1]
        width = int(kinds.max()) + 1
        cells, sizes = np.unique(groups * width + kinds, return_counts=True)
        begins = np.searchsorted(cells // width, np.arange(count + 1))
        rows, all_of = np.bincount(groups), np.bincount(kinds)
        held, empty, part_of = np.zeros((parts, width)), np.ones(parts, bool), np.empty(count, np.intp)
        order = rng.permutation(count)
        for dealt, group in enumerate(order[np.argsort(-rows[order], kind="stable")]):
            own = slice(begins[group], begins[group + 1])
            kind, size = cells[own] % width, sizes[own]
            full = ((held[:, kind] + size / 2) * (size / all_of[kind] ** 2)).sum(axis=1) / shares
            if count - dealt <= empty.sum():  # no part goes away empty
                full[~empty] = np.inf
            part = part_of[group] = int(np.argmin(full))
            held[part, kind] += size
            empty[part] = False
        return part_of[groups]

    def check(self, split: Split) -> None:
        """Refuse a split that separates a group, or trains on later rows.

        Raises
        ------
        InputError
            If it does.
        """
        learned, held = split
        if self.groups is not None and np.isin(self.groups[held], self.groups[learned]).any():
            rule = Text("No group may be on both sides of a split")
            raise InputError(rule, "one that is, by `cv`", "Use a splitter that respects groups, or a number of folds")
        if self.times is not None and self.times[learned].max() >= self.times[held].min():
            rule = Text("Validation rows must be later than the training rows")
            raise InputError(rule, "earlier ones, by `cv`", "Sort the rows by time, or give a number of folds")


def _numbered(name: str, values: Any, rows: int, remedy: str, *, text: bool = True) -> Array:
    """Return values as ranks from 0."""
    rule = Text("{name} must have one known value per row, all of one type", name=name)
    with coercing(rule, values, remedy):
        # a list is not made text by one word in it
        array = np.asarray(values, dtype=object if isinstance(values, (list, tuple)) else None)
        if array.ndim != 1 or len(array) != rows:
            raise InputError(rule, Text("shape {shape} for {rows} rows", shape=array.shape, rows=rows), remedy)
        known, numbers = np.unique(array, return_inverse=True)
        if known.dtype.kind not in KINDS:
            raise InputError(rule, shown(values), remedy)
        if np.any(known != known):  # NaN and NaT differ from themselves
            raise InputError(rule, Text("a gap in row {row}", row=int(np.argmax(array != array))), remedy)
        if not text and isinstance(known[0], (str, bytes)):
            raise InputTypeError(
                Text("{name} must be numbers or dates", name=name),
                Text("text such as {value}", value=shown(known[0])),
                "Convert it",
            )
    return np.asarray(numbers)


KINDS = "OUSbiufmM"
"""The kinds of NumPy arrays whose values have an order."""


def _moments(times: Array, counts: Iterable[float]) -> list[int]:
    """Return distinct times with about these numbers of rows before them."""
    before = np.cumsum(np.bincount(times))[:-1]
    moments = [int(np.argmin(np.abs(before - rows))) + 1 for rows in counts] if len(before) else []
    if not moments or len(set(moments)) < len(moments):
        rule = Text("There must be enough distinct times for training rows and later validation rows")
        constant = Text("Omit `times`: it is the same in every row")
        remedy = Text("Use finer times, or fewer folds") if len(before) else constant
        raise InputError(rule, Text("{count} different", count=len(before) + 1), remedy)
    return moments


# ------------------------------------------------------------------- samples of rows


def evenly_spaced(count: int, most: int) -> Array:
    """Return at most `most` of the numbers below `count`, evenly spread, the first and the last among them.

    Examples
    --------
    >>> evenly_spaced(9, 3), evenly_spaced(2, 3)
    (array([0, 4, 8]), array([0, 1]))
    """
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.intp))


def sample_rows(count: int, most: int, seed: int = 0) -> Array:
    """Return at most `most` of the numbers below `count`, drawn at random, in ascending order.

    Examples
    --------
    >>> sample_rows(9, 3), sample_rows(2, 3)
    (array([..., ..., ...]), array([0, 1]))
    """
    return (
        np.arange(count) if count <= most else np.sort(np.random.default_rng(seed).choice(count, most, replace=False))
    )

"""Which rows are held back for validation."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.errors import InputError
from glassnet.layers.base import Array
from glassnet.options import Number
from glassnet.training.ties import Ties


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
        even if fewer rows than `fraction` says are then held back: what was never learned cannot be judged.
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
        remedy = "Use more rows, or hold none out"
        raise InputError("A validation split needs at least 2 rows", f"n_samples = {rows}", remedy)
    wanted = min(max(1, round(rows * fraction)), rows - 1)
    # rows in random order, each with its quantile within its class: the smallest quantiles of every class are taken
    order = rng.permutation(rows)
    quantile = np.empty(rows)
    group = np.zeros(rows, np.intp) if classes is None else np.unique(classes, return_inverse=True)[1]
    for members in np.split(order[np.argsort(group[order], kind="stable")], np.cumsum(np.bincount(group))[:-1]):
        size = len(members)
        quantile[members] = (np.arange(size) + 0.5) / size
        if classes is not None:
            quantile[members[-1]] = np.inf
    wanted = min(wanted, max(1, np.isfinite(quantile).sum()))
    validation = np.zeros(rows, bool)
    validation[np.argsort(quantile, kind="stable")[:wanted]] = True
    return np.flatnonzero(~validation), np.flatnonzero(validation)

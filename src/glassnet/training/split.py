"""Which rows are held back for validation."""

from __future__ import annotations

import numpy as np

from glassnet.errors import InputError
from glassnet.layers.base import Array
from glassnet.options import Number

__all__ = ["split_rows"]


def split_rows(rows: int, fraction: float, seed: int, classes: Array | None = None) -> tuple[Array, Array]:
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

    Returns
    -------
    two arrays of row numbers, each in ascending order

    Raises
    ------
    InputError, InputTypeError
        If a part would be empty, or the share is none.

    Examples
    --------
    >>> train, validation = split_rows(10, 0.2, seed=0, classes=np.repeat([0, 1], 5))
    >>> len(train), validation.tolist()
    (8, [4, 6])
    """
    fraction = Number("(0, 1)", "Common values are 0.1 to 0.3").taken("`validation_fraction`", fraction)
    wanted = max(1, round(rows * fraction))
    if rows - wanted < 1:
        raise InputError("A validation split needs at least 2 rows", f"n_samples = {rows}", "Set early_stopping=False")
    rng = np.random.default_rng(seed)
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

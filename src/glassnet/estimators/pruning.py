"""Pruning: of several members the few stay that answer best together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

__all__ = ["best_together"]


def best_together(there: int, loss: Callable[[Sequence[int]], float], count: int) -> list[int]:
    """Which members to keep: first the best one, then again and again whoever makes the answer of all the best.

    A member that is good by itself may bring nothing, if another makes the same mistakes.

    Source: Caruana, Niculescu-Mizil, Crew, Ksikes (2004), *Ensemble Selection from Libraries of Models*, section 2;
    without replacement, so that no member is carried along twice.

    Parameters
    ----------
    there : int
        How many there are.
    loss : callable
        How bad the answer is that some of them give together, by their places.
    count : int
        How many to keep.

    Returns
    -------
    list of int
        Their places, in ascending order.

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

"""Pruning: of several members the few stay that answer best together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from glassnet.layers.base import Array

__all__ = ["best_together"]


def best_together(answers: Sequence[Array], loss: Callable[[Sequence[Array]], float], count: int) -> list[int]:
    """Which members to keep: first the best one, then again and again whoever makes the answer of all the best.

    A member that is good by itself may bring nothing, if another makes the same mistakes.

    Source: Caruana, Niculescu-Mizil, Crew, Ksikes (2004), *Ensemble Selection from Libraries of Models*, section 2;
    without replacement, so that no member is carried along twice.

    Parameters
    ----------
    answers : sequence of arrays of shape (rows, outputs)
        Of each member.
    loss : callable
        How bad the answer is that some of them give together.
    count : int
        How many to keep.

    Returns
    -------
    list of int
        Their places, in ascending order.

    Examples
    --------
    >>> off = lambda some: float(abs(np.mean(some) - 1.0))
    >>> best_together([np.array([0.9]), np.array([0.8]), np.array([1.2])], off, 2)
    [0, 2]
    """
    kept: list[int] = []
    while len(kept) < count:
        rest = [member for member in range(len(answers)) if member not in kept]
        losses = [loss([answers[member] for member in (*kept, candidate)]) for candidate in rest]
        kept.append(rest[int(np.argmin(losses))])
    return sorted(kept)

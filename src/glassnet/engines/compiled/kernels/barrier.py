"""Where workers wait for each other."""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from glassnet.engines.compiled.intrinsics import atomic_add, call_c, pause, vector
from glassnet.engines.compiled.workers import (
    ABANDONED,
    ARRIVED,
    BARRIER_SIZE,
    CONDITION,
    LOCK,
    MUTEX,
    ROUND,
    SLEEP,
    SLEEPERS,
    UNLOCK,
    WAKE,
)

PATIENCE = 3000
"""How often a worker looks whether the others have come before it goes to sleep.

That is some tens of microseconds. On an idle machine the others come in that time, and waking a sleeper would take as
long again at every step (a wide network: 2.9 ms with a patience of 200, 2.3 with this); on a busy machine no more than
that is lost. With 10,000 a step in company takes half as long again.
"""


@register_jitable
def meet(barrier: Any, workers: Any) -> Any:
    """Wait until all workers have come here; False if that is given up, and everybody leaves.

    The last to come begins a new round. Whoever finds the round still the old one after a while sleeps on a condition;
    because sleepers count themselves before they look once more, and the last one looks for sleepers after it has
    begun the round, nobody sleeps through it.
    """
    b = vector(barrier, BARRIER_SIZE)
    mine = atomic_add(barrier, ROUND, 0)
    if atomic_add(barrier, ARRIVED, 1) == workers - 1:
        atomic_add(barrier, ARRIVED, -workers)
        atomic_add(barrier, ROUND, 1)
        if atomic_add(barrier, SLEEPERS, 0) > 0:
            call_c(b[LOCK], b[MUTEX], 0)
            call_c(b[WAKE], b[CONDITION], 0)
            call_c(b[UNLOCK], b[MUTEX], 0)
        return True
    for _ in range(PATIENCE):
        pause()
        if atomic_add(barrier, ROUND, 0) != mine:
            return True
    call_c(b[LOCK], b[MUTEX], 0)
    atomic_add(barrier, SLEEPERS, 1)
    while atomic_add(barrier, ROUND, 0) == mine and atomic_add(barrier, ABANDONED, 0) == 0:
        call_c(b[SLEEP], b[CONDITION], b[MUTEX])
    atomic_add(barrier, SLEEPERS, -1)
    call_c(b[UNLOCK], b[MUTEX], 0)
    return atomic_add(barrier, ROUND, 0) != mine

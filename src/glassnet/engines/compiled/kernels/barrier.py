"""Where workers wait for each other."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.code import Value
from glassnet.engines.compiled.fields import Run
from glassnet.engines.compiled.workers import (
    ABANDONED,
    ARRIVED,
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


def meet(k: Any) -> None:
    """Wait until all workers have come here; 0, or 1 if that is given up, and everybody leaves.

    The last to come begins a new round. Whoever finds the round still the old one after a while sleeps on a condition;
    because sleepers count themselves before they look once more, and the last one looks for sleepers after it has
    begun the round, nobody sleeps through it.
    """
    b, workers = k.pointer(k.run[Run.BARRIER], "i64"), k.run[Run.WORKERS]

    def now(place: int) -> Value:
        return k.atomic_load(b, place)

    def call(function: int, first: int, second: int | None = None) -> None:
        k.call_at(b[function], "i32", b[first], k.constant(0, "i64") if second is None else b[second])

    mine = now(ROUND)
    with k.when(k.atomic_add(b, ARRIVED, 1) == workers - 1):
        k.atomic_add(b, ARRIVED, -workers)
        k.atomic_add(b, ROUND, 1)
        with k.when(now(SLEEPERS) > 0):
            call(LOCK, MUTEX)
            call(WAKE, CONDITION)
            call(UNLOCK, MUTEX)
        k.give(0.0)
    for _ in k.range(PATIENCE):
        k.pause()
        with k.when(now(ROUND) != mine):
            k.give(0.0)
    call(LOCK, MUTEX)
    k.atomic_add(b, SLEEPERS, 1)
    for _ in k.forever():
        with k.when((now(ROUND) != mine) | (now(ABANDONED) != 0)):
            k.leave()
        call(SLEEP, CONDITION, MUTEX)
    k.atomic_add(b, SLEEPERS, -1)
    call(UNLOCK, MUTEX)
    k.give(k.where(now(ROUND) != mine, 0.0, 1.0))

"""How many threads BLAS takes for a step: one where the products are small.

There a second thread costs more than it brings, and OpenBLAS's threads spin while they wait, which on a busy machine
makes a small network ten times slower. The number follows from the network's work per step and never from the load,
so that the same seed gives the same bits.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

__all__ = ["blas_threads", "one_blas_thread"]

SMALL = 10_000_000
"""Multiplications in the largest product of a step, below which one thread is enough.

On two idle cores two threads are no faster at 2 million, and 1.3 times as fast from 17 million on.
"""


_lock = threading.Lock()
_users = 0
_limit: Any = None


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within it BLAS takes one thread, in the whole process, however many trainings are within it at a time.

    The first that enters sets the limit, the last that leaves lifts it. One thread of ours does both: threadpoolctl
    lets only the thread that began a limit on OpenBLAS end it.
    """
    global _users, _limit
    with _lock:
        _users += 1
        if _users == 1:
            _limit = _keeper().submit(lambda: _controller().limit(limits=1, user_api="blas")).result()
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _keeper().submit(_limit.restore_original_limits).result()


@cache
def _keeper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "glassnet-blas")


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController  # looks through the loaded libraries, so once and late

    return ThreadpoolController()


@contextlib.contextmanager
def blas_threads(rows: int, widths: Sequence[int]) -> Iterator[None]:
    """Within it BLAS takes one thread, if the largest product of a step has few multiplications.

    `rows` is the size of a batch, `widths` are those of the rows from layer to layer.
    """
    largest_product = rows * max(a * b for a, b in itertools.pairwise(widths))
    if largest_product >= SMALL:
        yield
        return
    with one_blas_thread():
        yield

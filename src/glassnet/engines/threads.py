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
from functools import cache
from typing import Any

__all__ = ["blas_threads"]

SMALL = 10_000_000
"""Multiplications in the largest product of a step, below which one thread is enough.

On two idle cores two threads are no faster at 2 million, and 1.3 times as fast from 17 million on.
"""


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController  # looks through the loaded libraries, so once and late

    return ThreadpoolController()


@contextlib.contextmanager
def blas_threads(rows: int, widths: Sequence[int]) -> Iterator[None]:
    """Within it BLAS takes one thread, if the largest product of a step has few multiplications.

    `rows` is the size of a batch, `widths` are those of the rows from layer to layer.

    Only in the main thread: OpenBLAS heeds no other. Trainings side by side in threads leave BLAS as it is.
    """
    largest_product = rows * max(a * b for a, b in itertools.pairwise(widths))
    if largest_product >= SMALL or threading.current_thread() is not threading.main_thread():
        yield
        return
    with _controller().limit(limits=1, user_api="blas"):
        yield

"""How many threads BLAS takes for a step: one where the products are small, or where threads of ours share the rows.

A second BLAS thread costs more than it brings in small products, and OpenBLAS's threads spin while they wait, which on
a busy machine makes a small network ten times slower. The number follows from the network's work per step and never
from the load, so that the same seed gives the same bits.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

__all__ = ["blas_threads", "one_blas_thread"]

SMALL = 10_000_000
"""Multiplications in the largest product of a step, below which one thread is enough.

On two idle cores two threads are no faster at 2 million, and 1.3 times as fast from 17 million on.
"""

_lock = threading.Lock()
_users = 0
_before: list[int] = []


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within it BLAS takes one thread; in the whole process, however many trainings are within it at a time.

    The first that enters sets the limit, the last that leaves lifts it.
    """
    global _users, _before
    open_blas, others = _libraries("scipy.linalg.cython_blas" in sys.modules)
    with _lock:
        _users += 1
        if _users == 1:
            _before = [count() for count, _ in open_blas]
            for _, limit in open_blas:
                limit(1)
    try:
        with others.limit(limits=1, user_api="blas") if others else contextlib.nullcontext():
            yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                for (_, limit), count in zip(open_blas, _before, strict=False):
                    limit(count)


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


@cache
def _libraries(scipy_loaded: bool) -> tuple[list[tuple[Callable[[], int], Callable[[int], Any]]], Any]:
    """How to ask each loaded OpenBLAS for its threads and to limit them; and threadpoolctl for other libraries.

    OpenBLAS has one number for the whole process. threadpoolctl lets only the thread that changed it first change it
    again, which would leave trainings in other threads without a limit; so it is set directly.
    """
    from threadpoolctl import ThreadpoolController  # looks through the loaded libraries, so once and late

    controller = ThreadpoolController()
    open_blas = []
    for pool in controller.info():
        if pool["internal_api"] == "openblas" and pool.get("threading_layer") != "openmp":
            library = ctypes.CDLL(pool["filepath"])
            for prefix, suffix in itertools.product(("", "scipy_"), ("", "64_", "_64", "64__")):
                names = [f"{prefix}openblas_{verb}_num_threads{suffix}" for verb in ("get", "set")]
                if all(hasattr(library, name) for name in names):
                    open_blas.append(tuple(getattr(library, name) for name in names))
                    break
    others = [api for api in ("mkl", "blis", "flexiblas") if controller.select(internal_api=api).lib_controllers]
    return open_blas, controller.select(internal_api=others) if others else None

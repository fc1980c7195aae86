"""BLAS is limited to one thread during steps.

With more threads it adds in another order, and other code of the process may change their number, so the same seed
could give other bits. (For small products more threads are also slower, and OpenBLAS's threads spin while they wait.)
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

_lock = threading.Lock()
_users = 0
_before: list[int] = []


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread within the context, in the whole process, however many trainings run in it.

    The first that enters sets the limit, the last that leaves lifts it.
    """
    global _users, _before
    open_blas, others = _libraries()
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


@cache
def _libraries() -> tuple[list[tuple[Callable[[], int], Callable[[int], Any]]], Any]:
    """Return functions to read and limit the threads of each loaded OpenBLAS, and threadpoolctl for other BLAS.

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

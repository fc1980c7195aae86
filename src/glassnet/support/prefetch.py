"""Prefetching: the next part is read in a thread while one is processed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(count: int, read: Callable[[int], T]) -> Iterator[T]:
    """Yield parts in order, with the next one read ahead.

    Parameters
    ----------
    count : int
    read : callable of int
        Gives the part of this number, from 0; it is called in a thread of its own.

    Examples
    --------
    >>> list(ahead(3, lambda number: 10 * number))
    [0, 10, 20]
    """
    with ThreadPoolExecutor(1, "glassnet-reader") as reader:
        coming = [reader.submit(read, number) for number in range(min(1, count))]
        for number in range(count):
            part = coming.pop().result()
            if number + 1 < count:
                coming.append(reader.submit(read, number + 1))
            yield part

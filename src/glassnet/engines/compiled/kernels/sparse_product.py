"""Products with the n-grams of the rows: sums over those that a row has, where they lie in the table's store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.code.kernel import Kernel
from glassnet.engines.compiled.kernels import gather
from glassnet.engines.compiled.memory import Run

SUMS = 4
"""Partial sums of the n-grams of a row."""


def _texts(k: Kernel, first: Value) -> Iterator[tuple[Value, Value, Value, Pointer, Pointer]]:
    """Loop over the rows that have texts, `first` being their place in the batch: row, begin, end, ids and values."""
    source = k.pointer(k.run[Run.OP], "i64")
    start, row = k.run[Run.START] + first, k.variable(0, "i64")
    with k.when(source[gather.PLACES] != 0):
        places, ends = k.pointer(source[gather.PLACES], "i64"), k.pointer(source[gather.TEXT_STARTS], "i64")
        ids, values = k.pointer(source[gather.NGRAMS], "i32"), k.pointer(source[gather.NGRAM_VALUES], "float")
        for i in k.range(k.rows):
            row.value = start + i
            with k.when(source[gather.ORDER] != 0):
                row.value = k.pointer(source[gather.ORDER], "i64")[start + i]
            place = places[row.value]
            yield i, ends[place], ends[place + 1], ids, values


def add_product(k: Kernel, W: Pointer, n: Any, a: Pointer) -> None:
    """a += t W, the n-grams of a row one after the other; of a single output in `SUMS` sums."""
    for i, begin, end, ids, values in _texts(k, k.run[Run.FIRST]):
        of_row = a + i * n
        whole = k.variable(begin, "i64")
        with k.when(n == 1):  # one sum alone would wait for each addition
            sums = [k.variable(0.0, k.number) for _ in range(SUMS)]
            for first in k.range(begin, end - (SUMS - 1), step=SUMS):
                for lane, one in enumerate(sums):
                    cell = first + lane
                    one.value = one.value + values[cell].as_kind(k.number) * W[ids[cell].as_kind("i64")]
                whole.value = first + SUMS
            a[i] = a[i] + ((sums[0].value + sums[1].value) + (sums[2].value + sums[3].value))
        for cell in k.range(whole.value, end):
            t, w = values[cell].as_kind(k.number), W + ids[cell].as_kind("i64") * n
            for j in k.range(n):
                of_row[j] = of_row[j] + t * w[j]


def gradient(k: Kernel, d: Pointer, ngrams: Value, n: Any, G: Pointer) -> None:
    """G = tᵀ d, of it this worker's rows; the rows of the batch one after the other."""
    first, last = k.share(ngrams)
    with k.when(k.run[Run.ACCUMULATE] == 0):
        (G + first * n).fill((last - first) * n, 0.0)
    for i, begin, end, ids, values in _texts(k, k.run[Run.ACCUMULATE]):
        of_row = d + i * n
        for cell in k.range(begin, end):
            ngram = ids[cell].as_kind("i64")
            with k.when((ngram >= first) & (ngram < last)):
                t, g = values[cell].as_kind(k.number), G + ngram * n
                with k.when(n == 1):
                    g[0] = g[0] + t * of_row[0]
                with k.when(n != 1):
                    for j in k.range(n):
                        g[j] = g[j] + t * of_row[j]

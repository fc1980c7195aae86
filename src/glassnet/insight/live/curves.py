"""Curves in the letters of a terminal: Braille patterns, of which each has two by four dots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

__all__ = ["Cell", "draw"]

Cell = tuple[str, int | None]
"""A letter, and the number of the curve that it shows; None: an empty place."""

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of the dots of a pattern, row by row."""

BRAILLE = 0x2800

STEEP = 20.0
"""Where the largest value is so many times as large as the smallest, heights are logarithmic."""


def draw(curves: Sequence[Sequence[float]], width: int, height: int) -> tuple[list[list[Cell]], float, float]:
    r"""Draw curves of as many points over each other: lines of letters, and the values at the lower and the upper edge.

    Every second column of dots of the second curve stays empty, so that curves can be told apart without colours. What
    is no finite number is left out.

    Examples
    --------
    >>> lines, lowest, highest = draw([[4, 3, 2, 1]], width=4, height=2)
    >>> print(*("".join(letter for letter, _ in line) for line in lines), sep="\n")
    ⠑⢄⠀⠀
    ⠀⠀⠑⢄
    >>> lowest, highest
    (1.0, 4.0)
    """
    known = [value for curve in curves for value in curve if math.isfinite(value)]
    if not known:
        return [[("\N{BRAILLE PATTERN BLANK}", None)] * width for _ in range(height)], math.nan, math.nan
    lowest, highest = float(min(known)), float(max(known))
    logarithmic = lowest > 0 and highest > STEEP * lowest

    def level(value: float) -> float:
        if highest == lowest:
            return 0.5
        if logarithmic:
            return math.log(value / lowest) / math.log(highest / lowest)
        return (value - lowest) / (highest - lowest)

    bits = [[0] * width for _ in range(height)]
    owner: list[list[int | None]] = [[None] * width for _ in range(height)]
    for number, curve in enumerate(curves):
        former: int | None = None
        for column, value in enumerate(_stretch(curve, 2 * width)):
            if not math.isfinite(value) or (number and column % 2):
                former = None
                continue
            row = round((1 - level(value)) * (4 * height - 1))
            for dot in _joined(former, row):
                bits[dot // 4][column // 2] |= DOTS[dot % 4][column % 2]
                owner[dot // 4][column // 2] = number
            former = row
    lines = [
        [(chr(BRAILLE + bit), whose) for bit, whose in zip(*line, strict=True)]
        for line in zip(bits, owner, strict=True)
    ]
    return lines, lowest, highest


def _joined(former: int | None, row: int) -> range:
    """The dots of one column: from where the column before ended, so that a steep curve has no gaps."""
    if former is None or former == row:
        return range(row, row + 1)
    return range(former + 1, row + 1) if former < row else range(row, former)


def _stretch(curve: Sequence[float], width: int) -> list[float]:
    """As many values as there are columns: means of several points where there are more, straight lines where fewer."""
    if len(curve) < 2:
        return [*curve, *[math.nan] * (width - len(curve))]
    if len(curve) < width:
        return np.interp(np.linspace(0, len(curve) - 1, width), np.arange(len(curve)), curve).tolist()
    edges = [column * len(curve) // width for column in range(width + 1)]
    parts = [[value for value in curve[start:end] if math.isfinite(value)] for start, end in pairwise(edges)]
    return [sum(known) / len(known) if known else math.nan for known in parts]

"""Where a model errs far more than elsewhere: parts of the table that its users should know of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glassnet.insight.report.columns import Column, spelled
from glassnet.layers.base import Array
from glassnet.tables.summary import summary_of

if TYPE_CHECKING:
    from glassnet.insight.report.subject import Subject

__all__ = ["WeakSpot", "weak_spots"]

LOOKED_AT = 10
"""So many columns, those that matter most."""
FEWEST_ROWS = 30
LARGEST_SHARE, OVERLAP = 1 / 3, 0.5
"""Of the table, and of the rows that two parts have in common."""
TIMES, STANDARD_ERRORS = 1.5, 4.0
"""A part is weak if it errs so many times as often as the rest, and by so many standard errors more: some forty parts
are looked at, and of forty that are alike one in a thousand tables has one with four."""
MOST_LEVELS = 12


@dataclass(frozen=True)
class WeakSpot:
    """Rows with something in common, and how wrong the answers are there."""

    column: str  # empty: the prediction itself
    kind: str  # "is", "missing", "below", "from" or "between": what the rows have in common
    values: tuple[str, ...]  # a level, or the ends of a range
    rows: int
    inside: float  # the share of wrong answers, or the mean distance, in these rows
    outside: float  # in the others


def weak_spots(subject: Subject, most: int = 2) -> list[WeakSpot]:
    """Parts of the table, of different columns, that are answered much worse than the rest, the worst first."""
    if subject.columns is None or len(subject.y) < 2 * FEWEST_ROWS:
        return []
    error = np.abs(subject.predicted.values - subject.y) if subject.classes is None else subject.wrong.astype(float)
    weight = np.ones(len(error)) if subject.weight is None else subject.weight
    columns = [subject.columns[place] for place in subject.leading[:LOOKED_AT]]
    if subject.classes is None:
        said = subject.predicted.values.astype(np.float64)
        columns.append(Column(**vars(summary_of("", "number", said)), cells=said))
    found = []
    for column in columns:
        for kind, values, rows in _parts(column):
            spot = _compared(column.name, kind, values, rows, error, weight)
            if spot is not None:
                found.append((spot.rows * (spot.inside - spot.outside), spot, rows))
    kept: list[tuple[WeakSpot, Array]] = []
    for _, spot, rows in sorted(found, key=lambda each: -each[0]):
        apart = all(spot.column != known.column for known, _ in kept)
        if apart and all((rows & other).sum() <= OVERLAP * min(spot.rows, known.rows) for known, other in kept):
            kept.append((spot, rows))
    return [spot for spot, _ in kept[:most]]


def _compared(
    name: str, kind: str, values: tuple[str, ...], rows: Array, error: Array, weight: Array
) -> WeakSpot | None:
    """The part, if it is weak."""
    count = int(rows.sum())
    if count < FEWEST_ROWS or count > LARGEST_SHARE * len(rows):
        return None
    (inside, noise), (outside, more) = (_mean(error[part], weight[part]) for part in (rows, ~rows))
    if inside <= TIMES * outside or inside - outside < STANDARD_ERRORS * np.hypot(noise, more):
        return None
    return WeakSpot(name, kind, values, count, inside, outside)


def _mean(error: Array, weight: Array) -> tuple[float, float]:
    """The mean, and its standard error."""
    mean = float(np.average(error, weights=weight))
    return mean, float(np.sqrt(np.sum((weight * (error - mean)) ** 2)) / weight.sum())


def _parts(column: Column) -> Iterator[tuple[str, tuple[str, ...], Array]]:
    """Levels, quarters of a range, gaps."""
    if column.kind in ("category", "empty", "boolean"):
        levels = column.texts()
        for level, _ in Counter(levels).most_common(MOST_LEVELS):
            rows = np.array([each == level for each in levels])
            yield ("missing", (), rows) if level is None else ("is", (level,), rows)
        return
    numbers = np.asarray(column.cells, np.float64)
    yield "missing", (), np.isnan(numbers)
    present = numbers[~np.isnan(numbers)]
    if not len(present):
        return
    low, middle, high = np.quantile(present, [0.25, 0.5, 0.75])
    ends = [spelled(column.kind, end) for end in (low, middle, high)]
    yield "below", (ends[0],), numbers < low
    yield "between", (ends[0], ends[1]), (numbers >= low) & (numbers < middle)
    yield "between", (ends[1], ends[2]), (numbers >= middle) & (numbers < high)
    yield "from", (ends[2],), numbers >= high

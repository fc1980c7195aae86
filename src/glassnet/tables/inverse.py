"""Back from the matrix to what people read: numbers in their units, levels by name, dates as dates.

An explanation ("age 38, divorced") or a nearest example is worth little in standard deviations. What an encoder left
out (columns that never vary) or merged (rare levels) cannot come back.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.dates import MomentColumn
from glassnet.tables.columns.number_scaling import smooth_clip_inverse
from glassnet.tables.encoder_plan import Plan

Floats = npt.NDArray[np.float64]

_SECONDS_OF_A_DAY = 86_400.0


def decode(plan: Plan, matrix: Floats) -> dict[str, npt.NDArray[Any]]:
    """Return readable columns, in the order of the table, of a matrix of shape (rows, outputs).

    Numbers are float64 (a marked gap is NaN), booleans and categories objects (a gap is None, a shared level "other
    levels", an unknown one "unknown"), dates, moments and durations NumPy's, to the precision of the matrix; times of
    day are in seconds since midnight.
    """
    found: dict[int, npt.NDArray[Any]] = {}
    block = plan.numbers
    gaps = dict(zip(block.marked.tolist(), matrix[:, block.values : block.width].T > 0.5, strict=True))
    for index, source in enumerate(block.sources.tolist()):
        if index < block.values:
            scaled = matrix[:, index]
            if block.limit:
                scaled = smooth_clip_inverse(scaled, block.limit)
            numbers = scaled * block.scale[index] + block.offset[index]
            numbers[gaps.get(index, False)] = np.nan
            found[source] = _of_kind(numbers, plan.kinds[source])
    for column, start, end in plan.parts:
        if isinstance(column, CategoryColumn):
            found[column.source] = _levels(column, matrix[:, start:end])
        elif column.parts:
            found[column.source] = _moments(column, matrix[:, start:end])
    return {plan.names[source]: found[source] for source in sorted(found)}


def _of_kind(numbers: Floats, kind: str) -> npt.NDArray[Any]:
    if kind == "duration":
        durations: npt.NDArray[Any] = _ticks(numbers * 1e6).view("m8[us]")
        return durations
    if kind == "boolean":
        # A filled gap without a mark lies between False and True, and is neither.
        readable = np.full(len(numbers), None, dtype=object)
        readable[np.abs(numbers) < 0.01] = False
        readable[np.abs(numbers - 1) < 0.01] = True
        return readable
    return numbers


def _levels(column: CategoryColumn, part: Floats) -> npt.NDArray[Any]:
    names = [*column.levels, None, "other levels" if column.other else "unknown"]
    patterns = np.empty((len(names), part.shape[1]))
    column.write_codes(np.arange(len(names)), patterns)
    # The nearest pattern, so that rounding (or an average of rows) does no harm; squares need no more than one product.
    if column.coded:
        nearest: npt.NDArray[Any] = np.array(names, dtype=object)[np.abs(part - patterns.T).argmin(axis=1)]
        return nearest
    distances = (patterns**2).sum(axis=1) - 2 * part @ patterns.T
    found: npt.NDArray[Any] = np.array(names, dtype=object)[distances.argmin(axis=1)]
    return found


def _moments(column: MomentColumn, part: Floats) -> npt.NDArray[Any]:
    missing = part[:, -1] > 0.5 if column.gaps else np.zeros(len(part), dtype=np.bool_)
    first = column.parts[0]
    if first.name == "elapsed":
        seconds = part[:, 0] * first.scale + first.mean
        seconds[missing] = np.nan
        moments: npt.NDArray[Any] = _ticks(seconds * 1e6).view("M8[us]")
        days: npt.NDArray[Any] = (moments + np.timedelta64(12, "h")).astype("M8[D]")
        return moments if column.kind == "datetime" else days
    seconds = np.arctan2(part[:, 0], part[:, 1]) / (2 * np.pi) % 1.0 * _SECONDS_OF_A_DAY
    seconds[missing] = np.nan
    return seconds


def _ticks(numbers: Floats) -> npt.NDArray[np.int64]:
    ticks = np.full(len(numbers), np.iinfo(np.int64).min)  # NumPy's mark for a missing moment
    present = ~np.isnan(numbers)
    ticks[present] = np.rint(numbers[present]).astype(np.int64)
    return ticks

"""Columns of Arrow of every type with values at its ends, most of which no object of Python's can be."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import numpy as np
import pyarrow as pa

LARGE = (-(2**63), -(2**63) + 1, 2**62, 2**63 - 1, 253_402_300_799, 253_402_300_800, -62_135_596_801, 292_277_026_596)
"""Among them the last second of the year 9999, the next one, and the last before year 1."""
SMALL = (-(2**31), -(2**31) + 1, 2**31 - 1, 2_932_896, 2_932_897, -719_163, 86_400, -1)
UNITS = ("s", "ms", "us", "ns")
LARGE_TYPES = (
    *(pa.timestamp(unit, zone) for unit in UNITS for zone in (None, "UTC", "Europe/Berlin", "US/Eastern")),
    *(pa.duration(unit) for unit in UNITS),
    *(pa.date64(), pa.time64("us"), pa.time64("ns")),
)
SMALL_TYPES = (pa.date32(), pa.time32("s"), pa.time32("ms"))


def _array(kind: pa.DataType) -> pa.Array:
    values = LARGE if kind in LARGE_TYPES else SMALL
    return pa.array(values, pa.int64() if kind in LARGE_TYPES else pa.int32()).view(kind)


def _decimals() -> dict[str, pa.Array]:
    kinds = [
        make(digits, scale)
        for make, most in ((pa.decimal128, 38), (pa.decimal256, 76))
        for digits in (1, 38, 76)
        for scale in (0, digits, -5)
        if digits <= most
    ]
    arrays = {}
    for kind in kinds:
        number = Decimal((0, (9,) * kind.precision, -kind.scale))
        with suppress(pa.ArrowInvalid):  # pyarrow makes some of them of no number
            arrays[str(kind)] = pa.array([number, number.copy_negate()], kind)
    return arrays


EXTREMES: dict[str, pa.Array] = {
    **{str(kind): _array(kind) for kind in (*LARGE_TYPES, *SMALL_TYPES)},
    **_decimals(),
    "halffloat": pa.array([np.float16(65504), np.float16("inf")]),
    "double": pa.array([1.8e308, -1e308, 5e-324]),
    "uint64": pa.array([2**64 - 1, 0], pa.uint64()),
    "binary": pa.array([b"\xff", b""]),
    "null": pa.nulls(2),
    "interval": pa.array([pa.MonthDayNano([2**31 - 1, -(2**31), 2**63 - 1])]),
}

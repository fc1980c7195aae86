"""Cells and numbers as people read them, in their language."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from glassnet.language import Language, Text
from glassnet.tables.summary import shortened
from glassnet.tables.values import is_gap

__all__ = ["cell_text", "number_text"]

MISSING = Text("missing", "缺失")
LONGEST = 40
"""Characters of a cell that are shown."""


def number_text(value: float) -> str:
    """A number as it stands in a table; thousands are set apart from five digits on, so that years stay years.

    Examples
    --------
    >>> [number_text(value) for value in (1984.0, 15024, 0.123456, -2.5, 1234567.8)]
    ['1984', '15,024', '0.1235', '−2.5', '1,234,568']
    """
    size = abs(float(value))
    if not np.isfinite(size):
        text = str(size)
    elif size >= 10_000:
        text = f"{size:,.0f}" if size < 1e15 else f"{size:.4g}"
    else:
        text = f"{size:.0f}" if size == int(size) else f"{size:.4g}"
    return f"−{text}" if value < 0 else text


def cell_text(cell: Any, language: Language | None = None) -> str:
    """A cell of a table, short enough for a sentence.

    Examples
    --------
    >>> cell_text(15024.0), cell_text(None), cell_text(None, "zh"), cell_text("Masters"), cell_text(True)
    ('15,024', 'missing', '缺失', 'Masters', 'True')
    >>> cell_text(datetime.datetime(2024, 5, 1))
    '2024-05-01'
    """
    if is_gap(cell):
        return MISSING.say(language)
    if isinstance(cell, datetime.datetime):
        text = cell.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    elif isinstance(cell, (int, float, np.integer, np.floating)) and not isinstance(cell, bool):
        text = number_text(float(cell))
    else:
        text = " ".join(str(cell).split())
    return shortened(text, LONGEST)

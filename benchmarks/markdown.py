"""Tables in Markdown, and numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["ratio", "seconds", "splits", "table"]


def splits(count: int) -> str:
    """How many random ones."""
    return "one random split" if count == 1 else f"{count} random splits"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table whose columns line up in plain text, too; the first column is left-bound."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(row: Sequence[str]) -> str:
        first = row[0].ljust(widths[0])
        return "| " + " | ".join([first, *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (w + 1) + ":" for w in widths[1:])]) + "|"
    return [line(head), rule, *map(line, rows), ""]


def seconds(value: float | None) -> str:
    """In the unit that suits it, three digits."""
    if value is None:
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{_digits(value / size)} {unit}"
    return f"{_digits(value / 1e-9)} ns"


def ratio(value: float | None) -> str:
    """Three digits."""
    return "-" if value is None else _digits(value)


def _digits(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    if value >= 10:
        return f"{value:.1f}"
    if value >= 1:
        return f"{value:.2f}"
    return f"{value:.3f}" if value >= 0.01 else f"{value:.2g}"

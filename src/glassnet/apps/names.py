"""Several names in one word of the command line: separated by commas, as a line of a CSV file has them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from glassnet.apps.endings import UsageError


def split_names(text: str) -> tuple[str, ...]:
    """The names in a text; one with a comma is in quotes, and a quote in one of these is doubled.

    Raises
    ------
    UsageError
        If a quote is not closed.

    Examples
    --------
    >>> split_names('age, "income, net",5" disk')
    ('age', 'income, net', '5" disk')
    """
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True))
    except csv.Error:
        raise UsageError(
            "Names must be separated by commas, those with a comma in quotes", text, """For example '"a, b",c'"""
        ) from None
    return tuple(name.strip() for line in lines for name in line if name.strip())


def named_columns(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Groups of columns, each with a name.

    Raises
    ------
    UsageError
        If a text is none.

    Examples
    --------
    >>> named_columns(["place=lat,lon", "size=area"])
    {'place': ('lat', 'lon'), 'size': ('area',)}
    """
    pairs = [(text, *text.partition("=")) for text in texts]
    for text, name, _, columns in pairs:
        if not name.strip() or not split_names(columns):
            raise UsageError("A group of columns must have a name and columns", text, "For example place=lat,lon")
    return {name.strip(): split_names(columns) for _, name, _, columns in pairs}

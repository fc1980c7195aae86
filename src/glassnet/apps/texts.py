"""The words of the command line: each text once in each language, in a catalogue beside this file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from glassnet.support.language import Text, catalogue

TEXTS: Final[dict[str, Text]] = catalogue(Path(__file__).with_name("texts.toml"))


def say(name: str, /, **values: Any) -> str:
    """A text by its name, filled in.

    Examples
    --------
    >>> say("rows.training", count=1200)
    '1,200 for training'
    """
    return TEXTS[name].say(**values)


def counted(count: int, noun: str) -> str:
    """How many there are of something that the catalogue can count.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return say(f"count.{noun if count != 1 else f'one_{noun}'}", count=count)


def named(names: Sequence[str], at_most: int = 5) -> str:
    """The first of many names, and how many more there are.

    Examples
    --------
    >>> named(["age", "city", "paid"], 2)
    'age, city and 1 more'
    """
    first, more = comma(names[:at_most]), len(names) - at_most
    return say("list.more", names=first, count=more, whole=len(names)) if more > 0 else first


def comma(parts: Sequence[str]) -> str:
    """Parts with a comma between them."""
    return say("list.comma").join(parts)


def semicolon(parts: Sequence[str]) -> str:
    """Parts with a semicolon between them."""
    return say("list.semicolon").join(parts)

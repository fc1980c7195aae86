"""The words of the report: each text once in each language, in a catalogue beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from glassnet.language import Text, catalogue

__all__ = ["FILE", "text"]

FILE: Final = Path(__file__).with_name("texts.toml")


def text(name: str) -> Text:
    """A text by its name.

    Examples
    --------
    >>> text("scores.title")
    Text(en='Scores', zh='评分')
    """
    return catalogue(FILE)[name]

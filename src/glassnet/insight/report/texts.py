"""The words of the report: each text once in each language, in a catalogue beside this file."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

from glassnet.language import Text

__all__ = ["catalogue", "text"]


@functools.cache
def catalogue() -> dict[str, Text]:
    """Every text by its name, the heading it stands under and its own: "scores.title"."""
    sections = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))
    return {f"{section}.{name}": Text(*pair) for section, texts in sections.items() for name, pair in texts.items()}


def text(name: str) -> Text:
    """A text by its name.

    Examples
    --------
    >>> text("scores.title")
    Text(en='Scores', zh='评分')
    """
    return catalogue()[name]

"""The chapters of the book as tests read them: their text, and the custom elements in it."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
CHAPTERS = sorted(file.stem for file in (DOCS / "en/book").glob("*.md") if file.stem != "index")


def page(language: str, chapter: str) -> str:
    return (DOCS / language / "book" / f"{chapter}.md").read_text(encoding="utf-8")


def parts(text: str) -> list[tuple[str, dict[str, str]]]:
    """The custom elements of a page with their attributes."""
    found = re.findall(r"^:::\{part\} (\S+)\n((?::\w+: .*\n)*)", text, re.MULTILINE)
    return [
        (tag, {name: value.strip("'\"") for name, value in re.findall(r"^:(\w+): (.*)$", options, re.MULTILINE)})
        for tag, options in found
    ]

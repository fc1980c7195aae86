"""The table of terms, from glossary.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

from IPython.display import Markdown

FILE = Path(__file__).with_name("glossary.toml")


def glossary(language: str) -> Markdown:
    """All terms by the alphabet of their English names, with the other language beside them.

    Parameters
    ----------
    language : {"en", "zh"}
    """
    terms = sorted(tomllib.loads(FILE.read_text(encoding="utf-8"))["terms"], key=lambda term: term["en"].lower())
    if language == "en":
        lines = ["| term | in Chinese | what it means |", "|---|---|---|"]
        lines += [f"| {term['en']} | {term['zh']} | {term['means']} |" for term in terms]
    else:
        lines = ["| 术语 | 英文 | 意思 |", "|---|---|---|"]
        lines += [f"| {term['zh']} | {term['en']} | {term['意思']} |" for term in terms]
    return Markdown("\n".join(lines))

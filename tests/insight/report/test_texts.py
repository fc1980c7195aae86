"""The catalogue: every text is there in both languages, with the same names to fill in, and somebody says it."""

from __future__ import annotations

import re
import string
from pathlib import Path

import glassnet
from glassnet.insight.report.words import FILE
from glassnet.support.language import catalogue

INSIGHT = Path(glassnet.__file__).parent / "insight"
CARD = Path(glassnet.__file__).parent / "exchange" / "card_text.py"
SOURCES = [CARD, *(INSIGHT / "report").glob("**/*.py"), *(INSIGHT / "report" / "templates").glob("*")]


def names(text):
    return {name.split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_has_both_languages():
    for name, text in catalogue(FILE).items():
        assert names(text.en) == names(text.zh), name
        assert text.en.isascii() or re.search("[“”±↓→²·]", text.en), name
        assert not re.search("[0-9}] %", text.en + text.zh), name


def test_every_text_is_said_by_somebody():
    code = "\n".join(file.read_text(encoding="utf-8") for file in SOURCES)
    families = {found[1] for found in re.finditer(r'f"(\w+)\.\{', code)}
    unsaid = [name for name in catalogue(FILE) if f'"{name}"' not in code and f"'{name}'" not in code]
    assert [name for name in unsaid if name.split(".")[0] not in families] == []

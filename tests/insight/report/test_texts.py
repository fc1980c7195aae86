"""The texts of the report: each is said by a section."""

from __future__ import annotations

import re
from pathlib import Path

import glassnet
from glassnet.insight.report.texts import TEXTS

INSIGHT = Path(glassnet.__file__).parent / "insight"
CARD = Path(glassnet.__file__).parent / "exchange" / "card_text.py"
SECTIONS = [file for file in (INSIGHT / "report").glob("**/*.py") if file.name != "texts.py"]
SOURCES = [CARD, *SECTIONS, *(INSIGHT / "report" / "templates").glob("*")]


def test_every_text_is_said_by_somebody():
    code = "\n".join(file.read_text(encoding="utf-8") for file in SOURCES)
    families = {found[1] for found in re.finditer(r'f"(\w+)\.\{', code)}
    unsaid = [name for name in TEXTS if f'"{name}"' not in code and f"'{name}'" not in code]
    assert [name for name in unsaid if name.split(".")[0] not in families] == []

"""The catalogue has every message of the sources, and nothing else."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs/translations.py"
spec = importlib.util.spec_from_file_location("translations", SCRIPT)
assert spec is not None
assert spec.loader is not None
translations = importlib.util.module_from_spec(spec)
spec.loader.exec_module(translations)


@pytest.mark.slow
def test_every_message_has_its_translation_and_every_translation_its_message() -> None:
    assert [*translations.problems(set(translations.extracted()), translations.translations())] == []


@pytest.mark.slow
def test_every_message_is_a_literal_or_a_text_with_its_values() -> None:
    """Of a rule, a remedy or a warning that is put together as an f-string nobody finds the translation."""
    assert [*translations.unmarked()] == []


def test_what_is_missing_obsolete_or_filled_in_otherwise_is_found() -> None:
    known = {(None, "{count} rows"): "{rows} 行", (None, "gone"): "没有了"}
    found = [*translations.problems({(None, "{count} rows"), (None, "new")}, known)]
    assert [each.partition(":")[0] for each in found[:3]] == [
        "not translated",
        "other names in braces",
        "not in the sources",
    ]


def test_chinese_has_no_space_before_a_percent_sign() -> None:
    wrong = [chinese for chinese in translations.translations().values() if re.search("[0-9}] %", chinese)]
    assert wrong == []

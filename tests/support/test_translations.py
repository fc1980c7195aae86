"""The catalogue has every message of the sources, and nothing else."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

import glassnet
from glassnet.apps.texts import TEXTS

SOURCES = Path(glassnet.__file__).parent
APPS = [*SOURCES.glob("apps/*.py"), *SOURCES.glob("apps/commands/*.py")]
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


PHRASES = {"came", "end", "error", "expected", "failure", "gone", "gone_of_learned", "message", "what"}
ENDINGS = {"before", "kept", "layout"}
"""Values that always are Chinese or quoted, or continue a sentence: no space belongs beside them."""


def test_a_name_or_number_in_a_chinese_sentence_has_a_space_beside_it() -> None:
    """Where the value is Chinese, too, filling in takes the space away."""
    touching = re.compile("(?<=[\u4e00-\u9fff]){(\\w+)[^}]*}|{(\\w+)[^}]*}(?=[\u4e00-\u9fff])")
    found = {
        before or behind for text in translations.translations().values() for before, behind in touching.findall(text)
    }
    assert found <= PHRASES | ENDINGS


def test_chinese_has_no_space_before_a_percent_sign() -> None:
    wrong = [chinese for chinese in translations.translations().values() if re.search("[0-9}] %", chinese)]
    assert wrong == []


def _text(node: ast.expr) -> str | None:
    """A text of the source, with an "x" for whatever is filled in; None where it is no text."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_the_command_line_says_nothing_that_is_not_in_a_catalogue() -> None:
    """Whatever is written out is a text of the catalogue, or made of such."""
    spoken = []
    for file in APPS:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            if name in ("say", "show", "show_line", "show_about") and isinstance(node, ast.Call):
                spoken += [
                    f"{file.name}: {text}"
                    for place, argument in enumerate(node.args)
                    if (text := _text(argument)) and (name == "show" or place) and any(map(str.isalpha, text))
                ]
    assert spoken == []


def test_somebody_says_every_text() -> None:
    tables = {"texts.py": "\n}\n"}  # what follows the table of texts is code
    files = SOURCES.glob("apps/**/*.py")
    code = "".join(file.read_text("utf-8").rpartition(tables.get(file.name, "\0"))[2] for file in files)
    for name in TEXTS:
        section, _, key = name.partition(".")
        assert f'"{name}"' in code or f'"{section}.' in code or f'"{key}"' in code or section == "topic", name

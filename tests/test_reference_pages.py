"""What the docs list is complete and said alike: terms, commands, scripts of the gallery, code that stands twice."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TERMS = tomllib.loads((ROOT / "docs/glossary.toml").read_text(encoding="utf-8"))["terms"]
CHINESE = sorted((ROOT / "docs/zh").rglob("*.md"))
GALLERY = sorted((ROOT / "examples/gallery").glob("*.py"))
LANGUAGES = ("en", "zh")


def test_every_term_has_one_name_in_each_language():
    for language in LANGUAGES:
        names = [term[language] for term in TERMS]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.name)
def test_a_chinese_page_keeps_to_the_terms(page):
    text = page.read_text(encoding="utf-8")
    others = {other: term["zh"] for term in TERMS for other in term.get("never", ()) if other in text}
    assert others == {}
    assert "你" not in text, "readers are 您"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_described(language):
    pytest.importorskip("cyclopts")
    from glassnet.apps.commands import app

    described = re.findall(
        rf'^command\("(\w+)", "{language}"\)$', (ROOT / f"docs/{language}/commands.md").read_text(), re.M
    )
    assert sorted(described) == sorted(name for name in app if not name.startswith("-"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gallery_shows_every_script(language):
    shown = re.findall(r'^run\("(\w+)"\)$', (ROOT / f"docs/{language}/gallery.md").read_text(), re.M)
    assert sorted(shown) == [script.stem for script in GALLERY]


@pytest.mark.parametrize("script", GALLERY, ids=lambda script: script.name)
def test_a_script_of_the_gallery_is_short(script):
    assert len(script.read_text().splitlines()) < 60


def test_the_chinese_page_on_adding_has_the_code_of_the_guide():
    guide, page = ((ROOT / name).read_text() for name in ("CONTRIBUTING.md", "docs/zh/adding.md"))
    blocks = [re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE) for text in (guide, page)]
    assert blocks[0] == blocks[1]

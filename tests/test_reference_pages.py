"""What the docs list is complete and said alike: terms, commands, scripts of the gallery, code that stands twice."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import pytest

import glassnet

ROOT = Path(__file__).parents[1]
TERMS = tomllib.loads((ROOT / "docs/glossary.toml").read_text(encoding="utf-8"))["terms"]
CHINESE = [ROOT / "README.zh-CN.md", ROOT / "docs/chinese.py", *sorted((ROOT / "docs/zh").rglob("*.md"))]
SPOKEN = sorted(
    file
    for file in (ROOT / "src/glassnet").rglob("*.*")
    if file.suffix in {".js", ".py", ".toml"} and re.search("[\u4e00-\u9fff]", file.read_text(encoding="utf-8"))
)
GALLERY = sorted((ROOT / "examples/gallery").glob("*.py"))
LANGUAGES = ("en", "zh")


def test_every_term_has_one_name_in_each_language():
    for language in LANGUAGES:
        names = [term[language] for term in TERMS]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("file", [*CHINESE, *SPOKEN], ids=lambda file: str(file.relative_to(ROOT)))
def test_what_is_chinese_keeps_to_the_terms(file):
    text = file.read_text(encoding="utf-8")
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


def described(docstring: str) -> list[str]:
    """The names in the section of parameters."""
    section = re.search(r"^Parameters\n-+\n((?:.+\n|\n(?!\S.*\n-{3}))*)", f"{docstring}\n", re.MULTILINE)
    lines = section[1].splitlines() if section else []
    names = [line.partition(" : ")[0] for line in lines if line and not line[0].isspace()]
    return [name.strip(" *") for several in names for name in several.split(",")]


def callables() -> dict[str, object]:
    """Public names and the public methods of public classes."""
    found = {name: getattr(glassnet, name) for name in glassnet.__all__ if not name.startswith("_")}
    for name, one in list(found.items()):
        if inspect.isclass(one):
            methods = {key: value for key, value in vars(one).items() if inspect.isfunction(value) and key[0] != "_"}
            found |= {f"{name}.{key}": value for key, value in methods.items()}
    return {name: one for name, one in found.items() if callable(one)}


def test_whoever_describes_parameters_describes_those_that_there_are_in_their_order():
    wrong = {}
    for name, one in callables().items():
        told = described(inspect.getdoc(one) or "")
        taken = [key for key in inspect.signature(one).parameters if key != "self"]
        if told and told != taken:
            wrong[name] = (told, taken)
    assert wrong == {}


def test_the_chinese_page_on_the_house_says_what_is_in_every_room():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    floors = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    rooms = {room.strip(" ()") for floor in floors for room in re.split(r"[|:]", floor)}
    page = (ROOT / "docs/zh/house.md").read_text(encoding="utf-8")
    assert set(re.findall(r'^ {8}"(\w+)":', page, re.MULTILINE)) == rooms


WRITTEN_BY_COMMANDS = {"demo/report.html"}


@pytest.mark.slow
def test_every_file_of_the_source_that_a_page_names_is_there():
    rooms = ("src", "tests", "benchmarks", "docs", "examples")
    there = [file.relative_to(ROOT).parts for room in rooms for file in (ROOT / room).rglob("*.*")]
    ends = {"/".join(parts[place:]) for parts in there for place in range(len(parts))}
    architecture = ROOT / "docs/architecture.md"
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        if page.name != "CHANGELOG.md" and "_build" not in page.parts:
            named = re.findall(r"`([\w/.-]+\.(?:py|js|toml|css|html))`", page.read_text(encoding="utf-8"))
            files = {name for name in named if "/" in name or page == architecture} - WRITTEN_BY_COMMANDS
            assert not files - ends, page

"""The parts for other pages: joined into scripts, in both languages, and described as they are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from glassnet.support.language import close_up
from glassnet.support.scripts import WEB, joined
from tests.node import run_node, run_program

DOCS = Path(__file__).parents[2] / "docs"


def attributes():
    """Of each element, what it reads."""
    index = (WEB / "parts" / "index.js").read_text(encoding="utf-8")
    files = dict(re.findall(r'import \{ (\w+) \} from "\./(\w+\.js)"', index))
    for tag, part in re.findall(r'"(glassnet-\w+)": (\w+)', index):
        text = (WEB / "parts" / files[part]).read_text(encoding="utf-8")
        (names,) = re.findall(r"static attributes = \[(.*)\]", text)
        yield tag, set(re.findall(r"\w+", names))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_docs_name_every_element_and_what_it_reads(language):
    rows = (DOCS / language / "parts.md").read_text(encoding="utf-8").splitlines()
    told: dict[str, set[str]] = {}
    for row in rows:
        if match := re.match(r"\| (?:`([\w-]+)` )?\| (`.*?`) \|", row):
            tag = match[1] or tag  # noqa: F821, the one of a row above
            told.setdefault(tag, set()).update(re.findall(r"`(\w+)`", match[2]))
    assert {tag: told[tag] for tag, _ in attributes()} == dict(attributes())


@pytest.mark.parametrize("entry", ["parts/index.js", "parts/notebook.js", "model/main.js"])
def test_a_joined_script_has_no_imports_and_every_module_once(entry):
    text = joined(entry)
    assert not [line for line in text.splitlines() if line.startswith(("import ", "export "))]
    assert "import.meta" not in text
    names = [line.split()[1] for line in text.splitlines() if line.startswith("const module")]
    assert len(names) == len(set(names)) > 3


@pytest.mark.slow
@pytest.mark.parametrize("entry", ["parts/index.js", "parts/notebook.js", "model/main.js"])
def test_a_joined_script_is_javascript(entry, tmp_path):
    script = tmp_path / "joined.js"
    script.write_text(joined(entry), encoding="utf-8")
    run_node("--check", script)


@pytest.mark.slow
def test_chinese_closes_up_around_what_is_filled_in_as_in_the_library():
    values = ["输出 1", "第 2 个神经元", "月 账单"]
    program = f"import {{ format }} from {json.dumps(f'file://{WEB}/language.js')};"
    program += f"console.log(JSON.stringify({json.dumps(values)}.map((to) => format('到 {{to}} 的连线', {{ to }}))))"
    assert run_program(program) == [close_up("到 {to} 的连线", {"to": value}) for value in values]


@pytest.mark.parametrize("entry", ["parts/index.js", "parts/notebook.js", "model/main.js"])
def test_a_joined_script_has_the_chinese_of_its_own_texts_alone(entry):
    text = joined(entry)
    chinese = set(re.findall(r'^  "(?:\w+\\u0004)?((?:[^"\\]|\\.)+)": ".*",?$', text, re.MULTILINE))
    assert set(re.findall(r'\b(?:say|phrase)\("((?:[^"\\]|\\.)*)"', text)) <= chinese
    assert "Find learning rate" not in chinese  # which the playground alone says

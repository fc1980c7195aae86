"""The book: the same parts and exercises in both languages, pictures for where no script runs."""

import os
import re
import subprocess
import sys
from itertools import zip_longest

import pytest

from tests.chapters import CHAPTERS, DOCS, page, parts

pytest.importorskip("myst_nb")


@pytest.fixture(scope="module")
def book():
    """The extension of Sphinx that makes the book, which lies beside the pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS)
        import book

        yield book


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_both_languages_have_the_same_parts_and_exercises(chapter):
    english, chinese = page("en", chapter), page("zh", chapter)
    for ours, theirs in zip_longest(parts(english), parts(chinese)):
        assert ours == theirs
    for directive in (":::{exercise}", ":::{answer}"):
        assert english.count(directive) == chinese.count(directive)
    assert english.count(":::{exercise}") == english.count(":::{answer}")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_moves_can_be_tried_and_has_exercises(chapter):
    text = page("en", chapter)
    assert parts(text)
    assert 4 <= text.count(":::{exercise}") <= 6
    assert re.search(r"^## Sources$", text, re.MULTILINE)
    assert re.search(r"^## 参考资料$", page("zh", chapter), re.MULTILINE)


@pytest.mark.slow
def test_every_part_has_a_still_picture_and_no_picture_is_left_over(book):
    wanted = {
        book.still(tag, attributes, language)
        for language in ("en", "zh")
        for file in (DOCS / language).rglob("*.md")
        for tag, attributes in parts(file.read_text(encoding="utf-8"))
    }
    there = {file.relative_to(DOCS).as_posix() for file in (DOCS / "images/parts").glob("*.png")}
    assert there == wanted, "build the docs, then: python docs/stills.py"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_symbols_lead_to_where_they_move(chapter, book):
    """At least three in each chapter, the same in both languages, and only to what a part of the page shows."""
    link = re.compile(r"\]\(#(\w+(?:-\d+)?)-([A-Za-z_]+)\)")
    english, chinese = (link.findall(page(language, chapter)) for language in ("en", "zh"))
    assert sorted(english) == sorted(chinese)
    assert len(set(english)) >= 3
    there = [tag.removeprefix("glassnet-") for tag, _ in parts(page("en", chapter))]
    for name, symbol in english:
        kind, _, number = name.partition("-")
        assert there.count(kind) >= int(number or 1)
        assert symbol in book.SYMBOLS[f"glassnet-{kind}"]


def test_what_lights_up_in_the_playground_is_on_its_page(book):
    script = (book.PARTS / "playground.js").read_text(encoding="utf-8")
    shown = dict(re.findall(r'(\w+): "([\w-]+)"', script.partition("IN_FRAME = {")[2].partition("}")[0]))
    page = (book.PARTS.parent / "playground/index.html").read_text(encoding="utf-8")
    assert list(shown) == book.SYMBOLS["glassnet-playground"]
    assert [name for name in shown.values() if f'id="{name}"' not in page] == []


WORKOUT = """# Page

:::{part} glassnet-workout
:network: 1-1
:activation: identity
:w: 2,0
:row: 3
:target: 7
:ask: z 1.1, loss

Two numbers.
:::
"""


@pytest.mark.slow
@pytest.mark.parametrize("builder", ["html", "epub"])
@pytest.mark.parametrize(
    ("language", "answers"), [("en", "Answers: 1. z = 6; 2. L = 1"), ("zh", "答案：1. z = 6; 2. L = 1")]
)
def test_where_no_script_runs_a_page_has_the_answers(builder, language, answers, tmp_path):
    source, built = tmp_path / "source", tmp_path / "built"
    (source / language).mkdir(parents=True)
    (source / "conf.py").write_text(
        "extensions = ['myst_nb', 'sphinx_design', 'book']\nmyst_enable_extensions = ['colon_fence']\n"
    )
    (source / "index.md").write_text(f"# Book\n\n```{{toctree}}\n{language}/page\n```\n")
    (source / language / "page.md").write_text(WORKOUT)
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, source, built]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(DOCS)}, check=True, capture_output=True, timeout=300)
    page = (built / language / ("page.html" if builder == "html" else "page.xhtml")).read_text(encoding="utf-8")
    assert answers in page
    assert ("<glassnet-workout" in page) == (builder == "html")

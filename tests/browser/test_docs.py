"""The built docs in a real browser: nothing is cut off or loaded from elsewhere, and the search finds Chinese words."""

from __future__ import annotations

from pathlib import Path

import pytest

BUILT = Path(__file__).parents[2] / "docs" / "_build" / "html"
WORDS = ("过拟合", "梯度下降", "softmax", "momentum", "损失")

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def looked(browse):
    """What the browser says of every page, and what the search finds."""
    pages = sorted(file.relative_to(BUILT).as_posix() for file in BUILT.glob("[ez][nh]/**/*.html"))
    if not pages:
        pytest.skip("the docs are not built: make docs")
    return browse("docs.js", BUILT, *pages, "--", *WORDS)


def test_nothing_is_cut_off_on_a_desk_or_a_phone(looked):
    cut = {(view["page"], view["width"]): view["cut"] for view in looked["seen"] if view["cut"]}
    assert cut == {}
    assert {(view["page"], view["width"]) for view in looked["seen"] if view["overflow"]} == set()


@pytest.mark.parametrize("page", ["accuracy", "benchmarks/accuracy", "benchmarks/machines", "names"])
def test_a_desk_shows_wide_tables_whole(page, looked):
    scrolled = {view["page"]: view["scrolled"] for view in looked["seen"] if view["width"] == 1280}
    assert (scrolled[f"en/{page}.html"], scrolled[f"zh/{page}.html"]) == (0, 0)


def test_nothing_is_loaded_from_elsewhere(looked):
    assert [view for view in looked["seen"] if view["elsewhere"]] == []


def test_every_page_leads_to_the_other_language(looked):
    for view in looked["seen"]:
        assert view["twin"], view["page"]
        assert (BUILT / view["page"]).parent.joinpath(view["twin"]).resolve().is_file()


@pytest.mark.parametrize("word", WORDS)
def test_the_search_finds(word, looked):
    found = looked["found"][word]
    assert found
    pages = {link.partition("#")[0].partition("?")[0] for link in found}
    english = {page for page in pages if page.startswith("en/")}
    assert any(page.startswith("zh/") for page in pages)
    assert english if word.isascii() else english <= {"en/glossary.html"}

"""A model as a page in a real browser: its form, its answers, no fault that axe-core knows of, nothing loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from glassnet import NeuralClassifier, NeuralNetwork, to_html
from tests.exchange.models import fitted

pytestmark = pytest.mark.browser

NAMES = ("a table", "ensemble", "promised intervals", "quantiles", "several answers")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apps")
    models = {name: fitted(name) for name in NAMES}
    models["trained elsewhere"] = NeuralClassifier.from_network(NeuralNetwork(2, [3], loss="cross_entropy"))
    return [str(to_html(model, folder / f"{name}.html", target="back?")) for name, model in models.items()]


@pytest.fixture(scope="module")
def seen(browse, pages):
    """What the browser says of each page, at every width and in both themes."""
    return browse("axe.js", *pages)


@pytest.fixture(scope="module")
def used(browse, pages):
    """What the first two pages say when they are used."""
    return browse("app.js", *pages[:2])


def test_axe_finds_no_fault(seen):
    assert [(Path(view["page"]).name, view["width"], fault) for view in seen for fault in view["faults"]] == []


def test_no_page_scrolls_sideways(seen):
    assert {view["overflow"] for view in seen} == {0}


def test_nothing_is_loaded_and_nothing_complained_of(seen):
    assert [view["loaded"] + view["complaints"] for view in seen] == [[]] * len(seen)


def test_the_first_key_leads_to_the_skip_link(seen):
    assert {view["first"] for view in seen} == {"#main"}


def test_it_speaks_the_language_of_its_reader_and_the_other(used):
    assert [(view["chinese"], view["english"]) for view in used] == [("输入", "Input")] * 2


def test_it_opens_in_the_language_that_it_was_written_in(browse, tmp_path):
    page = to_html(fitted("a table"), tmp_path / "app.html", language="en")
    (view,) = browse("app.js", str(page))
    assert view["chinese"] == "Input"


def test_the_typical_case_is_the_first_and_comes_back(used):
    for view in used:
        assert view["again"] == {name: view["typical"][name] for name in view["again"]}
        assert view["typical"]["sentence"].startswith("This is the reference case")


def test_a_key_moves_the_slider_and_the_answer(used):
    for view in used:
        assert view["moved"]["typed"] == "40.7"
        assert view["moved"]["steps"] == 3
        assert view["moved"]["numbers"] != view["typical"]["numbers"]


def test_what_is_outside_of_training_is_said_and_a_gap_closes_the_control(used):
    for view in used:
        assert view["outside"] == 1
        assert view["unknown"]["disabled"]
        assert view["pinned"].startswith("This is the reference case")


def test_no_script_fails(used):
    assert [view["errors"] for view in used] == [[], []]

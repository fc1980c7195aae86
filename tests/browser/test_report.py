"""A report in a real browser: no fault that axe-core knows of, no scrolling sideways, nothing loaded from elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import glassnet
from tests.insight.report.conftest import answers, answers_of, judged, learned, models  # noqa: F401

pytestmark = pytest.mark.browser

KINDS = ("binary", "multiclass", "regression", "quantiles")


@pytest.fixture(scope="module")
def pages(models, learned, judged, answers_of, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("pages")
    pages = []
    for kind in KINDS:
        training = (learned[0], answers(learned[1], {"quantiles": "regression"}.get(kind, kind)))
        for language in ("en", "zh"):
            page = folder / f"{kind}.{language}.html"
            options = {"training_data": training, "target": "back?", "language": language}
            pages.append(str(glassnet.report(models[kind], judged[0], answers_of(kind), page, **options)))
    return pages


@pytest.fixture(scope="module")
def seen(browse, pages):
    """What the browser says of each page."""
    return browse("axe.js", *pages)


def test_every_page_was_seen_in_every_way(seen):
    assert len(seen) == 2 * len(KINDS) * 4


def test_axe_finds_no_fault(seen):
    faults = [
        (Path(view["page"]).name, view["width"], view["colorScheme"], fault)
        for view in seen
        for fault in view["faults"]
    ]
    assert faults == []


def test_no_page_scrolls_sideways(seen):
    assert {view["overflow"] for view in seen} == {0}


def test_letters_in_charts_are_neither_small_on_a_phone_nor_large_on_a_desk(seen):
    sizes = np.array([view["letters"] for view in seen])
    assert sizes[:, 0].min() >= 12
    assert sizes[:, 1].max() <= 16


def test_printed_pages_are_full_and_their_letters_can_be_read(browse, pages):
    printed = browse("print.js", *pages)
    assert min(sheet["letters"][0] for sheet in printed) >= 8  # 6 points
    sheets = sum(sheet["sheets"] - 0.5 for sheet in printed)  # of a last one half is empty, on average
    assert sum(sheet["content"] for sheet in printed) / sheets > 0.85


def test_nothing_is_loaded_and_nothing_complained_of(seen):
    assert [view["loaded"] + view["complaints"] for view in seen] == [[]] * len(seen)


def test_the_first_key_leads_to_the_skip_link(seen):
    assert {view["first"] for view in seen} == {"#main"}


def test_the_slider_moves_the_counts_and_finds_the_cheapest(browse, models, judged, answers_of, tmp_path):  # noqa: F811
    y = answers_of("binary")
    found = browse("threshold.js", glassnet.report(models["binary"], judged[0], y, tmp_path / "r.html"))
    model = models["binary"]
    place = model.classes_.tolist().index(model.positive_)
    probability, positive = model.predict_proba(judged[0])[:, place], y == model.positive_
    above = probability >= 0.3
    assert found["moved"]["shown"]
    assert (found["moved"]["value"], found["moved"]["typed"]) == ("30%", "0.3")
    assert int(found["moved"]["tp"]) == (above & positive).sum()
    assert int(found["moved"]["fp"]) == (above & ~positive).sum()
    assert found["cheapest"]["fn"] == "0"  # where each costs a thousand
    assert not found["without"]["shown"]
    # the other class sees the same decision from its side
    assert (found["other"]["value"], found["other"]["typed"]) == ("70%", "0.7")
    assert (int(found["other"]["fn"]), int(found["other"]["fp"])) == (
        (above & ~positive).sum(),
        (~above & positive).sum(),
    )


def test_keys_choose_the_class_of_every_section(browse, pages):
    page = next(page for page in pages if page.endswith("multiclass.en.html"))
    first, *later = browse("classes.js", page)
    assert [len(first[name]) for name in ("chosen", "shown")] == [2, 2]  # partial dependence and curves
    for seen in (first, *later):
        assert len({*seen["chosen"], *seen["shown"]}) == 1  # all say the same, and no other class is seen
    assert len({seen["shown"][0] for seen in (first, *later)}) == 3

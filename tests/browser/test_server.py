"""The pages of a server in a real browser: filled in, sent, and looked at for faults, in both languages."""

from __future__ import annotations

import pytest

from tests.apps.conftest import classifier, tables  # noqa: F401

pytestmark = pytest.mark.browser

VIEWS = 4
"""Phone and desktop, light and dark."""


@pytest.fixture(scope="module")
def seen(classifier, browse, serve):  # noqa: F811
    """What the browser says of each page: the form, with an answer, with an error, and the page for programs."""
    with serve("serve", classifier) as line:
        base = line.partition(", model")[0].split()[-1]
        pages = [f"{base}{path}?language={language}" for language in ("en", "zh") for path in ("/", "/docs")]
        return browse("serve.js", *pages)


def test_every_page_was_seen_in_every_way(seen):
    """Two forms empty, answered and with an error, and two pages for programs."""
    assert len(seen) == 8 * VIEWS


def test_axe_finds_no_fault(seen):
    assert [(view["page"], view["state"], view["width"], fault) for view in seen for fault in view["faults"]] == []


def test_no_page_scrolls_sideways(seen):
    assert {view["overflow"] for view in seen} == {0}


def test_nothing_is_loaded_and_nothing_complained_of(seen):
    """No icon either; a complaint would be one of the content security policy."""
    assert [view["loaded"] + view["complaints"] for view in seen] == [[]] * len(seen)


def test_the_first_key_leads_to_the_skip_link(seen):
    assert {view["first"] for view in seen} == {"#main"}


def test_a_row_that_was_filled_in_by_keyboard_is_answered(seen):
    answers = [view["said"] for view in seen if view["state"] == "answered"]
    assert len(answers) == 2 * VIEWS
    assert all("yes" in said or "no" in said for said in answers)


def test_what_is_wrong_with_a_row_is_said_to_who_hears_it(seen):
    words = {"en": "must contain numbers", "zh": "在训练时是数字"}
    wrong = [view for view in seen if view["state"] == "wrong"]
    assert {view["page"].rpartition("=")[2] for view in wrong} == set(words)
    assert all(words[view["page"].rpartition("=")[2]] in view["said"] for view in wrong)

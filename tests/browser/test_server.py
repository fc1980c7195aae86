"""The pages of a server in a real browser: used and looked at for faults, in both languages, with and without a key."""

from __future__ import annotations

import pytest

from tests.apps.conftest import classifier, tables  # noqa: F401

pytestmark = pytest.mark.browser

VIEWS = 4
"""Phone and desktop, light and dark."""
KEY = "correct-horse"
SAID = ("says", "sure", "sentence", "holds", "steps")


@pytest.fixture(scope="module")
def seen(classifier, browse, serve):  # noqa: F811
    """What the browser says of the form, and of the page for programs, of a server without a key and with one."""
    with serve("serve", classifier) as line, serve("serve", classifier, "--api-key", KEY) as guarded:
        bases = [each.partition(", model")[0].split()[-1] for each in (line, guarded)]
        bases[1] = bases[1].replace("//", f"//:{KEY}@")
        return browse(
            "serve.js", *(f"{b}{path}?language={one}" for b in bases for one in ("en", "zh") for path in ("/", "/docs"))
        )


@pytest.fixture(scope="module")
def forms(seen):
    """Of each view of a form what it says before and after a value is changed, and whether the server was asked."""
    return [(KEY in view["page"], *(dict(zip(SAID, view[when], strict=True)) for when in ("before", "after")))
            for view in seen if view["before"]]  # fmt: skip


def test_every_page_was_seen_in_every_way(seen, forms):
    assert len(seen) == 8 * VIEWS
    assert len(forms) == 4 * VIEWS


def test_axe_finds_no_fault(seen):
    assert [(view["page"], view["width"], fault) for view in seen for fault in view["faults"]] == []


def test_no_page_scrolls_sideways(seen):
    assert {view["overflow"] for view in seen} == {0}


def test_nothing_is_asked_for_but_answers_where_there_is_a_key(seen):
    asked = {(KEY in view["page"] and view["before"] is not None, *view["asked"]) for view in seen}
    assert asked == {(False,), (True, "/answers")}


def test_nothing_is_complained_of(seen):
    """A complaint would be one of the content security policy; that a request was cut off is meant."""
    said = [words for view in seen for words in view["complaints"] if "ERR_FAILED" not in words]
    assert said == []


def test_the_first_key_leads_to_the_skip_link(seen):
    assert {view["first"] for view in seen} == {"#main"}


def test_a_value_that_is_typed_is_answered_at_once_with_reasons(forms):
    for _, before, after in forms:
        assert before["steps"] == 0
        assert after["steps"] == 3
        assert after["sure"] != before["sure"]


def test_a_server_that_keeps_its_model_answers_as_the_page_does(forms):
    """The same words in each language; weights in a page are rounded, which these digits do not show."""
    alone, asking = (
        [{k: v for k, v in after.items() if k != "holds"} for key, _, after in forms if key is kept]
        for kept in (False, True)
    )
    assert alone == asking
    assert {after["holds"][:9] for key, _, after in forms if key} == {"The model", "模型保留在服务器上"}


def test_a_server_that_is_gone_is_said_to_who_hears_it(seen):
    assert {view["problem"] for view in seen} == {None, "The server does not answer.", "服务器没有响应。"}

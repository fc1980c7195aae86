"""Tasks to be worked out in the playground, in a real browser: by keyboard, on a phone and on a desk, and on paper."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def views(browse, serve):
    with serve("playground") as line:
        (address,) = re.findall(r"http://\S+?(?=;|\s|$)", line)
        return browse("workout.js", f"{address.rstrip('/')}/playground/index.html")


def test_the_keyboard_leads_through_a_task(views):
    for view in views:
        unread, wrong = view["said"]
        assert "2*(0.62-1)*0.24" in unread
        assert wrong != unread
        assert view["hints"] == 3
        assert "=" in view["solution"]
        assert view["address"] == {"name": "activation", "seed": 1}


def test_a_shown_solution_is_not_counted_as_solved(views):
    for view in views:
        assert re.findall(r"\d+", view["score"]).count("0") == 2


def test_every_task_asks_something_and_nothing_sticks_out(views):
    for view in views:
        assert len(view["questions"]) >= 12
        assert all(view["questions"])
        assert set(view["overflow"]) == {0}


def test_slow_motion_asks_for_the_numbers_of_the_network_that_is_there(views):
    for view in views:
        assert view["asksFirst"] == 0
        assert len({question for question, _ in view["own"]}) == len(view["own"]) == 8
        assert {right for _, right in view["own"]} == {"true"}


def test_axe_finds_no_fault_and_the_page_complains_of_nothing(views):
    assert [(view["language"], view["faults"]) for view in views if view["faults"]] == []
    assert [view["complaints"] for view in views] == [[], []]


def test_sheets_have_every_task_and_the_solutions_on_a_page_of_their_own(views):
    for view in views:
        sheet = view["sheet"]
        assert sheet["tasks"] == sheet["solutions"] == len(view["questions"])
        assert sheet["apart"] == "page"
        assert 5 <= sheet["pages"] <= 14
        assert (sheet["overflow"], sheet["button"]) == (0, False)
        assert view["back"] == 0


def test_a_sheet_on_a_phone_has_one_column(views):
    assert {view["width"]: view["sheet"]["columns"] for view in views} == {390: 1, 1280: 2}

"""Every lesson of the playground taken in a real browser, as a reader takes it."""

from __future__ import annotations

import json

import pytest

from tests.web.test_lessons import SOLUTIONS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def taken(browse, serve):
    with serve("playground") as line:
        return browse("lessons.js", line.split()[1].rstrip(";"), json.dumps(SOLUTIONS))


def test_every_lesson_is_solved_and_explained(taken):
    assert [lesson["lesson"] for lesson in taken["lessons"]] == list(SOLUTIONS)
    assert all(lesson["after"] and lesson["title"] for lesson in taken["lessons"])


def test_every_task_is_named_and_every_hint_given(taken):
    for lesson in taken["lessons"]:
        assert len(set(lesson["goals"])) == len(SOLUTIONS[lesson["lesson"]]), lesson
        assert lesson["shown"] == lesson["hints"], lesson
        assert lesson["hints"] > 0 or lesson["lesson"] == "line", lesson  # whose question says what to press


def test_what_would_distract_is_hidden(taken):
    assert min(lesson["hidden"] for lesson in taken["lessons"]) >= 3


def test_a_wrong_repair_is_answered_in_words(taken):
    (refused,) = [lesson["refused"] for lesson in taken["lessons"] if "refused" in lesson]
    assert "not missing there" in refused


def test_progress_is_kept_and_lessons_follow_each_other(taken):
    progress = taken["progress"]
    assert progress["solved"] == ["✓"] * len(SOLUTIONS)
    assert (progress["chosen"], progress["next"]) == ({"lesson": "bend"}, {"lesson": "derived"})
    assert progress["left"]


def test_axe_finds_no_fault_in_any_lesson(taken):
    assert [(lesson["lesson"], fault) for lesson in taken["lessons"] for fault in lesson["faults"]] == []
    assert taken["progress"]["faults"] == []


def test_nothing_scrolls_sideways_and_nothing_is_complained_of(taken):
    assert {lesson["overflow"] for lesson in taken["lessons"]} == {0}
    assert taken["complaints"] == []

"""The first lessons of the playground and a task to be worked out, in a real browser, with the keys alone."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def views(browse, serve):
    with serve("playground") as line:
        return browse("keyboard.js", line.split()[1].rstrip(";"))


def test_every_stop_of_the_tab_key_is_in_sight_and_marked(views):
    for view in views:
        assert view["lessons"]["first"]["faults"] == view["lessons"]["second"]["faults"] == []


def test_the_tab_key_follows_the_page_and_leaves_it_in_both_directions(views):
    for view in views:
        first, second = view["lessons"]["first"], view["lessons"]["second"]
        assert first["names"][:2] == ["skip", "play"]
        assert [name for name in second["names"] if name in ("play", "hint", "node-1-0")] == [
            "play",
            "hint",
            "node-1-0",
        ]


def test_a_lesson_is_solved_and_the_next_one_reached(views):
    for view in views:
        lessons = view["lessons"]
        assert lessons["lesson"] == "bend"
        assert lessons["returned"] == "node-1-0"  # whose card was closed
        assert not lessons["lost"]


def test_a_task_is_answered_and_the_next_one_reached(views):
    for view in views:
        assert view["task"] == {"right": "true", "lost": False, "returned": "work-out"}

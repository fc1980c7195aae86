"""Guesses in the playground in a real browser: drawn by mouse, finger and keyboard, on a desktop and on a phone."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def views(browse, serve):
    with serve("playground") as line:
        return browse("guess.js", line.split()[1].rstrip(";"))


def losses(handles):
    """What the eight points of a curve say in either language, as losses."""
    assert len(handles) == 8
    return [float(re.search(r"loss ([\d.]+)|损失 ([\d.]+)", text)[0].split()[-1]) for text in handles]


def test_a_curve_is_drawn_by_mouse_or_finger(views):
    for view in views:
        assert len(set(losses(view["before"]))) == 1
        drawn = losses(view["drawn"])
        assert drawn == sorted(drawn, reverse=True)
        assert len(set(drawn)) >= 6


def test_arrow_keys_move_a_point_and_go_to_the_next(views):
    for view in views:
        before, after = losses(view["drawn"]), losses(view["byKey"])
        assert (after[0] > before[0], after[1] < before[1], after[2:]) == (True, True, before[2:])
        assert view["focus"] == "1"


def test_a_guess_lasts_while_training_steps_and_pauses_and_is_told_beside_what_came(views):
    for view in views:
        assert view["locked"] == [0, 8]
        assert re.search("after 1 epochs|1 轮后", view["early"])
        assert re.search("after 10 epochs|10 轮后", view["loss"])
        assert view["loss"] in view["said"]


def test_a_guess_outlives_a_reset_and_is_cleared_redrawn_and_dropped_with_the_data(views):
    for view in views:
        assert losses(view["kept"]) == losses(view["byKey"])
        assert len(set(losses(view["cleared"]))) == 1
        assert len(set(losses(view["redrawn"]))) >= 6
        assert len(set(losses(view["dropped"]))) == 1


def test_a_boundary_is_drawn_cleared_and_set_by_keyboard_and_lies_beside_the_network_s(views):
    for view in views:
        assert view["lines"] == [1, 0, 1, 1]
        assert view["motion"]  # strokes do not open slow motion
        assert re.search(r"\d+% (of the map|的面积)", view["boundary"])
        assert view["closed"] == [True, True, 0]


def test_lessons_ask_for_a_guess_that_may_be_skipped(views):
    wanted = {"bend": ["boundary", True], "rate": ["loss", True], "diverge": ["loss", True], "line": [None, True]}
    assert [view["lessons"] for view in views] == [wanted] * 2


def test_a_curve_is_typed_refused_with_the_place_and_kept_in_the_address(views):
    for view in views:
        assert view["without"]
        assert re.match("At character 7: Unknown name|第 7 个字符", view["wrong"][0])
        assert view["wrong"][1] == 6
        assert view["curve"] == ["curve", "x^2 - 1", "", 1]
        assert view["again"] == "x^2 - 1"


def test_axe_finds_no_fault_nothing_scrolls_sideways_and_nothing_is_complained_of(views):
    assert [view["faults"] + view["complaints"] for view in views] == [[], []]
    assert [view["wider"] for view in views] == [0, 0]

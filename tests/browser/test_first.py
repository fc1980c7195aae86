"""The playground on a first visit, and every lesson on three screens: what is going on is in sight, step by step."""

from __future__ import annotations

import json

import pytest

from tests.web.test_lessons import SOLUTIONS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def visited(browse, serve):
    with serve("playground") as line:
        return browse("first.js", line.split()[1].rstrip(";"), json.dumps([*SOLUTIONS]))


def test_a_first_visit_has_three_controls_and_one_question(visited):
    assert [view["controls"] for view in visited["first"]] == [["play", "slow", "all"]] * 6
    assert {view["questions"] for view in visited["first"]} == {1}


def test_all_controls_are_one_click_away_and_remembered(visited):
    assert len(visited["kept"]) == 12
    assert min(visited["kept"]) > 60


def test_network_map_and_button_are_seen_together(visited):
    """At 1280 x 800, 1024 x 768 and 390 x 844, in every lesson and with all controls."""
    assert visited["together"] == []


def test_in_slow_motion_what_is_explained_and_its_explanation_are_seen_together(visited):
    """Neurons of the layer at hand, the number of the link, each sentence and formula: under nothing."""
    assert visited["slow"] == []


def test_axe_finds_no_fault_on_a_first_visit(visited):
    assert visited["faults"] == []

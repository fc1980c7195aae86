"""Side by side, loss surface, learning-rate finder and doctor in a real browser, on a phone and on a desk."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def seen(browse, serve):
    """What the browser says of each view."""
    with serve("playground") as line:
        return browse("looking.js", line.split()[1].rstrip(";"))


def test_axe_finds_no_fault_and_nothing_is_complained_of(seen):
    assert [(view["width"], view["faults"], view["complaints"]) for view in seen] == [(390, [], []), (1280, [], [])]


def test_networks_side_by_side_come_and_go(seen):
    assert [view["cards"] for view in seen] == [[2, 4, 3]] * 2
    assert all(view["full"] for view in seen)


def test_the_maps_of_networks_side_by_side_are_level(seen):
    for view in seen:
        tops = {card: {map_top for top, map_top in view["maps"] if top == card} for card, _ in view["maps"]}
        assert [len(maps) for maps in tops.values()] == [1] * len(tops)


def test_the_verdict_and_the_curve_say_who_is_ahead(seen):
    phone, desk = seen
    assert "最低" in phone["verdict"] or "差不多" in phone["verdict"]
    assert "lowest test loss" in desk["verdict"] or "same test loss" in desk["verdict"]
    for view in seen:
        assert view["verdict"] in view["curve"]


def test_an_address_leads_to_the_same_networks_side_by_side(seen):
    for view in seen:
        assert view["side"] == ["", "mistake=zeros", "optimizer=sgd"]
        assert view["again"] == view["side"]
        assert view["closed"] is None


def test_the_surface_is_described_and_says_the_loss_under_the_pointer(seen):
    assert "account for" in seen[1]["surface"]
    assert seen[1]["here"].startswith("Loss here: ")


def test_a_rate_is_taken_from_the_curve_and_from_the_list(seen):
    assert "Suggestion" in seen[1]["rates"]
    for view in seen:
        assert 1e-5 < view["clicked"] < 10
        assert view["chosen"] == 0.3


def test_the_doctor_marks_dead_units_and_its_remedy_is_a_button(seen):
    for view in seen:
        assert view["rows"] == 3
        assert sorted(set(view["cured"])) == ["leaky_relu", "relu"]
    assert "dead" in seen[1]["dead"].lower()
    assert any("Dead" in name for name in seen[1]["named"])


def test_names_and_states_are_joined_by_the_punctuation_of_the_language(seen):
    phone, desk = seen
    assert all("。已失活：" in name for name in phone["named"])
    assert "。方向键" in phone["surface"]
    assert any("2. Dead: " in name for name in desk["named"])


def test_divergence_is_said_in_words_with_a_smaller_rate_as_a_button(seen):
    assert "diverged" in seen[1]["diverged"][0]
    assert "largest weight" in seen[1]["diverged"][1]
    assert [view["slower"] for view in seen] == [10, 10]


def test_many_links_stand_on_a_canvas_and_can_be_pointed_at(seen):
    for view in seen:
        assert view["svg"] == 0
        assert view["colors"] > 100
        assert view["fields"] == 33
        assert view["labels"] == 32

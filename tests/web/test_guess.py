"""Guesses beside what came: sentences, regions that lines part the map into; points above or below a typed curve."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glassnet.support.scripts import WEB
from tests.node import run_node

EVEN = [[0, 0.8], [50, 0.45], [100, 0.1]]

pytestmark = pytest.mark.slow  # each starts a process


def node(what, *questions):
    """What the page's code answers to each question."""
    return run_node(Path(__file__).with_name("guess.mjs"), WEB, what, given=questions)


def said(what, *questions):
    return [" ".join(sentences) for sentences in node(what, *questions)]


def test_the_loss_that_came_is_told_by_its_end_and_by_the_way_there():
    fast = [[0, 0.8], [10, 0.35], [100, 0.34]]
    cases = {
        "You expected 0.10 after 100 epochs; it is 0.34. "
        "Half of the change came in the first 5 epochs; in your curve, in the first 50.": fast,
        "You expected 0.10 after 100 epochs; it is 0.11, very close. "
        "Half of the change came in the first 47 epochs, about as you drew it.": [[0, 0.8], [48, 0.45], [100, 0.11]],
        "You expected 0.10 after 100 epochs; it is 0.79. The loss hardly changed; in your curve it fell.": [
            [0, 0.8],
            [100, 0.79],
        ],
        "You expected 0.10 after 100 epochs; it is 2.00. The loss rose; in your curve it fell.": [
            [0, 0.8],
            [120, 2.24],
        ],
        "You expected 0.73 after 10 epochs; training has diverged, and the loss is inf or NaN.": [[0, 0.8], [10, None]],
        "You expected 0.45 after 50 epochs; it is 0.45, very close. "
        "Half of the change came in the first 25 epochs, about as you drew it.": [[0, 0.8], [50, 0.45]],
        "": [[0, 0.8]],
    }
    assert said("loss", *({"guess": EVEN, "found": found} for found in cases.values())) == list(cases)


def test_a_guess_may_begin_later_and_be_level():
    guess = [[50, 0.3], [100, 0.31]]
    course = [[0, 0.8], [50, 0.3], [75, 0.3], [100, 0.29]]
    expected = "You expected 0.31 after 50 epochs; it is 0.29. It hardly changed, as you drew it."
    assert said("loss", {"guess": guess, "found": course}) == [expected]


def test_what_is_said_of_losses_is_said_in_chinese():
    (found,) = said("loss", {"guess": EVEN, "found": [[0, 0.8], [100, 2]], "language": "zh"})
    assert found == "您预计 100 轮后为 0.10，实际为 2.00。 损失上升了；在您画的曲线中，损失下降了。"


@pytest.fixture(scope="module")
def side():
    (size,) = node("size", {})
    return size


def test_maps_are_told_by_their_share_the_place_and_the_class_with_too_much_room(side):
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    left, diagonal = (column < side // 2).astype(int), (column < row).astype(int)
    corner = left.copy()
    corner[-side // 4 :, : side // 4] = 0
    cases = {
        "Your guess and the network agree on 100% of the map.": (left, left),
        "Your guess and the network agree on 94% of the map, and differ most at the lower left. "
        "You gave class 0 too much room: 56% of the map; the network gives it 50%.": (corner, left),
    }
    found = said("map", *({"guess": a.ravel().tolist(), "found": b.ravel().tolist()} for a, b in cases.values()))
    assert found == list(cases)
    (same,) = said("map", {"guess": left.ravel().tolist(), "found": diagonal.ravel().tolist()})
    assert "You gave each class about as much room as the network does." in same
    assert f"agree on {round(100 * (left == diagonal).mean())}% of the map" in same


def test_a_line_is_continued_to_the_edges_and_parts_the_map_by_the_points_of_its_sides():
    rows = [[-2, 0, 1], [-1, 1, 1], [-1, -1, 0], [2, 0, 0], [1, 1, 0]]
    (found,) = node("regions", {"lines": [[[0, -0.5], [0, 0.5]]], "rows": rows})
    wanted = [int(place["x"] < 0) for place in found["grid"]]
    assert np.mean(np.array(found["classes"]) == wanted) > 0.97


def test_a_loop_encloses_a_region_and_several_lines_part_three_classes():
    angles = np.linspace(0, 2 * np.pi, 40)
    rings = [np.c_[r * np.cos(angles), r * np.sin(angles)].tolist() for r in (1.0, 2.0)]
    rows = [[0, 0, 0], [1.5, 0, 1], [2.6, 0, 2], [-1.5, 0, 1]]
    (found,) = node("regions", {"lines": rings, "rows": rows})
    radius = np.array([np.hypot(place["x"], place["y"]) for place in found["grid"]])
    wanted = (radius > 1).astype(int) + (radius > 2)
    assert np.mean(np.array(found["classes"]) == wanted) > 0.97


def test_a_region_without_points_has_the_class_of_the_nearest_one():
    lines = [[[-1, -1], [-1, 1]], [[1, -1], [1, 1]]]
    (found,) = node("regions", {"lines": lines, "rows": [[-2, 0, 1], [-1.5, 0, 1], [1.5, 0, 0], [-0.5, 2, 1]]})
    wanted = [int(place["x"] < 1) for place in found["grid"]]
    assert np.mean(np.array(found["classes"]) == wanted) > 0.97


def test_the_boundary_of_a_network_runs_where_its_answer_changes():
    asked = {"outputs": 1, "loss": "mse", "centers": [[0, 0, 1]]}
    several = {"outputs": 2, "loss": "cross_entropy", "centers": [[-1, 0, -1], [1, 0, -1]]}
    circle, middle = node("boundary", asked, several)
    ends = np.array([[place["x"], place["y"]] for line in circle for place in line])
    np.testing.assert_allclose(np.hypot(*ends.T), 1, atol=0.02)
    assert len(ends) > 60
    np.testing.assert_allclose([place["x"] for line in middle for place in line], 0, atol=1e-6)


def test_a_curve_is_read_and_what_is_wrong_with_it_is_said_with_the_place():
    x = np.linspace(-2.5, 2.5, 11)
    right = {
        "x^2 - 1": x**2 - 1,
        "sqrt(abs(x)) * sin(pi*x)": np.sqrt(abs(x)) * np.sin(np.pi * x),
        "exp(-x)/2": np.exp(-x) / 2,
    }
    for found, wanted in zip(
        node("curve", *({"text": text, "at": x.tolist()} for text in right)), right.values(), strict=True
    ):
        np.testing.assert_allclose(found["values"], wanted, rtol=1e-12)
    wrong = {
        "2x": ("Incomplete formula", 1),
        "x +": ("Incomplete formula", 3),
        "(x": ("Incomplete formula", 2),
        "": ("Incomplete formula", 0),
        "x + x1": ("Unknown name in formula. Use x, pi, e", 4),
        "x $ 2": ("Unexpected character", 2),
        "alert(1)": ("Unknown name", 0),
        "sqrt(x)": (
            "The formula is not finite everywhere between −3 and 3. Change it, for example to sqrt(abs(x))",
            None,
        ),
        "x^2 + 5": ("The curve lies beyond the map", None),
        "x+" * 30 + "x": ("Formula too long", None),
    }
    for found, (begins, place) in zip(
        node("curve", *({"text": text, "at": []} for text in wrong)), wrong.values(), strict=True
    ):
        assert found["words"].startswith(begins)
        assert found["place"] == place


def test_points_lie_above_or_below_the_curve_that_the_address_keeps():
    curve = {"table": "curve", "curve": "x^2 - 1", "rows": 300, "noise": 0}
    plain, noisy, bad = node("table", curve, curve | {"noise": 0.3}, curve | {"curve": "alert(1)"})
    above = [point["y"] > point["x"] ** 2 - 1 for point in plain["points"]]
    assert [point["target"] for point in plain["points"]] == above
    assert plain["again"] == "x^2 - 1"
    across = [(point["y"] > point["x"] ** 2 - 1) != point["target"] for point in noisy["points"]]
    assert 0.01 < np.mean(across) < 0.25
    assert bad["again"] == "sin(2*x)"

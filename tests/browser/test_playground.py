"""The playground in a real browser: every control used once, looked at for faults, in both languages and themes."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from safetensors.numpy import load

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def seen(browse, serve):
    """What the browser says of each view; of those in the middle, what came of the controls."""
    with serve("playground") as line:
        return browse("playground.js", line.split()[1].rstrip(";"))


@pytest.fixture(scope="module")
def used(seen):
    return [view for view in seen if "losses" in view]


def test_axe_finds_no_fault(seen):
    assert [(view["width"], view["language"], fault) for view in seen for fault in view["faults"]] == []


def test_nothing_scrolls_sideways(seen):
    assert {view["overflow"] for view in seen} == {0}


def test_nothing_is_loaded_from_elsewhere_and_nothing_complained_of(seen):
    assert [view["elsewhere"] + view["complaints"] for view in seen] == [[]] * len(seen)


def test_whoever_starts_over_sees_the_same_numbers(used):
    assert len(used) == 2
    assert all(first == again for first, again in (view["losses"] for view in used))


def test_layers_and_neurons_come_and_go(used):
    """8 and 8 neurons; 4 more behind; there 5; 7 in the first; the last layer away."""
    assert [view["links"] for view in used] == [[88, 116, 125, 115, 78]] * 2


def test_what_is_chosen_stands_in_the_address(used):
    wanted = {"table": "rings", "loss": "focal", "optimizer": "momentum", "rate": 0.1, "penalty": "l2"}
    wanted |= {
        "strength": 0.01,
        "rows": 200,
        "noise": 0.2,
        "share": 0.5,
        "batch": 8,
        "draw": 2,
        "inputs": ["x1", "x2", "x1^2"],
    }
    wanted |= {"tests": True, "discrete": True}
    for view in used:
        assert wanted.items() <= view["address"].items()
        assert {one["activation"] for one in view["address"]["hidden"]} == {"relu"}
        assert view["norm"] == "layer_norm"


def test_a_weight_is_changed_by_hand(used):
    assert [view["weight"] for view in used] == ["2.5"] * 2


def test_the_address_leads_to_the_same_page(used):
    assert all(view["again"] == view["first"] for view in used)


def test_a_table_is_pasted_and_another_one_dropped(used):
    for view in used:
        assert view["wrong"]
        assert (view["pasted"], view["opened"]) == (["own", ["a", "b", "c"]], "own")
        assert view["dialog"] == []


def test_what_is_wrong_with_a_table_does_not_touch_the_button_above(used):
    assert min(view["gap"] for view in used) >= 4


def test_columns_of_the_confusion_matrix_have_the_names_of_the_table(used):
    assert [view["heads"] for view in used] == [["a", "b", "c"]] * len(used)


def test_long_names_of_classes_leave_room_for_the_counts(used):
    assert [view["beyond"] for view in used] == [0] * len(used)


def test_program_and_weights_are_taken_along(used):
    for view in used:
        compile(view["program"], "playground.py", "exec")
        assert "epochs=1," in view["program"]
        weights = load(base64.b64decode(view["weights"]))
        assert {"1.W", "1.b", "2.gain"} <= set(weights)
        assert weights["1.b"].dtype == np.float32


@pytest.fixture(scope="module")
def slowed(seen):
    return [view for view in seen if "beats" in view]


def test_slow_motion_goes_forward_to_the_loss_and_back(slowed):
    """Inputs, three layers, the loss, three layers back, the update: with the arrow keys."""
    assert len(slowed) == 4
    for view in slowed:
        assert [beat.split("/")[0] for beat in view["beats"]] == [str(number) for number in range(1, 10)]
        assert view["alerts"] == []
        assert view["wider"] == 0


def test_of_the_explanation_of_a_step_only_formulas_are_wider_than_the_page(slowed):
    """Which can be scrolled; sentences and the arrow from the old weight to the new one fit, on a phone too."""
    assert [view["cut"] for view in slowed] == [0] * 4


def test_at_the_end_every_neuron_has_its_numbers_and_every_line_of_adam_is_there(slowed):
    """Two inputs with one number, 17 neurons with two, 8 links into the output; g, m, v, both corrections, the step."""
    for view in slowed:
        assert (view["numbers"], view["labels"], view["formulas"]) == (36, 8, 6)
        assert view["closed"]

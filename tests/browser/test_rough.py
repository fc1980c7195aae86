"""The playground in the hands of readers who are quick, make mistakes, have no mouse, or bring files of their own."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def found(browse, serve):
    with serve("playground") as line:
        return browse("rough.js", line.split()[1].rstrip(";"))


def test_nothing_is_complained_of(found):
    assert {name: one["complaints"] for name, one in found.items() if one["complaints"]} == {}


def test_an_address_that_cannot_be_read_is_said_and_changes_nothing(found):
    assert "cannot be read" in found["address"]["said"]
    assert found["address"]["kept"] == "moons"


def test_names_that_every_object_has_are_no_differences(found):
    assert found["address"]["side"] == ["", "mistake=zeros"]


def test_the_skip_link_moves_the_focus_alone(found):
    assert (found["skip"]["table"], found["skip"]["focus"]) == ("moons", "network")


def test_several_classes_that_diverge_are_said_to(found):
    assert "diverged" in found["divergence"]["said"]


def test_quick_clicks_let_one_training_go_on(found):
    late = 10  # epochs: the number is written every eighth frame
    assert found["impatience"]["epochs"] <= found["impatience"]["frames"] + late  # of two trainings: twice as many
    assert found["impatience"]["slow"]


def test_a_lesson_is_not_solved_by_the_training_before_it(found):
    assert found["lessons"]["found"] == [True] * 5


def test_a_network_can_be_taken_away_while_it_trains(found):
    assert found["side"]["counts"] == [2, 2]


def test_what_is_wrong_with_a_file_stays_to_be_read(found):
    assert found["files"]["wrong"].startswith("notes.txt: ")
    assert "Columns left out: id, c." in found["files"]["used"]
    assert found["files"]["chosen"] == ["own", 60]


def test_a_table_keeps_its_names_units_and_rows(found):
    first, other = found["columns"]["first"], found["columns"]["other"]
    assert first["axes"] == ["x₁ = wing (mm)", "x₂ = bill (mm)"]
    assert first["key"] == "sexfm"
    assert first["rows"] == "60 rows. Rows left out because of missing values in these columns: 3."
    assert first["hidden"]
    assert other["axes"] == ["x₁ = mass (g)", "x₂ = bill (mm)"]
    assert {"3000", "4000", "5000", "6000", "35"} <= set(other["ticks"])


def test_all_columns_of_a_table_can_be_inputs(found):
    found = found["columns"]["all"]
    assert found["inputs"] == ["wing (mm)", "bill (mm)", "mass (g)"]
    assert found["rows"] == "60 rows. Rows left out because of missing values in these columns: 1."
    assert found["slice"].startswith("On the map, mass (g) and bill (mm) vary; all other inputs are held at their mean")
    assert float(found["reading"][0]) == pytest.approx(2700 + 59 * 61 / 2, abs=200)  # those of a row near the middle
    assert float(found["reading"][1]) == pytest.approx(35, abs=1)
    assert found["row"].startswith("In the table: mass (g): ")
    assert found["again"] == [["mass (g)", "bill (mm)"], "kindgullskuatern"]
    assert (found["wide"], found["faults"]) == (390, [])


def test_the_table_of_the_command_line_does_not_come_over_a_link(found):
    assert (found["opened"]["table"], found["opened"]["optimizer"]) == ("own", "sgd")


def test_links_rows_epochs_and_losses_are_reached_by_keys(found):
    keys = found["keys"]
    assert keys["said"].startswith("from input x₂: ")
    assert (keys["marked"], keys["second"], keys["row"], keys["link"]) == (1, 1, "7", 1)
    there, later, again, earlier = keys["epochs"]
    assert earlier < there == again < later
    assert keys["here"][0].startswith("Loss here: ")


def test_nothing_is_said_to_be_copied_that_is_not(found):
    assert found["copying"]["marked"].startswith("http")


def test_a_far_moment_is_come_to_and_can_be_cut_short(found):
    assert "60000" in found["moments"]["said"]
    assert found["moments"]["stays"]


def test_whoever_chooses_another_table_no_longer_draws(found):
    assert found["drawing"]["seed"] == 1000000


def test_a_browser_without_vectors_says_so_and_computes_the_same(found):
    assert "no WebAssembly SIMD" in found["vectors"]["said"]
    assert found["vectors"]["losses"][0] == found["vectors"]["losses"][1]

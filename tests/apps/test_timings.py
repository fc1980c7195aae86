"""Where the seconds of ``glassnet train`` go."""

from __future__ import annotations

import pytest

from glassnet.apps.cli import main
from glassnet.apps.timings import TRAINING, Timings, seconds_of_members
from glassnet.training import History

PARTS = ["read", "examine", "encode", "fit", "evaluate", "compare"]
"""Without a report."""


def test_each_part_has_the_seconds_since_the_one_before(monkeypatch):
    clock = iter([10.0, 12.0, 15.0, 15.5, 20.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    timings = Timings()
    timings.end("read")
    timings.on_fit_begin(None)
    timings.end("fit")
    timings.end("read")
    assert timings.seconds == {"read": 2.0 + 4.5, "encode": 3.0, "fit": 0.5}
    assert timings.of_training == 3.5


def test_a_member_has_the_seconds_of_its_epochs():
    histories = [History([{"epoch": 1, "loss": 1.0, "seconds": 0.25}, {"epoch": 2, "loss": 1.0, "seconds": 0.5}])]
    assert seconds_of_members([*histories, History([{"epoch": 1, "loss": 1.0}])]) == [0.75, 0.0]


@pytest.mark.slow
def test_the_parts_of_a_training_are_shown_and_recorded(train):
    code, result, _ = train("people.csv", "--epochs", "2", "--timings")
    assert code == 0
    assert list(result["timings"]) == PARTS
    assert result["seconds"] == pytest.approx(sum(result["timings"][part] for part in TRAINING), abs=0.002)


@pytest.mark.slow
@pytest.mark.parametrize("timings", [False, True])
def test_the_table_of_seconds_is_for_those_who_ask(tables, tmp_path, capsys, timings):
    words = ["train", f"{tables}/people.csv", "--target", "came back", "--out", f"{tmp_path}/m.safetensors"]
    words += ["--epochs", "2", "--members", "2", "--preset", "mlp", "--no-compare"]
    assert main([*words, *(["--timings"] if timings else [])]) == 0
    said = capsys.readouterr().out
    assert ("train the networks" in said) is timings
    assert ("— network 2" in said) is timings
    assert ("make the report" in said) is timings

"""Who looks on while ``glassnet train`` trains: the curves, and the doctor, who speaks once of each thing."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.insight.doctor import Doctor, examination


@pytest.fixture
def dead(monkeypatch):
    """A training whose first layer is dead from the beginning, and a doctor who has all the time in the world."""
    monkeypatch.setattr(examination, "SHARE", 1000.0)
    begin = Doctor.on_train_begin

    def kill(self, run):
        run.network["1.b"][...] = -1e4
        begin(self, run)

    monkeypatch.setattr(Doctor, "on_train_begin", kill)
    return "--activation", "relu", "--epochs", "8"


@pytest.mark.slow
def test_whoever_watches_sees_every_part_of_the_training(train):
    code, result, said = train("people.csv", "--watch", "--epochs", "20", "--early-stopping", "--patience", "20")
    assert code == 0
    seen = [line for line in said.splitlines() if line.startswith("epoch ")]
    assert [int(line.split()[1]) for line in seen] == [1, *range(2, 20, 2), 20]
    assert "  validation loss " in seen[0]
    assert f"best: epoch {result['best_epoch']}, " in seen[-1]


@pytest.mark.slow
def test_the_doctor_says_in_words_what_it_finds(train, dead):
    _, _, said = train("people.csv", *dead)
    lines = said.splitlines()
    (at,) = [at for at, line in enumerate(lines) if "units are dead" in line]
    assert lines[at].startswith("doctor      ")
    assert lines[at + 1].startswith("            why: ")
    assert "            do: " in said
    assert at < next(at for at, line in enumerate(lines) if line.startswith("trained"))
    assert "glassnet: note" not in said


@pytest.mark.slow
def test_the_doctor_speaks_below_the_curves_in_the_reader_s_language(train, dead):
    _, _, said = train("people.csv", *dead, "--watch", "--language", "zh")
    lines = said.splitlines()
    (found,) = [line for line in lines if "失活" in line and line.startswith("发现：")]
    assert lines[lines.index(found) + 1].startswith("  办法：")
    assert any(line.startswith("第 1 轮，共 8 轮") for line in lines)
    assert "glassnet: note" not in said
    assert not any(line.startswith("doctor") for line in lines)


@pytest.mark.slow
def test_whoever_is_quiet_watches_nothing_and_has_no_doctor(train, dead):
    _, _, said = train("people.csv", *dead, "--watch", "--quiet")
    assert said == ""


@pytest.mark.slow
def test_of_a_divergence_there_is_one_notice(train, monkeypatch):
    look = Doctor.on_epoch_end

    def push(self, run):
        look(self, run)
        if run.epoch == 2:
            run.network["1.W"][...] = np.nan

    monkeypatch.setattr(Doctor, "on_epoch_end", push)
    _, _, said = train("people.csv", "--epochs", "6")
    assert said.count("The best weights so far are kept") == 1
    assert "diverged" not in said

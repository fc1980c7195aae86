"""A search in a file: it goes on where it ended, however it ended, and touches no file of others."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path

import optuna
import pytest
from optuna.distributions import distribution_to_json, json_to_distribution
from optuna.storages.journal import JournalFileBackend

from glassnet.errors import InputError, TrainingWarning
from glassnet.estimators.presets import TableSize, resolve
from glassnet.tuning import SPACES


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tried.search"


def test_it_goes_on_as_if_it_had_never_ended(search, tried, file):
    search(trials=3, storage=file)
    found = search(trials=6, storage=file)
    assert tried(found) == tried(search(trials=6))
    assert len({row["learning_rate"] for row in found.trials}) == 6  # none is repeated


@pytest.mark.parametrize("preset", SPACES)
def test_every_range_of_a_preset_comes_out_of_a_file_as_it_went_in(preset):
    study = optuna.create_study()
    for number in range(20):  # so many that each choice is drawn
        study.sampler = optuna.samplers.RandomSampler(seed=number)
        trial = study.ask()
        for name, values in SPACES[preset].items():
            drawn = values.suggest(trial, name)
            back = json.loads(json.dumps(drawn))
            assert (type(back), back) == (type(drawn), drawn)
            assert back in values
        for distribution in trial.distributions.values():
            assert json_to_distribution(distribution_to_json(distribution)) == distribution


@pytest.mark.slow
@pytest.mark.sample(2)
@pytest.mark.parametrize("preset", SPACES)
def test_a_search_of_every_preset_goes_on_in_a_file(search, tried, file, preset):
    options = {"preset": preset, "epochs": 1, "hidden_layers": None, "activation": None, "numeric_embedding": None}
    if preset not in ("mlp", "realmlp", "tabm"):
        options |= {"members": len(resolve(preset, {}, TableSize(120, 3))["kinds"]) or 1, "refits": None}
    search(trials=1, storage=file, **options)
    found = search(trials=3, storage=file, **options)
    assert repr(tried(found)) == repr(tried(search(trials=3, **options)))


def test_what_is_done_is_done(search, tried, file):
    first = search(trials=3, storage=file)
    size = file.stat().st_size
    again = search(trials=3, storage=str(file), random_state=None)
    assert again.trials == first.trials  # with their seconds: none was carried out again
    assert again.best_options == first.best_options
    assert file.stat().st_size == size


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9, 0.99])
def test_it_goes_on_from_whatever_a_crash_left_with_the_same_trials(search, tried, file, share):
    def complete(found):
        rows = [row for row in tried(found) if row["state"] == "complete"]
        return [{name: value for name, value in row.items() if name != "trial"} for row in rows]

    whole = search(trials=4, storage=file)
    written = file.read_bytes()
    file.write_bytes(written[: int(share * len(written))])
    found = search(trials=4, storage=file)
    assert complete(found) == complete(whole)
    assert len({row["learning_rate"] for row in complete(found)}) == 4
    assert found.default_score == whole.default_score
    assert [json.loads(line)["op_code"] for line in file.read_text().splitlines()]


@pytest.fixture
def full(monkeypatch):
    """A disk that is full after so many bytes, in the middle of a line."""
    real = JournalFileBackend.append_logs

    def fill(room):
        def append_logs(self, logs):
            before = Path(self._file_path).stat().st_size
            real(self, logs)
            if Path(self._file_path).stat().st_size > room:
                os.truncate(self._file_path, max(room, before))
                raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(JournalFileBackend, "append_logs", append_logs)

    yield fill
    monkeypatch.undo()


def test_a_full_disk_ends_no_search_and_leaves_a_file_to_go_on_from(search, tried, file, full):
    whole = search(trials=6)
    full(3_000)
    with pytest.warns(TrainingWarning, match=r"could not be written to the end \(No space left on device\)"):
        found = search(trials=6, storage=file)
    assert tried(found) == tried(whole)
    assert found.best_options == whole.best_options
    assert 0 < file.stat().st_size <= 3_000
    full(10**9)
    again = search(trials=6, storage=file)
    assert len([row for row in again.trials if row["state"] == "complete"]) == 6


def test_a_disk_that_is_full_from_the_beginning_is_an_error(search, file, full):
    full(10)
    with pytest.raises(OSError, match="No space left") as raised:
        search(storage=file)
    assert raised.value.filename == f"{file}"


def test_what_was_cut_off_is_tried_again_first(search, file):
    rows = []

    def interrupt(row):
        rows.append(row)
        if len(rows) == 2:
            raise KeyboardInterrupt

    search(trials=9, storage=file, callbacks=[interrupt], jobs=2, epochs=30)
    found = search(trials=4, storage=file, epochs=30)
    for cut in (row for row in found.trials if row["state"] == "unfinished"):
        retried = [row for row in found.trials if row["learning_rate"] == cut["learning_rate"]]
        assert retried[0]["state"] == "unfinished"
        assert retried[1]["state"] in ("complete", "pruned")
    assert sum(row["state"] != "unfinished" for row in found.trials) == 4


def test_the_seed_is_remembered(search, tried, file):
    first = search(trials=2, storage=file, random_state=None)
    again = search(trials=4, storage=file, random_state=None)
    assert tried(again)[:2] == tried(first)
    with pytest.raises(InputError, match="A resumed search must have the same `random_state`"):
        search(trials=4, storage=file, random_state=2**32 - 1)


def test_another_search_is_refused(search, file, table):
    X, y = table
    search(trials=2, storage=file)
    before = file.read_bytes()
    for arguments, name in (
        ({"X": X[::-1], "y": y[::-1]}, "X, y or sample_weight"),
        ({"scoring": "accuracy"}, "scoring"),
        ({"validation": 0.2}, "validation"),
        ({"epochs": 9}, "options"),
        ({"y": X[:, 0]}, "X, y or sample_weight"),
    ):
        with pytest.raises(InputError, match=f"A resumed search must be the same .* another `{name}`"):
            search(trials=3, storage=file, **arguments)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    ["hello", "hello\nworld\n", "{}\n", "[1, 2]\n", '{"op_code":0,"study_name":"another"}\n', "1\n" * 5000, "x" * 5000],
)
def test_a_file_of_something_else_is_left_alone(search, file, text):
    file.write_text(text)
    with pytest.raises(
        InputError,
        match=r"^The file of a search must be new, or that of an earlier search\. Received: ",
    ):
        search(storage=file)
    assert file.read_text() == text


def test_a_damaged_file_is_said_to_be_one(search, file):
    search(trials=2, storage=file)
    lines = file.read_text().splitlines()
    for damage in ("{", '{"op_code":99}', "[]"):
        file.write_text("\n".join([*lines[:4], damage, *lines[5:]]) + "\n")
        with pytest.raises(InputError, match="damaged"):
            search(trials=3, storage=file)


def test_folders_and_files_that_cannot_be(search, tmp_path):
    for path in (tmp_path, tmp_path / "none" / "tried.search"):
        with pytest.raises(InputError, match="must be in an existing folder"):
            search(storage=path)


@pytest.mark.skipif(sys.platform == "win32", reason="has no locks of this kind")
def test_one_search_at_a_time(search, file):
    errors = []

    def begin_another(row):
        with pytest.raises(InputError) as caught:
            search(storage=file)
        errors.append(str(caught.value))

    search(trials=2, storage=file, callbacks=[begin_another])
    assert len(errors) == 2
    assert errors[0].startswith("A file must be used by one search at a time.")

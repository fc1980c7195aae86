"""``--dask``, ``--shards``, folders: the same results, whoever does the work."""

from __future__ import annotations

import shutil

import pytest

import glassnet
from glassnet.apps.cli import main
from tests.apps.conftest import QUICK

SETTINGS = [word for pair in QUICK.items() for word in pair]


@pytest.fixture
def folder(tables, tmp_path):
    """Two tables of new rows."""
    for name in ("july.csv", "august.csv"):
        (tmp_path / "new").mkdir(exist_ok=True)
        shutil.copy(tables / "new.csv", tmp_path / "new" / name)
    (tmp_path / "new" / "_SUCCESS").touch()
    return tmp_path / "new"


def test_each_file_of_a_folder_has_predictions_of_its_own(classifier, tables, folder, tmp_path):
    assert main(["predict", f"{classifier}", f"{tables}/new.csv", "--out", f"{tmp_path}/one.csv"]) == 0
    assert main(["predict", f"{classifier}", f"{folder}", "--out", f"{tmp_path}/out", "--quiet"]) == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["august.csv", "july.csv"]
    assert (tmp_path / "out/july.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


@pytest.mark.slow
def test_workers_write_the_same_predictions(classifier, folder, tmp_path):
    for out, words in (("here", []), ("there", ["--dask", "local:2"])):
        assert main(["predict", f"{classifier}", f"{folder}", "--out", f"{tmp_path}/{out}", *words]) == 0
    for name in ("july.csv", "august.csv"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "-"], "Predictions of a folder need a folder"),
        (["--out", "{folder}"], "must not be a folder that is read"),
    ],
)
def test_folders_that_cannot_be_written_are_refused(classifier, folder, capsys, words, said):
    words = [word.format(folder=folder) for word in words]
    assert main(["predict", f"{classifier}", f"{folder}", *words]) == 2
    assert said in capsys.readouterr().err


def test_predictions_that_are_there_are_replaced_only_if_asked(classifier, folder, tmp_path, capsys):
    command = ["predict", f"{classifier}", f"{folder}", "--out", f"{tmp_path}/out"]
    assert [main(command), main(command), main([*command, "--force"])] == [0, 2, 0]
    assert "exists already" in capsys.readouterr().err


@pytest.mark.slow
def test_training_by_rounds_is_the_same_with_workers_and_without(tables, tmp_path):
    models = []
    for name, words in (("here", []), ("there", ["--dask", "local:2"])):
        out = tmp_path / f"{name}.safetensors"
        more = ["--shards", "2", "--local-steps", "3", "--out", f"{out}", "--no-report", *words]
        assert main(["train", f"{tables}/people.csv", "--target", "came back", *SETTINGS, *more]) == 0
        models.append(glassnet.load(out))
    here, there = models
    assert (here.network_.parameters == there.network_.parameters).all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--local-steps", "3"], "Give --shards, too"),
        (["--shards", "0"], "positive integer"),
        (["--dask", "here"], "address of a scheduler"),
        (["--dask", "local:many"], "must be counted"),
        (["--shards", "2", "--time-limit", "5"], "--shards takes no --time-limit"),
        (["--shards", "2", "--group", "city"], "--shards takes no --group"),
        (["--dask", "local:2", "--checkpoint", "run"], "--dask without --shards takes no --checkpoint"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tables, capsys, words, said):
    assert main(["train", f"{tables}/people.csv", "--target", "came back", *words]) == 2
    assert said in capsys.readouterr().err

"""A command that refuses since a file is there already prints the whole command that works, and that one works."""

from __future__ import annotations

import shlex
import shutil

import pytest

from glassnet.apps.cli import main

QUICK = ["--preset", "mlp", "--hidden-layers", "4", "--epochs", "2", "--no-compare", "--quiet"]
PEOPLE = ["people.csv", "--target", "came back", "--id", "customer_id", *QUICK]
TWICE = {
    "train": ["train", *PEOPLE],
    "a report": ["train", *PEOPLE, "--out", "again.safetensors", "--report", "our report.html"],
    "search": ["search", *PEOPLE, "--trials", "1", "--out", "found.safetensors"],
    "evaluate": ["evaluate", "model.safetensors", "people.csv", "--report", "evaluated.html"],
    "predict": ["predict", "model.safetensors", "new.csv", "--out", "predicted.csv"],
    "predict a folder": ["predict", "model.safetensors", "some tables", "--out", "some predictions"],
    "behind a separator": ["predict", "--out", "also.csv", "--", "model.safetensors", "new.csv"],
    "export": ["export", "model.safetensors", "model.py"],
    "export to C": ["export", "model.safetensors", "model.c"],
    "card": ["card", "model.safetensors"],
    "playground": ["playground", "--out", "page"],
    "book": ["book", "--language", "zh"],
    "checkpoint": ["train", *PEOPLE, "--out", "kept.safetensors", "--checkpoint", "our run"],
}


@pytest.fixture(scope="module")
def folder(tables, tmp_path_factory):
    here = tmp_path_factory.mktemp("twice")
    (here / "some tables").mkdir()
    for name, copy in (("people.csv", "people.csv"), ("new.csv", "new.csv"), ("new.csv", "some tables/new.csv")):
        shutil.copy(tables / name, here / copy)
    return here


@pytest.mark.slow
@pytest.mark.parametrize("name", TWICE)
def test_the_command_that_is_printed_works(name, folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    if name != "train" and not (folder / "model.safetensors").exists():
        assert main(TWICE["train"]) == 0
    assert main(TWICE[name]) == 0
    capsys.readouterr()
    assert main(TWICE[name]) == 2
    program, *words = shlex.split(capsys.readouterr().err.splitlines()[-1])
    assert program == "glassnet"
    assert set(TWICE[name]) < set(words)
    assert main(words) == 0


@pytest.mark.slow
def test_no_two_commands_write_the_same_file_by_themselves(folder, monkeypatch):
    """A report and a page of the same model, a card, and what stands beside exports."""
    monkeypatch.chdir(folder)
    assert main(["train", *PEOPLE, "--out", "x.safetensors"]) == 0
    for ending in ("html", "py", "c"):
        assert main(["export", "x.safetensors", f"x.{ending}"]) == 0
    assert main(["card", "x.safetensors"]) == 0
    assert (folder / "x.report.html").read_bytes() != (folder / "x.html").read_bytes()


def test_a_model_and_a_table_in_each_others_place_are_told_apart(tmp_path, capsys):
    (tmp_path / "new.csv").write_text("a\n1\n")
    assert main(["predict", str(tmp_path / "new.csv"), "model.safetensors"]) == 2
    assert "The first file must be a model. Received: new.csv. Write the model's file first" in capsys.readouterr().err


def test_no_command_is_advised_that_must_fail(tmp_path, capsys):
    (tmp_path / "model.safetensors").write_bytes(b"kept")
    typed = ["train", str(tmp_path / "payment.csv"), "--target", "y", "--out", str(tmp_path / "model.safetensors")]
    assert main(typed) != 0
    said = capsys.readouterr().err
    assert "There is no such file" in said
    assert "--force" not in said

"""Rows are counted alike by every command, and nothing that they say is wider than 80 columns."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from rich.cells import cell_len

from glassnet.apps.cli import main
from tests.apps.conftest import write_rows

HEAD = ["age", "city", "patient", "came back"]
ROWS, GAPS = 200, 23
TRAIN = ["train", "{}/t.csv", "--target", "came back", "--group", "patient", "--out", "{}/m.safetensors", "--force"]
QUICK = ["--preset", "mlp", "--hidden-layers", "8,dropout:0.1,gelu:16,layer_norm", "--epochs", "3"]
MODEL = ["{}/m.safetensors", "{}/t.csv"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table with groups, of which some rows have no target, and a model that was trained on it."""
    folder, rng = tmp_path_factory.mktemp("rows"), np.random.default_rng(1)
    ages, cities = rng.integers(18, 80, ROWS), rng.choice(["Ulm", "Graz"], ROWS)
    came = np.where(ages + rng.normal(0, 10, ROWS) > 50, "yes", "no")
    came[rng.choice(ROWS, GAPS, replace=False)] = ""
    patients = [f"p{number // 4}" for number in range(ROWS)]
    write_rows(folder / "t.csv", HEAD, zip(ages, cities, patients, came, strict=True))
    assert main([*_filled([*TRAIN, *QUICK], folder), "--quiet"]) == 0
    return folder


def _filled(words, folder):
    return [word.format(folder) for word in words]


def _said(words, folder, capsys):
    assert main(_filled(words, folder)) == 0
    said = capsys.readouterr()
    return said.err + said.out


@pytest.mark.slow
def test_every_command_counts_the_rows_alike(folder, capsys):
    trained = json.loads(_said([*TRAIN, *QUICK, "--json", "--quiet"], folder, capsys))["rows"]
    assert trained["training"] + trained["test"] == ROWS - GAPS
    assert trained["without target"] == GAPS
    parts = f"{trained['training']} for training, {trained['test']} for testing, {GAPS} dropped (no target)"
    assert parts in _said([*TRAIN, *QUICK], folder, capsys)
    assert parts in _said(["doctor", *MODEL], folder, capsys)
    assert f"{ROWS - GAPS} scored, {GAPS} dropped (no target)" in _said(["evaluate", *MODEL], folder, capsys)
    predicted = _said(["predict", *MODEL, "--out", "{}/p.csv", "--force"], folder, capsys)
    assert f"{ROWS} predictions" in predicted
    page = re.sub("<[^>]+>", " ", (folder / "m.report.html").read_text())
    for count in (trained["training"], trained["test"]):
        assert f"{count} rows" in page
    assert f"{GAPS} rows without a target" in page
    _said(["card", MODEL[0], "--force"], folder, capsys)
    card = (folder / "m.md").read_text()
    assert f"trained on {trained['training']} rows" in card
    assert f"On {trained['test']} rows" in card


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "words",
    [[*TRAIN, *QUICK], ["inspect", MODEL[0]], ["evaluate", *MODEL], ["explain", *MODEL], ["doctor", *MODEL]],
    ids=lambda words: words[0],
)
def test_nothing_is_wider_than_80_columns(words, language, folder, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = _said([*words, "--language", language], folder, capsys)
    assert said
    assert [line for line in said.splitlines() if cell_len(line) > 80 and f"{folder}" not in line] == []

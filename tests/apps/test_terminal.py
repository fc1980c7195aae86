"""Nothing that others have written is obeyed by the terminal: names of columns, levels, files, what is wrong."""

from __future__ import annotations

import io
import json
import re

import numpy as np
import pytest

from glassnet.apps.cli import main
from glassnet.apps.console import console
from tests.apps.conftest import write_rows

RED, TITLE, EIGHT_BIT, TURNED = "\x1b[31m", "\x1b]0;owned\x07", "\x9b2J", "\u202e"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
HEAD = [f"{RED}age", f"{TITLE}city", f"pa{TURNED}id", f"{EIGHT_BIT}came back"]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A folder with a table whose names and texts are commands to a terminal, and a model that was trained on it."""
    folder = tmp_path_factory.mktemp("hostile")
    rng = np.random.default_rng(0)
    ages, cities = rng.integers(18, 80, 120), rng.choice([f"{RED}Ulm", "Graz\rBern"], 120)
    rows = [[age, city, age, f"{RED}yes" if age > 50 else "no"] for age, city in zip(ages, cities, strict=True)]
    write_rows(folder / f"t{RED}.csv", HEAD, rows)
    assert main([word.format(folder=folder) for word in [*TRAIN, "--quiet"]]) == 0
    return folder


TABLE = "{folder}/t\x1b[31m.csv"
MODEL = "{folder}/m.safetensors"
TRAIN = ["train", TABLE, "--target", HEAD[3], "--out", MODEL, "--preset", "mlp", "--hidden-layers", "4"]
TRAIN += ["--epochs", "2", "--force"]


@pytest.mark.parametrize(
    "words",
    [
        TRAIN,
        ["inspect", MODEL],
        ["inspect", MODEL, "--json"],
        ["evaluate", MODEL, TABLE],
        ["explain", MODEL, TABLE],
        ["doctor", MODEL, TABLE],
        ["doctor", MODEL, TABLE, "--language", "zh"],
        ["card", MODEL, "--force"],
        ["train", TABLE, "--target", f"{RED}none"],
        ["train", f"{RED}none.csv", "--target", "y"],
        ["predict", MODEL, TABLE, f"--{RED}"],
        [f"{RED}"],
        ["inspect", "--debug", f"{RED}none.safetensors"],
    ],
    ids=lambda words: " ".join(word for word in words if word.isalpha()),
)
def test_no_command_lets_it_through(words, hostile, capsys):
    main([word.format(folder=hostile) for word in words])
    said = capsys.readouterr()
    assert said.out + said.err
    assert OBEYED.findall(said.out + said.err) == []


def test_json_still_has_the_names_as_they_are(hostile, capsys):
    assert main(["inspect", f"{hostile}/m.safetensors", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [column["name"] for column in record["columns"]] == HEAD[:3]


def test_colours_of_our_own_are_obeyed(monkeypatch):
    from rich.text import Text

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = io.StringIO()
    console(shown).print(Text(f"{EIGHT_BIT}age", style="bold"))
    assert shown.getvalue() == "\x1b[1m\\x9b2Jage\x1b[0m\n"

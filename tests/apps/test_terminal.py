"""Nothing that others have written is obeyed by the terminal: names of columns, levels, files, what is wrong."""

from __future__ import annotations

import io
import json
import re

import numpy as np
import pytest
from rich.cells import cell_len

from glassnet.apps.cli import main
from glassnet.apps.console import Output, console, text_table
from tests.apps.conftest import write_rows

RED, TITLE, EIGHT_BIT, TURNED = "\x1b[31m", "\x1b]0;owned\x07", "\x9b2J", "\u202e"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
HEAD = [f"{RED}age", f"{TITLE}city", f"pa{TURNED}\u200fid", f"{EIGHT_BIT}came back"]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A folder with a table whose names and texts are commands to a terminal, and a model that was trained on it."""
    folder = tmp_path_factory.mktemp("hostile")
    rng = np.random.default_rng(0)
    ages, cities = rng.integers(18, 80, 120), rng.choice([f"{RED}Ulm", "Graz\rBern"], 120)
    rows = [[age, city, age, f"{RED}yes" if age > 50 else "no"] for age, city in zip(ages, cities, strict=True)]
    write_rows(folder / f"t{RED}\udcff.csv", HEAD, rows)
    assert main([word.format(folder=folder) for word in [*TRAIN, "--quiet"]]) == 0
    return folder


TABLE = "{folder}/t\x1b[31m\udcff.csv"  # with a byte that is no UTF-8
MODEL = "{folder}/m.safetensors"
TRAIN = ["train", TABLE, "--target", HEAD[3], "--out", MODEL, "--preset", "mlp", "--hidden-layers", "4"]
TRAIN += ["--epochs", "2", "--force"]


@pytest.mark.slow
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


@pytest.mark.slow
def test_json_still_has_the_names_as_they_are(hostile, capsys):
    assert main(["inspect", f"{hostile}/m.safetensors", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [column["name"] for column in record["columns"]] == HEAD[:3]


def test_what_is_spelled_out_has_room(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "60")
    names = [f"{RED}word{number}" for number in range(12)]
    output = Output()
    output.show_line("table", " ".join(names))
    output.show(text_table(["name", "kind"], [[name, f"{TITLE}kind"] for name in names]))
    said = capsys.readouterr().out
    assert said.count("kind") == 13
    for name in names:
        assert said.split().count(rf"\x1b[31m{name.removeprefix(RED)}") == 2
    assert max(map(len, said.splitlines())) <= 60


def test_no_number_loses_a_digit_where_the_terminal_is_narrow(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "20")
    Output().show(
        text_table(["rows", "balanced accuracy", "log loss"], [["the most frequent class", "57.35%", "0.6344"]])
    )
    said = capsys.readouterr().out.split()
    assert {"balanced", "accuracy", "57.35%", "0.6344", "frequent"} <= {*said}


def test_chinese_words_of_a_table_are_broken_where_the_terminal_ends(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    Output().show(
        text_table(
            ["列", "输入数", "编码方式"],
            [["age", "2", "减中位数、除以四分位距、平滑限制、标记缺失并填入"]],
            words=(0, 2),
        )
    )
    said = capsys.readouterr().out
    assert max(map(cell_len, said.splitlines())) <= 40
    assert "编码方式" in said


@pytest.mark.parametrize("terminal", [True, False])
def test_predictions_reach_a_terminal_spelled_out_and_a_pipe_as_they_are(terminal, hostile, monkeypatch):
    shown = io.BytesIO()
    shown.isatty = lambda: terminal
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(shown, "utf-8"))
    assert main([word.format(folder=hostile) for word in ["predict", MODEL, TABLE]]) == 0
    said = shown.getvalue().decode()
    assert (OBEYED.findall(said) == []) is terminal
    assert (r"\x1b[31myes" if terminal else f"{RED}yes") in said


def test_colours_of_our_own_are_obeyed(monkeypatch):
    from rich.text import Text

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = io.StringIO()
    console(shown).print(Text(f"{EIGHT_BIT}age", style="bold"))
    assert shown.getvalue() == "\x1b[1m\\x9b2Jage\x1b[0m\n"

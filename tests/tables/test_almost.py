"""Columns of text that are almost numbers: said aloud in the terminal, by the doctor and in the report."""

from __future__ import annotations

import polars as pl
import pytest

from glassnet import NeuralRegressor
from glassnet.apps.console import Output
from glassnet.apps.findings import say_columns
from glassnet.apps.labelled import Roles, read_labelled
from glassnet.insight.report.columns import Columns
from glassnet.insight.report.sections import data
from glassnet.tables.almost import AlmostNumbers, almost_numbers

NUMBERS = [str(number) for number in range(20, 58)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([*NUMBERS, "n/a", "n/a"], AlmostNumbers("x", 0.95, ("n/a",), 1)),
        ([*(f"{number},5" for number in NUMBERS), "12 (est.)", None], AlmostNumbers("x", 38 / 39, ("12 (est.)",), 1)),
        ([*NUMBERS, *"abcd"], AlmostNumbers("x", 38 / 42, ("a", "b", "c"), 4)),
        (NUMBERS, None),
        ([*NUMBERS, *["n/a"] * 5], None),  # 88 %
        ([*NUMBERS, "01067", "00123"], None),  # codes
        ([*["1", "2", "3"] * 20, "x"], None),  # three numbers are categories
        ([], None),
    ],
)
def test_nine_of_ten_cells_are_numbers(cells, expected):
    assert almost_numbers("x", cells) == expected


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("almost") / "people.csv"
    rows = [f"{age},{number % 7}" for number, age in enumerate([*NUMBERS, "n/a", "n/a"])]
    path.write_text("\n".join(["age,y", *rows]) + "\n")
    return read_labelled(path, Roles("y")), path


def test_the_terminal_says_it(table, capsys):
    say_columns(Output(), table[1], table[0])
    said = " ".join(capsys.readouterr().err.split())
    assert "age: 95.0% of its cells are numbers, and it is text because of 'n/a'" in said
    assert "--missing" in said


def test_the_doctor_and_the_report_say_it(table):
    X, y = table[0].X, table[0].y.to_numpy()
    model = NeuralRegressor(preset="mlp", hidden_layers=(2,), epochs=1, random_state=0).fit(X, y)
    (finding,) = (finding for finding in model.diagnose(X, language="en") if finding.kind == "almost_numbers")
    assert finding.severity == "warning"
    assert finding.evidence["which"] == "age"
    assert "95.0% of its cells are numbers; it is spoilt by 'n/a'" in finding.what
    (column,) = Columns.of(X, model.encoder_.plan)
    assert column.almost_numbers == AlmostNumbers("age", 0.95, ("n/a",), 1)
    assert data.ALMOST.en.startswith("{name} is text")
    clean = pl.DataFrame({"age": [*map(int, NUMBERS), None, None]})
    model.fit(clean, y)
    assert "almost_numbers" not in {finding.kind for finding in model.diagnose(clean, language="en")}

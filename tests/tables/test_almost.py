"""Columns of text that are almost numbers."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from glassnet import NeuralRegressor
from glassnet.apps.console import Output
from glassnet.apps.labelled import Roles, as_numbers, read_labelled
from glassnet.apps.table_messages import findings_of_target, say_target
from glassnet.errors import InputError
from glassnet.insight.doctor.table_checks import almost
from glassnet.tables.almost_numbers import AlmostNumbers, almost_numbers
from glassnet.tables.column_issues import column_issues

NUMBERS = [str(number) for number in range(20, 58)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([*NUMBERS, "n/a", "n/a"], AlmostNumbers("x", 0.95, ("n/a",), 1)),
        ([*(f"{number},5" for number in NUMBERS), "about 12", None], AlmostNumbers("x", 38 / 39, ("about 12",), 1)),
        ([*NUMBERS, *"abcd"], AlmostNumbers("x", 38 / 42, ("a", "b", "c", "d"), 4)),
        (NUMBERS, None),
        ([*NUMBERS, *["old"] * 5], None),  # 88 %
        ([*NUMBERS, *["n/a"] * 5, "k.A.", "-"], AlmostNumbers("x", 38 / 45, ("n/a", "k.A.", "-"), 3)),
        ([*NUMBERS, "12 (est.)"], AlmostNumbers("x", 1.0, (), 0, ("… (est.)",))),
        ([*NUMBERS, "01067", "00123"], None),  # codes
        ([*["1", "2", "3"] * 20, "x"], None),  # three numbers are categories
        ([], None),
    ],
)
def test_nine_of_ten_cells_are_numbers(cells, expected):
    assert almost_numbers("x", cells) == expected


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("${:,}.60", "$…"), ("{}.525,60 €", "… €"), ("￥{}25.60", "￥…"), ("{}.5 kg", "… kg"), ("{}.06-", "…-"),
        ("{}475k", "…k"), ("({},234.50)", "(…)"), ("-${}", "-$…"), ("\u2212{}.5", "\u2212…"), ("CHF {}", "CHF …"),
    ],
)  # fmt: skip
def test_what_stands_around_numbers_is_said(written, form):
    cells = [written.format(number) for number in range(20, 58)]
    assert almost_numbers("x", cells) == AlmostNumbers("x", 1.0, (), 0, (form,))
    assert almost_numbers("x", [*cells, *NUMBERS[:9]]).forms == (form,)


@pytest.mark.parametrize(
    "cells",
    [
        [f"{day}/1/2021 3:01 PM" for day in range(1, 13)],
        [f"{day} Jan 2021" for day in range(1, 29)],
        [f"Mon, {day}. März 2021 15:01" for day in range(1, 29)],
        [f"January {day}, 2021" for day in range(1, 29)],
        [f"2021-01-{day}{'T10:00:00Z' * (day % 2)}" for day in range(10, 28)],
        [*(f"{day}/01/2021" for day in range(10, 28)), *(f"01/{day}/2021" for day in range(10, 28))],
    ],
)
def test_dates_in_a_form_that_is_not_read_are_said(cells):
    found = almost_numbers("x", cells)
    assert (found.share, found.dates, found.forms[0]) == (1.0, True, cells[0])


def test_dates_spoilt_by_other_cells_are_said():
    cells = [*(f"2021-01-{day}" for day in range(10, 30)), "soon"]
    assert almost_numbers("x", cells) == AlmostNumbers("x", 20 / 21, ("soon",), 1, (), dates=True)
    assert almost_numbers("x", cells[:-1]) is None


@pytest.mark.parametrize(
    "cells",
    [
        [f"A{number}" for number in range(50)],
        [f"{row}{seat}" for row in range(1, 30) for seat in "ABCDEF"],
        [f"{number}_city" for number in range(40)],
        [f"{number} {street}" for number, street in enumerate(["Main St", "High St", "Park Av", "Mill Ln"] * 9)],
        [f"2021-Q{number % 4}-{number}" for number in range(40)],
        [f"{number:05d}" for number in range(40)],
    ],
)
def test_codes_are_no_numbers(cells):
    assert almost_numbers("x", cells) is None


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    file = tmp_path_factory.mktemp("prices") / "prices.csv"
    file.write_text("x,price\n" + "".join(f"{number},$5{number}.60\n" for number in range(10, 40)))
    return read_labelled(file, Roles("price"))


def test_a_target_of_marked_numbers_is_no_set_of_classes_unless_somebody_says_so(prices, capsys):
    noticed = findings_of_target("price", prices)
    with pytest.raises(
        InputError, match=r"classes or numbers.*such as '\$510.60'.*Write only the numbers.*--task classif"
    ):
        say_target(Output(), "price", prices, None, noticed)
    assert say_target(Output(), "price", prices, "classification", noticed) == "classification"
    assert "'$…'" in " ".join(capsys.readouterr().err.split())
    with pytest.raises(InputError, match="must be numbers.*Write only the numbers"):
        as_numbers(prices.y)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("almost") / "people.csv"
    rows = [f"{age},{number % 7}" for number, age in enumerate([*NUMBERS, "unknown", "unknown"])]
    path.write_text("\n".join(["age,y", *rows]) + "\n")
    return read_labelled(path, Roles("y")), path


def test_the_doctor_says_it(table):
    X, y = table[0].X, table[0].y.to_numpy()
    model = NeuralRegressor(preset="mlp", hidden_layers=(2,), epochs=1, random_state=0).fit(X, y)
    (finding,) = (finding for finding in model.diagnose(X, language="en") if finding.kind == "almost_numbers")
    assert finding.severity == "warning"
    assert finding.evidence["which"] == "age"
    assert "95.0% of its cells are numbers; the exceptions are 'unknown'" in finding.what
    assert "--missing unknown" in finding.remedy
    clean = pl.DataFrame({"age": [*map(int, NUMBERS), None, None]})
    model.fit(clean, y)
    assert "almost_numbers" not in {finding.kind for finding in model.diagnose(clean, language="en")}


def test_the_doctor_names_the_option_that_reads_short_years():
    found = almost(AlmostNumbers("day", 1.0, (), 0, ("29/01/24",), dates=True))
    assert found.what == "'day' is text, but 100.0% of its cells are dates, written '29/01/24'"
    assert "each date is a separate category" in found.reason
    assert "--date-format dmy" in found.remedy
    assert "--date-format dmy" in found.spoken("zh").remedy


@pytest.mark.parametrize("dates", [True, False])
def test_the_doctor_names_the_option_for_exceptions_beside_another_form(dates):
    found = almost(AlmostNumbers("day", 0.95, ("k. A.",), 1, ("29/01/24",) if dates else ("$…",), dates=dates))
    for language in ("en", "zh"):
        assert "--missing 'k. A.'" in found.spoken(language).remedy


@pytest.mark.parametrize("form", ["{},5", "{}.5 %", "1,{}.5"])
def test_numbers_that_pandas_leaves_as_text_are_named(form):
    cells = [form.format(number) for number in range(200, 230)]
    (issue,) = column_issues(pd.DataFrame({"sum": cells}))
    found = almost(issue.figures["found"])
    assert found.what == "'sum' is text, but all of its cells are numbers, with a comma or a percent sign"
    assert "decimal=','" in found.remedy


def test_codes_with_points_are_left_alone():
    assert almost_numbers("version", [f"{number}.5" for number in range(30)]) is None

"""An explanation as it is read: sentences, tables, pictures."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest

from glassnet import Explanation
from glassnet.errors import InputError, InputTypeError
from tests.insight.people import PEOPLE, model_of, regressor

CENSUS = Explanation(
    columns=("age", "education", "capital_gain", "hours", "sex"),
    contributions=np.array([[-0.07, 0.21, 0.18, 0.002, 0.0], [0.3, -0.05, 0.0, 0.0, -0.004], [0.0] * 5]),
    base=np.array([0.51, 0.4, 0.7]),
    value=np.array([0.83, 0.65, 0.7]),
    kind="probability",
    scale=np.ones(3),
    answers=[">50K", "<=50K", "<=50K"],
    target="income",
    cells=[
        [23, 61.0, 40],
        ["Masters", "11th", "11th"],
        [15024.0, 0.0, 0.0],
        [40.5, None, 3],
        ["Female", "Male", None],
    ],
)
RENT = Explanation(
    columns=("area", "heating", "面积", "free from"),
    contributions=np.array([[-520.4, 80.2, 0.0, 12.0], [1200.6, -61.2, 9.0, 0.4]]),
    base=np.array([1400.0, 10_000.0]),
    value=np.array([971.8, 11_149.3]),
    kind="number",
    scale=np.array([250.0, 250.0]),
    answers=None,
    target=None,
    cells=[[29, 167.5], [None, "heat pump"], [1, 2], [datetime.date(2024, 1, 22), datetime.datetime(2024, 5, 1, 12)]],
)


def test_a_class_in_words():
    assert CENSUS.words(0) == (
        "income: >50K with probability 0.83 rather than 0.51, mostly because education is Masters (+0.21) and "
        "capital_gain is 15,024 (+0.18), although age is 23 (−0.07)"
    )
    assert CENSUS.words(1) == (
        "income: <=50K with probability 0.65 rather than 0.40, mostly because age is 61 (+0.30), "
        "although education is 11th (−0.05)"
    )
    assert CENSUS.words(2) == "income: <=50K with probability 0.70; no column changes much"


def test_a_class_in_chinese_words():
    assert CENSUS.words(0, language="zh") == (
        "income：>50K，概率 0.83，而不是 0.51，主要因为 education 为 Masters（+0.21）、"
        "capital_gain 为 15,024（+0.18）；起相反作用的是 age 为 23（−0.07）"
    )
    assert CENSUS.words(2, language="zh") == "income：<=50K，概率 0.70；没有哪一列起多大作用"


def test_a_class_that_the_row_speaks_against_is_explained_by_what_lowers_it():
    """The most probable class stays the answer, but less so than where nothing is known."""
    less = replace(CENSUS, base=np.array([0.6, 0.7, 0.7]), contributions=-CENSUS.contributions)
    assert less.words(1) == (
        "income: <=50K with probability 0.65 rather than 0.70, mostly because age is 61 (−0.30), "
        "although education is 11th (+0.05)"
    )


def test_a_number_in_words_is_higher_or_lower():
    """Reasons are what moves it the way it went: down in the first row, up in the second."""
    assert RENT.words(0) == (
        "972 rather than 1400, mostly because area is 29 (−520), although heating is missing (+80) "
        "and free from is 2024-01-22 (+12)"
    )
    assert RENT.words(1) == (
        "11,149 rather than 10,000, mostly because area is 167.5 (+1201) and 面积 is 2 (+9), "
        "although heating is heat pump (−61)"
    )


def test_between_chinese_words_there_is_no_space():
    assert RENT.words(1, language="zh") == (
        "11,149，而不是 10,000，主要因为 area 为 167.5（+1201）、面积为 2（+9）；"
        "起相反作用的是 heating 为 heat pump（−61）"
    )


def test_so_many_columns_are_named_as_are_asked_for():
    assert (
        CENSUS.words(0, most=1)
        == "income: >50K with probability 0.83 rather than 0.51, mostly because education is Masters (+0.21)"
    )
    assert "age" in CENSUS.words(0, most=3)


def test_printed_it_has_a_line_for_each_row():
    lines = str(CENSUS).splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["row 0", "row 1", "row 2"]
    assert lines[2] == "row 2: income: <=50K with probability 0.70; no column changes much"
    assert CENSUS.in_words("zh").startswith("第 0 行：income")
    whole = str(model_of("yes or no").explain(PEOPLE.polars()))
    assert whole.splitlines()[-1] == "... and 110 more rows"
    assert not str(model_of("yes or no").explain(PEOPLE.polars()[:1])).startswith("row")


def test_the_target_is_named_where_the_model_remembers_it():
    model = model_of("yes or no")
    assert model.explain(PEOPLE.polars()[:1]).target is None
    model.notes_ = {"target": "came back"}
    try:
        assert model.explain(PEOPLE.polars()[:1]).words().startswith("came back: ")
    finally:
        model.notes_ = {}
    assert model_of("answers").explain(PEOPLE.polars()[:1], output=2).words().startswith("y[2]: 1 with probability 0.")


def test_rows_and_languages_that_are_none_are_refused():
    for row in (3, -1, "0", True):
        with pytest.raises((InputError, InputTypeError), match="`row` must be an integer from 0 to 2. Received: "):
            CENSUS.words(row)
        with pytest.raises((InputError, InputTypeError), match="`row` must be an integer from 0 to 2"):
            CENSUS.plot(row)
    with pytest.raises((InputError, InputTypeError), match="`language` must be one of: en, zh"):
        CENSUS.words(0, language="fr")


def test_as_a_table_of_the_library_that_the_rows_came_from():
    import pandas as pd
    import polars as pl

    model = model_of("yes or no")
    for X, library in ((PEOPLE.polars(), pl.DataFrame), (PEOPLE.pandas(), pd.DataFrame)):
        found = model.explain(X)
        frame = found.to_frame()
        assert isinstance(frame, library)
        assert list(frame.columns) == ["(answer)", "(value)", "(base)", "(gap)", *found.columns]
        np.testing.assert_array_equal(frame[list(found.columns)].to_numpy(), found.contributions)
        assert list(frame["(answer)"]) == found.answers
    assert list(RENT.to_frame().columns)[:2] == ["(value)", "(base)"]


def test_cells_are_those_of_the_table():
    found = model_of("yes or no").explain(PEOPLE.pandas())
    assert found.cells[found.columns.index("since")][0] == PEOPLE.columns["since"][0].__class__(
        *PEOPLE.columns["since"][0].timetuple()[:3]
    ) or str(found.cells[found.columns.index("since")][0]).startswith(str(PEOPLE.columns["since"][0]))
    cities = found.cells[found.columns.index("city")]
    assert cities == PEOPLE.columns["city"]
    moments = np.array([["2024-01-01"], ["2024-03-01"]], dtype="datetime64[ns]")
    dates = regressor(epochs=1).fit(moments, [0.0, 1.0]).explain(moments)
    assert dates.cells == [[datetime.datetime(2024, 1, 1), datetime.datetime(2024, 3, 1)]]


def test_a_picture_has_a_bar_for_each_column(monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    axes = CENSUS.plot(0)
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == [0.21, 0.18, -0.07, 0.002, 0.0]
    assert [label.get_text() for label in axes.get_yticklabels()][:2] == ["education: Masters", "capital_gain: 15,024"]
    assert axes.yaxis_inverted()  # the first is on top
    assert [text.get_text() for text in axes.texts] == ["+0.21", "+0.18", "−0.07", "0.00", "0.00"]
    assert axes.get_title() == "income: >50K with probability 0.83 rather than 0.51"
    plt.close("all")
    own = plt.figure().subplots()
    assert CENSUS.plot(1, ax=own, most=2) is own
    assert len(own.patches) == 2
    assert own.get_xlabel() == "contribution"
    with pytest.raises(InputError, match="`most` of Explanation.plot must be a positive integer. Received: 0"):
        CENSUS.plot(0, most=0)
    plt.close("all")


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(
        ImportError, match='Drawing needs matplotlib. Install it with: pip install "glassnet\\[plot\\]"'
    ):
        CENSUS.plot()

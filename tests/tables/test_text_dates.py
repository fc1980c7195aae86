"""Columns of text in frames and arrays that are dates are read as the same cells of a file are."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from glassnet import NeuralRegressor, TableEncoder
from glassnet.errors import InputError
from glassnet.tables.fit_statistics import FitStatistics
from glassnet.tables.opened_table import open_table
from glassnet.tables.reading.readers import read_table
from glassnet.tables.text_dates import with_dates

ROWS = 60
DAYS = [f"2024-{1 + row % 12:02}-{1 + row * 7 % 28:02}" for row in range(ROWS)]
CELLS = {
    "date": DAYS,
    "german": [f"{1 + row * 7 % 28}.{1 + row % 12}.{1990 + row}" for row in range(ROWS)],
    "day first": [f"{1 + row * 7 % 28:02}/{1 + row % 12:02}/2024" for row in range(ROWS)],
    "moment": [f"{day} {row % 24}:{row % 60:02}" for row, day in enumerate(DAYS)],
    "zoned": [f"{day}T{row % 24:02}:{row % 60:02}:09.125+02:00" for row, day in enumerate(DAYS)],
    "zulu": [f"{day}T{row % 24:02}:00:00Z" for row, day in enumerate(DAYS)],
    "clock": [f"{row % 24}:{row % 60:02}" for row in range(ROWS)],
    "gaps": [None if row % 5 == 0 else day for row, day in enumerate(DAYS)],
    "nearly": [*DAYS[1:], "soon"],
    "no day": ["2024-02-30", *DAYS[1:]],
    "year": [f"{1990 + row}" for row in range(ROWS)],
    "town": [f"town {row % 3}" for row in range(ROWS)],
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "table.csv"
    pd.DataFrame(CELLS).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "read",
    [
        pd.read_csv,
        lambda path: pd.read_csv(path, dtype=object),
        lambda path: pl.from_pandas(pd.read_csv(path)),
        lambda path: pa.Table.from_pandas(pd.read_csv(path)),
    ],
    ids=["pandas", "objects", "polars", "arrow"],
)
def test_a_frame_of_text_gives_the_encoder_and_the_matrix_of_the_file(file, read):
    # numbers as text stay text in frames: they may be codes
    frame, cells = read_table(file).drop("year"), read(file)
    cells = cells.drop_columns(["year"]) if isinstance(cells, pa.Table) else cells[[*frame.columns]]
    by_file, by_frame = TableEncoder().fit(frame), TableEncoder().fit(cells)
    (mine, arrays), (its, others) = by_file.to_state(), by_frame.to_state()
    assert mine == its
    assert all(np.array_equal(array, others[name]) for name, array in arrays.items())
    assert by_frame.notation.dates == "dmy"
    assert by_file.transform(frame).tobytes() == by_frame.transform(cells).tobytes()


def test_an_array_of_objects_has_dates():
    cells = np.array([DAYS, CELLS["gaps"], CELLS["town"]], dtype=object).T
    assert TableEncoder().fit(cells).plan.kinds == ("date", "date", "category")


def test_what_is_no_date_in_one_cell_stays_a_category():
    plan = TableEncoder().fit(pd.DataFrame(CELLS)[["nearly", "no day", "year"]]).plan
    assert plan.kinds == ("category", "category", "category")


@pytest.mark.parametrize(
    "frame", [pd.DataFrame({"day": DAYS}, dtype="category"), pl.DataFrame({"day": DAYS}).cast(pl.Categorical)]
)
def test_a_category_of_the_frame_stays_one(frame):
    assert TableEncoder().fit(frame).plan.kinds == ("category",)


def test_a_column_named_as_text_stays_text():
    frame = pd.DataFrame({"day": DAYS, "other": DAYS})
    assert TableEncoder(free_text=["day"]).fit(frame).plan.described_kinds == ("text", "date")


def test_gaps_are_those_of_files():
    table = with_dates(open_table(pl.DataFrame({"day": ["NA", " 1970-01-02 ", "", None]})))
    assert np.isnan(table.column(0).data).tolist() == [True, False, True, True]


def test_another_column_tells_what_comes_first():
    table = with_dates(open_table([["03/04/2024", "13/04/2024"]]))
    assert table.column(0).data.tolist() == [np.datetime64("2024-04-03", "us").astype(float)]


@pytest.mark.parametrize("row", [["03/04/2024"], ["13/04/2024", "04/13/2024"]], ids=["either", "both"])
def test_an_open_order_of_day_and_month_is_refused(row):
    with pytest.raises(InputError, match="day and month.*'04/13/2024'|which can mean both"):
        TableEncoder().fit(pd.DataFrame([row]))


def test_only_the_first_cell_of_other_text_is_looked_at():
    class Cells(list):
        taken = 0

        def __iter__(self):
            for cell in super().__iter__():
                self.taken += 1
                yield cell

    table, cells = open_table(pd.DataFrame({"town": ["Ulm"] * 1000, "n": 1})), Cells(["Ulm"] * 1000)
    object.__setattr__(table.column(0), "data", cells)
    with_dates(table)
    assert cells.taken < 50


@pytest.mark.parametrize("merged", [False, True])
def test_pieces_give_the_encoder_of_the_whole_table(merged):
    frame = pd.DataFrame(CELLS).assign(late=[None] * 50 + DAYS[50:]).drop(columns=["zoned", "zulu"])
    statistics = FitStatistics(quantiles=False)
    for start in range(0, ROWS, 20):
        piece = frame[start : start + 20].reset_index(drop=True), np.ones(20)
        other = FitStatistics(quantiles=False) if merged else statistics
        other.add(*piece)
        if merged:
            statistics.merge(other)
    whole, encoder = TableEncoder().fit(frame), TableEncoder().fit_survey(statistics)
    assert encoder == whole
    assert encoder.plan.kinds[:3] == ("date", "date", "date")
    assert encoder.plan.kinds[-1] == "date"
    named = TableEncoder(free_text=["date"]).fit_survey(statistics)
    assert named.plan.described_kinds[:2] == ("text", "date")


def test_what_one_piece_leaves_open_another_decides_or_nothing_does():
    statistics = FitStatistics(quantiles=False)
    statistics.add([["03/04/2024"], ["04/04/2024"]], np.ones(2))
    with pytest.raises(InputError, match="'03/04/2024' in column 'x0', which can mean both"):
        TableEncoder().fit_survey(statistics)
    statistics.add([["13/04/2024"]], np.ones(1))
    assert TableEncoder().fit_survey(statistics).notation.dates == "dmy"
    statistics.add([["soon"]], np.ones(1))
    assert TableEncoder().fit_survey(statistics).plan.kinds == ("category",)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["batches", "shards"])
def test_rows_that_are_not_in_memory_have_the_dates_of_those_that_are(way, monkeypatch):
    monkeypatch.setattr("glassnet.estimators.out_of_core.FITS", 10**9)
    frame, y = pd.DataFrame(CELLS)[["day first", "moment", "nearly", "gaps"]], np.arange(ROWS) % 7.0
    options = {"preset": "mlp", "epochs": 2, "random_state": 0}
    whole, other = NeuralRegressor(**options).fit(frame, y), NeuralRegressor(**options)
    if way == "shards":
        other.fit(frame, y, shards=2)
    else:
        other.fit([(frame[:30], y[:30]), (frame[30:], y[30:])], None, memory="1GB")
        assert other.data_ == whole.data_
    assert other.encoder_.plan.kinds == whole.encoder_.plan.kinds == ("date", "datetime", "category", "date")
    assert other.notation_ == whole.notation_


@pytest.mark.slow
def test_fit_reads_all_rows_before_it_splits_them():
    y = np.arange(ROWS) % 7.0
    for day, kind in (("soon", "category"), ("2024-05-05", "date")):
        for place in (0, 30, 59):
            days = [*DAYS]
            days[place] = day
            model = NeuralRegressor(preset="fast", random_state=0).fit(pd.DataFrame({"day": days, "n": y}), y)
            assert model.encoder_.plan.kinds[0] == kind


@pytest.mark.slow
def test_estimators_predict_the_same_bits_from_file_and_frame(file):
    y, names = np.arange(ROWS) % 7.0, ["day first", "zoned", "town", "gaps", "clock"]
    frames = [read_table(file)[names], pd.read_csv(file)[names]]
    models = [NeuralRegressor(preset="fast", random_state=0).fit(frame, y) for frame in frames]
    by_file, by_frame = models
    expected = by_file.predict(frames[0]).tobytes()
    assert [by_frame.predict(frame).tobytes() for frame in frames] == [expected] * 2
    assert models[0].data_ == models[1].data_


def test_later_pieces_are_read_like_the_first():
    model = NeuralRegressor(preset="mlp", random_state=0)
    model.partial_fit(pd.DataFrame({"day": CELLS["day first"]}), np.arange(ROWS))
    model.partial_fit(pd.DataFrame({"day": ["01/02/2024", "02/02/2024"]}), [1, 2])
    assert (model.encoder_.plan.kinds, model.notation_.dates, model.new_levels_) == (("date",), "dmy", {})

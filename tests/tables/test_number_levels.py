"""Numbers that are names: which columns they are, and their codes."""

import time

import numpy as np
import pandas as pd
import pytest

from glassnet import NeuralClassifier, TableEncoder
from glassnet.errors import InputError
from glassnet.tables.columns.number_levels import JUDGED, are_names, values_with_codes
from glassnet.tables.records import RecordEncoder

rng = np.random.default_rng(0)
DAYS = rng.integers(100, size=1200) * 1.5 + 0.1
NAMES = rng.normal(size=200)[DAYS.astype(int)]
FRAME = pd.DataFrame({"day": DAYS, "x": rng.normal(size=1200), "c": rng.choice(list("abcdefghijkl"), 1200)})
FRAME.loc[5, "day"] = np.nan
ANSWERS = np.where(NAMES + FRAME["x"] > 0, "yes", "no")


def encoder(frame=FRAME, **options):
    return TableEncoder(max_one_hot=8, **options).fit(frame).with_number_levels(frame, NAMES[:, None])


class TestWhichColumns:
    def test_rows_of_one_value_alike_make_a_column_of_names(self):
        assert are_names(DAYS, NAMES[:, None])
        assert values_with_codes(DAYS) == tuple(np.unique(DAYS.astype(np.float32)).tolist())

    @pytest.mark.parametrize("targets", [DAYS, np.sin(DAYS / 20), rng.normal(size=1200)], ids=list("lwc"))
    def test_a_smooth_function_or_chance_does_not(self, targets):
        assert not are_names(DAYS, targets[:, None])

    def test_few_values_do_not(self):
        assert not are_names(DAYS.astype(int) % 20, rng.normal(size=(20, 1))[DAYS.astype(int) % 20])

    @pytest.mark.parametrize("turned", [1, -1])
    def test_a_column_in_whose_order_the_rows_stand_is_a_time(self, turned):
        order = np.argsort(DAYS)[::turned]
        assert not are_names(DAYS[order], NAMES[order, None])

    def test_values_of_one_row_have_no_code(self):
        assert 999.0 not in values_with_codes(np.append(DAYS, [999.0, 1000.0]))

    def test_a_column_that_is_named_is_one(self):
        frame = FRAME[["x"]].round(1)
        fitted = TableEncoder().fit(frame)
        assert fitted.with_number_levels(frame, NAMES[:, None]).coded_levels == []
        assert len(fitted.with_number_levels(frame, NAMES[:, None], ["x"]).coded_levels) == 1

    @pytest.mark.parametrize(
        ("name", "received"),
        [
            ("c", r"'c' \(category; codes 1 to 12.*\)"),
            ("same", r"'same' \(number; left out: always 3\)"),
            ("none", r"'none' \(empty; left out: no values\)"),
            ("nix", "'nix'"),
        ],
    )
    def test_another_name_is_refused_with_what_its_column_is(self, name, received):
        frame = FRAME.assign(same=3.0, none=None)
        fitted = TableEncoder(max_one_hot=8).fit(frame)
        with pytest.raises(InputError, match=f"hold numbers, which vary. Received: {received}. These do: day, x"):
            fitted.with_number_levels(frame, NAMES[:, None], [name])

    def test_rows_drawn_at_random_stand_for_a_long_table_in_whose_order_values_recur(self):
        place = np.arange(8 * JUDGED)
        stock = place * 9 % 800  # of which every eighth row has but an eighth
        frame = pd.DataFrame({"stock": stock, "x": np.sin(place)})
        outcomes = rng.normal(size=(800, 1))[stock] + rng.normal(size=(len(place), 1))
        (column,) = TableEncoder().fit(frame).with_number_levels(frame, outcomes).plan.others
        assert column.values == tuple(range(800))

    @pytest.mark.slow
    def test_looking_for_them_takes_hardly_longer_where_rows_are_more(self):
        def seconds(rows):
            frame = pd.DataFrame(rng.normal(size=(rows, 20)).round(2))
            classes = np.eye(26)[rng.integers(26, size=rows)]
            fitted = TableEncoder().fit(frame)
            started = time.process_time()
            fitted.with_number_levels(frame, classes)
            return time.process_time() - started

        assert min(seconds(16 * JUDGED) for _ in range(2)) < 3 * min(seconds(JUDGED) for _ in range(3))


class TestCodes:
    def test_they_are_the_last_column_and_0_for_gaps_and_other_values(self):
        rows = pd.DataFrame({"day": [0.1, 1.6, 0.2, None], "x": 0.0, "c": "a"})
        assert encoder().transform(rows)[:, -1].tolist() == [1, 2, 0, 0]

    @pytest.mark.parametrize("dtype", ["float32", str])
    def test_another_type_of_the_column_has_the_same(self, dtype):
        fitted = encoder()
        known = FRAME.dropna()
        assert (fitted.transform(known.astype({"day": dtype}))[:, -1] == fitted.transform(known)[:, -1]).all()

    @pytest.mark.parametrize("kind", [int, float, str])
    def test_whole_numbers_of_more_digits_than_float32_have_their_own(self, kind):
        day = pd.DataFrame({"day": 20240101 + (DAYS / 1.5).astype(int)})
        fitted = TableEncoder().fit(day).with_number_levels(day, NAMES[:, None], ["day"])
        assert (fitted.transform(day.astype(kind))[:, -1] == day["day"] - 20240100).all()

    def test_a_named_column_of_which_each_row_has_its_own_value_is_refused(self):
        once = pd.DataFrame({"once": np.arange(len(DAYS)) / 7})
        with pytest.raises(InputError, match="several rows have the same value. Received: 'once'"):
            TableEncoder().fit(once).with_number_levels(once, NAMES[:, None], ["once"])

    def test_single_rows_have_the_same(self):
        fitted = encoder()
        records = RecordEncoder(fitted)
        rows = [records.read(row) for row in FRAME[:20].to_dict("records")]
        assert np.array_equal(records.encode(rows), fitted.transform(FRAME[:20]))

    def test_state_restores_them(self):
        fitted = encoder()
        assert TableEncoder.from_state(*fitted.to_state()) == fitted

    @pytest.mark.parametrize("values", [[], [2.0, 1.0], [1.0, 1.0], ["a"], [float("nan")]])
    def test_a_state_with_other_values_is_refused(self, values):
        description, arrays = encoder().to_state()
        description["others"][-1]["values"] = values
        with pytest.raises(InputError):
            TableEncoder.from_state(description, arrays)

    def test_new_levels_of_categories_leave_them_last(self):
        grown = encoder().with_levels({"c": {"new": 3}})
        assert grown.feature_names_out[-1] == "day (code)"

    def test_decoding_leaves_them_aside(self):
        decoded = encoder(dtype="float64").inverse_transform(encoder(dtype="float64").transform(FRAME[:3]))
        assert np.allclose(decoded["day"], FRAME["day"][:3])


class TestEstimators:
    @pytest.fixture(scope="class")
    def model(self):
        return NeuralClassifier(random_state=0, members=2, refits=0, epochs=3).fit(FRAME, ANSWERS)

    def test_the_default_finds_them(self, model):
        assert [column.name for column in model.encoder_.plan.others][-1] == "day"

    @pytest.mark.parametrize("option", [{"number_levels": "none"}, {"preset": "mlp"}, {"monotone": {"x": 1}}])
    def test_it_does_not_where_they_are_not_wanted(self, option):
        options = {"random_state": 0, "members": 1, "refits": 0, "epochs": 1} | option
        model = NeuralClassifier(**options).fit(FRAME.drop(columns="c"), ANSWERS)
        assert model.encoder_.coded_levels == []

    def test_groups_are_not_learned_by_heart(self):
        model = NeuralClassifier(random_state=0, members=2, refits=0, epochs=1, cv=2)
        model.fit(FRAME.drop(columns="c"), ANSWERS, groups=DAYS)
        assert model.encoder_.coded_levels == []

    @pytest.mark.parametrize(
        "fit",
        [
            lambda model, X, y: model.fit(X, y, groups=np.arange(1200) % 7),
            lambda model, X, y: model.fit(X, y, times=np.arange(1200)),
            lambda model, X, y: model.set_params(monotone={"x": 1}).fit(X, y),
            lambda model, X, y: model.partial_fit(X, y),
        ],
        ids=["groups", "times", "monotone", "partial_fit"],
    )
    def test_named_columns_are_refused_where_they_would_be_ignored(self, fit):
        model = NeuralClassifier(random_state=0, members=1, refits=0, epochs=1, number_levels=["day"])
        with pytest.raises(InputError, match="may name columns where `fit` has all rows in memory"):
            fit(model, FRAME[["day", "x"]], ANSWERS)

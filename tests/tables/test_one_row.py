"""A frame of one row is taken out of its container at once, and becomes what it becomes in a table."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from glassnet.errors import InputError, InputTypeError
from glassnet.tables import TableEncoder

NOON = datetime.datetime(2024, 5, 17, 12, 30)
NUMBERS = [1.0, 3.0, 7.5, 20.0]
LEARNED = {
    "number": NUMBERS,
    "boolean": [True, False, True, True],
    "category": ["a", "b", "3", "True"],
    "coded": ["a", "b", "3", "c"],
    "date": [NOON.date() + datetime.timedelta(days=31 * n) for n in range(4)],
    "datetime": [NOON + datetime.timedelta(hours=29 * n) for n in range(4)],
    "duration": [datetime.timedelta(hours=5 * n) for n in range(4)],
    "time": [datetime.time(3 * n, 5) for n in range(4)],
}
GIVEN = {
    "float64": pd.Series([1.5, np.nan, 1e300]),
    "float32": pd.Series([0.1, np.nan, 3.0], dtype="float32"),
    "int8": pd.Series([3, -1, 0], dtype="int8"),
    "int64": pd.Series([3, 2**53 + 1, -(2**62)]),
    "uint64": pd.Series([3, 2**64 - 1, 0], dtype="uint64"),
    "bool": pd.Series([True, False, True]),
    "str": pd.Series(["a", None, "3"], dtype="str"),
    "texts of numbers": pd.Series(["3.0", " ", "1e3"], dtype="str"),
    "object": pd.Series(["a", None, "unheard of"], dtype=object),
    "mixed objects": pd.Series([3, "b", True], dtype=object),
    "moments in objects": pd.Series([NOON, None, NOON.date()], dtype=object),
    "category": pd.Series(pd.Categorical(["b", None, "3"])),
    "category of numbers": pd.Series(pd.Categorical([3, 1, None])),
    "category of booleans": pd.Series(pd.Categorical([True, False, None])),
    "Int64": pd.Series([3, None, 2**60], dtype="Int64"),
    "boolean": pd.Series([True, None, False], dtype="boolean"),
    "string": pd.Series(["a", None, "true"], dtype="string"),
    "datetime": pd.Series(pd.to_datetime([NOON, None, "1969-12-31T23:59:59.999999"])),
    "with a zone": pd.Series(pd.to_datetime([NOON, None, "2024-01-01"])).dt.tz_localize("Europe/Vienna"),
    "timedelta": pd.Series(pd.to_timedelta([3600.5, None, -2], unit="s")),
    "period": pd.Series(pd.period_range("2024-01", periods=3, freq="M")),
}


@pytest.fixture(scope="module")
def encoders():
    return {
        kind: TableEncoder(max_one_hot=3 if kind == "coded" else None, dtype="float64").fit(
            pd.DataFrame({"x": values, "beside": NUMBERS, "text": list("pqrs")})
        )
        for kind, values in LEARNED.items()
    }


def outcome(encoder, frame):
    """The matrix, or that there is none."""
    try:
        return encoder.transform(frame)
    except (InputError, InputTypeError) as error:
        return InputError if isinstance(error, InputError) else type(error)


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("given", GIVEN)
def test_a_row_alone_is_what_it_is_in_a_table(given, library, encoders):
    frame = pd.DataFrame({"x": GIVEN[given], "beside": NUMBERS[:3], "text": ["p", None, "new"]})
    if library == "polars":
        try:
            frame = pl.from_pandas(frame, nan_to_null=False)
        except Exception:
            pytest.skip("Polars has no such column")
    for kind, encoder in encoders.items():
        for row in range(3):
            one = frame[row : row + 1]
            twice = pd.concat([one, one]) if library == "pandas" else pl.concat([one, one])
            alone, company = outcome(encoder, one), outcome(encoder, twice)
            if isinstance(company, type) or isinstance(alone, type):
                assert alone is company, (kind, row)
            else:
                np.testing.assert_array_equal(alone, company[:1], err_msg=f"{kind}, row {row}")


def test_a_row_of_numbers_of_several_types_keeps_all_digits():
    frame = pd.DataFrame({"key": ["9007199254740993", "2"], "x": [0.5, 1.0]})
    encoder = TableEncoder(dtype="float64").fit(frame)
    one = pd.DataFrame({"key": [2**53 + 1], "x": [0.5]})
    np.testing.assert_array_equal(encoder.transform(one), encoder.transform(frame)[:1])


def test_columns_of_a_row_are_matched_by_name_and_two_of_a_name_refused():
    frame = pd.DataFrame({"age": [1.0, 2.0], "sex": ["f", "m"]})
    encoder = TableEncoder().fit(frame)
    one = frame[:1]
    np.testing.assert_array_equal(encoder.transform(one[["sex", "age"]].assign(more=1)), encoder.transform(one))
    with pytest.raises(InputError, match="unique"):
        encoder.transform(pd.concat([one, one], axis=1))
    with pytest.raises(InputError, match="missing:\n- sex"):
        encoder.transform(one[["age"]].assign(text="x"))


@pytest.mark.parametrize("cell", [decimal.Decimal("1.5"), True, None])
def test_a_row_under_names_that_are_numbers(cell):
    """In a frame of narwhals a number between brackets is a row."""
    frame = pd.DataFrame({3: pd.Series([decimal.Decimal(2), True, cell], dtype=object), 1: ["a", "b", "a"]})
    encoder = TableEncoder(dtype="float64").fit(frame)
    np.testing.assert_array_equal(encoder.transform(frame[2:]), encoder.transform(frame)[2:])

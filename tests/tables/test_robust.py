"""Robust scaling, the smooth clip, and columns of codes."""

import numpy as np
import pandas as pd
import pytest

from glassnet.errors import InputError, InputTypeError
from glassnet.tables import TableEncoder
from glassnet.tables.columns.number_scaling import smooth_clip, smooth_clip_inverse, weighted_quantiles


def robust(X, weight=None, **settings):
    return TableEncoder(scaling="robust", dtype="float64", **settings).fit(X, sample_weight=weight)


# ------------------------------------------------------------------- numbers


def test_numbers_are_centred_on_the_median_and_divided_by_the_quartiles():
    X = np.random.default_rng(0).lognormal(3, 2, size=(1001, 2))
    low, median, high = np.quantile(X, [0.25, 0.5, 0.75], axis=0)
    expected = (X - median) / (high - low)
    np.testing.assert_allclose(robust(X).transform(X), expected / np.sqrt(1 + (expected / 3) ** 2), rtol=0.02)


def test_outliers_do_not_matter():
    X = np.random.default_rng(0).normal(size=(500, 1))
    out = robust(X).transform(X)
    X[7] = 1e12
    far = robust(X).transform(X)
    np.testing.assert_allclose(np.delete(far, 7, axis=0), np.delete(out, 7, axis=0), atol=0.05)
    assert 2.99 < far[7, 0] <= 3


def test_where_most_rows_are_equal_the_others_decide():
    X = np.zeros((100, 1))
    X[:10, 0] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000]
    out = robust(X).transform(X)[:, 0]
    assert out[50] == 0
    assert out[7] == pytest.approx(smooth_clip(2.0, 3.0))  # 8 is the upper quartile of the ten
    assert 2.99 < out[9] <= 3


def test_of_two_values_the_rare_one_comes_out_at_two():
    X = np.full((100, 1), 5.0)
    X[:10, 0] = 1
    np.testing.assert_allclose(np.unique(robust(X).transform(X)), smooth_clip(np.array([-2.0, 0.0]), 3.0))


@pytest.mark.parametrize("seed", range(5))
def test_a_row_of_weight_two_is_the_row_twice(seed):
    rng = np.random.default_rng(seed)
    X, weight = rng.normal(size=(40, 3)).round(1), rng.integers(1, 4, 40)
    X[rng.uniform(size=X.shape) < 0.1] = np.nan
    one, other = robust(X, weight), robust(np.repeat(X, weight, axis=0))
    np.testing.assert_array_equal(one.transform(X), other.transform(X))


def test_quantiles_of_equal_weights_are_numpys():
    values = np.random.default_rng(0).normal(size=101)
    shares = [0.1, 0.25, 0.5, 0.9]
    expected = np.quantile(values, shares, method="averaged_inverted_cdf")
    np.testing.assert_array_equal(weighted_quantiles(values, np.ones(101), shares), expected)


def test_the_middle_between_the_ends_of_float64_is_zero():
    ends = np.array([-1.7e308, 1.7e308])
    np.testing.assert_array_equal(weighted_quantiles(ends, np.ones(2), [0.25, 0.5, 0.75]), [ends[0], 0, ends[1]])


def test_gaps_are_filled_with_the_median_and_marked():
    X = np.array([[1.0], [2.0], [np.nan], [3.0], [50.0]])
    np.testing.assert_array_equal(robust(X).transform(X)[2], [0, 1])


def test_extreme_numbers_are_scaled_too():
    X = np.array([[-1.7e308], [0.0], [1.0], [1.7e308], [2.0]])
    assert np.isfinite(robust(X).transform(X)).all()
    tiny = X[[1, 2, 4]] * 5e-320
    assert np.ptp(robust(tiny).transform(tiny)) > 0.5


def test_infinity_is_refused_although_a_clip_could_hide_it():
    encoder = robust(np.array([[1.0], [2.0], [3.0]]))
    with pytest.raises(InputError, match="infinity in column"):
        encoder.transform(np.array([[np.inf]]))


def test_numbers_come_back():
    X = np.random.default_rng(0).normal(100, 20, size=(50, 2))
    encoder = robust(X)
    back = encoder.inverse_transform(encoder.transform(X))
    np.testing.assert_allclose(back["x1"], X[:, 1], rtol=1e-9)


def test_the_clip_is_odd_monotone_and_undone_by_its_inverse():
    x = np.linspace(-30, 30, 1001)
    y = smooth_clip(x, 3.0)
    assert (np.diff(y) > 0).all()
    assert np.abs(y).max() < 3
    np.testing.assert_allclose(smooth_clip_inverse(y, 3.0), x, rtol=1e-9)
    assert np.isfinite(smooth_clip_inverse(np.array([3.0, -3.0, 3.5]), 3.0)).all()


# --------------------------------------------------------------------- codes


@pytest.fixture
def frame():
    cities = [*"abcdefghij"] * 3
    return pd.DataFrame({"city": [*cities, None], "n": range(31), "sex": ["f", "m"] * 15 + ["f"]})


def test_categories_of_many_levels_become_codes_and_stand_last(frame):
    encoder = robust(frame, max_one_hot=8)
    assert encoder.feature_names_out == ["n", "sex=m", "city (code)"]
    assert encoder.numbers == 1
    assert encoder.coded_levels == [11]  # ten levels and the gap
    np.testing.assert_array_equal(encoder.transform(frame)[:, -1], [*(list(range(1, 11)) * 3), 11])


def test_what_was_never_seen_is_zero(frame):
    encoder = robust(frame.dropna(), max_one_hot=8)
    new = pd.DataFrame({"city": ["z", None, "c"], "n": 0, "sex": "f"})
    np.testing.assert_array_equal(encoder.transform(new)[:, -1], [0, 0, 3])


def test_rare_levels_share_a_code(frame):
    encoder = robust(frame, max_one_hot=3, max_levels=4)
    assert encoder.coded_levels == [6]  # four levels, the others, the gap
    assert set(encoder.transform(frame)[:, -1]) == {1, 2, 3, 4, 5, 6}


def test_codes_come_back_as_levels(frame):
    encoder = robust(frame, max_one_hot=8)
    back = encoder.inverse_transform(encoder.transform(frame))
    assert back["city"].tolist() == frame["city"].astype(object).where(frame["city"].notna(), None).tolist()


def test_codes_and_limits_survive_as_plain_data(frame):
    encoder = robust(frame, max_one_hot=8)
    again = TableEncoder.from_state(*encoder.to_state())
    assert again == encoder
    np.testing.assert_array_equal(again.transform(frame), encoder.transform(frame))


def test_it_says_what_it_does(frame):
    text = robust(frame, max_one_hot=8).describe()
    assert "codes 1 to 11 of 10 levels, gaps" in text
    assert "minus 15, divided by" in text
    assert "softly kept within ±3" in text


@pytest.mark.parametrize("value", [1, 0, 2.5, "8"])
def test_a_limit_of_levels_is_a_number(value):
    with pytest.raises(
        (InputError, InputTypeError), match="`max_one_hot` of TableEncoder must be an integer of at least 2"
    ):
        TableEncoder(max_one_hot=value)

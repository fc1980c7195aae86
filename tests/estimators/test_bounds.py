"""Answers stay within bounds that are given: numbers, quantiles and intervals, on any row."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet
from glassnet import NeuralRegressor
from glassnet.errors import InputError, InputTypeError

FAR = np.linspace(-1e4, 1e4, 41)[:, None]
"""Rows that lie far beyond those of training."""


def fitted(**options):
    X = np.linspace(-1, 1, 80)[:, None]
    options = {"preset": "mlp", "hidden_layers": (), "epochs": 60, "learning_rate": 0.05, "random_state": 0} | options
    return NeuralRegressor(**options).fit(X, 1 + X[:, 0])


@pytest.mark.parametrize("clamp", [None, True])
def test_far_from_the_training_rows_answers_keep_the_bounds(clamp):
    answers = fitted(bounds=(0, 2.5), clamp=clamp).predict(FAR)
    assert answers.min() == 0
    assert answers.max() == (2.0 if clamp else 2.5)


def test_a_side_without_a_bound_is_free():
    free, bounded = fitted(), fitted(bounds=(0, None))
    assert free.predict(FAR).min() < 0
    np.testing.assert_array_equal(bounded.predict(FAR), np.maximum(free.predict(FAR), 0))


def test_intervals_and_quantiles_keep_the_bounds():
    model = fitted(bounds=(0, 2), loss="quantile(levels=(0.1, 0.9))")
    model.conformalize(FAR, 1e3 * np.ones(41))
    for answers in (model.predict(FAR), model.predict_interval(FAR, coverage=0.9)):
        assert answers.min() >= 0
        assert answers.max() <= 2


@pytest.mark.parametrize("bounds", [(0, 2.5), (0, None), (None, 2.5)])
def test_bounds_go_with_the_model(bounds, tmp_path):
    model = fitted(bounds=bounds)
    glassnet.save(model, tmp_path / "model")
    again = glassnet.load(tmp_path / "model")
    assert tuple(again.bounds) == bounds
    np.testing.assert_array_equal(again.predict(FAR), model.predict(FAR))


@pytest.mark.parametrize("bounds", [(0, 1), (0.1, None)])
def test_targets_beyond_the_bounds_are_refused(bounds):
    with pytest.raises(InputError, match="Targets must lie within `bounds`.*Received: 0 to 2"):
        fitted(bounds=bounds)


@pytest.mark.parametrize("bounds", [(2, 0), (1, 1), (None, None), (0,), (0, 1, 2), (0, np.nan), (0, np.inf), 3, "01"])
def test_what_are_no_bounds(bounds):
    with pytest.raises((InputError, InputTypeError), match="`bounds`"):
        fitted(bounds=bounds)


def test_bounds_stay_while_training_goes_on():
    model = fitted(bounds=(0, 2), warm_start=True)
    X = np.linspace(-1, 1, 80)[:, None]
    model.fit(X, 1 + X[:, 0])
    with pytest.raises(InputError, match="must keep `bounds`"):
        model.set_params(bounds=(0, 3)).fit(X, 1 + X[:, 0])


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_training_that_goes_on_keeps_its_targets_within_the_bounds(method):
    model = fitted(bounds=(0, 2), warm_start=True)
    before = model.predict(FAR)
    with pytest.raises(InputError, match="Targets must lie within `bounds`.*Received: 0 to 3"):
        getattr(model, method)(np.linspace(-1, 1, 80)[:, None], np.linspace(0, 3, 80))
    np.testing.assert_array_equal(model.predict(FAR), before)

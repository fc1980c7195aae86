"""Scalings of columns are taken up by the weights behind them."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Activate, Dense
from glassnet.errors import InputError
from glassnet.exchange.importers.assembly import LayerArrays, Scaling, folded

rng = np.random.default_rng(0)
X, W, b = rng.normal(size=(10, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
FIRST, SECOND = Scaling(np.array([2.0, 0.5, -1.0]), np.array([1.0, 0.0, 3.0])), Scaling(np.float64(0.1), np.float64(2))


@pytest.mark.parametrize("bias", [True, False])
def test_several_scalings_are_taken_up_at_once(bias):
    dense = LayerArrays(Dense(2, bias=bias), {"W": W} | ({"b": b} if bias else {}))
    (part,) = folded([FIRST, SECOND, dense])
    scaled = (X * FIRST.factor + FIRST.summand) * SECOND.factor + SECOND.summand
    np.testing.assert_allclose(X @ part.values["W"] + part.values["b"], scaled @ W + b * bias, rtol=1e-12)


def test_the_precision_stays():
    (part,) = folded([FIRST, LayerArrays(Dense(2, bias=False), {"W": W.astype(np.float32)})])
    assert {array.dtype.name for array in part.values.values()} == {"float32"}


@pytest.mark.parametrize("factor", [1e-42, 1e42])
def test_numbers_that_single_precision_does_not_hold_are_kept_in_double(factor):
    scaling = Scaling(np.full(3, factor), np.zeros(3))
    (part,) = folded([scaling, LayerArrays(Dense(2, bias=False), {"W": W.astype(np.float32)})])
    np.testing.assert_array_equal(part.values["W"], factor * W.astype(np.float32).astype(np.float64))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([FIRST], "must be followed by a dense layer, into which it is folded. Received: it comes last"),
        ([FIRST, LayerArrays(Activate("relu"))], r"must be followed by a dense layer.* Received: Activate\('relu'\)"),
        (
            [FIRST, LayerArrays(Dense(1), {"W": np.ones((4, 1))})],
            "one number for each column.* Received: 3 for 4 columns",
        ),
    ],
)
def test_what_nothing_can_take_up_is_refused(parts, message):
    with pytest.raises(InputError, match=message):
        list(folded(parts))

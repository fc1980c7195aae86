"""Dropout: how much is dropped, what stays the same, and that a mask can be drawn again."""

import numpy as np
import pytest

from glassnet.layers import Dropout, Pass, Residual, chain
from tests.layers.harness import Alone


def masks(layers, run, rows=50, width=40):
    """The mask of every Dropout in a chain, as the records show them, blocks inside out."""
    ones = np.ones((rows, width))
    _, records = chain.forward(layers, [{} for _ in layers], ones, run)

    def walk(records):
        for record in records:
            if "_records" in record:
                yield from walk(record["_records"])
            elif "mask" in record:
                yield record["mask"]

    return list(walk(records))


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_mean_stays_and_the_rate_is_kept(rate):
    """Of n numbers a share within 5 standard errors is dropped; the others grow so that the expected value stays."""
    n = 200_000
    (mask,) = masks([Dropout(rate)], Pass(training=True), rows=n // 40)
    assert set(np.unique(mask)) == {0.0, 65536 / (65536 - round(65536 * rate))}
    error = np.sqrt(rate * (1 - rate) / n)
    assert abs((mask == 0).mean() - rate) < 5 * error
    assert abs(mask.mean() - 1) < 5 * error / (1 - rate)


def test_prediction_drops_nothing():
    x = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_array_equal(Alone(Dropout(0.9)).forward(x, training=False), x)


def test_a_rate_of_zero_drops_nothing():
    x = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_array_equal(Alone(Dropout(0.0)).forward(x), x)


def test_the_same_seed_step_and_layer_give_the_same_mask():
    run = Pass(training=True, seed=3, step=7, layer=2)
    np.testing.assert_array_equal(*masks([Dropout(0.5)], run), *masks([Dropout(0.5)], run))


@pytest.mark.parametrize("changed", [{"seed": 4}, {"step": 8}, {"layer": 3}])
def test_another_seed_step_or_layer_gives_another_mask(changed):
    """Two independent masks of rate 1/2 agree in half of their 2000 places, give or take 5 standard errors."""
    given = {"seed": 3, "step": 7, "layer": 2}
    (first,) = masks([Dropout(0.5)], Pass(training=True, **given))
    (second,) = masks([Dropout(0.5)], Pass(training=True, **(given | changed)))
    assert abs((first == second).mean() - 0.5) < 5 * 0.5 / np.sqrt(first.size)


def test_a_mask_does_not_depend_on_how_many_rows_come_after():
    """So that the same element gets the same number in any engine, however it walks through the batch."""
    run = Pass(training=True, seed=1, step=1)
    (few,), (many,) = masks([Dropout(0.5)], run, rows=3), masks([Dropout(0.5)], run, rows=30)
    np.testing.assert_array_equal(few, many[:3])


def test_every_dropout_in_a_network_has_a_mask_of_its_own():
    """Blocks inside blocks, however deep, and chains of more than a thousand layers."""
    deep = Dropout(0.5)
    for _ in range(12):
        deep = Residual([deep, Dropout(0.5)])
    layers = [Dropout(0.5), deep, *[Dropout(0.5)] * 1100, Residual([Dropout(0.5), Dropout(0.5)]), Dropout(0.5)]
    drawn = masks(layers, Pass(training=True), rows=8, width=16)
    assert len(drawn) == 1 + 13 + 1100 + 2 + 1
    assert len({mask.tobytes() for mask in drawn}) == len(drawn)

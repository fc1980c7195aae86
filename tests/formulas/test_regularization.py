"""Regularisation: gradients of the penalties, lengths after clipping, averages, smoothed labels, dropout masks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from glassnet.formulas.random import sixteen_bits, stream_key
from glassnet.formulas.regularization import (
    clip_by_norm,
    clip_by_value,
    decay,
    ema,
    ema_unbiased,
    global_norm,
    keep_mask,
    l1_gradient,
    l1_penalty,
    l2_gradient,
    l2_penalty,
    max_norm,
    smooth_labels,
)

vectors = arrays(np.float64, st.integers(1, 8), elements=st.floats(-1e6, 1e6, allow_subnormal=False))
limits = st.floats(1e-3, 1e3)


# ---------------------------------------------------------------- penalties


@pytest.mark.parametrize(("penalty", "gradient"), [(l1_penalty, l1_gradient), (l2_penalty, l2_gradient)])
def test_gradient_of_a_penalty_is_the_central_difference(penalty, gradient, row_gradient):
    W = np.random.default_rng(0).normal(size=(1, 20))
    W = W[np.abs(W) > 0.05][None]  # away from the kink of |w|
    measured = row_gradient(lambda w: np.array([penalty(w, 0.3)]), W)
    np.testing.assert_allclose(gradient(W, 0.3), measured, rtol=1e-9)
    assert W.size > 15


def test_penalties_by_hand():
    W = np.array([[3.0, -4.0], [0.0, 1.0]])
    assert l1_penalty(W, 0.5) == 4
    assert l2_penalty(W, 0.5) == 6.5  # with the one half: 0.5 · 0.5 · 26
    np.testing.assert_array_equal(l1_gradient(W, 0.5), [[0.5, -0.5], [0, 0.5]])  # 0 at the kink


def test_decay_is_a_step_along_the_l2_gradient():
    theta = np.array([1.0, -2.0])
    np.testing.assert_allclose(decay(theta, 0.1, 0.5), theta - 0.1 * l2_gradient(theta, 0.5), rtol=1e-15)
    np.testing.assert_allclose(decay(theta, 0.1, 0.5), [0.95, -1.9], rtol=1e-15)


# ------------------------------------------------------------------- limits


@given(g=vectors, limit=limits)
def test_a_clipped_norm_is_at_most_the_limit_in_the_same_direction(g, limit):
    norm = global_norm(g)
    clipped = clip_by_norm(g, norm, limit)
    assert global_norm(clipped) == pytest.approx(min(norm, limit), rel=1e-9)
    if norm <= limit:
        np.testing.assert_array_equal(clipped, g)
    else:
        np.testing.assert_allclose(clipped * norm, g * limit, rtol=1e-12, atol=1e-300)


@given(g=vectors, limit=limits)
def test_clipped_values_are_inside_and_those_inside_stay(g, limit):
    clipped = clip_by_value(g, limit)
    assert np.abs(clipped).max() <= limit
    np.testing.assert_array_equal(clipped[np.abs(g) <= limit], g[np.abs(g) <= limit])
    np.testing.assert_array_equal(np.sign(clipped), np.sign(g))


def test_global_norm_of_large_float32_gradients_does_not_overflow():
    assert global_norm(np.full(4, 1e30, np.float32)) == pytest.approx(2e30, rel=1e-6)


def test_a_gradient_that_is_not_a_number_is_not_clipped_away():
    g = np.array([1.0, np.nan])
    assert np.isnan(clip_by_norm(g, global_norm(g), 1.0)).all()
    assert np.isnan(clip_by_value(g, 0.5)[1])


@given(W=arrays(np.float64, (3, 4), elements=st.floats(-1e3, 1e3)), limit=limits)
def test_max_norm_shortens_each_neuron_alone(W, limit):
    lengths = np.linalg.norm(W, axis=0)
    shortened = max_norm(W, limit)
    np.testing.assert_allclose(np.linalg.norm(shortened, axis=0), np.minimum(lengths, limit), rtol=1e-9, atol=1e-300)
    for j in range(4):
        if lengths[j] <= limit:
            np.testing.assert_array_equal(shortened[:, j], W[:, j])


# ----------------------------------------------------------------- averages


def test_average_by_hand():
    assert ema(8.0, 4.0, 0.25) == 7


@given(value=st.floats(-1e3, 1e3), beta=st.floats(0, 0.999), steps=st.integers(1, 50))
def test_an_unbiased_average_of_a_constant_is_the_constant(value, beta, steps):
    average = 0.0
    for _ in range(steps):
        average = ema(average, value, 1 - beta)
    assert ema_unbiased(average, beta, steps) == pytest.approx(value, rel=1e-9, abs=1e-12)


def test_an_unbiased_average_is_the_mean_with_falling_weights():
    values, beta = np.array([3.0, -1.0, 5.0, 2.0]), 0.5
    average = 0.0
    for value in values:
        average = ema(average, value, 1 - beta)
    expected = np.average(values, weights=[1, 2, 4, 8])
    assert ema_unbiased(average, beta, 4) == pytest.approx(expected, rel=1e-14)


# ------------------------------------------------------------------- labels


@given(classes=st.integers(2, 10), smoothing=st.floats(0, 0.99), label=st.integers(0, 9))
def test_smoothed_rows_sum_to_one_and_keep_their_largest(classes, smoothing, label):
    target = np.eye(classes)[label % classes]
    smoothed = smooth_labels(target, smoothing, classes)
    assert smoothed.sum() == pytest.approx(1, rel=1e-12)
    assert np.argmax(smoothed) == label % classes
    assert smoothed.min() == pytest.approx(smoothing / classes, rel=1e-12)


def test_two_classes_smoothed_together_or_as_one_probability():
    yes = smooth_labels(np.array([0.0, 1.0]), 0.2, 2)
    np.testing.assert_allclose(yes, [0.1, 0.9], rtol=1e-15)
    np.testing.assert_allclose(smooth_labels(np.eye(2), 0.2, 2)[:, 1], yes, rtol=1e-15)


# ------------------------------------------------------------------ dropout


def test_a_mask_drops_the_given_share_and_keeps_the_mean():
    rate, count = 0.3, 200_000
    mask = keep_mask(sixteen_bits(stream_key(1, 2, 3), np.arange(count, dtype=np.uint64)), rate, 1.0)
    assert set(np.unique(mask)) == {0.0, 65536 / 45875}
    assert abs((mask == 0).mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / count)
    assert mask.mean() == pytest.approx(1, abs=5 * np.sqrt(rate / (1 - rate) / count))


def test_rate_zero_keeps_everything():
    np.testing.assert_array_equal(keep_mask(np.array([0, 32768, 65535]), 0.0, 1.0), [1, 1, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [1e-9, 7.6e-6, 7.7e-6, 0.1, 0.15, 1 / 3, 0.5, 0.9, 0.99998, 1 - 1e-9])
def test_the_expected_value_is_kept_at_every_rate(rate, dtype):
    """Over all 65536 numbers of 16 bits, with the share that is dropped within half a step of the rate or the last."""
    mask = keep_mask(np.arange(2**16, dtype=np.uint64), dtype(rate), np.ones(1, dtype))
    assert mask.mean(dtype=np.float64) == pytest.approx(1, rel=float(np.finfo(dtype).eps))
    dropped = (mask == 0).mean()
    assert abs(dropped - rate) <= (2**-17 if rate < 1 - 2**-16 else 2**-16) + float(np.finfo(dtype).eps)


# -------------------------------------------------------------------- types


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_types_are_kept(dtype):
    W = np.array([[1.0, -2.0], [3.0, 0.5]], dtype)
    results = [
        l1_penalty(W, 0.1),
        l1_gradient(W, 0.1),
        l2_penalty(W, 0.1),
        l2_gradient(W, 0.1),
        clip_by_norm(W, global_norm(W), 0.1),
        clip_by_value(W, 0.1),
        decay(W, 0.1, 0.1),
        max_norm(W, 0.1),
        ema(W, W, 0.1),
        ema_unbiased(W, 0.9, 3),
        smooth_labels(W, 0.1, 2),
        keep_mask(np.full((2, 2), 40000), 0.5, W),
    ]
    assert {result.dtype for result in results} == {np.dtype(dtype)}

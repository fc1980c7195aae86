"""Averages of what members answer, and the way back to each member's outputs."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.formulas.averages import averaged, averaged_backward
from glassnet.formulas.losses import LOSSES
from tests.gradient import assert_close, numerical_gradient

WEIGHTS = np.array([0.5, 1.75, 0.75])
"""Of three members, 1 on average."""


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighed"])
@pytest.mark.parametrize("temperature", [1.0, 2.5])
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize(
    "loss",
    [
        *("mse", "binary_cross_entropy", "cross_entropy", "poisson", "hinge", "gaussian_nll"),
        "binary_cross_entropy_from_probabilities",
    ],
)
def test_the_gradient_of_the_average_is_its_slope(loss, members, temperature, weights):
    loss, weights = LOSSES.get(loss), weights if members == 3 else None
    rng = np.random.default_rng(0)
    outputs, wanted = rng.normal(size=(members, 5, 4)), rng.normal(size=(5, 4))

    def asked(of_members):
        return float((wanted * averaged(list(of_members), loss, temperature, weights)).sum())

    found = averaged_backward(list(outputs), loss, temperature, wanted, weights)
    assert_close(np.array(found), numerical_gradient(asked, outputs), f"d_outputs of {loss}")


@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy", "cross_entropy", "poisson", "gaussian_nll"])
def test_a_member_that_counts_twice_is_there_twice(loss):
    loss, outputs = LOSSES.get(loss), np.random.default_rng(0).normal(size=(2, 5, 4))
    found = averaged(list(outputs), loss, weights=np.array([2 / 3, 4 / 3]))
    np.testing.assert_allclose(found, averaged([outputs[0], outputs[1], outputs[1]], loss), rtol=1e-12)


@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy", "cross_entropy", "poisson", "gaussian_nll"])
def test_members_that_all_count_alike_need_no_weights(loss):
    loss, outputs = LOSSES.get(loss), [*np.random.default_rng(0).normal(size=(3, 5, 4))]
    np.testing.assert_array_equal(averaged(outputs, loss, weights=np.ones(3)), averaged(outputs, loss))


@pytest.mark.parametrize("z", [40.0, -40.0, 3000.0])
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy", "poisson"])
def test_members_that_agree_answer_as_each_of_them(loss, z):
    """Also where their probability is a 1, or a 0, that no number can tell from it."""
    output = np.array([[z, 0.0, -z]])
    found = averaged([output] * 3, LOSSES.get(loss))
    np.testing.assert_allclose(found - found[0, 1], output, rtol=1e-12, atol=1e-12)
    slopes = averaged_backward([output] * 3, LOSSES.get(loss), 1.0, np.array([[1.0, 0.0, 0.0]]))
    assert np.isfinite(slopes).all()
    if loss != "cross_entropy":  # in which a class that is sure has no slope
        np.testing.assert_allclose(slopes[0][0], [1 / 3, 0, 0], rtol=1e-12)


def test_a_sure_member_and_an_unsure_one_answer_in_between():
    """ln(mean p) - ln(1 - mean p), where 1 - mean p is half of 1 - 1/2."""
    found = averaged([np.array([[40.0]]), np.array([[0.0]])], LOSSES.get("binary_cross_entropy"))
    np.testing.assert_allclose(found, np.log(3), rtol=1e-12)


@pytest.mark.parametrize("log_variance", [-1000.0, -40.0, 0.0, 1000.0])
@pytest.mark.parametrize("mean", [0.0, 1e-3, 1e8, 1e200])
def test_a_mixture_of_equals_is_each_of_them(mean, log_variance):
    """Its variance is no difference of squares."""
    output = np.array([[mean, log_variance]])
    np.testing.assert_allclose(averaged([output] * 4, LOSSES.get("gaussian_nll")), output, rtol=1e-12)


@pytest.mark.parametrize("apart", [1e-3, 1.0, 1e200])
def test_means_apart_widen_a_mixture(apart):
    outputs = [np.array([[1e8 - apart, -1000.0]]), np.array([[1e8 + apart, -1000.0]])]
    found = averaged(outputs, LOSSES.get("gaussian_nll"))
    half = (outputs[1][0, 0] - outputs[0][0, 0]) / 2  # as far as numbers around 1e8 can be apart
    np.testing.assert_allclose(found, [[1e8 if apart < 1e100 else 0, 2 * np.log(half)]], rtol=1e-12, atol=1e-5)


@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy", "cross_entropy", "poisson"])
def test_the_gradient_of_what_outputs_mean_is_its_slope(loss):
    loss = LOSSES.get(loss)
    rng = np.random.default_rng(0)
    output, wanted = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    slope = numerical_gradient(lambda output: float((wanted * loss.predict(output)).sum()), output)
    assert_close(loss.predict_backward(output, wanted), slope, f"d_output of {loss}")


def test_float32_stays_float32():
    outputs = [np.zeros((2, 1), np.float32)] * 2
    for loss in ("mse", "poisson"):
        found = averaged_backward(outputs, LOSSES.get(loss), 1.0, np.ones((2, 1)))
        assert [array.dtype for array in found] == [np.float32, np.float32]
        np.testing.assert_allclose(found, 0.5)

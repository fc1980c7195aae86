"""Averages of what members answer, and the way back to each member's outputs."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.formulas.averages import averaged, averaged_backward
from glassnet.formulas.losses import LOSSES
from tests.gradient import assert_close, numerical_gradient


@pytest.mark.parametrize("temperature", [1.0, 2.5])
@pytest.mark.parametrize(
    "loss",
    ["mse", "binary_cross_entropy", "cross_entropy", "poisson", "hinge", "binary_cross_entropy_from_probabilities"],
)
def test_the_gradient_of_the_average_is_its_slope(loss, temperature):
    loss = LOSSES.get(loss)
    rng = np.random.default_rng(0)
    outputs, wanted = rng.normal(size=(3, 4, 3)), rng.normal(size=(4, 3))

    def asked(of_members):
        return float((wanted * loss.predict(averaged(list(of_members), loss, temperature))).sum())

    found = averaged_backward(list(outputs), loss, temperature, wanted)
    assert_close(np.array(found), numerical_gradient(asked, outputs), f"d_outputs of {loss}")


def test_of_means_with_variances_the_mean_has_a_slope():
    loss = LOSSES.get("gaussian_nll")
    outputs = np.random.default_rng(1).normal(size=(2, 3, 2))
    found = averaged_backward(list(outputs), loss, 1.0, np.array([[1.0, 0.0]] * 3))
    slope = numerical_gradient(lambda of: float(averaged(list(of), loss)[:, 0].sum()), outputs)
    assert_close(np.array(found), slope, "d_outputs")
    np.testing.assert_allclose(np.array(found)[:, :, 0], 0.5)


def test_float32_stays_float32():
    outputs = [np.zeros((2, 1), np.float32)] * 2
    found = averaged_backward(outputs, LOSSES.get("mse"), 1.0, np.ones((2, 1)))
    assert [array.dtype for array in found] == [np.float32, np.float32]

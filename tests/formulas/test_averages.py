"""Averages of what members answer, and the way back to each member's outputs."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.formulas.averages import averaged, averaged_backward
from glassnet.formulas.losses import LOSSES
from tests.gradient import assert_close, numerical_gradient


@pytest.mark.parametrize("temperature", [1.0, 2.5])
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize(
    "loss",
    [
        *("mse", "binary_cross_entropy", "cross_entropy", "poisson", "hinge", "gaussian_nll"),
        "binary_cross_entropy_from_probabilities",
    ],
)
def test_the_gradient_of_the_average_is_its_slope(loss, members, temperature):
    loss = LOSSES.get(loss)
    rng = np.random.default_rng(0)
    outputs, wanted = rng.normal(size=(members, 5, 4)), rng.normal(size=(5, 4))

    def asked(of_members):
        return float((wanted * averaged(list(of_members), loss, temperature)).sum())

    found = averaged_backward(list(outputs), loss, temperature, wanted)
    assert_close(np.array(found), numerical_gradient(asked, outputs), f"d_outputs of {loss}")


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

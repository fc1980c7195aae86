"""Losses are told apart by what they say, not by what they are called."""

import numpy as np
import pytest

from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.measure import is_log_loss, is_squared_error


def named(loss: Loss) -> Loss:
    """The same by another name."""
    return Loss("other", loss.function, loss.derivative, loss.target, loss.link, loss.response, loss.over_targets)


def test_of_all_losses_these_are_squares_and_these_are_logarithms():
    losses = {name: LOSSES.get(name) for name in LOSSES}
    assert {name for name, loss in losses.items() if is_squared_error(loss)} == {"mse"}
    assert {name for name, loss in losses.items() if is_log_loss(loss)} == {"cross_entropy", "binary_cross_entropy"}


@pytest.mark.parametrize(
    ("name", "measured"),
    [("mse", is_squared_error), ("cross_entropy", is_log_loss), ("binary_cross_entropy", is_log_loss)],
)
def test_the_name_does_not_matter(name, measured):
    assert measured(named(LOSSES.get(name)))


def test_smoothed_labels_are_no_log_loss_and_a_loss_that_fails_is_nothing():
    assert not is_log_loss(LOSSES.get("cross_entropy(label_smoothing=0.1)"))
    assert not is_squared_error(
        Loss("picky", lambda output, target: np.linalg.inv(output), lambda output, target: output)
    )

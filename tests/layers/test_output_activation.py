"""However the last activation is spelled, the loss's own is taken out once, and what is left must go with the loss."""

from __future__ import annotations

import pytest

from glassnet import Activate, BatchNorm, Dense, Dropout, MemberDense
from glassnet.formulas.losses import LOSSES
from glassnet.layers.output_activation import before_loss

BINARY, CLASSES = LOSSES.get("binary_cross_entropy"), LOSSES.get("cross_entropy")
HIDDEN = Dense(4, "tanh")


@pytest.mark.parametrize(
    ("spelled", "kept"),
    [
        ([HIDDEN, Dense(1, "sigmoid", l2=0.1)], (HIDDEN, Dense(1, l2=0.1))),
        ([HIDDEN, Dense(1), Activate("sigmoid")], (HIDDEN, Dense(1))),
        ([HIDDEN, Dense(1), BatchNorm(), Activate("sigmoid")], (HIDDEN, Dense(1), BatchNorm())),
        ([HIDDEN, Dense(1, "sigmoid"), Activate("identity")], (HIDDEN, Dense(1), Activate("identity"))),
        ([HIDDEN, Dense(1, "sigmoid"), Dropout(0.1)], (HIDDEN, Dense(1), Dropout(0.1))),
        ([MemberDense(1, "sigmoid", 3)], (MemberDense(1, "identity", 3),)),
        ([Activate("sigmoid")], (Activate("identity"),)),
        ([Dense(3, "sigmoid"), Dense(1)], (Dense(3, "sigmoid"), Dense(1))),
    ],
)
def test_the_loss_s_own_activation_is_taken_out(spelled, kept):
    assert before_loss(spelled, BINARY) == kept

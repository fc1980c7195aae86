"""The last activation and the loss: which go together, and what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Activate, BatchNorm, Dense, Dropout, MemberDense
from glassnet.errors import InputError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES, squared_error, squared_error_derivative
from glassnet.layers.output_activation import before_loss, check_output_activation, is_response, last_activation

# ---------------------------------------------------------------------------------------- output activation


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


# ------------------------------------------------------------------------------------------ last activation


ANY = {"identity", "leaky_relu"}
"""The activations that reach every number."""
BOTH_SIDES = {"tanh", "hard_tanh", "softsign", "elu", "selu"}
GOES = {
    "scores": ANY,
    "sides": ANY | BOTH_SIDES,
    "fractions": {"sigmoid", "hard_sigmoid", "softmax"},
    "classes": {"softmax"},
    "numbers": set(ACTIVATIONS),
}


@pytest.mark.parametrize("name", list(LOSSES))
def test_what_goes_before_each_loss(name):
    loss = LOSSES.get(name)
    goes = set()
    for activation in ACTIVATIONS:
        try:
            check_output_activation(ACTIVATIONS.get(activation), loss)
        except InputError:
            continue
        goes.add(activation)
    assert goes == GOES[loss.target if loss.takes == "probabilities" else loss.takes]
    assert last_activation(loss) in goes


@pytest.mark.parametrize("name", list(LOSSES))
def test_an_activation_is_the_loss_s_own_if_it_gives_the_same_numbers(name):
    loss = LOSSES.get(name)
    own = {activation for activation in ACTIVATIONS if is_response(ACTIVATIONS.get(activation), loss)}
    assert own == {loss.response} - {"identity", "exp"}


def textbook_sigmoid(z):
    return 1 / (1 + np.exp(-z))


def textbook_softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def test_an_activation_of_one_s_own_is_known_by_what_it_does():
    mine = Activation("mine", textbook_sigmoid, lambda z, a: a * (1 - a))
    rows = Activation("rows", textbook_softmax, lambda z, a, d_a: a * (d_a - (a * d_a).sum(-1)), elementwise=False)
    rates = Activation("rates", np.exp, lambda z, a: a)
    assert is_response(mine, LOSSES.get("binary_cross_entropy"))
    assert is_response(rows, LOSSES.get("cross_entropy"))
    assert is_response(rates, LOSSES.get("poisson"))
    assert not is_response(mine, LOSSES.get("cross_entropy"))
    soft = Activation("capped", lambda z: 30 * np.tanh(z / 30), lambda z, a: 1 - (a / 30) ** 2)
    check_output_activation(soft, LOSSES.get("cross_entropy"))  # scores up to 30 are as sure as anybody needs


def test_an_activation_that_cannot_be_asked_is_taken_as_it_is():
    """One of rows of a width of its own: here a temperature for each of five classes."""
    heat = np.arange(1.0, 6.0)
    own = Activation("own", lambda z: z / heat, lambda z, a, d_a: d_a / heat, elementwise=False)
    assert not is_response(own, LOSSES.get("cross_entropy"))
    check_output_activation(own, LOSSES.get("cross_entropy"))


def test_a_loss_of_one_s_own_takes_what_its_record_says():
    def takes(**record):
        return Loss("mine", squared_error, squared_error_derivative, **record).takes

    assert takes() == "numbers"
    assert takes(target="signs") == "sides"
    assert takes(target="fractions") == takes(target="classes") == "probabilities"
    assert takes(target="fractions", response="sigmoid") == takes(target="classes", link="log_softmax") == "scores"

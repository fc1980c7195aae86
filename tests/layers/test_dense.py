"""Dense and Activate: fields, defaults, errors."""

from dataclasses import replace

import numpy as np
import pytest

from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.layers import Activate, Dense, Layout
from tests.layers.harness import Alone


def test_a_layer_of_many_units_is_as_many_single_neurons():
    """Each column of W with its b is a neuron of its own: alone it answers the same."""
    together = Alone(Dense(5, "tanh"))
    W, b = together.values[0]["W"], together.values[0]["b"]
    x = np.random.default_rng(0).normal(size=(7, 4))
    for unit in range(5):
        single = Alone(Dense(1, "tanh"))
        single.parameters[...] = [*W[:, unit], b[unit]]
        np.testing.assert_allclose(together.forward(x)[:, [unit]], single.forward(x), rtol=1e-14)


def test_the_identity_makes_it_a_linear_map():
    alone = Alone(Dense(3))
    x, y = np.random.default_rng(0).normal(size=(2, 6, 4))
    nothing = alone.forward(np.zeros((6, 4)))
    np.testing.assert_allclose(
        alone.forward(2 * x - 3 * y) - nothing,
        2 * (alone.forward(x) - nothing) - 3 * (alone.forward(y) - nothing),
        atol=1e-13,
    )


def test_without_a_bias_zeros_give_zeros():
    assert [p.name for p in Dense(3, bias=False).parameters(4)] == ["W"]
    assert not Alone(Dense(3, bias=False)).forward(np.zeros((2, 4))).any()


@pytest.mark.parametrize("name", [*ACTIVATIONS])
def test_the_initializer_suits_the_activation_unless_another_is_named(name: str):
    activation = ACTIVATIONS.get(name)
    assert Dense(3, name).parameters(4)[0].initializer == INITIALIZERS.get(activation.initializer)
    assert Dense(3, name, initializer="orthogonal").parameters(4)[0].initializer == INITIALIZERS.get("orthogonal")


def test_another_activation_brings_its_own_initializer():
    changed = replace(Dense(3, "relu"), activation="tanh")
    assert changed == Dense(3, "tanh")
    assert changed.parameters(4)[0].initializer == INITIALIZERS.get("glorot_uniform")


def test_the_bias_starts_as_asked():
    parameters, _ = Layout([Dense(3, bias_initializer="ones")], 4).initial(0, float)
    np.testing.assert_array_equal(parameters[12:], 1)


def test_only_weights_are_penalised_and_limited():
    W, b = Dense(3, l1=0.1, l2=0.2, max_norm=2).parameters(4)
    assert (W.kind, W.l1, W.l2, W.max_norm) == ("weight", 0.1, 0.2, 2.0)
    assert (b.kind, b.l1, b.l2, b.max_norm) == ("bias", 0.0, 0.0, None)


def test_an_activation_of_your_own_is_accepted():
    square = Activation("square", lambda z: z * z, lambda z, a: 2 * z)
    alone = Alone(Dense(2, square))
    z = Alone(Dense(2)).forward(np.ones((1, 4)))
    np.testing.assert_array_equal(alone.forward(np.ones((1, 4))), z * z)
    assert repr(Dense(2, square)) == "Dense(2, 'square')"


def test_it_prints_what_is_not_usual():
    assert repr(Dense(64, "relu")) == "Dense(64, 'relu')"
    assert repr(Dense(2, bias=False, initializer="zeros", l2=0.1, max_norm=3)) == (
        "Dense(2, 'identity', bias=False, initializer='zeros', l2=0.1, max_norm=3.0)"
    )
    assert repr(Activate("elu(0.5)")) == "Activate('elu(alpha=0.5)')"


@pytest.mark.parametrize("units", [0, -3, np.int64(0)])
def test_units_below_one_are_refused(units):
    with pytest.raises(InputError, match=r"^`units` of Dense must be a positive integer\. Received: .*0|-3"):
        Dense(units)


@pytest.mark.parametrize("units", [True, np.True_, 3.0, "3", None, np.array([3, 4])])
def test_units_that_are_no_whole_number_are_refused(units):
    with pytest.raises(InputTypeError, match="`units` of Dense must be a positive integer"):
        Dense(units)


@pytest.mark.parametrize("units", [3, np.int32(3), np.array(3)])
def test_any_whole_number_will_do(units):
    assert Dense(units) == Dense(3)
    assert type(Dense(units).units) is int


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("l1", -0.1, "0 or more"),
        ("l2", float("nan"), "0 or more"),
        ("l2", float("inf"), "0 or more"),
        ("max_norm", 0, "positive"),
        ("max_norm", float("inf"), "positive"),
    ],
)
def test_numbers_out_of_range_are_refused(field, value, rule):
    with pytest.raises(InputError, match=f"`{field}` of Dense must be {rule}. Received: {value}"):
        Dense(3, **{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [("l1", "0.1"), ("l2", None), ("l2", True), ("max_norm", "3"), ("l1", [1]), ("bias", "no"), ("bias", 0)],
)
def test_values_of_the_wrong_type_are_refused(field, value):
    with pytest.raises(InputTypeError, match=f"`{field}` of Dense must be"):
        Dense(3, **{field: value})


@pytest.mark.parametrize("field", ["activation", "initializer", "bias_initializer"])
def test_unknown_names_are_refused_with_the_known_ones(field):
    with pytest.raises(InputError, match=r"must be one of: .*Received: 'reluu'"):
        Dense(3, **{field: "reluu"})

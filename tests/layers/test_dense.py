"""Dense and Activate: fields, defaults, errors."""

from dataclasses import replace

import numpy as np
import pytest

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


@pytest.mark.parametrize("units", [3, np.int32(3), np.array(3)])
def test_any_whole_number_will_do(units):
    assert Dense(units) == Dense(3)
    assert type(Dense(units).units) is int

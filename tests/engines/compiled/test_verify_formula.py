"""A formula of somebody's own is compiled if its code gives what it gives itself, and else left to NumPy."""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass, replace

import numpy as np
import pytest
import scipy.special

from glassnet import Activation, Dense, NeuralNetwork
from glassnet.engines.compiled.update_plan import Coefficients
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.loss import Loss
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS

rng = np.random.default_rng(0)
X, y = rng.normal(size=(30, 3)), rng.normal(size=30)


def in_place(z):
    z *= 2
    return z


def another_name(z):
    one = other = z * 1.0
    one += 1
    return one + other


def caught(z):
    try:
        return z * np.heaviside(z, 0.5)
    except Exception:
        return z


@dataclass
class Scaled:
    """A formula that is an object, one without a hash."""

    factor: float

    def __call__(self, z):
        return self.factor * z


def one(z, a):
    return np.ones_like(z)


def trained(engine, activation="tanh", loss="mse", optimizer="adam", dtype="float64"):
    """The parameters after some steps, and whether the reference engine has taken over."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        network = NeuralNetwork(3, [Dense(4, activation), 1], loss, engine=engine, dtype=dtype)
        network.train(X, y, epochs=2, batch_size=10, optimizer=optimizer)
    return network.parameters, any("reference engine does the work" in str(warning.message) for warning in told)


OTHER = {
    "another type": lambda z: z.astype(np.float16) * 1.0,
    "whole numbers below zero divided": lambda z: z * (((z > 0) * 1 - 3) // 2),
    "whole numbers divided by zero": lambda z: z + (z > 0) * 7 // ((z > 1) * 2 - (z > 0) * 2),
    "their rest": lambda z: z * (((z > 0) * 1 - 4) % 3),
    "whole numbers as truth values": lambda z: z * np.logical_and((z > -1) * 2, (z < 2) * 1),
    "whole numbers of eight bits": lambda z: z * ((z > 0) * np.int8(100) + np.int8(100)),
    "the type": lambda z: np.tanh(z) if isinstance(z, np.ndarray) else z,
    "an attribute": lambda z: 2 * z if hasattr(z, "strides") else z,
    "a library": scipy.special.ndtr,
    "an error": caught,
    "in place": in_place,
    "by another name": another_name,
}


@pytest.mark.parametrize("what", OTHER)
def test_a_formula_whose_code_would_give_something_else_is_left_to_numpy(what):
    activation = Activation("own", OTHER[what], one)
    compiled, taken_over = trained("compiled", activation)
    assert taken_over
    np.testing.assert_array_equal(compiled, trained("reference", activation)[0])


def test_what_changes_from_call_to_call_is_seen():
    random = Activation("own", lambda z: z * np.random.default_rng().normal(), one)
    assert trained("compiled", random)[1]


def largest(z):
    return np.max(z, axis=-1, keepdims=True)


ROWS = {
    "a first value": lambda z: z - np.max(z, axis=-1, keepdims=True, initial=5.0),
    "a condition": lambda z: z + np.sum(z, axis=-1, keepdims=True, where=z > 0),
    "whole numbers": lambda z: z * (-np.sum((z > 0) * 1, axis=-1, keepdims=True) // 2),
    "the type": lambda z: z - largest(z) if isinstance(z, np.ndarray) else z,
}


@pytest.mark.parametrize("what", ROWS)
def test_so_is_one_of_whole_rows(what):
    activation = Activation("own", ROWS[what], lambda z, a, d_a: d_a, elementwise=False)
    compiled, taken_over = trained("compiled", activation)
    assert taken_over
    np.testing.assert_array_equal(compiled, trained("reference", activation)[0])


def test_a_formula_of_rows_may_use_what_follows_from_sums():
    def standardised(z):
        z = z - z.mean(axis=-1, keepdims=True)
        return z / np.sqrt(z.var(axis=-1, keepdims=True) + np.linalg.norm(z, axis=-1, keepdims=True) + 1e-3)

    activation = Activation("own", standardised, lambda z, a, d_a: d_a, elementwise=False)
    compiled, taken_over = trained("compiled", activation)
    assert not taken_over
    np.testing.assert_allclose(compiled, trained("reference", activation)[0], rtol=1e-10)


def test_a_question_about_a_row_is_refused():
    activation = Activation("own", lambda z: z if largest(z) > 3 else 2 * z, lambda z, a, d_a: d_a, elementwise=False)
    with pytest.raises(ValueError, match="truth value of an array"):  # as NumPy says it
        trained("compiled", activation)


def test_so_are_losses_and_optimizers():
    loss = Loss("own", lambda o, t: (o - t) ** 2, lambda o, t: (o - t) * (((o > t) * 1 - 3) // 2 + 3))
    rule = Optimizer("own", lambda theta, g, alpha: (theta + alpha * (((g > 0) * 1 - 3) // 2),))
    for own in ({"loss": loss}, {"optimizer": rule}):
        compiled, taken_over = trained("compiled", **own)
        assert taken_over
        np.testing.assert_array_equal(compiled, trained("reference", **own)[0])


SOUND = {
    "truth values as numbers": lambda z: z * (z > 0).astype(float),
    "an object": Scaled(0.5),
    "a function of NumPy's": np.arctan,
    "a built-in activation": ACTIVATIONS.get("elu"),
    "branches": lambda z: np.where(z > 0, z, 0.1 * z) if True else z,
    "functions made of others": lambda z: np.logaddexp(z, 0) + np.round(np.clip(z, -1, 1)) + np.nan_to_num(np.sqrt(z)),
}


@pytest.mark.parametrize("what", SOUND)
def test_what_gives_the_same_is_compiled(what):
    activation = Activation("own", SOUND[what], one)
    compiled, taken_over = trained("compiled", activation)
    assert not taken_over
    np.testing.assert_allclose(compiled, trained("reference", activation)[0], rtol=1e-10)


def as_own(function):
    return lambda *numbers: function(*numbers)


@pytest.mark.parametrize("name", [*ACTIVATIONS])
def test_every_built_in_activation_would_pass(name):
    built_in = ACTIVATIONS.get(name)
    own = replace(built_in, function=as_own(built_in.function), derivative=as_own(built_in.derivative))
    (found, taken_over), (expected, _) = trained("compiled", own), trained("compiled", built_in)
    assert not taken_over
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", [*OPTIMIZERS])
def test_so_would_every_optimizer(name):
    built_in = OPTIMIZERS.get(name)
    own = replace(built_in, rule=as_own(built_in.rule))
    (found, taken_over), (expected, _) = (trained("compiled", optimizer=rule) for rule in (own, built_in))
    assert not taken_over
    np.testing.assert_array_equal(found, expected)


def test_a_number_of_numpy_s_too_small_for_float32_stays_what_it_is():
    tiny = np.finfo(float).tiny
    activation = Activation("own", lambda z: np.log(0 * z + tiny) / 100, lambda z, a: 0 * z)
    compiled, taken_over = trained("compiled", activation, dtype="float32")
    assert not taken_over
    np.testing.assert_allclose(compiled, trained("reference", activation, dtype="float32")[0], rtol=1e-4)


def test_a_derivative_that_asks_for_the_precision_gets_what_it_reads():
    def slope(z, a):
        return 1 - a * a if z.dtype == np.float64 else 1 - np.tanh(z) ** 2

    activation = Activation("own", np.tanh, slope)
    compiled, reference = (trained(engine, activation, dtype="float32")[0] for engine in ("compiled", "reference"))
    np.testing.assert_allclose(compiled, reference, rtol=1e-4)


FACTOR = 1.0


def of_rows(z):
    return FACTOR * z - largest(z)


def nested(z):
    def inner(t):
        return FACTOR * t

    return inner(z)


@pytest.mark.parametrize(("formula", "elementwise"), [(of_rows, False), (nested, True)])
def test_a_prediction_sees_what_has_changed_around_a_formula(formula, elementwise, monkeypatch):
    network = NeuralNetwork(3, [Dense(4, Activation("own", formula, one, elementwise))])
    before = network.predict(X)
    monkeypatch.setitem(globals(), "FACTOR", 2.0)
    reference = NeuralNetwork(3, [Dense(4, Activation("own", formula, one, elementwise))], engine="reference")
    reference.parameters[...] = network.parameters
    np.testing.assert_allclose(network.predict(X), reference.predict(X), rtol=1e-12)
    assert np.abs(network.predict(X) - before).max() > 0.1


def test_a_formula_that_is_wrapped_as_one_of_glassnet_s_own_is_not_taken_for_it(monkeypatch):
    @functools.wraps(ACTIVATIONS.get("tanh").function)
    def wrapped(z):
        return FACTOR * z

    network = NeuralNetwork(3, [Dense(4, Activation("own", wrapped, one))])
    before = network.predict(X)
    monkeypatch.setitem(globals(), "FACTOR", 2.0)
    np.testing.assert_allclose(network.predict(X), 2 * before, rtol=1e-12)


def test_powers_of_the_number_of_a_step_do_not_go_round():
    rule = Optimizer("own", lambda theta, g, alpha, c: (theta - alpha * c * g,), (), lambda t, previous: (t**6 / 1e20,))
    assert Coefficients(rule).rows(3000, 1, None)[0, 0] == pytest.approx(3001**6 / 1e20, rel=1e-12)

"""A formula in one precision, and a fingerprint of all that it depends on."""

from __future__ import annotations

import types

import numpy as np
import pytest

from glassnet import Dense, NeuralNetwork
from glassnet.engines.compiled.specialize import fingerprint, reads, specialize
from glassnet.formulas.activations import ACTIVATIONS, Activation

FACTOR = 2.0


def plain(function):
    return function


def test_numbers_in_a_formula_get_its_precision():
    def formula(z, slope=0.5):
        return np.where(z > 0, z, 0.25 * slope * z) / (1 + FACTOR)

    x = np.float32(-3)
    assert specialize(formula, "float32", plain)(x).dtype == np.float32
    assert specialize(formula, "float64", plain)(x) == formula(x)


def test_functions_that_a_formula_calls_and_closes_over_are_treated_alike():
    third = 1 / 3

    def inner(z):
        return third * z

    narrow = specialize(lambda z: inner(z) + inner(z), "float32", plain)
    assert narrow(np.float32(1)).dtype == np.float32


def test_the_same_formula_has_the_same_fingerprint_wherever_it_was_made():
    def made():
        return lambda z: z * 0.5

    assert fingerprint(made()) == fingerprint(made())
    for name in ACTIVATIONS:
        assert fingerprint(ACTIVATIONS.get(name).function) == fingerprint(ACTIVATIONS.get(name).function)


def with_global(value):
    return types.FunctionType((lambda z: z * CONSTANT).__code__, {"CONSTANT": value, "np": np})  # noqa: F821


def with_module(value):
    module = types.ModuleType("settings")
    module.K = value
    return types.FunctionType((lambda z: z * settings.K).__code__, {"settings": module})  # noqa: F821


def with_inner(value):
    return types.FunctionType((lambda z: (lambda: z * CONSTANT)()).__code__, {"CONSTANT": value})  # noqa: F821


def with_cell(value):
    return lambda z: z * value


def with_default(value):
    return types.FunctionType((lambda z, k: z * k).__code__, {}, argdefs=(value,))


def with_called(value):
    inner = with_cell(value)
    return lambda z: inner(z)


@pytest.mark.parametrize("make", [with_global, with_module, with_inner, with_cell, with_default, with_called])
@pytest.mark.parametrize(
    "values",
    [(1.0, 3.0), (1, 1.0), (0.1, 0.1 + 1e-16), (np.float32(1), np.float64(1)), ((1.0, 2.0), (1.0, 3.0))],
    ids=["numbers", "types", "last digit", "precisions", "tuples"],
)
def test_another_number_anywhere_is_another_formula(make, values):
    one, other = (make(value) for value in values)
    assert fingerprint(one) == fingerprint(make(values[0]))
    assert fingerprint(one) != fingerprint(other)


def test_long_arrays_count_to_the_last_element():
    one, other = np.zeros(5000), np.zeros(5000)
    other[2500] = 1e-12
    assert fingerprint(with_global(one)) != fingerprint(with_global(other))
    assert fingerprint(with_global(one)) == fingerprint(with_global(one.copy()))


def test_what_a_formula_reads():
    assert reads(lambda z, a: z + a, 0)
    assert not reads(lambda z, a: 1 - a, 0)
    assert reads(lambda z, a: 1 - a, 1)


def test_what_is_no_plain_function_is_refused():
    with pytest.raises(TypeError, match="not a plain Python function"):
        fingerprint(np.tanh)


def test_what_a_function_within_a_formula_reads_counts():
    assert reads(lambda z, a: (lambda: z)(), 0)
    assert reads(lambda z, a: sum(z for _ in (1,)), 0)
    assert not reads(lambda z, a: (lambda: a)(), 0)
    assert reads(lambda *both: both[1], 1)


def inner_derivative(z, a):
    def slope():
        return 2 * z

    return slope()


def test_a_derivative_whose_inner_function_reads_z_gets_it():
    square = Activation("square", lambda z: z * z, inner_derivative)
    ends = []
    for engine in ("reference", "compiled"):
        network = NeuralNetwork(2, [Dense(3, square), 1], engine=engine)
        network.train([[1.0, 2.0], [3.0, -1.0]], [1.0, 2.0], epochs=2, optimizer="sgd")
        ends.append(network.parameters)
    np.testing.assert_allclose(*ends, rtol=1e-12)


STEEPNESS = 1.0


def steep(z):
    return STEEPNESS * z


def test_a_global_that_changes_changes_the_next_prediction_too(monkeypatch):
    network = NeuralNetwork(1, [Dense(1, Activation("steep", steep, lambda z, a: STEEPNESS + 0 * z))])
    network.parameters[...] = [1.0, 0.0]
    assert network.predict([[3.0]]) == 3
    monkeypatch.setitem(globals(), "STEEPNESS", 2.0)
    assert network.predict([[3.0]]) == 6

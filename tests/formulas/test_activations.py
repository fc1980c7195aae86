"""Activations: right by central differences, by 50 decimal digits, and by what their definitions imply."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.initializers import INITIALIZERS

NAMES = list(ACTIVATIONS)
ELEMENTWISE = [name for name in NAMES if ACTIVATIONS.get(name).elementwise]
SPELLINGS = [*ELEMENTWISE, "leaky_relu(slope=0.2)", "elu(alpha=0.5)", "elu(alpha=2.0)"]
numbers = st.floats(-1e4, 1e4)


# Where the second derivative jumps; a difference across one is right to first order only.
BENDS = {"softsign": (0.0,)}


def grid(activation, low=-8.0, high=8.0, room=0.035):
    """Points between low and high, none near a kink."""
    z = np.linspace(low, high, 1602)
    for point in (*activation.kinks, *BENDS.get(activation.name, ())):
        z = z[np.abs(z - point) > room]
    return z


# ------------------------------------------------------------- derivatives


SLOPES_AT_KINKS = {
    "leaky_relu": {0: 0.01},
    "elu(alpha=2.0)": {0: 2},
    "selu": {0: 1.0507009873554805 * 1.6732632423543772},
    "hard_sigmoid": {-3: 0, 3: 0},
    "hard_tanh": {-1: 0, 1: 0},
    "hard_swish": {-3: 0, 3: 1},
}


@pytest.mark.parametrize("spelling", SLOPES_AT_KINKS)
def test_the_slope_at_a_kink_is_what_the_docstring_says(spelling):
    activation, (z, slopes) = ACTIVATIONS.get(spelling), np.array([*SLOPES_AT_KINKS[spelling].items()], float).T
    np.testing.assert_array_equal(activation.backward(z, activation(z), np.ones_like(z)), slopes)


def test_a_formula_with_a_test_is_called_for_each_number():
    activation = Activation("own", lambda z: max(z, 0), lambda z, a: float(z > 0))
    np.testing.assert_array_equal(activation(np.array([-1.0, 2.0])), [0, 2])


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_derivative_is_the_central_difference(spelling, derivative):
    activation = ACTIVATIONS.get(spelling)
    z = grid(activation)
    stated = activation.backward(z, activation(z), np.ones_like(z))
    measured = derivative(activation, z)
    error = np.abs(stated - measured) / np.maximum(np.abs(measured), 1e-4)  # near a zero of f' the error is absolute
    assert error.max() < 1e-6
    assert len(z) > 1500


@pytest.mark.parametrize("spelling", [name for name in SPELLINGS if ACTIVATIONS.get(name).kinks])
def test_derivative_at_a_kink_is_one_of_the_two_one_sided_ones(spelling):
    activation = ACTIVATIONS.get(spelling)
    for kink in activation.kinks:
        left, at, right = (
            float(activation.derivative(z, activation(z), *activation.values))
            for z in (np.nextafter(kink, -np.inf), np.float64(kink), np.nextafter(kink, np.inf))
        )
        assert at in (pytest.approx(left, abs=1e-12), pytest.approx(right, abs=1e-12))
        assert abs(left - right) > 1e-3 or spelling == "elu"  # elu's is one of the second derivative when alpha is 1


def test_softmax_gradient_is_the_central_difference(row_gradient):
    rng = np.random.default_rng(3)
    z, d_a = rng.normal(size=(2, 40, 5)) * 2
    softmax = ACTIVATIONS.get("softmax")
    measured = row_gradient(lambda scores: np.sum(d_a * softmax(scores), axis=1), z)
    stated = softmax.backward(z, softmax(z), d_a)
    assert np.abs(stated - measured).max() / np.abs(measured).max() < 1e-9


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_backward_is_the_chain_rule(name):
    activation = ACTIVATIONS.get(name)
    z = grid(activation)
    d_a = np.cos(z)
    once = activation.backward(z, activation(z), np.ones_like(z))
    np.testing.assert_array_equal(activation.backward(z, activation(z), d_a), once * d_a)


# ----------------------------------------------------- values to 50 digits


def decimal_erf(x: Decimal) -> Decimal:
    """2/√π Σ (-1)^n x^(2n+1) / (n! (2n+1)), with digits to spare for what its terms cancel."""
    with localcontext() as context:
        context.prec += 20
        total, term = Decimal(0), x
        for n in range(120):
            total += term / (2 * n + 1)
            term *= -x * x / (n + 1)
        pi = Decimal("3.14159265358979323846264338327950288419716939937510582")
        return 2 / pi.sqrt() * total


def decimal_tanh(x: Decimal) -> Decimal:
    return 1 - 2 / ((2 * x).exp() + 1)


def decimal_gelu_tanh(z: Decimal) -> Decimal:
    pi = Decimal("3.14159265358979323846264338327950288419716939937510582")
    return z / 2 * (1 + decimal_tanh((2 / pi).sqrt() * (z + Decimal("0.044715") * z**3)))


DEFINITIONS = {
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "tanh": decimal_tanh,
    "elu": lambda z: z if z > 0 else z.exp() - 1,
    "softplus": lambda z: (1 + z.exp()).ln(),
    "softsign": lambda z: z / (1 + abs(z)),
    "gelu": lambda z: z / 2 * (1 + decimal_erf(z / Decimal(2).sqrt())),
    "gelu_tanh": decimal_gelu_tanh,
    "silu": lambda z: z / (1 + (-z).exp()),
    "mish": lambda z: z * decimal_tanh((1 + z.exp()).ln()),
}


@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 2e-15), (np.float32, 1e-6)])
def test_values_against_the_definition_in_50_digits(name, dtype, tolerance):
    z = np.array([-3.5, -2.0, -0.75, -0.125, 2**-10, 0.25, 1.0, 2.5, 3.0], dtype)  # exact in every format
    with localcontext() as context:
        context.prec = 50
        expected = np.array([float(DEFINITIONS[name](Decimal(float(x)))) for x in z])
    scale = np.abs(z if name.startswith("gelu") else expected)  # 1 + erf(z) cancels for z < 0: right to a share of z
    np.testing.assert_array_less(np.abs(ACTIVATIONS.get(name)(z) - expected) / scale, tolerance)


KNOWN = [  # (activation, z, a): a is known by other means than the code's formula
    ("identity", 2.5, 2.5),
    ("sigmoid", math.log(3), 3 / 4),
    ("sigmoid", -math.log(3), 1 / 4),
    ("tanh", math.log(3) / 2, 1 / 2),
    ("relu", -2.0, 0.0),
    ("relu", 2.0, 2.0),
    ("leaky_relu", -2.0, -0.02),
    ("leaky_relu", 2.0, 2.0),
    ("elu", -math.log(2), -1 / 2),
    ("elu(alpha=3.0)", -math.log(2), -3 / 2),
    ("softplus", 0.0, math.log(2)),
    ("softplus", math.log(math.e - 1), 1.0),
    ("softsign", -3.0, -3 / 4),
    ("gelu", 1.0, NormalDist().cdf(1.0)),
    ("gelu", -2.0, -2 * NormalDist().cdf(-2.0)),
    ("silu", math.log(3), math.log(3) * 3 / 4),
    ("mish", math.log(2), math.log(2) * 4 / 5),  # (1 + 2)² = 9, and (9 - 1) / (9 + 1)
    ("hard_sigmoid", 1.5, 3 / 4),
    ("hard_tanh", -0.25, -0.25),
    ("relu6", 4.5, 4.5),
    ("relu6", 7.0, 6.0),
    ("hard_swish", -1.5, -3 / 8),
    ("hard_swish", 1.0, 2 / 3),
]


@pytest.mark.parametrize(("spelling", "z", "a"), KNOWN)
def test_known_values(spelling, z, a):
    assert ACTIVATIONS.get(spelling)(z) == pytest.approx(a, rel=1e-14)


def test_selu_keeps_mean_zero_and_variance_one():
    """Its two constants are defined by this fixed point; the integrals are taken piece by piece, by quadrature."""
    selu = ACTIVATIONS.get("selu")
    nodes, weights = np.polynomial.legendre.leggauss(200)
    moments = np.zeros(2)
    for low, high in ((-12.0, 0.0), (0.0, 12.0)):
        z = low + (nodes + 1) * (high - low) / 2
        density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * weights * (high - low) / 2
        moments += [np.sum(density * selu(z)), np.sum(density * selu(z) ** 2)]
    np.testing.assert_allclose(moments, [0, 1], atol=1e-13)


def test_gelu_tanh_is_close_to_gelu():
    z = np.linspace(-10, 10, 2001)
    distance = np.abs(ACTIVATIONS.get("gelu")(z) - ACTIVATIONS.get("gelu_tanh")(z))
    assert 1e-4 < distance.max() < 5e-4  # as its docstring says, and not the same function


# --------------------------------------------------- types, shapes, scalars


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(7,), (3, 4), (0, 4), (2, 3, 4)])
def test_type_and_shape_are_kept_and_the_input_is_not_changed(name, dtype, shape):
    activation = ACTIVATIONS.get(name)
    z = np.random.default_rng(0).normal(size=shape).astype(dtype)
    before = z.copy()
    a = activation(z)
    d_z = activation.backward(z, a, np.ones_like(a))
    assert a.dtype == dtype
    assert d_z.dtype == dtype
    assert a.shape == d_z.shape == shape
    np.testing.assert_array_equal(z, before)


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("dtype", [float, np.float32, np.float64])
def test_scalars_give_what_arrays_give(name, dtype):
    activation = ACTIVATIONS.get(name)
    z = np.linspace(-4, 4, 9).astype(dtype)
    a = activation(z)
    d_z = np.broadcast_to(activation.derivative(z, a, *activation.values), z.shape)
    for i, scalar in enumerate(map(dtype, z)):
        assert activation(scalar) == a[i]
        assert activation.derivative(scalar, activation(scalar), *activation.values) == d_z[i]
        assert np.asarray(activation(scalar)).dtype == np.dtype(dtype)


# --------------------------------------------------- the ends of the numbers

# name: limits of f at -inf and +inf, limits of f' there; None: grows like z itself
LIMITS = {
    "identity": (None, None, 1, 1),
    "sigmoid": (0, 1, 0, 0),
    "tanh": (-1, 1, 0, 0),
    "relu": (0, None, 0, 1),
    "leaky_relu": (None, None, 0.01, 1),
    "elu": (-1, None, 0, 1),
    "selu": (-1.0507009873554805 * 1.6732632423543772, None, 0, 1.0507009873554805),
    "softplus": (0, None, 0, 1),
    "softsign": (-1, 1, 0, 0),
    "gelu": (0, None, 0, 1),
    "gelu_tanh": (0, None, 0, 1),
    "silu": (0, None, 0, 1),
    "mish": (0, None, 0, 1),
    "hard_sigmoid": (0, 1, 0, 0),
    "hard_tanh": (-1, 1, 0, 0),
    "relu6": (0, 6, 0, 0),
    "hard_swish": (0, None, 0, 1),
}


def test_limits_are_stated_for_every_activation():
    assert set(LIMITS) == set(ELEMENTWISE), "put the limits of a new activation into LIMITS, above"


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_arguments_reach_the_limits_without_a_warning(name, dtype):
    activation = ACTIVATIONS.get(name)
    z = np.array([-1e4, 1e4], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        a = activation(z)
        d_z = activation.backward(z, a, np.ones_like(a))
    for i, (limit, slope) in enumerate(zip(LIMITS[name][:2], LIMITS[name][2:], strict=True)):
        assert a[i] == pytest.approx(slope * z[i] if limit is None else limit, rel=1e-6, abs=2e-4)
        assert d_z[i] == pytest.approx(slope, abs=1e-6)


# An infinite pre-activation means that training has diverged; these products 0 · inf say so, as PyTorch's do.
NAN_AT_INFINITY = {"gelu": [-np.inf], "gelu_tanh": [-np.inf], "silu": [-np.inf], "mish": [-np.inf]} | {
    "hard_swish": [-np.inf],
    "softsign": [-np.inf, np.inf],
}


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("z", [-np.inf, np.inf])
def test_infinity_gives_the_limit_or_nan_but_never_a_wrong_number(name, z):
    low, high, *_ = LIMITS[name]
    limit = low if z < 0 else high
    with np.errstate(invalid="ignore"):
        a = ACTIVATIONS.get(name)(np.array([z]))[0]
    if z in NAN_AT_INFINITY.get(name, []):
        assert np.isnan(a)
    else:
        assert a == (z if limit is None else pytest.approx(limit))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_is_not_hidden(name, dtype):
    a = ACTIVATIONS.get(name)(np.array([[1.0, np.nan]], dtype))
    assert np.isnan(a[0, 1])
    assert np.isnan(a[0, 0]) == (name == "softmax")  # its row shares the fate


# ------------------------------------------------------- stated properties

RANGES = {
    "sigmoid": (0, 1),
    "tanh": (-1, 1),
    "relu": (0, np.inf),
    "elu": (-1, np.inf),
    "selu": (-1.7581, np.inf),
    "softplus": (0, np.inf),
    "softsign": (-1, 1),
    "gelu": (-0.17, np.inf),
    "gelu_tanh": (-0.1701, np.inf),
    "silu": (-0.2785, np.inf),
    "mish": (-0.3089, np.inf),
    "hard_sigmoid": (0, 1),
    "hard_tanh": (-1, 1),
    "relu6": (0, 6),
    "hard_swish": (-0.375, np.inf),
}
MONOTONE = sorted(set(ELEMENTWISE) - {"gelu", "gelu_tanh", "silu", "mish", "hard_swish"})
ODD = ["identity", "tanh", "softsign", "hard_tanh"]
HALVES_OF_ONE = ["sigmoid", "hard_sigmoid"]  # f(z) + f(-z) = 1
HALVES_OF_Z = ["relu", "softplus", "gelu", "gelu_tanh", "silu", "hard_swish"]  # f(z) - f(-z) = z


@pytest.mark.parametrize("name", RANGES)
@given(z=numbers)
def test_range(name, z):
    low, high = RANGES[name]
    assert low <= ACTIVATIONS.get(name)(z) <= high


@pytest.mark.parametrize("name", MONOTONE)
@given(z=numbers, more=st.floats(0, 1e4))
def test_monotone(name, z, more):
    f = ACTIVATIONS.get(name)
    assert f(z + more) >= f(z) - 1e-15
    assert f.derivative(z, f(z), *f.values) >= 0


@pytest.mark.parametrize("name", sorted(set(ELEMENTWISE) - set(MONOTONE)))
def test_the_others_have_one_minimum_left_of_zero(name):
    z = np.linspace(-5, 5, 10001)
    rising = np.diff(ACTIVATIONS.get(name)(z)) > 0
    lowest = int(np.argmax(rising))
    assert -2 < z[lowest] < -0.5
    assert np.all(rising[lowest:])
    assert not np.any(rising[:lowest])


@pytest.mark.parametrize("name", ODD)
@given(z=numbers)
def test_odd(name, z):
    f = ACTIVATIONS.get(name)
    assert f(-z) == -f(z)


@pytest.mark.parametrize("name", HALVES_OF_ONE)
@given(z=numbers)
def test_the_two_sides_sum_to_one(name, z):
    f = ACTIVATIONS.get(name)
    assert f(z) + f(-z) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("name", HALVES_OF_Z)
@given(z=numbers)
def test_the_two_sides_differ_by_z(name, z):
    f = ACTIVATIONS.get(name)
    assert f(z) - f(-z) == pytest.approx(z, rel=1e-14, abs=1e-15)


@given(z=numbers)
def test_sigmoid_is_a_shifted_tanh_and_the_slope_of_softplus(z):
    sigmoid, tanh, softplus = (ACTIVATIONS.get(name) for name in ("sigmoid", "tanh", "softplus"))
    assert 2 * sigmoid(2 * z) - 1 == pytest.approx(tanh(z), abs=1e-15)
    assert softplus.derivative(z, softplus(z)) == sigmoid(z)


rows = st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=1, max_size=5))


@given(rows=rows)
def test_softmax_rows_are_probabilities_in_the_order_of_the_scores(rows):
    z = np.array(rows)
    p = ACTIVATIONS.get("softmax")(z)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    assert np.all((p >= 0) & (p <= 1))
    order = np.argsort(z, axis=1)
    assert np.all(np.diff(np.take_along_axis(p, order, axis=1), axis=1) >= 0)


@given(rows=rows, shift=st.integers(-1000, 1000))
def test_softmax_does_not_see_a_shift(rows, shift):
    z = np.round(rows)  # whole numbers, so that adding the shift is exact
    softmax = ACTIVATIONS.get("softmax")
    np.testing.assert_array_equal(softmax(z + shift), softmax(z))


@given(z=st.floats(-700, 700))
def test_softmax_of_two_scores_is_the_sigmoid_of_their_difference(z):
    p = ACTIVATIONS.get("softmax")(np.array([[z, 0.0]]))[0, 0]
    assert p == pytest.approx(float(ACTIVATIONS.get("sigmoid")(z)), rel=1e-12)


def test_softmax_gradient_is_blind_to_a_constant():
    z = np.random.default_rng(0).normal(size=(5, 4))
    softmax = ACTIVATIONS.get("softmax")
    np.testing.assert_allclose(softmax.backward(z, softmax(z), np.full_like(z, 3.0)), 0, atol=1e-15)


# ------------------------------------------------------------------ records


@pytest.mark.parametrize("name", NAMES)
def test_every_activation_names_an_initializer_that_exists(name):
    assert ACTIVATIONS.get(name).initializer in INITIALIZERS

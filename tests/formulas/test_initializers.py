"""Initializers: the variance that each promises, orthogonality, seeds, and signals that keep their size."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from glassnet.errors import InputTypeError
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.initializers import INITIALIZERS, Initializer

CONSTANT = {"zeros": 0.0, "ones": 1.0}
RANDOM = sorted(set(INITIALIZERS) - {*CONSTANT, "steps"})
SHAPES = [(400, 250), (100, 1000), (1, 100_000), (3, 40_000)]

VARIANCES = {  # of (fan_in, fan_out), as the papers promise it
    "uniform": lambda n, m: 0.05**2 / 3,
    "normal": lambda n, m: 0.05**2,
    "glorot_uniform": lambda n, m: 2 / (n + m),
    "glorot_normal": lambda n, m: 2 / (n + m),
    "he_uniform": lambda n, m: 2 / n,
    "he_normal": lambda n, m: 2 / n,
    "lecun_uniform": lambda n, m: 1 / n,
    "lecun_normal": lambda n, m: 1 / n,
}


@pytest.mark.parametrize("name", VARIANCES)
@pytest.mark.parametrize("shape", SHAPES)
def test_mean_and_variance(name, shape):
    W = INITIALIZERS.get(name)(np.random.default_rng(5), shape)
    variance, count = VARIANCES[name](*shape), W.size
    kurtosis = 1.8 if name.endswith("uniform") else 3.0  # of the two distributions: E[x⁴] / E[x²]²
    assert abs(W.mean()) < 5 * np.sqrt(variance / count)  # five standard errors each
    assert abs((W**2).mean() / variance - 1) < 5 * np.sqrt((kurtosis - 1) / count)


@pytest.mark.parametrize("name", VARIANCES)
def test_shape_of_the_distribution(name):
    W = INITIALIZERS.get(name)(np.random.default_rng(5), (500, 400))
    z = W / np.sqrt(VARIANCES[name](*W.shape))
    if name.endswith("uniform"):
        assert np.abs(z).max() <= np.sqrt(3)
        assert np.abs(z).max() > 1.73
    else:
        assert np.abs(z).max() > 4  # not truncated at two standard deviations
    kurtosis = 1.8 if name.endswith("uniform") else 3.0
    assert (z**4).mean() == pytest.approx(kurtosis, rel=0.03)


@pytest.mark.parametrize("name", RANDOM)
def test_the_seed_decides(name):
    initializer = INITIALIZERS.get(name)
    first, again, other = (initializer(np.random.default_rng(seed), (6, 5)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.all(first == other)
    assert first.dtype == np.float64
    assert first.shape == (6, 5)


@pytest.mark.parametrize("name", RANDOM)
def test_neurons_differ_and_weights_have_both_signs(name):
    """Equal neurons stay equal for ever; weights that are all positive let no neuron say no."""
    W = INITIALIZERS.get(name)(np.random.default_rng(0), (20, 10))
    assert len(np.unique(W, axis=1).T) == 10
    assert np.all((W > 0).any(axis=0) & (W < 0).any(axis=0))


@pytest.mark.parametrize(("name", "value"), CONSTANT.items())
def test_constants(name, value):
    W = INITIALIZERS.get(name)(np.random.default_rng(0), (2, 3))
    assert (W.dtype, W.tolist()) == (np.float64, [[value] * 3] * 2)


@pytest.mark.parametrize("shape", [(7, 7), (9, 4), (4, 9), (1, 5), (5, 1), (1, 1)])
def test_orthogonal_has_orthonormal_columns_or_rows(shape):
    W = INITIALIZERS.get("orthogonal")(np.random.default_rng(0), shape)
    assert W.shape == shape
    small = W.T @ W if shape[0] >= shape[1] else W @ W.T
    np.testing.assert_allclose(small, np.eye(min(shape)), atol=1e-14)


def test_orthogonal_has_the_same_bits_whatever_blas_there_is():
    W = INITIALIZERS.get("orthogonal")(np.random.default_rng(0), (90, 70))
    assert hashlib.sha256(W.tobytes()).hexdigest()[:16] == "86d334292ca33672"


def test_orthogonal_gain_is_the_length_of_the_columns():
    W = INITIALIZERS.get("orthogonal(gain=1.5)")(np.random.default_rng(0), (8, 3))
    np.testing.assert_allclose(np.linalg.norm(W, axis=0), 1.5, rtol=1e-14)


@pytest.mark.slow
def test_orthogonal_is_uniform_over_all_rotations_and_reflections():
    """The trace of a uniform (Haar) orthogonal matrix has mean 0 and variance 1, its determinant is as often -1 as 1.

    The bare Q of LAPACK's decomposition fails this: the signs of its diagonal are a convention.
    """
    rng, count = np.random.default_rng(7), 4000
    matrices = np.stack([INITIALIZERS.get("orthogonal")(rng, (4, 4)) for _ in range(count)])
    traces = np.trace(matrices, axis1=1, axis2=2)
    assert abs(traces.mean()) < 5 / np.sqrt(count)
    assert (traces**2).mean() == pytest.approx(1, abs=5 * np.sqrt(2 / count))
    assert abs(np.linalg.det(matrices).mean()) < 5 / np.sqrt(count)
    bare = np.stack([np.linalg.qr(rng.normal(size=(4, 4)))[0] for _ in range(count)])
    assert abs(np.trace(bare, axis1=1, axis2=2).mean()) > 20 / np.sqrt(count)


@pytest.mark.parametrize(
    ("initializer", "activation", "networks"),  # in one alone the size wanders, by a factor of two after twenty layers
    [
        ("he_normal", "relu", 10),
        ("he_uniform", "relu", 10),
        ("lecun_normal", "selu", 10),
        ("glorot_uniform", "identity", 10),
        ("orthogonal", "identity", 1),  # it does not wander
    ],
)
def test_a_signal_keeps_its_size_through_twenty_layers(initializer, activation, networks):
    rng, sizes = np.random.default_rng(3), []
    for _ in range(networks):
        a = rng.normal(size=(20, 200))
        for _ in range(20):
            a = ACTIVATIONS.get(activation)(a @ INITIALIZERS.get(initializer)(rng, (200, 200)))
        sizes.append((a**2).mean())
    assert 0.5 < np.exp(np.mean(np.log(sizes))) < 1.5


def test_a_signal_dies_where_the_initializer_does_not_suit_the_rectifier():
    rng = np.random.default_rng(3)
    a = rng.normal(size=(200, 300))
    for _ in range(20):
        a = ACTIVATIONS.get("relu")(a @ INITIALIZERS.get("lecun_normal")(rng, (300, 300)))
    assert (a**2).mean() < 1e-5  # half of it goes in every layer: 2^-20


def test_an_initializer_of_ones_own():
    ones = Initializer("ones", lambda rng, shape: np.ones(shape))
    assert ones(np.random.default_rng(0), (2, 3)).sum() == 6
    with pytest.raises(InputTypeError, match="`function` of Initializer must be a function"):
        Initializer("nothing", 1.0)

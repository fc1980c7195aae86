"""The update: what is clipped, what decays, what is averaged, and that the rule gets what it was promised."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import BatchNorm, Dense, Scale
from glassnet.engines import Updater
from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.layers import Layout

LAYOUT = Layout([Scale(), Dense(3, "tanh"), BatchNorm(), Dense(1)], 2)


def start(seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=LAYOUT.size).astype(dtype)


def stepped(updater, parameters, gradients, alpha=0.1):
    """Where the parameters are after a step for each gradient."""
    parameters = parameters.copy()
    for gradient in gradients:
        updater.step(parameters, gradient.copy(), alpha)
    return parameters


# ------------------------------------------------------------------- clipping


@given(limit=st.floats(1e-3, 1e3), scale=st.floats(1e-3, 1e3), seed=st.integers(0, 99))
def test_clip_norm_shortens_the_whole_gradient_and_keeps_its_direction(limit, scale, seed):
    gradient = scale * start(seed)
    clipped = gradient.copy()
    Updater(LAYOUT, clip_norm=limit).clip(clipped)
    before, after = np.linalg.norm(gradient), np.linalg.norm(clipped)
    assert after == pytest.approx(min(before, limit), rel=1e-12)
    np.testing.assert_allclose(clipped / after, gradient / before, rtol=1e-12)


@given(limit=st.floats(1e-3, 1e3), seed=st.integers(0, 99))
def test_clip_value_cuts_each_element(limit, seed):
    gradient = 10 * start(seed)
    clipped = gradient.copy()
    Updater(LAYOUT, clip_value=limit).clip(clipped)
    np.testing.assert_array_equal(clipped, gradient.clip(-limit, limit))


def test_elements_are_cut_before_the_length_is_taken():
    gradient = np.zeros(LAYOUT.size)
    gradient[:2] = [1000.0, 1.0]
    Updater(LAYOUT, clip_value=1, clip_norm=1).clip(gradient)
    np.testing.assert_allclose(gradient[:2], np.sqrt(0.5))  # 1, 1 and then shortened; not 1000, 1


def test_the_step_uses_the_clipped_gradient():
    gradient = np.full(LAYOUT.size, 100.0)
    moved = start() - stepped(Updater(LAYOUT, "sgd", clip_norm=2.0), start(), [gradient], alpha=1.0)
    assert np.linalg.norm(moved) == pytest.approx(2.0)


# ---------------------------------------------------------------------- decay


def test_decay_takes_from_weights_alone():
    """Without a gradient plain descent stands still; what then still moves has decayed: W, never b, gain or shift."""
    before = start()
    after = stepped(Updater(LAYOUT, "sgd", weight_decay=0.5), before, [np.zeros(LAYOUT.size)], alpha=0.1)
    for slot in LAYOUT.parameters:
        factor = 1 - 0.1 * 0.5 if slot.parameter.kind == "weight" else 1
        np.testing.assert_allclose(slot.view(after), factor * slot.view(before), rtol=1e-14)
    assert {slot.name for slot in Updater(LAYOUT).weights} == {"2.W", "4.W"}


def test_decay_is_decoupled_from_the_gradient():
    """Adam divides by the size of the gradient; the decay of a weight must not depend on it."""
    gradients = [start(seed) for seed in (1, 2, 3)]
    for scale in (1e-3, 1.0, 1e3):
        shrunk = Updater(LAYOUT, "adam(epsilon=0)", weight_decay=0.5)
        plain = Updater(LAYOUT, "adam(epsilon=0)", weight_decay=0)
        parameters = start()
        for gradient in gradients:
            expected = parameters.copy()
            for slot in shrunk.weights:
                slot.view(expected)[...] *= 1 - 0.1 * 0.5
            plain.step(expected, scale * gradient, 0.1)
            shrunk.step(parameters, scale * gradient, 0.1)
            np.testing.assert_allclose(parameters, expected, rtol=1e-12)


@pytest.mark.parametrize("name", [*OPTIMIZERS])
def test_the_decay_is_the_optimizer_s_own_unless_another_is_named(name):
    assert Updater(LAYOUT, name).weight_decay == OPTIMIZERS.get(name).weight_decay
    assert Updater(LAYOUT, name, weight_decay=0.25).weight_decay == 0.25
    assert Updater(LAYOUT, name, weight_decay=0).weight_decay == 0


# ---------------------------------------------------------------------- rates


@pytest.mark.parametrize("name", [*OPTIMIZERS])
def test_the_rate_is_the_optimizer_s_own_unless_another_is_named(name):
    assert Updater(LAYOUT, name).rate() == OPTIMIZERS.get(name).learning_rate
    assert Updater(LAYOUT, name).rate(0.3) == 0.3


# --------------------------------------------------------------------- limits


def test_the_length_of_incoming_weights_is_limited_after_the_step():
    layout = Layout([Dense(5, max_norm=0.5), Dense(2)], 4)
    parameters = np.random.default_rng(0).normal(size=layout.size)
    free = parameters.copy()
    Updater(layout, "sgd").step(parameters, np.zeros(layout.size), 0.1)
    lengths = np.linalg.norm(layout.named(parameters)["1.W"], axis=0)
    np.testing.assert_allclose(lengths, np.minimum(np.linalg.norm(layout.named(free)["1.W"], axis=0), 0.5))
    for name in ("1.b", "2.W", "2.b"):
        np.testing.assert_array_equal(layout.named(parameters)[name], layout.named(free)[name])


# -------------------------------------------------------------------- average


@given(beta=st.floats(0, 0.999), steps=st.integers(1, 8))
def test_the_average_is_the_weighted_mean_of_where_the_parameters_were(beta, steps):
    updater = Updater(LAYOUT, "momentum", ema_decay=beta)
    parameters, visited = start(), []
    for seed in range(steps):
        updater.step(parameters, start(seed), 0.1)
        visited.append(parameters.copy())
    weights = beta ** np.arange(steps - 1, -1, -1.0)
    np.testing.assert_allclose(updater.averaged(parameters), np.average(visited, axis=0, weights=weights), rtol=1e-9)


def test_without_an_average_or_a_step_the_parameters_are_their_own_average():
    parameters = start()
    assert Updater(LAYOUT).averaged(parameters) is parameters
    assert Updater(LAYOUT, ema_decay=0.9).averaged(parameters) is parameters


# ------------------------------------------------------------------------ rule


@pytest.mark.parametrize("name", [*OPTIMIZERS])
def test_one_flat_vector_is_the_same_as_one_step_for_each_element(name):
    gradients = [start(seed) for seed in range(1, 6)]
    whole = stepped(Updater(LAYOUT, name, weight_decay=0), start(), gradients)
    single = Layout([Dense(1, bias=False)], 1)
    for element in range(LAYOUT.size):
        updater = Updater(single, name, weight_decay=0, dtype=np.float64)
        theta = start()[[element]]
        alone = stepped(updater, theta, [gradient[[element]] for gradient in gradients])
        np.testing.assert_allclose(whole[[element]], alone, rtol=1e-13)


@pytest.mark.parametrize("name", [*OPTIMIZERS])
def test_precision_is_kept_and_a_rate_of_numpy_changes_nothing(name):
    """A schedule hands over rates as NumPy's float64, the plain loop as Python's float."""
    gradients = [start(seed, np.float32) for seed in (1, 2, 3)]
    first, second = (Updater(LAYOUT, name, dtype=np.float32) for _ in range(2))
    plain = stepped(first, start(dtype=np.float32), gradients, alpha=0.1)
    numpy = stepped(second, start(dtype=np.float32), gradients, alpha=np.float64(0.1))
    assert plain.dtype == np.float32
    assert all(slot.dtype == np.float32 for slot in first.slots.values())
    np.testing.assert_array_equal(plain, numpy)


def test_the_rule_gets_its_slots_back_and_the_number_of_the_step():
    seen = []

    def counting(theta, g, s, alpha, t):
        seen.append((float(s[0]), t))
        return theta, s + 1

    rule = Optimizer("counting", counting, ("s",), lambda t, previous: (float(t),))
    stepped(Updater(LAYOUT, rule), start(), [start()] * 3)
    assert seen == [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]


@pytest.mark.parametrize(
    ("rule", "received"),
    [
        (lambda theta, g, alpha: theta - alpha * g, "ndarray"),  # unpacked, each element would become a theta
        (lambda theta, g, alpha: (theta, g), "2 values"),
        (lambda theta, g, alpha: None, "NoneType"),
    ],
)
def test_a_rule_that_returns_something_else_is_refused(rule, received):
    parameters = start()
    with pytest.raises(InputTypeError, match=f"The rule of `mine` must return a tuple: theta. Received: {received}"):
        Updater(LAYOUT, Optimizer("mine", rule)).step(parameters, start(1), 0.1)
    np.testing.assert_array_equal(parameters, start())


@pytest.mark.parametrize(
    ("setting", "value"),
    [("clip_value", 0), ("clip_norm", -1), ("weight_decay", -0.1), ("ema_decay", 1), ("ema_decay", -0.1)]
    + [(name, float("nan")) for name in ("clip_value", "clip_norm", "weight_decay", "ema_decay")],
)
def test_settings_out_of_range_are_refused(setting, value):
    with pytest.raises(InputError, match=f"`{setting}` of Updater must be"):
        Updater(LAYOUT, **{setting: value})

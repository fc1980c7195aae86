"""Optimizers: they find minima, their first steps are those by hand, and they have the symmetries of their formulas."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from glassnet.errors import InputError
from glassnet.formulas.elementary import whole_power
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.schedules import SCHEDULES

NAMES = list(OPTIMIZERS)
ADAPTIVE = ["adagrad", "adam", "adamw", "amsgrad", "lion", "nadam", "rmsprop"]  # blind to the gradient's size
PLAIN = ["momentum", "nesterov", "sgd"]  # proportional to it
vectors = arrays(np.float64, 5, elements=st.floats(-100, 100, allow_subnormal=False))


def path(optimizer, gradients, theta, alpha=0.1):
    """All points from theta on, for gradients that are given."""
    given_gradients = iter(gradients)
    return descend(optimizer, lambda _: next(given_gradients), theta, [alpha] * len(gradients))


def descend(optimizer, gradient, theta, alphas):
    """All points from theta on, one step for each learning rate; `gradient` is a function of the point."""
    points, slots, coefficients = [theta], optimizer.start(theta), None
    for t, alpha in enumerate(alphas, start=1):
        coefficients = optimizer.at_step(t, coefficients)
        theta, *slots = optimizer(theta, gradient(theta), tuple(slots), float(alpha), coefficients)
        points.append(theta)
    return points


def get(name, **parameters):
    return OPTIMIZERS.get(name, **parameters)


def without_epsilon(name):
    optimizer = get(name)
    return optimizer.with_parameters(epsilon=0.0) if "epsilon" in dict(optimizer.parameters) else optimizer


# ------------------------------------------------------------------- minima


@pytest.mark.parametrize("name", NAMES)
def test_finds_the_minimum_of_a_parabola(name):
    centre, curvature = np.array([1.0, -2.0, 0.5]), np.array([1.0, 3.0, 0.3])
    alpha = {"sgd": 0.5, "momentum": 0.1, "nesterov": 0.1, "adagrad": 1.0}.get(name, 0.1)
    alphas = alpha * SCHEDULES.get("cosine")(np.arange(500) / 500)
    *_, last = descend(get(name), lambda theta: curvature * (theta - centre), np.zeros(3), alphas)
    np.testing.assert_allclose(last, centre, atol=1e-3)


def rosenbrock(theta):
    x, y = theta
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def rosenbrock_gradient(theta):
    x, y = theta
    return np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])


@pytest.mark.slow
@pytest.mark.sample(3)
@pytest.mark.parametrize("name", NAMES)
def test_gets_through_the_valley_of_rosenbrock(name):
    """From the classical start (-1.2, 1), where f = 24.2, to the minimum at (1, 1), along a curved narrow valley."""
    # those that take the gradient in full size (radam does in its first five steps) must go gently: it begins at 233
    alpha = {"sgd": 0.002, "momentum": 0.0005, "nesterov": 0.0005, "radam": 0.001}
    alpha |= {"adagrad": 0.5, "rmsprop": 0.01, "lion": 0.005}
    alphas = alpha.get(name, 0.05) * SCHEDULES.get("cosine")(np.arange(20_000) / 20_000)
    *_, last = descend(get(name), rosenbrock_gradient, np.array([-1.2, 1.0]), alphas)
    assert rosenbrock(last) < 1e-4
    np.testing.assert_allclose(last, [1, 1], atol=0.02)


# ------------------------------------------------------------------ by hand


def test_sgd_by_hand():
    assert path(get("sgd"), [2.0, -4.0], 1.0, 0.25) == [1.0, 0.5, 1.5]


def test_momentum_by_hand():
    # b = 2; b = 1 - 4 = -3; b = -1.5 + 0
    assert path(get("momentum(mu=0.5)"), [2.0, -4.0, 0.0], 1.0, 0.25) == [1.0, 0.5, 1.25, 1.625]


def test_nesterov_by_hand():
    # b = 2, g + b/2 = 3; b = 1 - 4 = -3, g + b/2 = -5.5
    assert path(get("nesterov(mu=0.5)"), [2.0, -4.0], 1.0, 0.25) == [1.0, 0.25, 1.625]


def test_adagrad_by_hand():
    # √9 = 3; √(9 + 16) = 5; √(25 + 144) = 13
    points = path(get("adagrad(epsilon=0.0)"), [3.0, -4.0, 12.0], 1.0, 0.5)
    np.testing.assert_allclose(np.diff(points), [-0.5, 0.5 * 4 / 5, -0.5 * 12 / 13], rtol=1e-14)


def test_rmsprop_by_hand():
    # v = 0.75 · 0 + 0.25 · 16 = 4; v = 0.75 · 4 + 0.25 · 4 = 4; epsilon = 2 outside of the root
    points = path(get("rmsprop(rho=0.75, epsilon=2.0)"), [4.0, -2.0], 1.0, 0.5)
    np.testing.assert_allclose(np.diff(points), [-0.5 * 4 / (2 + 2), 0.5 * 2 / (2 + 2)], rtol=1e-14)


# With beta1 = 1/2, beta2 = 3/4 and the gradients 2, -5 all roots are whole:
#   t = 1: m = 1,    m_hat = 1 / (1/2) = 2;       v = 1, v_hat = 1 / (1/4) = 4,  root 2
#   t = 2: m = -2,   m_hat = -2 / (3/4) = -8/3;   v = 7, v_hat = 7 / (7/16) = 16, root 4
HAND = {"beta1": 0.5, "beta2": 0.75}


@pytest.mark.parametrize("name", ["adam", "adamw", "amsgrad"])
def test_adam_by_hand(name):
    points = path(get(name, epsilon=0.0, **HAND), [2.0, -5.0], 1.0, 0.3)
    np.testing.assert_allclose(np.diff(points), [-0.3, 0.3 * 8 / 3 / 4], rtol=1e-14)


def test_adam_has_the_epsilon_of_algorithm_1():
    points = path(get("adam", epsilon=4.0, **HAND), [2.0, -5.0], 1.0, 0.3)  # beside the corrected roots, 2 and 4
    np.testing.assert_allclose(np.diff(points), [-0.3 * 2 / (2 + 4), 0.3 * 8 / 3 / (4 + 4)], rtol=1e-14)


def test_amsgrad_by_hand():
    # g = 4, 0: v = 4, 3, and the largest stays 4. m = 2, 1, m_hat = 4, 4/3. v_hat = 4 / (1/4) = 16, 4 / (7/16) = 64/7.
    points = path(get("amsgrad", epsilon=0.0, **HAND), [4.0, 0.0], 1.0, 1.0)
    np.testing.assert_allclose(np.diff(points), [-1.0, -4 / 3 / math.sqrt(64 / 7)], rtol=1e-14)


def test_nadam_by_hand():
    # psi = 0: mu = beta1 / 2 = 1/4 always. g = 2: m = 1, v_hat = 4; m_hat = (1/4)/(1 - 1/16) · 1 + (3/4)/(3/4) · 2
    # g = -5: m = -2, v_hat = 16; m_hat = (1/4)/(1 - 1/64) · -2 + (3/4)/(1 - 1/16) · -5
    points = path(get("nadam", epsilon=0.0, psi=0.0, **HAND), [2.0, -5.0], 1.0, 0.3)
    first, second = (4 / 15 + 2) / 2, (-32 / 63 - 4) / 4
    np.testing.assert_allclose(np.diff(points), [-0.3 * first, -0.3 * second], rtol=1e-14)


def test_nadam_momentum_warms_up():
    """At t psi = -ln 2 / ln 0.96 = 16.98 the factor 0.96^(t psi) is one half, and mu = 3/4 beta1."""
    psi = -math.log(2) / math.log(0.96)
    *_, product = get("nadam", psi=psi).at_step(1)
    assert product == pytest.approx(0.9 * 3 / 4, rel=1e-14)
    *_, product = get("nadam", psi=psi).at_step(2, (0.0, 0.0, 0.0, product))
    assert product == pytest.approx(0.9 * 3 / 4 * 0.9 * 7 / 8, rel=1e-14)


def test_radam_by_hand():
    # beta2 = 0.9: rho_inf = 19. t = 1: rho = 19 - 2 · 0.9 / 0.1 = 1, momentum alone. At t = 8 Adam begins, with
    # rho = 19 - 16 · 0.43046721 / 0.56953279.
    optimizer = get("radam", beta1=0.0, beta2=0.9, epsilon=0.0)
    assert [optimizer.at_step(t)[-1] > 0 for t in range(1, 10)] == [False] * 5 + [True] * 4
    rho = 19 - 16 * 0.43046721 / 0.56953279
    r = math.sqrt((rho - 4) / 15 * (rho - 2) / 17 * 19 / rho)
    (theta, *_) = optimizer(1.0, 2.0, (0.0, 4.0), 0.3, optimizer.at_step(8))
    # v = 0.9 · 4 + 0.1 · 4 = 4, so the adaptive rate is √0.56953279 / 2
    assert theta == pytest.approx(1 - 0.3 * 2 * r * math.sqrt(0.56953279) / 2, rel=1e-14)


def test_radam_begins_with_five_steps_of_pure_momentum():
    points = path(get("radam"), [7.0] * 6, 0.0, 0.1)
    np.testing.assert_allclose(np.diff(points)[:5], -0.7, rtol=1e-12)  # the mean of equal gradients, in full size
    assert abs(np.diff(points)[5]) < 0.01  # then of Adam's size, α · r


def test_lion_by_hand():
    # m = 0: direction + , m = 0.25 · 4 = 1; direction of 0.5 - 0.25 = +, m = 0.75 - 0.125; of 0.3125 - 0.5 = -
    assert path(get("lion(beta1=0.5, beta2=0.75)"), [4.0, -0.5, -1.0], 1.0, 0.25) == [1.0, 0.75, 0.5, 0.75]


# ----------------------------------------------------------- what is implied


@pytest.mark.parametrize("name", ["adam", "adamw", "amsgrad"])
@given(g=st.floats(1e-3, 1e6), sign=st.sampled_from([-1, 1]))
def test_adam_on_a_constant_gradient_always_moves_by_alpha(name, g, sign):
    """Both means equal what they are means of only if each is corrected with its own beta."""
    points = path(without_epsilon(name), [sign * g] * 40, 0.0, 0.1)
    np.testing.assert_allclose(np.diff(points), -0.1 * sign, rtol=1e-9)


def test_adagrad_on_a_constant_gradient_slows_down_as_the_root_of_time():
    steps = np.diff(path(get("adagrad"), [5.0] * 100, 0.0, 0.1))
    np.testing.assert_allclose(steps, -0.1 / np.sqrt(np.arange(1, 101)), rtol=1e-9)


def test_momentum_on_a_constant_gradient_reaches_its_final_speed():
    for name in ("momentum", "nesterov"):
        steps = np.diff(path(get(name), [3.0] * 300, 0.0, 0.1))
        assert steps[-1] == pytest.approx(-0.1 * 3 / (1 - 0.9), rel=1e-9)


def test_lion_always_moves_by_alpha():
    gradients = np.random.default_rng(0).normal(size=(50, 4))
    steps = np.diff(path(get("lion"), gradients, np.zeros(4), 0.125), axis=0)
    np.testing.assert_array_equal(np.abs(steps), 0.125)


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_without_memory_momentum_is_gradient_descent(name):
    gradients = np.random.default_rng(0).normal(size=(20, 4))
    same = path(get("sgd"), gradients, np.ones(4))
    np.testing.assert_array_equal(path(get(name, mu=0.0), gradients, np.ones(4)), same)


def test_momentum_is_the_velocity_of_the_books():
    theta, v, alpha, mu = np.array([1.0, -2.0]), np.zeros(2), 0.05, 0.9
    points = descend(get("momentum"), lambda x: x * [1.0, 4.0], theta, [alpha] * 30)
    for point in points[1:]:
        v = mu * v - alpha * theta * [1.0, 4.0]
        theta = theta + v
        np.testing.assert_allclose(point, theta, rtol=1e-12)


def test_nesterov_is_the_path_of_the_books_seen_from_the_point_ahead():
    theta, v, alpha, mu = np.array([1.0, -2.0]), np.zeros(2), 0.05, 0.9
    points = descend(get("nesterov"), lambda x: x * [1.0, 4.0], theta, [alpha] * 30)
    for point in points[1:]:
        v = mu * v - alpha * (theta + mu * v) * [1.0, 4.0]
        theta = theta + v
        np.testing.assert_allclose(point, theta + mu * v, rtol=1e-11)


@pytest.mark.parametrize("name", ADAPTIVE)
@given(power=st.integers(-40, 40))
def test_the_size_of_the_gradient_does_not_matter(name, power):
    """Exactly, for powers of two and without an epsilon: the steps depend on ratios of gradients alone."""
    gradients = np.random.default_rng(1).normal(size=(20, 4))
    optimizer = without_epsilon(name)
    same = path(optimizer, gradients, np.ones(4))
    np.testing.assert_array_equal(path(optimizer, gradients * 4.0**power, np.ones(4)), same)


@pytest.mark.parametrize("name", PLAIN)
@given(power=st.integers(-40, 40))
def test_a_larger_gradient_is_a_larger_learning_rate(name, power):
    gradients = np.random.default_rng(1).normal(size=(20, 4))
    same = path(get(name), gradients, np.ones(4), 0.1 * 2.0**power)
    np.testing.assert_array_equal(path(get(name), gradients * 2.0**power, np.ones(4), 0.1), same)


@pytest.mark.parametrize("name", NAMES)
@given(gradients=st.lists(vectors, min_size=1, max_size=8))
def test_mirrored_gradients_give_the_mirrored_path(name, gradients):
    there = path(get(name), gradients, np.zeros(5))
    back = path(get(name), [-g for g in gradients], np.zeros(5))
    np.testing.assert_array_equal(np.negative(back), there)


@given(gradients=st.lists(vectors, min_size=2, max_size=20))
def test_amsgrad_never_forgets_the_largest_second_moment(gradients):
    optimizer, theta = get("amsgrad"), np.zeros(5)
    slots = dict(zip(optimizer.slots, optimizer.start(theta), strict=True))
    for t, g in enumerate(gradients, start=1):
        before = slots["v_max"]
        theta, *state = optimizer(theta, g, tuple(slots.values()), 0.1, optimizer.at_step(t))
        slots = dict(zip(optimizer.slots, state, strict=True))
        assert np.all(slots["v_max"] >= before)
        assert np.all(slots["v_max"] >= slots["v"])


# ------------------------------------------------------- arrays and numbers


@pytest.mark.parametrize("name", NAMES)
def test_one_flat_vector_is_element_by_element(name):
    rng = np.random.default_rng(2)
    gradients, theta = rng.normal(size=(12, 6)), rng.normal(size=6)
    whole = np.array(path(get(name), gradients, theta))
    for i in range(6):
        alone = path(get(name), gradients[:, i].tolist(), float(theta[i]))
        np.testing.assert_array_equal(np.array(alone), whole[:, i])


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32_and_close_to_float64(name):
    rng = np.random.default_rng(2)
    gradients, theta = rng.normal(size=(50, 6)), rng.normal(size=6)
    exact = path(get(name), gradients, theta, 0.01)
    single = path(get(name), gradients.astype(np.float32), theta.astype(np.float32), 0.01)
    assert {point.dtype for point in single} == {np.dtype(np.float32)}
    np.testing.assert_allclose(single[-1], exact[-1], atol=2e-5)


@pytest.mark.parametrize("name", NAMES)
def test_every_slot_is_returned_new_and_nothing_is_changed_in_place(name):
    optimizer = get(name)
    theta, g = np.arange(1.0, 5.0), np.array([1.0, -2.0, 3.0, 0.0])
    slots = tuple(np.full(4, 0.5) for _ in optimizer.slots)
    kept = [array.copy() for array in (theta, g, *slots)]
    after = optimizer(theta, g, slots, 0.1, optimizer.at_step(1))
    assert len(after) == 1 + len(optimizer.slots)
    for array, copy in zip((theta, g, *slots), kept, strict=True):
        np.testing.assert_array_equal(array, copy)
    for new, old in zip(after, (theta, *slots), strict=True):
        assert new is not old
        assert new.shape == (4,)


@pytest.mark.parametrize("name", NAMES)
def test_no_gradient_from_the_start_means_no_step(name):
    """0 / (√0 + epsilon) is 0, and not NaN."""
    theta = np.array([1.0, -2.0], np.float32)
    *_, last = path(get(name), np.zeros((7, 2), np.float32), theta)
    np.testing.assert_array_equal(last, theta)


@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_that_is_not_a_number_shows(name):
    _, theta = path(get(name), [np.array([np.nan, 1.0])], np.zeros(2))
    if name != "lion":
        assert np.isnan(theta[0])
    assert np.isfinite(theta[1])


@pytest.mark.parametrize("name", NAMES)
def test_coefficients_are_python_floats_which_do_not_widen_float32(name):
    previous = None
    for t in range(1, 4):
        previous = get(name).at_step(t, previous)
        assert all(type(value) is float for value in previous)


# ------------------------------------------------------------------ records


@pytest.mark.parametrize("name", NAMES)
def test_start_gives_a_zero_for_each_slot(name):
    optimizer = get(name)
    slots = optimizer.start(np.ones(3, np.float32))
    assert [(slot.dtype, slot.tolist()) for slot in slots] == [(np.dtype(np.float32), [0, 0, 0])] * len(optimizer.slots)


def test_adamw_is_adam_with_weight_decay():
    adam, adamw = get("adam"), get("adamw")
    assert adamw.rule is adam.rule
    assert (adam.weight_decay, adamw.weight_decay) == (0.0, 0.01)


def test_weight_decay_of_lion_is_as_strong_as_that_of_adamw():
    lion, adamw = get("lion"), get("adamw")
    assert lion.learning_rate * lion.weight_decay == pytest.approx(adamw.learning_rate * adamw.weight_decay)


@pytest.mark.parametrize("spelling", ["adam(beta2=1)", "adam(beta1=-0.1)", "momentum(1.0)", "rmsprop(rho=1.5)"])
def test_a_memory_that_never_forgets_is_refused(spelling):
    with pytest.raises(InputError, match=r"must lie in \[0, 1\)"):
        get(spelling)


@pytest.mark.parametrize("x", [0.0, 0.5, 0.9, 0.999, 0.99999, 1.0])
def test_a_whole_power_is_right_to_a_last_digit_or_two(x):
    t = [0, 1, 2, 31, 32, 33, 1023, 1024, 7000]
    found = whole_power(x, np.array(t, float))
    exact = [float(Fraction(x) ** one) for one in t]
    np.testing.assert_allclose(found, exact, rtol=2 * np.finfo(float).eps, atol=1e-300)
    assert [whole_power(x, one) for one in t] == found.tolist()


@pytest.mark.parametrize("x", [0.9, 0.999, 1.5])
def test_a_power_of_one_digit_is_rounded_once(x):
    t = [*range(32), *range(64, 320, 32)]
    assert [whole_power(x, one) for one in t] == [float(Fraction(x) ** one) for one in t]

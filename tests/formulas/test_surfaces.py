"""Surfaces to try an optimizer on: their gradients, and that what is said of them is so."""

import numpy as np
import pytest

from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.surfaces import SURFACES


def places(surface, count=20):
    low, high = np.transpose(surface.reach)
    return np.random.default_rng(0).uniform(low, high, (count, len(low)))


@pytest.mark.parametrize("name", SURFACES)
def test_the_gradient_is_that_of_finite_differences(name):
    surface = SURFACES.get(name)
    step = 1e-5
    for place in places(surface):
        for direction, slope in enumerate(surface.gradient(*place)):
            way = step * np.eye(len(place))[direction]
            measured = (surface.function(*(place + way)) - surface.function(*(place - way))) / (2 * step)
            assert slope == pytest.approx(measured, rel=1e-6, abs=1e-6)


def descended(name, optimizer, rate, steps):
    surface, rule = SURFACES.get(name), OPTIMIZERS.get(optimizer)
    theta = np.array(surface.start, float)
    slots, coefficients = rule.start(theta), None
    for t in range(1, steps + 1):
        coefficients = rule.at_step(t, coefficients)
        theta, *slots = rule(theta, np.array(surface.gradient(*theta)), slots, rate, coefficients)
    return theta


@pytest.mark.parametrize("name", SURFACES)
def test_the_start_lies_within_and_the_rate_suits(name):
    """Gradient descent at the surface's own rate goes down, and never leaves."""
    surface = SURFACES.get(name)
    assert all(low < number < high for number, (low, high) in zip(surface.start, surface.reach, strict=True))
    theta = descended(name, "sgd", surface.rate, 50)
    assert surface.function(*theta) < surface.function(*surface.start)


def test_too_large_a_rate_diverges_on_the_parabola():
    assert abs(descended("parabola", "sgd", 1.9, 60)[0]) < 0.01
    assert abs(descended("parabola", "sgd", 2.1, 60)[0]) > 100


def test_gradient_descent_stays_in_the_local_minimum():
    (theta,) = descended("valleys", "sgd", SURFACES.get("valleys").rate, 400)
    assert theta > 0
    assert SURFACES.get("valleys").function(-1.5) < SURFACES.get("valleys").function(theta)

"""What the tests of formulas share: derivatives by central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Function = Callable[[Any], Any]


def differentiate(f: Function, x: Any, h: float = 1e-2) -> Any:
    """f'(x) for an elementwise f, from three central differences of steps h, 2h and 3h, exact to order h^6."""
    x = np.asarray(x, np.float64)
    one, two, three = ((f(x + k * h) - f(x - k * h)) / (2 * k * h) for k in (1, 2, 3))
    return 1.5 * one - 0.6 * two + 0.1 * three


def gradient(f: Function, x: Any, h: float = 1e-2) -> Any:
    """The gradient with respect to x of f(x), where f gives one number a row and x has shape (rows, columns)."""
    d_x = np.empty_like(x)
    for j in range(x.shape[1]):
        direction = np.eye(x.shape[1])[j]
        d_x[:, j] = differentiate(lambda t, e=direction: f(x + t[:, None] * e), np.zeros(len(x)), h)
    return d_x


@pytest.fixture(scope="session")
def derivative() -> Callable[..., Any]:
    return differentiate


@pytest.fixture(scope="session")
def row_gradient() -> Callable[..., Any]:
    return gradient

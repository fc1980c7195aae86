"""Central differences: the slope of any function by trying it out, and the check of a gradient against it.

Nothing here knows a derivative. A gradient that agrees with these slopes is right, whatever produced it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet import NeuralNetwork
from glassnet.layers import Pass

STEP = 1e-6
"""Central differences err by about step² (the third derivative) and by 1e-16 / step (rounding): 1e-10 together."""
TOLERANCE = 1e-7


def numerical_gradient(function: Callable[[Any], float], at: Any, step: float = STEP) -> Any:
    """The gradient of a scalar function of an array, an element at a time: (f(x + h) - f(x - h)) / 2h."""
    point = np.array(at, float)
    gradient = np.empty_like(point)
    for index in np.ndindex(point.shape):
        middle = point[index]
        values = []
        for moved in (middle + step, middle - step):
            point[index] = moved
            values.append(float(function(point)))
        point[index] = middle
        gradient[index] = (values[0] - values[1]) / (2 * step)
    return gradient


def relative_error(first: Any, second: Any) -> float:
    """The distance of two arrays as a share of their length; of tiny ones, below 0.01, as a share of that.

    For differences of a loss of about 1 are themselves good to 1e-10 only, however small the gradient.
    """
    first, second = np.ravel(first), np.ravel(second)
    return float(np.linalg.norm(first - second) / max(np.linalg.norm(first), np.linalg.norm(second), 0.01))


def assert_close(ours: Any, numerical: Any, what: str, tolerance: float = TOLERANCE) -> None:
    """Fail if a gradient is not the slope, and say by how much."""
    error = relative_error(ours, numerical)
    assert error < tolerance, f"{what}: relative error {error:.1e}\nours\n{ours}\nby central differences\n{numerical}"


def check_network(network: NeuralNetwork, X: Any, y: Any, *, training: bool = False, sample_weight: Any = None) -> None:
    """Compare a network's whole gradient, of its parameters and of its inputs, with central differences."""
    X = np.asarray(X, float)

    def loss(theta: Any = network.parameters, inputs: Any = X) -> float:
        twin = network.copy()
        twin.parameters[...] = theta
        return twin.backward(inputs, y, sample_weight=sample_weight, training=training)[0]

    _, gradients = network.backward(X, y, sample_weight=sample_weight, training=training)
    numerical = network.layout.named(numerical_gradient(loss, network.parameters))
    for name, ours in gradients.items():
        assert_close(ours, numerical[name], f"d_{name} of {network}")
    inputs, targets, weight = network.check_data(X, y, sample_weight)
    run = Pass(training=training, seed=network.seed, step=1)
    d_x = network.engine.step(network, inputs, targets, weight, run).records[0]["d_x"]
    assert_close(d_x, numerical_gradient(lambda inputs: loss(inputs=inputs), X), f"d_x of {network}")


def check_along(network: NeuralNetwork, X: Any, y: Any, directions: Any, *, training: bool = True) -> float:
    """The quick check for many networks: the slope along a few random directions alone. Returns the largest error.

    A gradient that is wrong anywhere is wrong along a random direction too, but for a set of directions of measure 0.
    """
    _, gradients = network.backward(X, y, training=training)
    gradient = np.concatenate([g.ravel() for g in gradients.values()])
    twin, worst = network.copy(), 0.0
    for direction in directions:
        values = []
        for sign in (1, -1):
            twin.parameters[...] = network.parameters + sign * STEP * direction
            values.append(twin.backward(X, y, training=training)[0])
        slope = (values[0] - values[1]) / (2 * STEP)
        error = abs(slope - gradient @ direction) / max(np.linalg.norm(gradient), 0.01)
        worst = max(worst, float(error))
    return worst

"""The loss around a network, along two directions through all its parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.errors import InputError
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork

MARGIN = 0.25
"""What is shown around the path, as a share of its extent."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss on a grid of two directions; the network itself stands at 0, 0."""

    first: Array
    second: Array
    losses: Array  # a row for each step along the second direction
    path: Array | None = None  # (epochs, 2): where the network was after each epoch
    shares: tuple[float, float] | None = None  # how much of the path's variance each direction has


def random_landscape(network: NeuralNetwork, X: Array, y: Array, points: int, seed: int) -> Landscape:
    r"""The loss along two random directions, one step being as long as the weights themselves.

    A weight matrix that is twice as large needs steps twice as large to look the same, so each direction is brought to
    the network's scale, unit by unit: :math:`d_u \leftarrow d_u / \|d_u\| \cdot \|w_u\|`. Biases and gains stay.

    Notes
    -----
    Source: Li, Xu, Taylor, Studer, Goldstein (2018), *Visualizing the Loss Landscape of Neural Nets*, section 4,
    "filter normalization".
    """
    rng = np.random.default_rng(seed)
    directions = [filter_normalized(network, rng.standard_normal(network.layout.size)) for _ in range(2)]
    side = np.linspace(-1, 1, points)
    return Landscape(side, side, _losses(network, X, y, directions, side, side))


def filter_normalized(network: NeuralNetwork, direction: Array) -> Array:
    """A direction whose part for each unit is as long as the unit's weights; 0 for what is no weight."""
    normalized = np.zeros_like(direction)
    for slot in network.layout.parameters:
        if slot.parameter.kind == "weight":
            part, weights = slot.view(direction), slot.view(network.parameters)
            length = np.linalg.norm(part, axis=-2, keepdims=True)
            own = np.linalg.norm(weights, axis=-2, keepdims=True)
            slot.view(normalized)[...] = part / np.where(length > 0, length, 1) * own
    return normalized


def landscape_of_path(network: NeuralNetwork, X: Array, y: Array, path: list[Array], points: int) -> Landscape:
    """The loss along the two directions in which the training moved most: the principal components of its path.

    Notes
    -----
    Source: Li et al. (2018), section 7, "plotting dimension-reduced trajectories".
    """
    if any(parameters.shape != network.parameters.shape for parameters in path):
        rule = "The path must be that of the network"
        received = f"{len(path[0])} parameters, the network has {network.layout.size}"
        raise InputError(rule, received, "Pass the recorder of its own training")
    steps = np.array(path, np.float64) - network.parameters
    _, lengths, directions = np.linalg.svd(steps, full_matrices=False)
    if len(lengths) < 2 or lengths[1] <= 1e-10 * lengths[0]:
        rule = "The training path must have moved in two directions"
        raise InputError(rule, f"{len(path)} recorded epochs", "Record at least two epochs of training")
    along = steps @ directions[:2].T
    shares = (lengths**2 / (lengths**2).sum())[:2]
    first, second = (_around(np.append(along[:, axis], 0.0), points) for axis in range(2))
    losses = _losses(network, X, y, [directions[0], directions[1]], first, second)
    return Landscape(first, second, losses, along, (float(shares[0]), float(shares[1])))


def _around(places: Array, points: int) -> Array:
    margin = MARGIN * np.ptp(places)
    return np.linspace(places.min() - margin, places.max() + margin, points)


def _losses(network: NeuralNetwork, X: Array, y: Array, directions: list[Array], first: Array, second: Array) -> Array:
    """The mean loss of the rows at every point of the grid, without penalties."""
    twin = network.copy()
    evaluate = twin.engine.evaluation(twin, X, y, None)
    losses = np.empty((len(second), len(first)))
    with np.errstate(over="ignore", invalid="ignore"):  # far out a loss may leave the finite numbers
        for row, column in np.ndindex(*losses.shape):
            twin.parameters[...] = network.parameters + first[column] * directions[0] + second[row] * directions[1]
            losses[row, column] = evaluate()
    return losses

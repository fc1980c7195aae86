"""How fast an answer changes with what the networks take: its gradient, plain or smoothed."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from glassnet.insight.cells import Cells
from glassnet.insight.explanations.answer import Answer
from glassnet.layers.base import Array
from glassnet.options import Chance, Number, Whole, checked

__all__ = ["input_gradients", "smooth_gradients"]

BLOCK = 1024
"""Rows that are carried back at a time."""


def input_gradients(model: Any, X: Any, *, output: Any = None) -> Array:
    """How fast the answer for each row changes with each encoded column: exact, by the chain rule.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        A :class:`glassnet.NeuralNetwork` has a method of this name.
    X : table of rows
    output : object
        A class or the number of a target, as in :func:`glassnet.explain`.

    Returns
    -------
    array of shape (rows, encoded columns)
        In the order of ``model.encoder_.feature_names_out``. A number is measured in deviations, as it is encoded. For
        codes of categories it is 0, for between them there is nothing.

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        As :func:`glassnet.explain`.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet import NeuralRegressor
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> model = NeuralRegressor(hidden_layers=(), optimizer="lbfgs", random_state=0).fit(X, X @ [3.0, 0.0])
    >>> (input_gradients(model, X[:1]) / X.std(axis=0)).round(2) + 0.0
    array([[3., 0.]])
    """
    answer = Answer(model, output)
    Cells(model, X)  # refuses what is no table for the model
    return _gradients(answer, answer.encoded(X), answer.chosen(answer.answers(X)))


@checked(
    noise=Number("[0, inf)", "0.2 is a fifth of a deviation"),
    samples=Whole("Common values are 10 to 100"),
    random_state=Chance(),
)
def smooth_gradients(
    model: Any, X: Any, *, output: Any = None, noise: float = 0.2, samples: int = 50, random_state: int | None = 0
) -> Array:
    """The gradient of the answer, averaged over copies of each row with noise: what holds around it, not just at it.

    Parameters
    ----------
    model, X, output
        As in :func:`input_gradients`.
    noise : float
        The standard deviation of what is added to numbers as they are encoded; categories stay what they are.
    samples : int
        How many copies.
    random_state : int or None

    Returns
    -------
    array of shape (rows, encoded columns)

    Notes
    -----
    Source: Smilkov, Thorat, Kim, Viégas, Wattenberg (2017), *SmoothGrad: removing noise by adding noise*.
    """
    answer = Answer(model, output)
    Cells(model, X)
    rng = check_random_state(random_state)
    matrix = answer.encoded(X)
    chosen, numbers = answer.chosen(answer.answers(X)), model.encoder_.numbers
    total = np.zeros(matrix.shape)
    for _ in range(samples):
        moved = matrix.copy()
        moved[:, :numbers] += noise * rng.standard_normal((len(matrix), numbers)).astype(matrix.dtype)
        total += _gradients(answer, moved, chosen)
    return total / samples


def _gradients(answer: Answer, matrix: Array, chosen: Array) -> Array:
    """The gradient by encoded rows, summed over the networks that all see them."""
    found = np.empty(matrix.shape)
    for start in range(0, len(matrix), BLOCK):
        some = slice(start, start + BLOCK)
        points = [matrix[some]] * len(answer.networks)
        found[some] = np.sum(answer.slopes(points, chosen[some], lifted=False)[1], axis=0)
    return found

"""L-BFGS over the whole table, by SciPy: for small data; it needs no learning rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.engines.reference import Model, Objective, ReferenceEngine
from glassnet.errors import DivergenceError, InputError
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.messages import warn

FLAT = 1e-6
"""The search ends where no element of the gradient is larger."""


def minimize(
    engine: ReferenceEngine,
    model: Model,
    X: Any,
    y: Array,
    weight: Array | None,
    iterations: int,
    after_iteration: Callable[[float], bool],
) -> str:
    """Train by L-BFGS, in place.

    Parameters
    ----------
    engine, model, X, y, weight
        As in the engine's ``step``.
    iterations : int
        At most so many.
    after_iteration : callable
        Gets the objective after each iteration, with the model's parameters up to date; True ends the search.

    Returns
    -------
    str
        Why it ended, in SciPy's words.

    Raises
    ------
    InputError
        If a layer limits its weights by `max_norm`, which no search along a line can keep.
    DivergenceError
        If the loss is not finite where the search begins. Whatever ends the search, the model has the parameters of
        the last iteration.

    Warns
    -----
    TrainingWarning
        If there is a slope but no step down it was found.

    Notes
    -----
    Source: Liu, Nocedal (1989), *On the Limited Memory BFGS Method for Large Scale Optimization*.
    Dropout draws one mask for the whole search, so that there is one function to minimize.
    """
    if any(slot.parameter.max_norm is not None for slot in model.layout.parameters):
        raise InputError("L-BFGS does not support `max_norm`", None, "Use `l2`, or another optimizer")
    with engine.objective(model, X, y, weight) as objective:
        return _search(objective, model, iterations, after_iteration)


def _search(objective: Objective, model: Model, iterations: int, after_iteration: Callable[[float], bool]) -> str:
    from scipy.optimize import Bounds, OptimizeResult
    from scipy.optimize import minimize as scipy_minimize

    def value_and_gradient(theta: Array) -> tuple[float, Array]:
        model.parameters[...] = theta
        value, gradient = objective()
        return value, gradient.astype(np.float64)

    accepted = model.parameters.copy()
    first, slope = value_and_gradient(accepted)
    if not np.isfinite(first):
        raise DivergenceError(
            Text("The loss is {loss} before the first step", loss=first), "Scale the inputs and targets"
        )

    def callback(intermediate_result: OptimizeResult) -> None:
        model.parameters[...] = accepted[...] = intermediate_result.x
        objective.follow()
        if after_iteration(float(intermediate_result.fun)):
            raise StopIteration

    try:
        result = scipy_minimize(
            value_and_gradient,
            accepted.astype(np.float64),
            jac=True,
            method="L-BFGS-B",
            bounds=None if model.layout.least is None else Bounds(model.layout.least, model.layout.most),
            callback=callback,
            options={
                "maxiter": iterations,
                "maxfun": 20 * iterations,
                "ftol": 64 * np.finfo(accepted.dtype).eps,
                "gtol": FLAT,
            },
        )
    finally:
        model.parameters[...] = accepted  # not the last point that was tried
    if not result.fun < first and np.abs(slope).max() > FLAT:
        warn(
            Text(
                "L-BFGS found no better parameters than those it began with: {reason}. Scale the "
                "inputs and targets, or use another optimizer",
                reason=result.message.lower(),
            )
        )
    return str(result.message)

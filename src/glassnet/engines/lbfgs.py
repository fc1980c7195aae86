"""L-BFGS over the whole table at once, by SciPy: for small data, where it needs no learning rate and no luck."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.engines.reference import Model, ReferenceEngine, take_rows
from glassnet.layers import chain
from glassnet.layers.base import Array, Pass, Record

__all__ = ["minimize"]


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

    Notes
    -----
    Source: Liu, Nocedal (1989), *On the Limited Memory BFGS Method for Large Scale Optimization*.
    Dropout draws one mask for the whole search, so that there is one function to minimise.
    """
    from scipy.optimize import OptimizeResult
    from scipy.optimize import minimize as scipy_minimize

    x = take_rows(X, slice(None), model.parameters.dtype)
    run = Pass(training=True, seed=model.seed, step=1)
    values = model.layout.values(model.parameters, model.statistics)
    records: list[Record] = []

    def objective(theta: Array) -> tuple[float, Array]:
        model.parameters[...] = theta
        step = engine.step(model, x, y, weight, run)
        records[:] = step.records
        return step.loss + step.penalty, step.gradient.astype(np.float64)

    def callback(intermediate_result: OptimizeResult) -> None:
        model.parameters[...] = intermediate_result.x
        chain.update_statistics(model.layers, values, records)
        if after_iteration(float(intermediate_result.fun)):
            raise StopIteration

    result = scipy_minimize(
        objective,
        model.parameters.astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        callback=callback,
        options={"maxiter": iterations, "maxfun": 20 * iterations},
    )
    model.parameters[...] = result.x
    return str(result.message)

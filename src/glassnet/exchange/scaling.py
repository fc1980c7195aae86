"""Scalings of columns, as other libraries put in front of a network: they become part of the weights behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from glassnet.errors import InputError
from glassnet.exchange.assembly import Part
from glassnet.layers import Dense
from glassnet.layers.base import Array

__all__ = ["Scaling", "folded"]


class Scaling(NamedTuple):
    """x · factor + summand.

    Attributes
    ----------
    factor, summand : array
        One number for each column, or one for all.
    """

    factor: Array
    summand: Array


def folded(parts: Iterable[Part | Scaling]) -> Iterator[Part]:
    """The same layers without the scalings: (x · f + s) W + b is x (f W) + (s W + b).

    Raises
    ------
    InputError
        If no dense layer follows on a scaling, or it is of other columns.

    Examples
    --------
    >>> dense = Part(Dense(1), {"W": np.array([[2.0], [3.0]]), "b": np.zeros(1)})
    >>> (part,) = folded([Scaling(np.array([0.5, 1.0]), np.array([0.0, 1.0])), dense])
    >>> part.values["W"].ravel(), part.values["b"]
    (array([1., 3.]), array([3.]))
    """
    rule = "A scaling of columns must have a dense layer behind it, which takes it up"
    waiting: Scaling | None = None
    for part in parts:
        if isinstance(part, Scaling):
            factor, summand = waiting or (np.ones(1), np.zeros(1))
            waiting = Scaling(factor * part.factor, summand * part.factor + part.summand)
        elif waiting is None:
            yield part
        elif isinstance(part.layer, Dense):
            yield _taken_up(waiting, part)
            waiting = None
        else:
            raise InputError(rule, repr(part.layer), "Scale in front of a dense layer")
    if waiting is not None:
        raise InputError(rule, "it comes last", "Scale in front of a dense layer")


def _taken_up(scaling: Scaling, dense: Part) -> Part:
    W, b = dense.values["W"], dense.values.get("b", 0)
    factor, summand = (np.ravel(numbers).astype(np.float64) for numbers in scaling)
    if not {factor.size, summand.size} <= {1, len(W)}:
        rule = "A scaling must have one number for each column, or one for all"
        raise InputError(rule, f"{max(factor.size, summand.size)} for {len(W)} columns", "Is it of these columns?")
    scaled, shift = W * np.broadcast_to(factor, len(W))[:, None], b + np.broadcast_to(summand, len(W)) @ W
    layer = Dense(dense.layer.outputs(len(W)))
    return Part(layer, {"W": scaled.astype(W.dtype), "b": shift.astype(W.dtype)})

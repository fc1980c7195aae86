"""From settings to the layers of a network for an encoded table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.errors import InputError
from glassnet.formulas.loss import Loss
from glassnet.layers import (
    Blend,
    Dense,
    Dropout,
    Embedding,
    Layer,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Scale,
    parse_layers,
)
from glassnet.tables import TableEncoder

__all__ = ["Inputs", "hidden_layers", "network_layers"]

RATES = ("bias", "scale", "activation", "embedding")
"""Whose learning rates the setting `rates` multiplies."""


@dataclass(frozen=True)
class Inputs:
    """What of an encoded table the first layers must know.

    Parameters
    ----------
    numbers : int
        Columns that are numbers, the first ones.
    levels : tuple of int
        For each column of codes, the last ones, how many codes it has beside 0.
    """

    numbers: int = 0
    levels: tuple[int, ...] = ()

    @classmethod
    def of(cls, encoder: TableEncoder) -> Inputs:
        """Those that an encoder gives; a sparse table has but columns that are all alike."""
        return cls(encoder.numbers if encoder.plan.centred else 0, tuple(encoder.coded_levels))


def network_layers(settings: Mapping[str, Any], loss: Loss, outputs: int, inputs: Inputs) -> list[Layer]:
    """The layers of the network, embeddings, dropout and the output among them.

    Examples
    --------
    >>> from glassnet.estimators.presets import TableSize, resolve
    >>> from glassnet.formulas.losses import LOSSES
    >>> settings = resolve("mlp", {"hidden_layers": (8, "tanh:4"), "dropout": 0.1}, TableSize(5000, 3))
    >>> network_layers(settings, LOSSES.get("cross_entropy"), 3, Inputs(3))
    [Dense(8, 'relu'), Dropout(0.1), Dense(4, 'tanh'), Dropout(0.1), Dense(3, 'identity')]
    >>> settings = resolve("realmlp", {"hidden_layers": 8, "dropout": 0}, TableSize(5000, 3))
    >>> for layer in network_layers(settings, LOSSES.get("cross_entropy"), 3, Inputs(3)):
    ...     print(layer)
    PeriodicEmbedding(3, rate=0.1)
    Scale(rate=6.0)
    Dense(8, 'identity', parametrization='ntk', bias_rate=0.1, start='data')
    Blend('selu', rate=0.1)
    Dense(3, 'identity', parametrization='ntk', bias_rate=0.1, start='data')
    """
    # a loss of probabilities that does not turn scores into them itself needs an output layer that does
    squash = {"fractions": "sigmoid", "classes": "softmax"}.get(loss.target, "identity")
    last = Dense(outputs, squash if loss.response == "identity" else "identity")
    front, rates = _front(settings, inputs), _rates(settings)
    return [*front, *_hidden(settings, rates), _as_set(last, settings, rates)]


def hidden_layers(settings: Mapping[str, Any]) -> list[Layer]:
    """The hidden layers as they are spelled."""
    spellings = settings["hidden_layers"]
    single = isinstance(spellings, (int, np.integer, str, Layer))
    return parse_layers([spellings] if single else spellings, settings["activation"])


def _front(settings: Mapping[str, Any], inputs: Inputs) -> Iterator[Layer]:
    rates = _rates(settings)
    if inputs.levels:
        yield Embedding(inputs.levels, size=settings["category_embedding"], rate=rates.get("embedding", 1.0))
    kind = settings["numeric_embedding"]
    if inputs.numbers and kind != "none":
        if kind not in EMBEDDINGS:
            rule = f"`numeric_embedding` must be one of: {', '.join(('none', *EMBEDDINGS))}"
            raise InputError(rule, repr(kind), "Use one of these words")
        yield EMBEDDINGS[kind](inputs.numbers, rate=rates.get("embedding", 1.0))
    if settings["input_scale"]:
        yield Scale(rate=rates.get("scale", 1.0))


EMBEDDINGS: Mapping[str, Any] = {"periodic": PeriodicEmbedding, "piecewise_linear": PiecewiseLinearEmbedding}


def _hidden(settings: Mapping[str, Any], rates: Mapping[str, float]) -> Iterator[Layer]:
    for layer in hidden_layers(settings):
        if not isinstance(layer, Dense):
            yield layer
            continue
        dense = _as_set(layer, settings, rates)
        if settings["parametric"] and dense.f.elementwise and dense.f.name != "identity":
            yield replace(dense, activation="identity")
            yield Blend(dense.f, rate=rates.get("activation", 1.0))
        else:
            yield dense
        if settings["dropout"]:
            yield Dropout(settings["dropout"])


def _as_set(layer: Dense, settings: Mapping[str, Any], rates: Mapping[str, float]) -> Dense:
    """A dense layer with what the settings say of all of them, where it does not say otherwise itself."""
    wanted = {
        "parametrization": settings["parametrization"],
        "start": settings["start"],
        "bias_rate": rates.get("bias", 1.0),
    }
    plain = Dense(1)
    return replace(layer, **{n: value for n, value in wanted.items() if getattr(layer, n) == getattr(plain, n)})


def _rates(settings: Mapping[str, Any]) -> Mapping[str, float]:
    rates: Mapping[str, float] = settings["rates"]
    unknown = [name for name in rates if name not in RATES] if isinstance(rates, Mapping) else [rates]
    if unknown:
        rule = f"`rates` must be a dict with some of: {', '.join(RATES)}"
        raise InputError(rule, f"{unknown[0]!r}", 'For example {"bias": 0.1}')
    return rates

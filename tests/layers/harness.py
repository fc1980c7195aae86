"""One layer by itself: parameters away from their start, a way forward, and the gradient back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.layers import (
    Activate,
    BatchNorm,
    Blend,
    Copies,
    Dense,
    Dropout,
    Embedding,
    Layer,
    LayerNorm,
    Layout,
    MemberDense,
    NgramLinear,
    Pass,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    RMSNorm,
    Scale,
    chain,
)

WIDTH = 4
"""The width of a row in these tests."""

EVERY_LAYER = (
    Dense(3),
    Dense(3, "tanh"),
    Dense(5, "softmax"),
    Dense(1, "elu(alpha=0.5)", bias=False),
    Activate("gelu"),
    Activate("softmax"),
    Dropout(0.4),
    BatchNorm(),
    BatchNorm(epsilon=0.5),
    LayerNorm(),
    LayerNorm(epsilon=0.5),
    RMSNorm(),
    RMSNorm(epsilon=0.5),
    Scale(),
    Scale(rate=6),
    Dense(3, "tanh", parametrization="ntk", bias_rate=0.1, start="data"),
    Blend("selu"),
    Blend("elu(alpha=0.5)", rate=0.1),
    PeriodicEmbedding(),
    PeriodicEmbedding(3, frequencies=5, size=2, spread=1.5, rate=0.1),
    PeriodicEmbedding(2, frequencies=5, size=3, keep=False, rectify=True),
    PiecewiseLinearEmbedding(),
    PiecewiseLinearEmbedding(rectify=True, edges="tree"),
    PiecewiseLinearEmbedding(2, bins=3, size=5, rate=0.1),
    Embedding([2, 5], size=3),
    Embedding([1], rate=0.5),
    Copies(3),
    MemberDense(3, "tanh", 2),
    MemberDense(3, "gelu", 4, adapter_initializer="signs", parametrization="ntk", bias_rate=0.1, start="data"),
    MemberDense(3, "softmax", 2),
    MemberDense(3, "silu", 2, shared=False, parametrization="ntk", start="data"),
    MemberDense(2, "softmax", 2, shared=False),
    NgramLinear(5, rate=2.0),
    Residual([Dense(3, "tanh"), Dense(WIDTH)]),
    Residual([BatchNorm(), Dropout(0.3), Residual([LayerNorm(), Dense(WIDTH, "silu")]), Scale()]),
)


@dataclass
class Alone:
    """A layer with numbers of its own.

    The parameters are drawn at random, all of them: at the start many are 0 or 1, where mistakes hide.
    """

    layer: Layer
    inputs: int = WIDTH
    seed: int = 0
    dtype: Any = np.float64

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        self.layout = Layout([self.layer], self.inputs)
        self.parameters, self.statistics = self.layout.initial(self.seed, self.dtype)
        self.parameters[...] += rng.normal(0, 0.3, self.parameters.size)
        self.statistics[...] += rng.uniform(0.1, 0.5, self.statistics.size)

    @property
    def values(self) -> Any:
        return self.layout.values(self.parameters, self.statistics)

    def forward(self, x: Any, training: bool = True, step: int = 1) -> Any:
        return chain.forward([self.layer], self.values, x, Pass(training=training, step=step))[0]

    def backward(self, x: Any, d_y: Any, training: bool = True) -> tuple[Any, Any]:
        """The gradients of sum(d_y · output) with respect to the parameters (flat) and to x."""
        _, records = chain.forward([self.layer], self.values, x, Pass(training=training, step=1))
        gradient = np.full_like(self.parameters, np.nan)  # what a layer forgets to write stays visible
        d_x = chain.backward([self.layer], self.values, records, d_y, self.layout.gradients(gradient))
        return gradient, d_x

    def update_statistics(self, x: Any) -> None:
        _, records = chain.forward([self.layer], self.values, x, Pass(training=True, step=1))
        chain.update_statistics([self.layer], self.values, records)

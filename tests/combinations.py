"""Activations, losses, layers and optimizers, any three together: the one table that every engine is tested by.

A combination is a small network and a few rows that suit its loss. Nothing is left out because it is unusual.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import (
    Activate,
    BatchNorm,
    Blend,
    Copies,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    MemberDense,
    NeuralNetwork,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    RMSNorm,
    Scale,
)
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.layers import Layer
from glassnet.layers.output_activation import last_activation

INPUTS, HIDDEN, ROWS = 3, 4, 5

LAYERS: dict[str, tuple[Layer, ...]] = {
    "dense": (Dense(3, "tanh", bias=False, initializer="orthogonal", l1=0.01, l2=0.1, max_norm=0.9),),
    "activate": (Dense(3), Activate("silu")),
    "dropout": (Dropout(0.3),),
    "batch_norm": (BatchNorm(),),
    "layer_norm": (LayerNorm(),),
    "rms_norm": (RMSNorm(),),
    "scale": (Scale(),),
    "blend": (Dense(3, parametrization="ntk", bias_rate=0.1), Blend("selu", rate=0.5)),
    "embeddings": (
        Embedding([2], size=2),
        PeriodicEmbedding(2, frequencies=3, size=3, spread=0.5, rate=0.1),
        PiecewiseLinearEmbedding(1, bins=3, size=2, rate=2.0),
    ),
    "rectified embeddings": (
        PeriodicEmbedding(2, frequencies=3, size=2, spread=0.5, keep=False, rectify=True),
        PiecewiseLinearEmbedding(1, bins=3, size=2, rectify=True),
    ),
    "members": (
        Copies(2),
        MemberDense(3, "gelu", 2, adapter_initializer="signs"),
        MemberDense(3, "softmax", 2, parametrization="ntk", bias_rate=0.1),
        MemberDense(3, "tanh", 2, shared=False),
    ),
    "residual": (Residual([LayerNorm(), Dropout(0.2), Residual([Dense(3, "gelu"), Dense(HIDDEN)])]),),
}
"""What stands between the first layer, which has the activation in question, and the last."""

SPELLINGS: dict[str, tuple[str, ...]] = {
    "quantile": ("quantile", "quantile(levels=(0.1, 0.5, 0.9))"),
    "cross_entropy": ("cross_entropy", "cross_entropy(label_smoothing=0.1)"),
    "binary_cross_entropy": ("binary_cross_entropy", "binary_cross_entropy(label_smoothing=0.1)"),
}
"""Losses that come in more than one shape."""

ACTIVATION_NAMES = [*ACTIVATIONS]
LOSS_SPELLINGS = [spelling for name in LOSSES for spelling in SPELLINGS.get(name, (name,))]
OPTIMIZER_NAMES = [*OPTIMIZERS]


@dataclass(frozen=True)
class Combination:
    """One entry of the table."""

    activation: str
    loss: str
    layer: str

    @property
    def targets(self) -> int:
        """Two targets a row where the loss has several at once, three classes where it has classes."""
        return 3 if LOSSES.get(self.loss).target == "classes" else 2

    def network(self, **settings: Any) -> NeuralNetwork:
        """The network, its parameters drawn away from the zeros and ones of the start, where mistakes hide."""
        loss = LOSSES.get(self.loss)
        # probabilities come from an output that gives them; all other losses take the raw scores
        last = last_activation(loss)
        outputs = self.targets * loss.outputs_per_target
        members = 2 if self.layer == "members" else 1
        output = Dense(outputs, last) if members == 1 else MemberDense(outputs, last, members, shared=False)
        layers = [Dense(HIDDEN, self.activation), *LAYERS[self.layer], output]
        network = NeuralNetwork(INPUTS, layers, self.loss, members=members, seed=self.seed, **settings)
        network.parameters[...] += self.random().normal(0, 0.2, network.parameters.size)
        network[f"{len(network.layers)}.W"][...] *= 0.3  # outputs that neither saturate nor overflow
        return network

    def data(self) -> tuple[Any, Any]:
        """Rows and targets that suit the loss."""
        rng = self.random()
        X, numbers = rng.normal(size=(ROWS, INPUTS)), rng.normal(size=(ROWS, self.targets))
        y = {
            "numbers": numbers,
            "counts": np.floor(np.abs(3 * numbers)),
            "fractions": (numbers > 0).astype(float),
            "signs": np.where(numbers > 0, 1.0, -1.0),
            "classes": np.arange(ROWS) % self.targets,
        }
        return X, y[LOSSES.get(self.loss).target]

    @property
    def seed(self) -> int:
        """A number of its own, the same in every run."""
        return zlib.crc32(repr(self).encode())

    def random(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)


def combinations(activation: str | None = None, loss: str | None = None) -> Iterator[Combination]:
    """All of them, or those of one activation or one loss."""
    activations = ACTIVATION_NAMES if activation is None else [activation]
    losses = LOSS_SPELLINGS if loss is None else [loss]
    for names in itertools.product(activations, losses, LAYERS):
        yield Combination(*names)


def trainings(activation: str, loss: str, day: int) -> list[tuple[Combination, str]]:
    """Every layer with an optimizer, such that any three of activation, loss, layer and optimizer meet in the table.

    All four would be eleven times as many. Which optimizer is the first changes with the day, so that they meet, too,
    one day or another.
    """
    first = ACTIVATION_NAMES.index(activation) + LOSS_SPELLINGS.index(loss) + day
    of_both = combinations(activation, loss)
    return [(each, OPTIMIZER_NAMES[(first + place) % len(OPTIMIZER_NAMES)]) for place, each in enumerate(of_both)]

"""The LLVM text of every kernel that small networks of all kinds ask the compiled engine for.

The engine itself does the work: each network makes a step, is evaluated and predicts. What is recorded is what reaches
the compiler, so nothing here depends on how texts come about.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from glassnet import NeuralNetwork
from glassnet.engines import CompiledEngine
from glassnet.engines.compiled import jit
from glassnet.engines.compiled.warm import PRECISIONS, TABLES, TinyNetwork
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
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
    MemberDense,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    RMSNorm,
    Scale,
)
from tests.engines.compiled import test_own_layers as own

BUILT_IN: tuple[Layer, ...] = (
    *(Dropout(0.3), BatchNorm(), LayerNorm(), RMSNorm(), Scale(), Copies(3)),
    *(PeriodicEmbedding(2, keep=keep, rectify=rectify) for keep in (True, False) for rectify in (True, False)),
    *(PiecewiseLinearEmbedding(2, bins=4, size=3, rectify=rectify) for rectify in (True, False)),
    PiecewiseLinearEmbedding(None, bins=4, size=3),
    *(Embedding((3,), size=2), Embedding((3, 4), size=2)),
    *(Dense(3, "relu", max_norm=1.0), Dense(3, "relu", l1=0.01, l2=0.01), Dense(3, "gelu", bias=False)),
    *(Dense(3, name, parametrization="ntk") for name in ("relu", "silu", "softmax")),
    Residual([LayerNorm(), Dense(7, "silu"), Dropout(0.2), Dense(2)]),
    Residual([BatchNorm(), Residual([Dense(2, "relu")])]),
)
MEMBERS = [
    MemberDense(4, name, members=2, shared=shared, parametrization=parametrization)  # type: ignore[arg-type]
    for name in ("relu", "silu", "softmax")
    for shared in (True, False)
    for parametrization in ("standard", "ntk")
]
OWN: tuple[tuple[Layer, int], ...] = (
    *((own.GatedLinear(4), 6), (own.Centred(), 6), (own.Swapped(), 5), (own.Bent(3), 5), (own.Scaled(), 5)),
    *((own.OneForAll(), 4), (own.Standardised(), 5), (own.ByColumns(), 5), (own.BySum(), 4), (own.Centring(), 5)),
    *((own.Grouped(4), 6), (own.Bumps(), 3), (own.InOtherWords(), 6)),
)
"""Layers that are not glassnet's, and how many columns each takes."""


def texts() -> Iterator[tuple[str, list[str]]]:
    """Each case by its name, with the texts that it asks for and no case before it did."""
    asked: dict[str, None] = {}
    seen: set[str] = set()
    compiled = jit._loaded_or_compiled

    def record(name: str, text: str, *options: object, **more: object) -> int:
        asked[text] = None  # not by the name of its builder, which no result depends on
        return compiled(name, text, *options, **more)  # type: ignore[arg-type]

    jit._loaded_or_compiled = record
    try:
        for case, run in tasks():
            asked.clear()
            run()
            yield case, [text for text in asked if text not in seen]
            seen.update(asked)
    finally:
        jit._loaded_or_compiled = compiled


def tasks() -> Iterator[tuple[str, Callable[[], object]]]:
    """What the engine is asked to do, one kind of network after the other."""
    engine = CompiledEngine(workers=1)
    for precision in PRECISIONS:
        for case, network in networks(precision):
            yield f"{precision} {case}", partial(network.use, engine)
        for layer, inputs in OWN:
            yield f"{precision} {layer}", partial(_train, [layer, 2], inputs, precision)


def networks(precision: str) -> Iterator[tuple[str, TinyNetwork]]:
    """Every layer, first and behind another; every loss, every optimizer, every kind of table."""
    elementwise = [name for name in ACTIVATIONS if ACTIVATIONS.get(name).elementwise]
    dense = [layer for name in ACTIVATIONS for layer in (Dense(3, name), Activate(name))]
    for layer in itertools.chain(dense, map(Blend, elementwise), BUILT_IN):
        yield str(layer), TinyNetwork.of(precision, layer, 2, layer)
    for layer in MEMBERS:
        yield str(layer), TinyNetwork.of(precision, Copies(2), layer, layer)
    for name in LOSSES:
        yield name, TinyNetwork.of(precision, 2, loss=name)
    for name in OPTIMIZERS:
        yield name, TinyNetwork.of(precision, Dense(2, "relu", l2=0.01), optimizer=name)
    for table in TABLES:
        yield f"table of {table}", TinyNetwork.of(precision, 2, table=table)


def _train(layers: list[Layer | int], inputs: int, precision: str) -> None:
    network = NeuralNetwork(inputs, layers, dtype=precision)
    X = np.random.default_rng(0).normal(size=(9, inputs))
    network.train(X, np.zeros((9, network.layout.widths[-1])), epochs=1, batch_size=4)
    network.predict(X)

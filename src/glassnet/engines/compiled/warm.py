"""Compile common kernels ahead: after an installation, or for a container image."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse

from glassnet.engines.compiled.engine import CompiledEngine
from glassnet.engines.updater import Updater
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Layer, Layout, NgramLinear, TextRows, TextStore, parse_layers
from glassnet.layers.base import Array

PRECISIONS = ("float32", "float64")
LOSS_NAMES = ("mse", "cross_entropy", "binary_cross_entropy", "mae", "huber", "poisson")
OPTIMIZER_NAMES = ("adam", "adamw", "sgd", "momentum")
LAYERS = ("dropout:0.5", "batch_norm", "layer_norm")
TABLES = ("rows", "columns", "sparse", "texts")
"""Tables by their layout in memory: row-major, column-major, sparse; with columns of text."""
ROWS, INPUTS = 4, 2


@dataclass
class TinyNetwork:
    """The smallest network that needs the kernels in question; see :class:`glassnet.engines.reference.Model`."""

    layers: tuple[Layer, ...]
    loss: Loss
    layout: Layout
    parameters: Array
    statistics: Array
    optimizer: str = "adam"
    table: str = "rows"
    seed: int = 0
    members: int = 1

    @classmethod
    def of(cls, precision: str, *layers: str | int | Layer, loss: str = "mse", **options: Any) -> TinyNetwork:
        """Return one from short spellings of the layers before the last."""
        outputs = 2 if LOSSES.get(loss).target == "classes" else LOSSES.get(loss).outputs_per_target
        parsed = tuple(parse_layers([*layers, outputs], "relu", last="identity"))
        parsed += (NgramLinear(1),) * (options.get("table") == "texts")
        layout = Layout(parsed, INPUTS)
        return cls(parsed, LOSSES.get(loss), layout, *layout.initial(0, np.dtype(precision)), **options)

    def use(self, engine: CompiledEngine) -> None:
        """One step of training, a search as of L-BFGS, a validation, and predictions."""
        dtype = self.parameters.dtype
        X: Any = np.ones((ROWS, INPUTS), dtype, order="F" if self.table == "columns" else "C")
        X = sparse.csr_array(X) if self.table == "sparse" else X
        if self.table == "texts":
            ids, values = np.zeros(ROWS, np.int32), np.ones(ROWS, np.float32)
            X = TextRows(X, np.arange(ROWS), TextStore(np.arange(ROWS + 1), ids, values, 1))
        y = np.arange(ROWS) % 2 if self.loss.target == "classes" else np.ones((ROWS, 1), dtype)
        updater = Updater(self.layout, self.optimizer, dtype=dtype)
        with engine.training(self, X, y, None, ROWS, updater) as steps:
            steps(engine.order(self.seed, 1, ROWS), [1e-3])
        with engine.objective(self, X, y, None) as objective:
            objective()
        engine.evaluation(self, X, y, None)()
        engine.predict(self, X)
        engine.respond(self, X)


def usual_tasks(precisions: Sequence[str] = PRECISIONS) -> list[Callable[[], None]]:
    """Return tasks that compile and cache the kernels that most networks need.

    That is: dense layers with every built-in activation, the usual losses and optimizers, dropout, the two
    normalizations, dense and sparse tables. Cached kernels are not compiled again. Code for one kind of processor
    is of no use to another: do this where the networks will be trained, or on the same kind.

    Parameters
    ----------
    precisions : sequence of {"float32", "float64"}
    """
    engine = CompiledEngine(workers=1)
    return [partial(network.use, engine) for precision in precisions for network in networks(precision)]


def networks(precision: str) -> Iterator[TinyNetwork]:
    """Common networks, as small as possible."""
    for name in ACTIVATIONS:
        yield TinyNetwork.of(precision, f"{name}:2", f"{name}:2")  # first, and behind something that learns
    for name in LOSS_NAMES:
        yield TinyNetwork.of(precision, 2, loss=name)
    for name in OPTIMIZER_NAMES:
        yield TinyNetwork.of(precision, 2, optimizer=name)
    for name in LAYERS:
        yield TinyNetwork.of(precision, 2, name)
    for table in TABLES:
        yield TinyNetwork.of(precision, 2, table=table)

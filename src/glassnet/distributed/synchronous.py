"""Exact steps by several processes: each computes a part of every batch, and all of them go the same step.

The gradient of a batch is the sum of those of its parts, added as a tree: (1 + 2) + (3 + 4). How many parts there are
is a setting, and who computes which of them changes nothing about the tree. So any number of processes comes to the
same bits as one does; to those of a batch that is not taken in parts it is equal to rounding.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engines import CompiledEngine, Model, Updater
from glassnet.engines.reference import CALM, Look, Steps
from glassnet.errors import DivergenceError, InputError
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.random import stream_key
from glassnet.layers.base import Array
from glassnet.option_names import methods_suggest_options
from glassnet.options import Whole
from glassnet.touching import touching

GRADIENT = Optimizer("gradient", lambda theta, g, kept, alpha: (theta, g), ("kept",), learning_rate=1.0)
"""No step at all: the gradient is kept."""
PARTS = 2**64 - 4
"""In the place of a layer's number: the stream from which parts have their seeds."""


@methods_suggest_options
class SynchronousEngine(CompiledEngine):
    """Carries out the steps of one training by all processes of an MPI communicator.

    Every process runs the same program on the same table, and ends with the same model; each computes its parts of
    every batch, and their gradients are added in one order. Start it with ``mpiexec -n 4 python program.py``. If one
    process is killed, MPI ends all of them; whoever must outlive that trains by rounds.

    Parameters
    ----------
    comm : mpi4py.MPI.Comm or None
        None: one process.
    parts : int
        Into how many parts a batch is cut: a power of two, at least as many as there are processes. It decides the
        last digits, as the number of processes does not.

    Raises
    ------
    InputError
        If the processes are not a power of two, or more than parts.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> network = NeuralNetwork(1, ["tanh:4", 1], engine=SynchronousEngine(parts=2))
    >>> history = network.train([[0.0], [1.0]], [0.0, 1.0], optimizer="sgd", epochs=2)
    """

    name = "synchronous"
    at_once = 1

    def __init__(self, comm: Any = None, parts: int = 8) -> None:
        super().__init__(workers=1 if comm is not None else None)
        self.comm, self.parts = comm, Whole("For example 8").taken("`parts`", parts)
        with touching("`comm` must be a communicator of mpi4py", comm, "For example MPI.COMM_WORLD"):
            self.rank: int = 0 if comm is None else comm.Get_rank()
            self.processes: int = 1 if comm is None else comm.Get_size()
        for what, count in (("`parts` of a batch", self.parts), ("The number of processes", self.processes)):
            if count & (count - 1):
                raise InputError(f"{what} must be a power of two", count, "Use 2, 4, 8, ...")
        if self.processes > self.parts:
            rule = "A batch must have at least one part per process"
            raise InputError(rule, f"{self.parts} parts, {self.processes} processes", f"parts={self.processes}")

    def __reduce__(self) -> Any:
        return SynchronousEngine, (None, self.parts)  # what is kept of it has no communicator

    @contextlib.contextmanager
    def training(
        self, model: Model, X: Any, y: Array, weight: Array | None, batch_size: int, updater: Updater
    ) -> Iterator[Steps]:
        """See :meth:`glassnet.engines.ReferenceEngine.training`."""
        if any(getattr(layer, "whole_batch", False) for layer in model.layers):
            rule = "A layer that averages over a batch cannot process it in parts"
            raise InputError(rule, "such a layer", "Use layer_norm instead of batch_norm")
        each = self.parts // self.processes
        mine = range(self.rank * each, (self.rank + 1) * each)
        with contextlib.ExitStack() as opened:
            kept = [Updater(model.layout, GRADIENT, weight_decay=0.0, dtype=updater.dtype) for _ in mine]
            gradients = []
            for part, one in zip(mine, kept, strict=True):
                own = _WithSeed(model, int(stream_key(model.seed, part + 1, PARTS)))
                one.t = updater.t
                largest = -(-batch_size // self.parts)
                gradients.append(opened.enter_context(super().training(own, X, y, weight, largest, one)))
            yield _Walk(self, model, updater, batch_size, mine, kept, gradients)

    def together(self, mine: Sequence[Array], told: Array) -> tuple[Array, Array]:
        """The sum of vectors of all processes, added as a tree, and what each process tells.

        Those of this process, `mine`, are neighbours in the tree.
        """
        total = _tree(mine)
        if self.processes == 1:
            return total, told[None, :]
        heard = np.empty((self.processes, len(told)))
        self.comm.Allgather(told, heard)
        width = -(-len(total) // self.processes)  # each process finishes the tree for its share of the vector
        padded = np.zeros(width * self.processes, total.dtype)
        padded[: len(total)] = total
        shares = np.empty((self.processes, width), total.dtype)
        self.comm.Alltoall(padded, shares)
        self.comm.Allgather(np.ascontiguousarray(_tree(list(shares))), padded)
        return padded[: len(total)], heard

    def check_alike(self, model: Model, updater: Updater, order: Array, begun: tuple[int, float]) -> None:
        """Refuse to go on where processes have not come to the same place."""
        digest = hashlib.sha256(repr((updater.t, begun)).encode())
        for numbers in (model.parameters, model.statistics, *updater.slots.values(), order):
            digest.update(np.ascontiguousarray(numbers).data)
        own = np.frombuffer(digest.digest()[:8], np.uint64).copy()
        heard = np.empty(self.processes, np.uint64)
        if self.processes > 1:
            self.comm.Allgather(own, heard)
            if (heard != own).any():
                rule = "All processes must train the same network on the same rows, from the same state"
                raise InputError(
                    rule, f"{len(np.unique(heard))} different ones", "Give all of them the same data and seed"
                )


@dataclass(frozen=True, eq=False)
class _Walk:
    """The steps of an epoch; see :class:`glassnet.engines.reference.Steps`."""

    engine: SynchronousEngine
    model: Model
    updater: Updater
    batch_size: int
    mine: range
    kept: Sequence[Updater]
    gradients: Sequence[Steps]

    def __call__(
        self,
        order: Array,
        rates: Sequence[float] | Array,
        *,
        decay: float = 1.0,
        dropout: float = 1.0,
        look: Look | None = None,
        each_batch: bool = False,
        begun: tuple[int, float] = (0, 0.0),
        rows: tuple[Any, Array, Array | None] | None = None,
    ) -> float:
        model, updater = self.model, self.updater
        self.engine.check_alike(model, updater, order, begun)
        first, total = begun
        place = {} if rows is None else {"rows": rows}
        for batch, rate in enumerate(np.asarray(rates)[first:].tolist(), first):
            of_batch = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            total += self._step(of_batch, rate, decay, {"dropout": dropout, **place})
            stop = look is not None and look(batch + 1, total)
            if stop and self.engine.processes > 1 and self.batch_size * (batch + 1) < len(order):
                rule = "Processes that train in lockstep must stop together, but one was stopped alone"
                raise InputError(rule, "a time limit, or a callback", "Omit it")
            if stop:
                break
        if not np.isfinite(model.parameters).all():
            raise DivergenceError(f"The parameters became inf or NaN at step {updater.t}", CALM, updater.t)
        return total

    def _step(self, rows: Array, rate: float, decay: float, options: Mapping[str, Any]) -> float:
        """One step of all processes; gives the sum of the rows' losses."""
        model, updater, parts = self.model, self.updater, self.engine.parts
        sums, losses = [], []
        for part, kept, gradient in zip(self.mine, self.kept, self.gradients, strict=True):
            own = rows[part * len(rows) // parts : (part + 1) * len(rows) // parts]
            summed, loss = np.zeros_like(model.parameters), 0.0
            kept.t = updater.t
            if len(own):
                try:
                    loss = gradient(own, [1.0], **options)
                    summed = kept.slots["kept"] * model.parameters.dtype.type(len(own) / len(rows))
                except DivergenceError:  # all must hear of it, or the others would wait for this one
                    loss = np.nan
            sums.append(summed)
            losses.append(loss)
        summed, heard = self.engine.together(sums, np.array([_tree(losses)]))
        loss = float(_tree(list(heard[:, 0])))
        if not np.isfinite(loss):
            raise DivergenceError(f"The loss became {loss} at step {updater.t + 1}", CALM, updater.t + 1)
        updater.step(model.parameters, np.array(summed), rate, decay)
        return loss


class _WithSeed:
    """A model with another seed, so that parts of a batch do not drop the same units; all else is the model's."""

    def __init__(self, model: Model, seed: int) -> None:
        self.model, self.seed = model, seed

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)


def _tree(vectors: Sequence[Any]) -> Any:
    """Their sum: neighbours first.

    >>> _tree([1.0, 2.0, 3.0, 4.0])
    10.0
    """
    while len(vectors) > 1:
        vectors = [left + right for left, right in zip(vectors[::2], vectors[1::2], strict=True)]
    return vectors[0]

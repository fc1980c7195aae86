"""Prediction: the rows of a table through one network, or through several at once."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glassnet.engines.compiled.execution import SPARSE, WORTH_A_THREAD, Execution, gather, storage
from glassnet.engines.compiled.kernels import handwritten
from glassnet.engines.compiled.kernels.gather import TARGET
from glassnet.engines.compiled.lower_network import lower_layers, lower_response
from glassnet.engines.compiled.memory import BLOCK, Op, Run, address
from glassnet.engines.compiled.program import Program
from glassnet.engines.compiled.reuse import reused
from glassnet.engines.compiled.workers import WORK_PER_CALL, Pool, cores
from glassnet.engines.data import not_finite
from glassnet.engines.reference import Model
from glassnet.formulas.loss import Loss
from glassnet.layers import Layout
from glassnet.layers.base import Array, Layer

OFFSETS = [Op.P, Op.S]
"""The fields of an operation that say where its parameters and statistics begin."""


class BoundNetwork(NamedTuple):
    """A network whose arrays a prediction's table refers to."""

    layout: Layout
    layers: tuple[Layer, ...]
    loss: Loss
    parameters: weakref.ref[Array]
    statistics: weakref.ref[Array]

    def is_same(self, model: Model) -> bool:
        """Return whether it is this very network, with its arrays where they were."""
        layout, _, loss, parameters, statistics = self
        if model.layout is not layout or model.loss is not loss:
            return False
        return model.parameters is parameters() and model.statistics is statistics()

    def is_alike(self, model: Model) -> bool:
        """Return whether a network has the same layers, widths and loss."""
        layout, loss = self.layout, self.loss
        alike = layout is model.layout or (self.layers == model.layers and layout.widths == model.layout.widths)
        return alike and (loss is model.loss or loss == model.loss)


class OutputSpec(NamedTuple):
    """The requested outputs of networks.

    Parameters
    ----------
    together : bool
        The average over all members of all networks, or the outputs of each network.
    response : bool
        Whether to apply the loss's response function (probabilities, for instance) to the outputs.
    temperature : float
        Divides logits before they are averaged.
    weights : tuple of float, or None
        The weight of each network in the average, 1 on average; None: equal weights.
    """

    together: bool = False
    response: bool = False
    temperature: float = 1.0
    weights: tuple[float, ...] | None = None


class LoweredPrediction(NamedTuple):
    """Networks lowered to their outputs: what all predictions of them have in common."""

    program: Program
    network_ops: list[slice]
    """The operations of each network."""
    average: int
    """The operation that averages, if there is one."""
    width: int
    """Of a network's outputs."""
    outputs: int
    """The width of the result."""

    @property
    def reusable(self) -> bool:
        """See :class:`glassnet.engines.compiled.reuse.Lowered`."""
        return self.program.reusable


class Prediction(Execution):
    """Outputs of one network, of several for the same rows, or their average.

    The table has the operations of all networks one after the other, so that one call takes a row through all of them.
    They share buffers; parameters stay in the networks' own arrays, and the operations hold their offsets from the
    first network's.
    """

    def __init__(self, models: Sequence[Model], X: Any, spec: OutputSpec, workers: int | None = None) -> None:
        self.storage, self.spec, first = storage(X), spec, models[0]
        of_models = tuple((model.layers, model.layout.widths[0], model.loss) for model in models)
        dtype = first.parameters.dtype.name
        lowered = reused(lambda: self._lower(models), type(self), dtype, self.storage, spec, first.members, of_models)
        self.network_ops, self.average, self.outputs = lowered.network_ops, lowered.average, lowered.outputs
        rows = lowered.program.rows
        self.shape: tuple[int, ...] = (len(models), rows, lowered.width)
        """Of the networks' outputs for a block of rows."""
        self.pool = Pool(workers or cores())
        super().__init__(first, lowered.program, self.pool)
        self.network_offsets = self.ops[:, OFFSETS]
        self.bound: list[BoundNetwork] = []
        self.work = sum((model.layout.size + model.layout.statistics_size) * model.members for model in models)
        self.table[:, Run.STEPS] = 1
        self.block = np.zeros((rows, self.program.inputs), self.dtype)
        self.block_outputs = self._outputs(rows)
        self.parallel_from = -(-2 * WORTH_A_THREAD // max(self.work, 1))
        """The number of rows from which several workers are faster than one."""
        serial = rows if self.pool.count == 1 else min(rows, self.parallel_from - 1)
        self.block_limit = serial if self.storage == "rows" else -1
        """The number of rows up to which the prepared block is used, which takes no set-up."""
        self.rows = ctypes.c_int64.from_address(self.tables[0] + 8 * Run.ORDER_SIZE)
        self.block_views: dict[int, tuple[Array, Array]] = {}
        """By number of rows: the block's rows, and their outputs."""
        self.bound_to_block = False
        self.bind_models(models)

    def _lower(self, models: Sequence[Model]) -> LoweredPrediction:
        """Lower the networks, one after the other, and their average."""
        spec, first = self.spec, models[0]
        rows = max(1, BLOCK // first.members)
        program = Program(first.parameters.dtype.name, first.layout.widths[0], rows, rows, training=False)
        gather(program, self.storage)
        if self.storage not in SPARSE:  # sparse tables have few numbers, which were checked before
            program.add(program.compiled("A table", "gather.look"), INPUTS=program.inputs, X=program.ops[0][Op.Y])
        start, most, kept = program.activations, 0, 0
        network_ops, average = [], 0
        for model in models:
            begin = len(program.ops)
            program.activations, program.kept, program.parameters, program.statistics = start, 0, 0, 0
            width, last = lower_layers(program, model.layers, program.inputs, 0, 0)
            if spec.response and not spec.together:
                last = lower_response(program, model.loss, width, last)
            self._scatter(program, width, last)
            network_ops.append(slice(begin, len(program.ops)))
            most, kept = max(most, program.activations), max(kept, program.kept)
        outputs = width
        if spec.together:
            program.activations, average = start, len(program.ops)
            outputs //= first.members
            shares = spec.weights or [1.0] * len(models)
            last = program.average(first.loss, outputs, shares, first.members, spec.temperature)
            if spec.response:
                last = lower_response(program, first.loss, outputs, last)
            self._scatter(program, outputs, last)
        program.activations, program.kept = max(most, program.activations), kept
        return LoweredPrediction(program, network_ops, average, width, outputs)

    def _scatter(self, program: Program, width: int, last: int) -> None:
        program.add(program.compiled("A prediction", "gather.scatter"), INPUTS=width, X=last)

    def _outputs(self, rows: int) -> tuple[Array, Array]:
        """Return arrays for the outputs of each network, and for the result: another one if it is an average."""
        networks, _, width = self.shape
        each = np.empty((networks, rows, width), self.dtype)
        return each, np.empty((rows, self.outputs), self.dtype) if self.spec.together else each

    def rebind(self, models: Sequence[Model], X: Any, spec: OutputSpec) -> bool:
        """Return whether it can predict for these networks and this kind of table; if so, bind it to their arrays."""
        if self.spec != spec or self.storage != storage(X) or len(self.bound) != len(models):
            return False
        if not self.program.reusable:
            return False
        if not all(map(BoundNetwork.is_same, self.bound, models)):
            if any(model.parameters.dtype != self.dtype for model in models):
                return False
            if not all(map(BoundNetwork.is_alike, self.bound, models)):
                return False
            self.bind_models(models)
        return True

    def bind_models(self, models: Sequence[Model]) -> None:
        """Let the table refer to the arrays of these networks."""
        self.bind_model(models[0])
        begin, size = self.table[0, [Run.P, Run.S]], self.dtype.itemsize
        for ops, model in zip(self.network_ops, models, strict=True):
            parameters = address(model.parameters, self.dtype, model.layout.size)
            statistics = address(model.statistics, self.dtype, model.layout.statistics_size)
            self.ops[ops, OFFSETS] = self.network_offsets[ops] + (np.array([parameters, statistics]) - begin) // size
        self.bound = [
            BoundNetwork(one.layout, one.layers, one.loss, weakref.ref(one.parameters), weakref.ref(one.statistics))
            for one in models
        ]

    def __call__(self, X: Any) -> Array:
        """Return the outputs for a table: (networks, rows, outputs), or (rows, outputs) of an average."""
        rows = X.shape[0]
        if rows > self.block_limit:
            return self._table(X)
        if not self.bound_to_block:  # at most a block of rows is copied into the prepared block, and nothing is set up
            self.bind(self.block, self.block_outputs, 1, len(self.block))
            self.bound_to_block = True
        if rows not in self.block_views:
            result = self.block_outputs[1]
            self.block_views[rows] = self.block[:rows], result[:rows] if self.spec.together else result[:, :rows]
        inputs, outputs = self.block_views[rows]
        inputs[...] = X
        self.rows.value = rows
        if self.driver(0, self.tables[0]):
            raise not_finite(self.dtype)
        return outputs.copy()

    def _table(self, X: Any) -> Array:
        """Return the outputs for any table."""
        rows = X.shape[0]
        output = self._outputs(rows)
        workers = self.pool.count if rows >= self.parallel_from else 1
        block = len(self.block)
        part = block * max(1, WORK_PER_CALL // max(self.work * block, 1))
        self.bind(X, output, workers, part)
        self.bound_to_block = False
        self.table[:, Run.ORDER_SIZE] = rows
        self.output: tuple[Array, Array] | None = output  # a worker may still write after a signal
        for start in range(0, rows, part):
            self.table[:, Run.BASE] = start
            self.pool.work(self.run_worker, workers)
            if self.table[:, Run.DIVERGED].any():
                raise not_finite(self.dtype)
        self.source = self.output = None
        return output[1]

    def bind(self, X: Any, outputs: tuple[Array, Array], workers: int, part: int) -> None:
        """Set source and target, the number of workers, and the rows of a call."""
        self.bind_source(X)
        each, result = outputs
        for ops, target in zip(self.network_ops, each, strict=True):
            self.ops[ops.stop - 1, TARGET] = address(target)
        if self.spec.together:
            self.ops[self.average, [handwritten.SOURCE, handwritten.NETWORK_SIZE]] = address(each), each[0].size
            self.ops[-1, TARGET] = address(result)
        self.table[:, [Run.BASE, Run.WORKERS, Run.BATCH_SIZE, Run.BLOCK]] = 0, workers, part, workers * len(self.block)

"""Executions that compute a loss: training, evaluation, and the objective of L-BFGS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from glassnet.engines.compiled.execution import WORTH_A_THREAD, Execution, gather, storage
from glassnet.engines.compiled.kernels import gather as gathering
from glassnet.engines.compiled.kernels import update as updating
from glassnet.engines.compiled.lower_network import lower_layers
from glassnet.engines.compiled.memory import ALWAYS, BLOCK, GRAIN, OP_SIZE, TOUCHED, Op, Run, address
from glassnet.engines.compiled.program import Program
from glassnet.engines.compiled.reuse import reused
from glassnet.engines.compiled.update_plan import PREPARE, Segments, Update, UpdatePlan, unchanged_without_gradient
from glassnet.engines.compiled.workers import (
    WORK_PER_CALL,
    WORTH_A_WORKER,
    Pool,
    Team,
    WorkerTuner,
    active_trainings,
    cores,
    fair_share,
    most_in_a_team,
    shared_tuner,
)
from glassnet.engines.data import all_finite
from glassnet.engines.reference import CALM, PLAIN_STEPS, Model, StepOptions
from glassnet.engines.updater import Updater, penalty
from glassnet.errors import DivergenceError
from glassnet.formulas.rounded_products import BLOCK as STRETCH
from glassnet.layers import chain
from glassnet.layers.base import Array
from glassnet.layers.rounding import rounds
from glassnet.support.language import Text


@dataclass(frozen=True)
class LoweredLoss:
    """A network lowered to its loss for batches of a size: what all executions of it have in common.

    Parameters
    ----------
    program : Program
    outputs : int
        Of one member.
    work : int
        The approximate number of multiplications of a batch.
    workers, block : int
        The number of workers, and of rows that each takes at a time.
    finish : object
        The lowered operations that follow the backward pass.
    """

    program: Program
    outputs: int
    work: int
    workers: int
    block: int
    finish: Any

    @property
    def reusable(self) -> bool:
        """See :class:`glassnet.engines.compiled.reuse.Lowered`."""
        return self.program.reusable


class LossExecution(Execution):
    """A program that takes batches forward to their loss and, in training, the gradient backward.

    Parameters
    ----------
    model, X, y, weight
        As in :meth:`ReferenceEngine.training`.
    batch_size : int
        The size of the largest batch.
    workers : int or None
    updater : Updater or None
        Makes a step after each batch.
    """

    training = True

    share: float | None = None
    """The weight of a batch in running statistics; None: the layer's own."""

    def __init__(
        self,
        model: Model,
        X: Any,
        y: Array,
        weight: Array | None,
        batch_size: int,
        workers: int | None,
        updater: Updater | None = None,
    ) -> None:
        self.model, layout, dtype = model, model.layout, model.parameters.dtype.name
        self.order: Array | None = None
        classes, kind = model.loss.target == "classes" and y.ndim == 1, storage(X)
        key: tuple[Any, ...] = (type(self), dtype, kind, classes, batch_size, workers, cores())
        key += model.layers, layout.widths[0], layout.least is None, model.loss, model.members
        if updater is not None:
            key += updater.rule, updater.weight_decay, updater.clip_value, updater.clip_norm, updater.ema_decay
        self.lowered = lowered = reused(
            lambda: self._lower(model, dtype, kind, classes, batch_size, workers, updater), *key
        )
        self.fixed, self.work, self.block, self.outputs = (
            workers is not None,
            lowered.work,
            lowered.block,
            lowered.outputs,
        )
        several = lowered.program.several
        super().__init__(model, lowered.program, Team(lowered.workers) if several else Pool(lowered.workers))
        self.bind_rows(X, y, weight)
        self.ops[0, gathering.TARGET_WIDTH] = self.program.target_width
        self.losses = np.zeros(batch_size * model.members)
        self.table[:, Run.BATCH_SIZE], self.table[:, Run.LOSSES] = batch_size, address(self.losses)
        self.table[:, Run.SEED] = np.uint64(model.seed).view(np.int64)
        self.active = self.team.count
        if self.training:
            active_trainings.add(self)

    def _lower(
        self,
        model: Model,
        dtype: str,
        kind: str,
        classes: bool,
        batch_size: int,
        workers: int | None,
        updater: Updater | None,
    ) -> LoweredLoss:
        """Lower the network."""
        training, inputs = self.training, model.layout.widths[0]
        forward = batch_size * chain.multiplications(model.layers, inputs) * model.members
        work = (3 if training else 1) * forward  # and as many for each of the gradients of weights and inputs
        workers = workers or max(1, min(cores(), work // (WORTH_A_WORKER if training else WORTH_A_THREAD)))
        if training:
            workers = min(workers, most_in_a_team())
        block = own_block = _even_blocks(batch_size, model.members, rounds(model.layers))
        rows = min(batch_size, block * workers) if training else block
        if training and chain.needs_whole_batch(model.layers):
            block = rows = batch_size
        program = Program(dtype, inputs, rows, own_block, training, training and workers > 1)
        program.share = self.share
        if updater is not None:
            program.sparse_update = unchanged_without_gradient(updater)
        gather(program, kind)
        outputs, last = lower_layers(program, model.layers, program.inputs, 0, 0)
        outputs //= model.members
        program.loss(model.loss, outputs, last, classes, model.members)
        return LoweredLoss(program, outputs, work, workers, block, self._finish(program, model, updater))

    def _finish(self, program: Program, model: Model, updater: Updater | None) -> Any:
        """Add the operations that follow the backward pass."""

    def drive(
        self, base: int, steps: int, t: int = 0, constants: int = 0, total: float = 0.0, workers: int | None = None
    ) -> float:
        """Run steps after step t; return the total of losses.

        Parameters
        ----------
        base : int
            The position of the first batch in the order of rows.
        steps, t : int
        constants : int
            The address of the constants of their updates.
        total : float
            Of earlier steps.
        workers : int or None
            The number that take part; None: all.
        """
        for cells in self.cells:  # cell by cell: NumPy's indexing takes longer than some steps
            cells[Run.BASE], cells[Run.STEPS], cells[Run.T], cells[Run.C] = base, steps, t, constants
            cells[Run.DIVERGED] = 0
        self.totals[...] = total
        if workers is not None and workers != self.active:
            self.active, self.table[:, Run.WORKERS] = workers, workers
            self.table[:, Run.BLOCK] = min(self.program.rows, self.block * workers)
        self.team.work(self.run_worker, workers)
        return float(self.totals[0])

    def bind_rows(self, X: Any, y: Array, weight: Array | None) -> None:
        """Let the table refer to rows, targets and weights."""
        self.bind_source(X)
        loss = self.model.loss
        classes = loss.target == "classes" and y.ndim == 1
        targets = y.astype(self.dtype, copy=False) if classes else loss.prepare(y, self.outputs, self.dtype)
        self.targets = np.ascontiguousarray(targets)
        self.weight = None if weight is None else np.ascontiguousarray(weight, self.dtype)
        op = self.ops[0]
        op[gathering.TARGETS] = address(self.targets)
        op[gathering.WEIGHTS] = 0 if self.weight is None else address(self.weight)

    def bind_order(self, order: Array) -> None:
        """Set the order of rows."""
        if order is not self.order:
            self.order = order
            self.ops[0, gathering.ORDER], self.table[:, Run.ORDER_SIZE] = address(order, np.int64), len(order)

    def close(self) -> None:
        """Stop the workers."""
        active_trainings.discard(self)
        if isinstance(self.team, Team):
            self.team.close()


class Training(LossExecution):
    """Training steps on one table of rows; see :meth:`ReferenceEngine.training`."""

    def __init__(
        self,
        model: Model,
        X: Any,
        y: Array,
        weight: Array | None,
        batch_size: int,
        updater: Updater,
        workers: int | None = None,
    ) -> None:
        self.updater, self.batch_size, self.dropout = updater, batch_size, 1.0
        super().__init__(model, X, y, weight, min(batch_size, X.shape[0]), workers, updater)
        plan = self.lowered.finish
        self.update = Update(plan, updater)
        self.bind_touched_grains()
        self.rows_of_update = self.ops[len(self.program.ops) :][: len(plan.ops)]
        self.table[:, Run.CONSTANTS], self.table[:, Run.BATCH_SIZE] = plan.width, batch_size
        self.own_tuner = WorkerTuner(self.team.count, self.work, fixed=True)

    def _finish(self, program: Program, model: Model, updater: Updater | None) -> UpdatePlan:
        assert updater is not None
        return UpdatePlan(program, updater, model.layout, program.several)

    def __call__(
        self,
        order: Array,
        rates: Sequence[float] | Array,
        options: StepOptions = PLAIN_STEPS,
    ) -> float:
        """Train on the rows in this order, a batch at a time, one learning rate a batch."""
        if options.rows is not None:
            self.bind_rows(*options.rows)
        self.bind_dropout(options.dropout)
        self.bind_order(np.ascontiguousarray(order, np.int64))
        start, total = options.done, options.total
        while start < len(rates):
            tuner = self.tuner()
            workers, steps = tuner.next()
            part, began = rates[start : start + (1 if options.each_batch else steps)], perf_counter()
            total = self._steps(start * self.batch_size, part, options.decay, total, workers)
            tuner.record(workers, len(part), perf_counter() - began)
            start += len(part)
            if options.look is not None and options.look(start, total):
                break
        if not all_finite(self.model.parameters):
            raise DivergenceError(
                Text("The parameters became inf or NaN at step {step}", step=self.updater.t), CALM, self.updater.t
            )
        return total

    def tuner(self) -> WorkerTuner:
        """Return the tuner of the number of workers."""
        most = self.team.count
        return self.own_tuner if self.fixed or most == 1 else shared_tuner(fair_share(most), self.work)

    def bind_touched_grains(self) -> None:
        """Let embeddings and update share the flags of which grains of the parameters a step touches."""
        alone = np.zeros(-(-self.layout.size // GRAIN) * GRAIN, bool)
        for _, start, stop in self.program.touched:
            alone[start:stop] = True
        self.touched = np.where(alone.reshape(-1, GRAIN).all(axis=1), 0, ALWAYS)
        for op, _, _ in self.program.touched:
            self.ops[op, TOUCHED] = address(self.touched)
        self.ops[len(self.program.ops), updating.TOUCHED] = address(self.touched)

    def bind_dropout(self, factor: float) -> None:
        """Scale all dropout rates."""
        if factor != self.dropout:
            self.dropout, space = factor, self.table[0, Run.WEIGHT_SPACE]
            for place, rate in self.program.dropouts:
                self.W[:, space + place] = rate * factor

    def _steps(self, base: int, rates: Sequence[float] | Array, decay: float, total: float, workers: int) -> float:
        """Run steps with the given number of workers; return the total of the rows' losses."""
        updater = self.updater
        self.bind_model(self.model)
        self.update.bind(self.rows_of_update, self.model.parameters)
        constants = self.update.constants(rates, decay)
        try:
            total = self.drive(base, len(rates), updater.t, constants, total, workers)
        finally:  # also after a signal, which Python handles when the steps are done
            self.update.advance(self.cells[0][Run.T])
        if self.cells[0][Run.DIVERGED]:
            self.G[...], self.touched[...] = 0, self.touched & ALWAYS  # the update, which clears them, was skipped
            raise DivergenceError(
                Text("The loss became {loss} at step {step}", loss=total, step=updater.t + 1), CALM, updater.t + 1
            )
        return total


class Evaluation(LossExecution):
    """The mean loss of rows; see :meth:`ReferenceEngine.evaluation`."""

    training = False

    def __init__(self, model: Model, X: Any, y: Array, weight: Array | None, workers: int | None = None) -> None:
        part = min(X.shape[0], max(BLOCK, WORK_PER_CALL // max(model.layout.size * model.members, 1)))
        super().__init__(model, X, y, weight, part, workers)
        self.bind_order(np.arange(X.shape[0]))
        self.rows = X.shape[0]
        self.total = self.rows if self.weight is None else float(self.weight.sum())
        self.steps = -(-self.rows // part)

    def __call__(self) -> float:
        self.bind_model(self.model)
        part, losses = len(self.losses) // self.model.members, 0.0
        for step in range(self.steps):
            rows = min(part, self.rows - step * part)
            self.drive(step * part, 1)
            losses += rows * self.losses[: rows * self.model.members].sum()
        return float(losses / self.total)


class FullBatchObjective(LossExecution):
    """The loss of all rows as a function of the parameters; see :class:`glassnet.engines.reference.Objective`."""

    share = 1.0
    """The batch is the whole table."""

    def __init__(self, model: Model, X: Any, y: Array, weight: Array | None, workers: int | None = None) -> None:
        super().__init__(model, X, y, weight, X.shape[0], workers)
        self.rows = X.shape[0]
        self.bind_order(np.arange(self.rows))
        segments, self.follow_ops = self.lowered.finish
        self.addresses = segments.bind(self.ops[-1:], [], self.dtype)

    def _finish(self, program: Program, model: Model, updater: Updater | None) -> tuple[Segments, Array]:
        segments = Segments(model.layout, 0.0, (0.0, 0.0, 0.0), np.dtype(program.precision), several=False)
        op = [0] * OP_SIZE
        op[Op.FORWARD] = program.compiled("The gradient", "update.gradient", *PREPARE, segments.penalties, False)
        op[Op.MEET] = 1
        after, program.after = program.after, [op]
        return segments, np.array(after, np.int64).reshape(-1, OP_SIZE)

    def __call__(self) -> tuple[float, Array]:
        model = self.model
        self.bind_model(model)
        gradient = self.G[0, : model.layout.size]
        workers = None if self.fixed else fair_share(self.team.count)
        loss = self.drive(0, 1, workers=workers) / (1 if self.cells[0][Run.DIVERGED] else self.rows)
        return loss + penalty(model.layout, model.parameters), gradient

    def follow(self) -> None:
        if len(self.follow_ops):
            columns, before = [Run.OP, Run.OPS, Run.AFTER], self.table[0, [Run.OP, Run.OPS, Run.AFTER]]
            self.table[:, columns] = address(self.follow_ops), 0, len(self.follow_ops)
            self.drive(0, 1)
            self.table[:, columns] = before


def _even_blocks(rows: int, members: int, rounded: bool) -> int:
    """Return the size of equal blocks; a row of several members counts as several.

    Products of rounded operands add up whole stretches of rows, which no block may cut.
    """
    even = -(-rows // -(-rows // max(1, BLOCK // members)))
    return -(-even // STRETCH) * STRETCH if rounded and even < rows else even

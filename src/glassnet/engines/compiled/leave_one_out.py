"""Training in which the rows of a batch are answered by the others, through the driver as any other."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.engines.compiled.fields import Op, Run
from glassnet.engines.compiled.kernels import leave_one_out as kernels
from glassnet.engines.compiled.memory import address
from glassnet.engines.compiled.operations import chain, multiplications
from glassnet.engines.compiled.program import Program
from glassnet.engines.compiled.steps import Training
from glassnet.engines.reference import Model
from glassnet.engines.update import Updater
from glassnet.layers import Retrieval
from glassnet.layers.base import Array


class LeaveOneOutTraining(Training):
    """Training steps of a network that ends in retrieval, whose own rows are not asked.

    Parameters
    ----------
    model, X, y, weight, batch_size, updater, workers
        As in :class:`Training`.
    beside : int
        How many of the rows next in the order come along with a batch to answer it; not more than it leaves over.
    """

    whole_batch = True

    def __init__(
        self,
        model: Model,
        X: Any,
        y: Array,
        weight: Array | None,
        batch_size: int,
        updater: Updater,
        workers: int | None,
        beside: int,
    ) -> None:
        assert min(batch_size, len(y)) + beside <= len(y)
        self.beside = beside
        self.weighted = weight is not None
        self.known = known_targets(model, y)
        super().__init__(model, X, y, weight, batch_size, updater, workers)
        self.ops[len(self.program.ops) - 1, Op.MEET] = 1  # the loss takes rows that others have answered

    def multiplications(self, model: Model, batch_size: int) -> int:
        """See :meth:`Steps.multiplications`."""
        taken, widths = batch_size + self.beside, model.layout.widths
        return taken * (multiplications(model.layers[:-1], widths[0]) + batch_size * (widths[-2] + widths[-1]))

    def lay_out(self, program: Program, model: Model) -> tuple[int, int]:
        """The layers, what each row is known by to others, and the answers. Workers meet where rows see all others."""
        layer = model.layers[-1]
        assert isinstance(layer, Retrieval)
        width, x = chain(program, model.layers[:-1], program.inputs, 0, 0)
        program.learned(layer, width)  # stays as it is
        rows, asked, units = program.rows, program.rows - self.beside, layer.units
        places = {"INPUTS": width, "OUTPUTS": units, "X": x, "Y": program.region(units)}
        kept = {
            kernels.KNOWN: rows * units,
            kernels.OFFSETS: rows,
            kernels.SHARES: asked * rows,
            kernels.SLOPES: asked * rows,
            kernels.MEANS: asked * units,
        }
        aux = {place: program.keep(count) for place, count in kept.items()} | {kernels.TARGETS: address(self.known)}

        def made(name: str, *of: Any) -> int:
            return program.compiled(layer, f"leave_one_out.{name}", *of)

        answered = made("answer", layer.response), made("answer_back", layer.response)
        for forward, backward in ((made("known", self.weighted), made("known_back")), answered):
            op = program.add(forward, backward, **places, MEET_BACK=1)
            for place, value in aux.items():
                op[place] = value
        op[Op.MEET] = 1
        program.need_scratch(rows)
        return units, places["Y"]

    def bind_order(self, order: Array) -> None:
        """See :meth:`Steps.bind_order`; those that come along with the last rows are the first."""
        super().bind_order(np.concatenate([order, order[: self.beside]]))
        self.table[:, Run.ORDER_SIZE] = len(order)


def known_targets(model: Model, y: Array) -> Array:
    """What a row's answer adds to others': its targets, shape (rows, units)."""
    dtype = model.parameters.dtype
    return np.ascontiguousarray(model.loss.without_smoothing.prepare(y, model.layers[-1].outputs(0), dtype), dtype)

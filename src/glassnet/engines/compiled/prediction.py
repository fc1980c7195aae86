"""Predictions: the rows of a table through one network, or through several at once."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glassnet.engines.compiled.execution import SPARSE, WORTH_A_THREAD, Execution, gather, kind_of
from glassnet.engines.compiled.fields import BLOCK, Op, Run
from glassnet.engines.compiled.kernels import average
from glassnet.engines.compiled.kernels.gather import TARGET
from glassnet.engines.compiled.memory import address
from glassnet.engines.compiled.operations import chain, respond
from glassnet.engines.compiled.program import Program
from glassnet.engines.compiled.workers import WORK_PER_CALL, Pool, cores
from glassnet.engines.data import not_finite
from glassnet.engines.reference import Model
from glassnet.formulas.loss import Loss
from glassnet.layers import Layout
from glassnet.layers.base import Array, Layer

PLACES = [Op.P, Op.S]
"""Where in the table it stands where the parameters and the statistics of an operation begin."""


Asked = tuple[Layout, tuple[Layer, ...], Loss, Any, Any]
"""What is remembered of a network; of its numbers, where they are."""


class Question(NamedTuple):
    """What is asked of networks.

    Parameters
    ----------
    together : bool
        What all members answer on average, or each network by itself.
    response : bool
        What the outputs mean under the loss, or the outputs.
    temperature : float
        What outputs behind probabilities are divided by before they are averaged.
    weights : tuple of float, or None
        How much each network counts in an average, 1 on average; None: all alike.
    """

    together: bool = False
    response: bool = False
    temperature: float = 1.0
    weights: tuple[float, ...] | None = None


class Prediction(Execution):
    """Outputs of one network, or of several for the same rows, or what they say together.

    The table of operations has those of each network behind each other, so that a row goes through all of them in one
    call. Their buffers are the same; what each learned stays where it is, and its operations say how far from the
    first one's that is.
    """

    def __init__(self, models: Sequence[Model], X: Any, question: Question, workers: int | None = None) -> None:
        self.kind, self.question = kind_of(X), question
        first = models[0]
        rows = max(1, BLOCK // first.members)
        program = Program(first.parameters.dtype.name, first.layout.widths[0], rows, rows, training=False)
        gather(program, X)
        if self.kind not in SPARSE:  # of sparse tables it is known, for they are few numbers
            program.add(program.compiled("A table", "gather.look"), INPUTS=program.inputs, X=program.ops[0][Op.Y])
        taken, most, kept = program.activations, 0, 0
        self.own_ops: list[slice] = []
        for model in models:
            begin = len(program.ops)
            program.activations, program.kept, program.parameters, program.statistics = taken, 0, 0, 0
            width, last = chain(program, model.layers, program.inputs, 0, 0)
            if question.response and not question.together:
                last = respond(program, model.loss, width, last)
            self._scatter(program, width, last)
            self.own_ops.append(slice(begin, len(program.ops)))
            most, kept = max(most, program.activations), max(kept, program.kept)
        self.shape: tuple[int, ...] = (len(models), rows, width)
        """Of the outputs of each network for a block of rows."""
        if question.together:
            program.activations, self.average = taken, len(program.ops)
            width //= first.members
            shares = question.weights or [1.0] * len(models)
            last = program.average(first.loss, width, shares, first.members, question.temperature)
            if question.response:
                last = respond(program, first.loss, width, last)
            self._scatter(program, width, last)
        self.outputs = width
        program.activations, program.kept = max(most, program.activations), kept
        self.pool = Pool(workers or cores())
        super().__init__(first, program, self.pool)
        self.own_places = self.ops[:, PLACES]
        self.asked: list[Asked] = []
        """Of each network what tells its build, and where its numbers are."""
        self.work = sum((model.layout.size + model.layout.statistics_size) * model.members for model in models)
        self.table[:, Run.STEPS] = 1
        self.block = np.zeros((rows, program.inputs), self.dtype)
        self.block_outputs = self._room(rows)
        self.shared_from = -(-2 * WORTH_A_THREAD // max(self.work, 1))
        """So many rows are worth it that several workers take their share."""
        alone = rows if self.pool.count == 1 else min(rows, self.shared_from - 1)
        self.most_few = alone if self.kind == "rows" else -1
        """So many at most are few: nothing is set up for them."""
        self.rows = ctypes.c_int64.from_address(self.tables[0] + 8 * Run.ORDER_SIZE)
        self.of_few: dict[int, tuple[Array, Array]] = {}
        """By how many they are, the places of few rows and of their answers."""
        self.bound_to_block = False
        self.bind_models(models)

    def _scatter(self, program: Program, width: int, last: int) -> None:
        program.add(program.compiled("A prediction", "gather.scatter"), INPUTS=width, X=last)

    def _room(self, rows: int) -> tuple[Array, Array]:
        """For the outputs of each network, and for the answer, which is another one if they answer together."""
        networks, _, width = self.shape
        each = np.empty((networks, rows, width), self.dtype)
        return each, np.empty((rows, self.outputs), self.dtype) if self.question.together else each

    def serves(self, models: Sequence[Model], X: Any, question: Question) -> bool:
        """Whether it was made for these networks, or for as many of the same build, and for such a table.

        Then it knows where their numbers are.
        """
        is_same = self.question == question and self.kind == kind_of(X) and len(self.asked) == len(models)
        if not is_same or not self.program.lasting:
            return False
        for model in models:
            model.layout.check_places(model.statistics)
        if not self._was_asked(models):
            if not all(map(self._is_built, self.asked, models)):
                return False
            self.bind_models(models)
        return True

    def _was_asked(self, models: Sequence[Model]) -> bool:
        """Whether these very networks were asked last, and their numbers are where they were."""
        return all(map(_is_as_it_was, self.asked, models))

    def _is_built(self, asked: Asked, model: Model) -> bool:
        layout, layers, loss, _, _ = asked
        same = layout is model.layout or (layers == model.layers and layout.widths == model.layout.widths)
        return same and (loss is model.loss or loss == model.loss) and self.dtype == model.parameters.dtype

    def bind_models(self, models: Sequence[Model]) -> None:
        """Where their numbers are."""
        self.bind_model(models[0])
        begin, size = self.table[0, [Run.P, Run.S]], self.dtype.itemsize
        for own, model in zip(self.own_ops, models, strict=True):
            model.layout.check_places(model.statistics)
            of_learned = address(model.parameters, self.dtype, model.layout.size)
            of_kept = address(model.statistics, self.dtype, model.layout.statistics_size)
            self.ops[own, PLACES] = self.own_places[own] + (np.array([of_learned, of_kept]) - begin) // size
        self.asked = [
            (one.layout, one.layers, one.loss, weakref.ref(one.parameters), weakref.ref(one.statistics))
            for one in models
        ]

    def few(self, X: Array) -> Array:
        """The outputs for a block of rows at most: no address is asked for, nothing is set up."""
        if not self.bound_to_block:
            self.bind(self.block, self.block_outputs, 1, len(self.block))
            self.bound_to_block = True
        rows = len(X)
        if rows not in self.of_few:
            answer = self.block_outputs[1]
            self.of_few[rows] = self.block[:rows], answer[:rows] if self.question.together else answer[:, :rows]
        taken, answered = self.of_few[rows]
        taken[...] = X
        self.rows.value = rows
        if self.driver(0, self.tables[0]):
            raise not_finite(self.dtype)
        return answered.copy()

    def many(self, X: Any) -> Array:
        """The outputs for any table."""
        rows = X.shape[0]
        output = self._room(rows)
        workers = self.pool.count if rows >= self.shared_from else 1
        block = len(self.block)
        part = block * max(1, WORK_PER_CALL // max(self.work * block, 1))
        self.bind(X, output, workers, part)
        self.bound_to_block = False
        self.table[:, Run.ORDER_SIZE] = rows
        self.output: tuple[Array, Array] | None = output  # a worker that goes on after a signal finds all still there
        for start in range(0, rows, part):
            self.table[:, Run.BASE] = start
            self.pool.work(self.run_worker, workers)
            if self.table[:, Run.DIVERGED].any():
                raise not_finite(self.dtype)
        self.source = self.output = None
        return output[1]

    def bind(self, X: Any, outputs: tuple[Array, Array], workers: int, part: int) -> None:
        """From where to where, by so many workers, so many rows at a time."""
        self.bind_source(X)
        each, answer = outputs
        for own, target in zip(self.own_ops, each, strict=True):
            self.ops[own.stop - 1, TARGET] = address(target)
        if self.question.together:
            self.ops[self.average, [average.SOURCE, average.NETWORK_SIZE]] = address(each), each[0].size
            self.ops[-1, TARGET] = address(answer)
        self.table[:, [Run.BASE, Run.WORKERS, Run.BATCH_SIZE, Run.BLOCK]] = 0, workers, part, workers * len(self.block)


def _is_as_it_was(asked: Asked, model: Model) -> bool:
    layout, _, loss, parameters, statistics = asked
    if model.layout is not layout or model.loss is not loss:
        return False
    return model.parameters is parameters() and model.statistics is statistics()

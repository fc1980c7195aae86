"""The kernels that are called from Python.

The driver makes training steps, or a prediction, of any network without returning to Python. The others are loops over
whole arrays: an elementwise function, the order of an epoch's rows, the factors of a schedule (for pages alone).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.code.kernel import Kernel
from glassnet.engines.compiled.memory import OP_SIZE, Op, Run
from glassnet.engines.compiled.workers import (
    ABANDONED,
    ARRIVED,
    CONDITION,
    LOCK,
    MUTEX,
    ROUND,
    SLEEP,
    SLEEPERS,
    UNLOCK,
    WAKE,
)
from glassnet.formulas.random import ORDER

SOURCE, TARGET = range(2)
"""The fields of an operation that hold the two addresses."""

SPINS = 3000
"""How often a worker checks the round before it sleeps: some tens of microseconds.

On an idle machine the others arrive in that time, and waking a sleeper would take as long again at every step (a wide
network: 2.9 ms with 200 spins, 2.3 ms with this); on a busy machine no more than that is lost. With 10,000 a step on a
busy machine takes half as long again.
"""


def drive(k: Kernel, several: bool, random_bits: Any) -> None:
    """Batch after batch: forward, backward, barrier, gradients, check of the loss, update, barrier.

    Each worker runs it on its own rows of every batch, and then on its own share of all gradients and parameters;
    `several`: they wait for each other. The worker that computes a gradient also updates the parameter, so none waits
    in between, unless the update's operations say so. A batch goes through the network in blocks of rows. The worker
    takes everything from its table `run`, the addresses of the other arguments included: C there are the constants
    of the update, a row a step; those of the network lie in W behind the weights of the rows. The sum of the batches'
    losses times their rows is added to TOTALS, one after the other, wherever a range of steps ends. It gives 1 where
    something left the finite numbers, otherwise 0.
    """
    r, number = k.run, k.number
    P, S, G, A, D, E, Y, W = (
        k.pointer(r[column], number) for column in (Run.P, Run.S, Run.G, Run.A, Run.D, Run.E, Run.Y, Run.W)
    )
    ops, training = k.pointer(r[Run.OP], "i64"), r[Run.TRAINING] != 0
    count, after, workers, worker = r[Run.OPS], r[Run.AFTER], r[Run.WORKERS], r[Run.WORKER]
    constants, of_steps = W + r[Run.WEIGHT_SPACE], k.pointer(r[Run.C], number)
    losses, totals = k.pointer(r[Run.LOSSES], "double"), k.pointer(r[Run.TOTALS], "double")
    seed = r[Run.SEED].as_kind("u64")
    sum_of_losses = k.variable(totals[worker], "double")
    control = k.flush_subnormals()

    def end(value: Any) -> None:
        k.restore_subnormals(control)
        k.give(value)

    def wait(needed: Value | None = None) -> None:
        """Wait at the barrier; if it is abandoned, end without this step."""
        if several:
            with k.when((workers > 1) & (training if needed is None else needed)):
                given_up = k.part("meet", [("run", "*i64")], _wait, r) != 0
                with k.when(given_up):
                    end(0.0)

    def operation(place: Value, column: int, meeting: int | None, of_step: Pointer) -> None:
        op = ops + place * OP_SIZE
        if meeting is not None:
            wait(op[meeting] != 0)
        with k.when(op[column] != 0):
            k.call_at(op[column], "double", op, r, P, S, G, A, D, E, of_step, Y, W)

    for step in k.range(r[Run.STEPS]):
        start = r[Run.BASE] + step * r[Run.BATCH_SIZE]
        batch = k.minimum(r[Run.BATCH_SIZE], r[Run.ORDER_SIZE] - start)
        r[Run.START], r[Run.BATCH] = start, batch
        r[Run.KEY] = random_bits(seed, (r[Run.T] + 1).as_kind("u64")).as_kind("i64")
        for begin in k.range(0, batch, step=r[Run.BLOCK]):
            rows = k.minimum(r[Run.BLOCK], batch - begin)
            first, last = rows * worker // workers, rows * (worker + 1) // workers
            r[Run.FIRST], r[Run.ROWS], r[Run.AT] = begin + first, last - first, k.where(training, first, 0)
            r[Run.ACCUMULATE] = begin
            for place in k.range(count):
                operation(place, Op.FORWARD, Op.MEET, constants)
            with k.when(training):
                for place in k.range(count):
                    operation(count - 1 - place, Op.BACKWARD, Op.MEET_BACK, constants)
                wait()
                r[Run.AT], r[Run.ROWS] = 0, rows
                for place in k.range(count):
                    operation(place, Op.LEARN, None, constants)
                wait(begin + r[Run.BLOCK] < batch)  # the next block takes the place of this one
        with k.when(training):
            loss = k.total(batch * r[Run.ROWS_OF_LOSS], "double", lambda at: at(losses))
            with k.when(~(abs(loss) < float("inf"))):
                r[Run.DIVERGED] = 1
                sum_of_losses.value = loss
                k.leave()
            of_step = of_steps + step * r[Run.CONSTANTS]
            for place in k.range(after):
                operation(count + place, Op.FORWARD, Op.MEET, of_step)
            wait()
            r[Run.T] = r[Run.T] + 1
            sum_of_losses.value = sum_of_losses.value + loss * batch.as_kind("double")
    totals[worker] = sum_of_losses.value
    end(r[Run.DIVERGED])


def _wait(k: Any) -> None:
    """Write the wait for all workers: returns 0, or 1 if the barrier was abandoned.

    The last worker to arrive begins a new round. A worker that still finds the old round after `SPINS` checks sleeps on
    the condition variable. No wake-up is lost: a sleeper counts itself before it checks the round again, and the last
    worker looks for sleepers after it has begun the round.
    """
    b, workers = k.pointer(k.run[Run.BARRIER], "i64"), k.run[Run.WORKERS]

    def now(place: int) -> Value:
        return k.atomic_load(b, place)

    def call(function: int, first: int, second: int | None = None) -> None:
        k.call_at(b[function], "i32", b[first], k.constant(0, "i64") if second is None else b[second])

    arrived_in = now(ROUND)
    with k.when(k.atomic_add(b, ARRIVED, 1) == workers - 1):
        k.atomic_add(b, ARRIVED, -workers)
        k.atomic_add(b, ROUND, 1)
        with k.when(now(SLEEPERS) > 0):
            call(LOCK, MUTEX)
            call(WAKE, CONDITION)
            call(UNLOCK, MUTEX)
        k.give(0.0)
    for _ in k.range(SPINS):
        k.pause()
        with k.when(now(ROUND) != arrived_in):
            k.give(0.0)
    call(LOCK, MUTEX)
    k.atomic_add(b, SLEEPERS, 1)
    for _ in k.forever():
        with k.when((now(ROUND) != arrived_in) | (now(ABANDONED) != 0)):
            k.leave()
        call(SLEEP, CONDITION, MUTEX)
    k.atomic_add(b, SLEEPERS, -1)
    call(UNLOCK, MUTEX)
    k.give(k.where(now(ROUND) != arrived_in, 0.0, 1.0))


def elementwise(k: Kernel, formula: Any) -> None:
    """``target = formula(source)`` for ROWS numbers."""
    source, target = k.pointer(k.op[SOURCE], k.number), k.pointer(k.op[TARGET], k.number)
    for i in k.range(k.run[Run.ROWS]):
        target[i] = formula(source[i])


def shuffled(k: Kernel, random_bits: Any, whole_below: Any) -> None:
    """``row_order`` of SEED, epoch T and ORDER_SIZE rows, written to the address passed instead of an operation."""
    order, seed = k.op, k.run[Run.SEED].as_kind("u64")
    key = random_bits(random_bits(seed, k.run[Run.T].as_kind("u64")), np.uint64(ORDER))
    for row in k.range(k.run[Run.ORDER_SIZE]):
        index = row.as_kind("u64")
        place = whole_below(key, index, index + 1).as_kind("i64")
        order[row] = order[place]  # at the row's own place the value read does not matter
        order[place] = row


def factors(k: Kernel, formula: Any, parameters: int) -> None:
    """The factors of a schedule for STEPS steps, in place of the progress values in A; C holds its parameters."""
    q = k.C.all(parameters)
    for step in k.range(k.run[Run.STEPS]):
        k.A[step] = formula(k.A[step], *q)

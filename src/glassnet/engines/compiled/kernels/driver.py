"""The driver: training steps (or a prediction) of any network, without returning to Python."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled import barrier
from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.fields import OP_SIZE, Op, Run
from glassnet.engines.compiled.kernel import Kernel


def drive(k: Kernel, several: bool, random_bits: Any) -> None:
    """Batch after batch: forward, backward, barrier, gradients, check of the loss, update, barrier.

    Each worker runs it on its own rows of every batch, and then on its own share of all gradients and parameters;
    `several`: they wait for each other. Whoever learns a parameter updates it, so nobody waits in between, unless the
    update's operations say so. A batch goes through the network in blocks of rows. The worker takes
    everything from its table `run`, the addresses of the other arguments included: C there are the constants of the
    update, a row a step; those of the network lie in W behind the weights of the rows. The sum of the batches' losses
    times their rows is added to TOTALS, one after the other, wherever a stretch of steps ends. It gives 1 where
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
                given_up = k.part("meet", [("run", "*i64")], barrier.wait, r) != 0
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

"""The driver: a stretch of training steps (or a prediction) of any network, without going back to Python."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64
from numba.extending import register_jitable

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import (
    call,
    flush_subnormals,
    matrix,
    offset,
    pointer,
    pointer_to,
    restore_subnormals,
    vector,
)
from glassnet.engines.compiled.kernels.barrier import meet


def drive(number: Any, several: bool) -> Any:
    """Batch after batch: all operations forward, all back, meet, check the loss, update, meet.

    Each worker runs it on its own rows of every batch, with its own buffers; `several`: they wait for each other. It
    takes everything from its table `run`, the addresses of the other arguments included: C there are the constants of
    the update, a row a step; those of the network lie in W behind the weights of the rows. The sum of the batches'
    losses times their rows is added to TOTALS, one after the other, wherever a stretch of steps ends.
    """

    @register_jitable
    def left(control: Any) -> Any:
        """The barrier was given up, so this step is none."""
        restore_subnormals(control)
        return 0.0

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        r = vector(run, RUN_SIZE)
        op, barrier = pointer(r[Run.OP], run), pointer(r[Run.BARRIER], run)
        # what comes as arguments is of the right type, no more
        P, S, G = pointer(r[Run.P], P), pointer(r[Run.S], P), pointer(r[Run.G], P)
        A, D, E = pointer(r[Run.A], P), pointer(r[Run.D], P), pointer(r[Run.E], P)
        C, Y, W = pointer(r[Run.C], P), pointer(r[Run.Y], P), pointer(r[Run.W], P)
        worker, workers = r[Run.WORKER], r[Run.WORKERS]
        ops, after = r[Run.OPS], r[Run.AFTER]
        o = matrix(op, ops + after, OP_SIZE)
        losses = vector(pointer_to(r[Run.LOSSES], float64), workers)
        constants = offset(W, r[Run.WEIGHT_SPACE])
        keys = vector(pointer(r[Run.KEYS], run), r[Run.STEPS])
        totals = vector(pointer_to(r[Run.TOTALS], float64), workers)
        total = totals[worker]
        control = flush_subnormals()
        for step in range(r[Run.STEPS]):
            r[Run.START] = r[Run.BASE] + step * r[Run.BATCH_SIZE]
            batch = min(r[Run.BATCH_SIZE], r[Run.ORDER_SIZE] - r[Run.START])
            r[Run.BATCH] = batch
            r[Run.KEY] = keys[step]
            r[Run.FIRST], end = batch * worker // workers, batch * (worker + 1) // workers
            r[Run.ACCUMULATE] = 0
            loss = 0.0
            while True:  # at least once, even without rows: the others may wait for this worker within
                r[Run.ROWS] = min(r[Run.BLOCK], end - r[Run.FIRST])
                for k in range(ops):
                    if several and o[k, Op.MEET] and not meet(barrier, workers):
                        return left(control)
                    if o[k, Op.FORWARD] != 0:
                        of_op = offset(op, k * OP_SIZE)
                        loss += call(o[k, Op.FORWARD], of_op, run, P, S, G, A, D, E, constants, Y, W)
                if r[Run.TRAINING]:
                    for k in range(ops - 1, -1, -1):
                        if several and o[k, Op.MEET_BACK] and not meet(barrier, workers):
                            return left(control)
                        if o[k, Op.BACKWARD] != 0:
                            call(o[k, Op.BACKWARD], offset(op, k * OP_SIZE), run, P, S, G, A, D, E, constants, Y, W)
                r[Run.FIRST] += r[Run.ROWS]
                r[Run.ACCUMULATE] = 1
                if r[Run.FIRST] >= end:
                    break
            if several:
                losses[worker] = loss
                if not meet(barrier, workers):
                    return left(control)
                loss = 0.0
                for w in range(workers):
                    loss += losses[w]
            if not np.isfinite(loss):
                r[Run.DIVERGED] = 1
                total = loss
                break
            of_step = offset(C, step * r[Run.CONSTANTS])
            for k in range(ops, ops + after):
                if several and o[k, Op.MEET] and not meet(barrier, workers):
                    return left(control)
                call(o[k, Op.FORWARD], offset(op, k * OP_SIZE), run, P, S, G, A, D, E, of_step, Y, W)
            if several and not meet(barrier, workers):
                return left(control)
            r[Run.T] += 1
            total += loss * batch
        restore_subnormals(control)
        totals[worker] = total
        return 0.0

    return kernel

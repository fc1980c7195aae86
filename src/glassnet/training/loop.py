"""The training loop: epochs of mini-batches, or iterations of L-BFGS, with early stopping."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from glassnet.engines.lbfgs import minimize
from glassnet.engines.ordered import Ordered
from glassnet.engines.reference import CALM, StepOptions, Steps
from glassnet.errors import DivergenceError
from glassnet.formulas.schedules import Schedule
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.training.callbacks import Run
from glassnet.training.checkpoint import CheckpointWriter
from glassnet.training.early_stopping import EarlyStopping, Rows, weights_of
from glassnet.training.windows import Order, Portion

BLOWN_UP = 1e9
"""The multiple of the smallest loss above which a training counts as diverged."""


def epoch_factors(
    schedules: Sequence[Schedule], run: Run, losses: Sequence[float], rate: float
) -> Iterator[tuple[Array, float, float]]:
    """Yield the learning rates of each epoch's steps, and its factors of decay and dropout, by a schedule for each."""
    of_rate, of_decay, of_dropout = schedules
    if run.deadline is not None:
        return run.deadline.courses((of_rate, of_decay, of_dropout), losses, rate)
    rates = of_rate.course(run.epochs, run.steps, losses, rate, Ordered)
    of_epochs = [each.course(run.epochs, 1, array=Ordered) for each in (of_decay, of_dropout)]
    return zip(rates, *(map(float, chain.from_iterable(course)) for course in of_epochs), strict=True)


def train_epochs(
    run: Run,
    early_stopping: EarlyStopping,
    steps: Steps,
    order: Order,
    factors: Iterable[tuple[Array, float, float]],
    batch_size: int,
    writer: CheckpointWriter | None,
) -> None:
    """Run epochs of mini-batches, until early stopping, the time limit or a callback ends them."""
    engine, seed, deadline = run.network.engine, run.network.seed, run.deadline
    each_batch = bool(run.listening("on_batch_end"))

    def look(done: int, total: float) -> bool:
        """Call the callbacks of each batch; others are called by time."""
        run.step, run.loss = done, total / min(done * batch_size, run.rows)
        if deadline is not None:
            deadline.advance(done)
        run.look_in()
        if each_batch:
            run.notify("on_batch_end")
        run.watch_the_clock()
        if writer is not None:
            writer.look(run, total, before)
        return run.stop

    position = run.place
    for rates, decay, dropout in factors:
        run.epoch += 1
        if position is not None and run.epoch <= position.epoch:
            early_stopping.remember(run.history.rows[run.epochs_before + run.epoch - 1])  # schedules go by the losses
            continue
        started, done, total = time.perf_counter(), 0, 0.0
        before = early_stopping.start if run.epoch == 1 else weights_of(run.network)
        if position is not None and run.epoch == position.epoch + 1:
            before, done, total = before if run.epoch == 1 else position.before, position.step, position.total
        portions = order.portions(engine, seed, run.epochs_before + run.epoch, batch_size)
        _through(steps, portions, rates, batch_size, StepOptions(decay, dropout, look, each_batch, done, total))
        if run.loss > BLOWN_UP * max(1.0, early_stopping.smallest):
            raise DivergenceError(
                Text("The loss grew from {before:g} to {after:g}", before=early_stopping.smallest, after=run.loss), CALM
            )
        early_stopping.measured(before, run.loss)
        if early_stopping.after_epoch(run, float(rates[run.step - 1]), time.perf_counter() - started):
            return
        if writer is not None:
            writer.epoch_ended(run)
    if run.epoch < run.epochs and deadline is not None:
        run.history.endings = (deadline.ending,)
    elif run.epochs > 1:
        run.history.end("done", count=run.epochs)
    else:
        run.history.end("one")


def train_lbfgs(run: Run, early_stopping: EarlyStopping, rows: Rows) -> None:
    """L-BFGS over the whole table."""
    started = time.perf_counter()

    def after_iteration(loss: float) -> bool:
        nonlocal started
        run.epoch, run.step, run.loss = run.epoch + 1, 1, loss
        if run.deadline is not None:
            run.deadline.iterated(run.epoch)
        run.look_in()
        run.notify("on_batch_end")
        run.watch_the_clock()
        ends = early_stopping.after_epoch(run, 1.0, time.perf_counter() - started)
        started = time.perf_counter()
        return ends

    message = minimize(run.network.engine, run.network, *rows, run.epochs, after_iteration)
    if not run.history.endings:
        run.history.end("lbfgs", f"L-BFGS ended: {message.lower()}")


def _through(
    steps: Steps,
    portions: Iterator[Portion],
    rates: Array,
    batch_size: int,
    options: StepOptions,
) -> None:
    """Run the remaining steps of an epoch, portion by portion of its order."""
    done, skipped, total, ends = 0, options.done, options.total, False
    for order, rows in portions:
        count = -(-len(order) // batch_size)
        if done + count > skipped:

            def look_in(step: int, so_far: float, before: int = done) -> bool:
                nonlocal ends
                ends = options.look is not None and options.look(before + step, so_far)
                return ends

            here = replace(options, look=look_in, done=max(0, skipped - done), total=total, rows=rows)
            total = steps(order, rates[done : done + count], here)
        done += count
        if ends:
            break

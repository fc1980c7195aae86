"""The reference engine: NumPy, reads like a textbook. The compiled engine must give the same numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from glassnet.engines.blas_threads import one_blas_thread
from glassnet.engines.data import all_finite, not_finite, take_batch
from glassnet.engines.updater import Updater, penalty
from glassnet.errors import DivergenceError
from glassnet.formulas.averages import averaged
from glassnet.formulas.loss import Loss
from glassnet.formulas.random import row_order
from glassnet.layers import chain
from glassnet.layers.base import Array, Layer, Pass, Record
from glassnet.layers.layout import Layout, Slot
from glassnet.layers.text_rows import TextRows, matrix_of
from glassnet.support.language import Text

SLICE = 4096
"""Rows that are predicted at a time."""

CALM = Text("Try a smaller learning rate, or scale the inputs and targets")


@dataclass(frozen=True)
class StepOptions:
    """The settings that may vary from one call of steps to the next.

    Attributes
    ----------
    decay, dropout : float
        Factors of the weight decay and of the rates of dropout.
    look : callable (done, total) -> bool, or None
        Called with the number of batches that are done and the sum of their rows' losses: after the last batch, and
        before that as often as the engine finds right, after about so much work, whatever the clock says. True ends the
        steps. Results do not depend on it, unless it changes the rates of later batches.
    each_batch : bool
        Whether `look` is called after each batch.
    done, total : int, float
        How many of the batches are done already, and the sum of their losses.
    rows : (inputs, targets, weights) or None
        Those that the order numbers from now on, of the same types as before; None: the same.
    """

    decay: float = 1.0
    dropout: float = 1.0
    look: Callable[[int, float], bool] | None = None
    each_batch: bool = False
    done: int = 0
    total: float = 0.0
    rows: tuple[Any, Array, Array | None] | None = None


PLAIN_STEPS = StepOptions()


class Steps(Protocol):
    """Trains on rows in an order, with a learning rate for each batch; see :meth:`ReferenceEngine.training`."""

    def __call__(
        self,
        order: Array,
        rates: Sequence[float] | Array,
        options: StepOptions = PLAIN_STEPS,
    ) -> float:
        """Train on the rows in this order, a batch at a time, and return the sum of their losses."""


class Objective(Protocol):
    """The loss on all rows as a function of the parameters. Dropout draws one mask, so that it is one function."""

    def __call__(self) -> tuple[float, Array]:
        """Return value and gradient at the model's current parameters; the next call may overwrite the gradient."""

    def follow(self) -> None:
        """The running statistics become those of the rows as they were seen last."""


class Model(Protocol):
    """The model of an engine: the layers and the loss of a network, and its parameters."""

    layers: tuple[Layer, ...]
    loss: Loss
    layout: Layout
    parameters: Array
    statistics: Array
    seed: int
    members: int


class Part:
    """Adjacent layers of a model as a model, from `start` up to `stop`, counted from 0; its arrays are the model's."""

    def __init__(self, model: Model, start: int, stop: int) -> None:
        def own(slots: tuple[Slot, ...], flat: Array) -> Array:
            inside = [slot for slot in slots if start < slot.layer <= stop]
            return flat[inside[0].start : inside[-1].stop] if inside else flat[:0]

        self.layers, self.loss = model.layers[start:stop], model.loss
        self.layout = Layout(self.layers, model.layout.widths[start])
        self.parameters = own(model.layout.parameters, model.parameters)
        self.statistics = own(model.layout.statistics, model.statistics)
        self.seed, self.members = model.seed, model.members


@dataclass
class Step:
    """The results of one forward and backward pass.

    Parameters
    ----------
    loss : float
        The mean loss of the rows, weighted, without penalties.
    penalty : float
        The L1 and L2 penalties; the gradient is that of loss + penalty.
    gradient : array of shape (parameters,)
    row_losses : array of shape (rows,)
    output : array of shape (rows, members · outputs)
    d_output : array of shape (rows, members · outputs)
    records : list of dict
        What each layer computed.
    """

    loss: float
    penalty: float
    gradient: Array
    row_losses: Array
    output: Array
    d_output: Array
    records: list[Record]


class ReferenceEngine:
    """Carries out steps with NumPy, batch by batch."""

    name = "reference"

    def forward(self, model: Model, X: Array | TextRows, run: Pass) -> tuple[Array, list[Record]]:
        """Return all layers on one batch: the raw output, and what each layer computed."""
        values = model.layout.values(model.parameters, model.statistics)
        return chain.forward(model.layers, values, X, run)

    def through(self, part: Model, x: Array) -> Array:
        """Return the output of some layers for rows of a data-driven start: an `Ordered` array gives another one."""
        return self.forward(part, x, Pass())[0]

    def step(self, model: Model, X: Array | TextRows, y: Array, weight: Array | None, run: Pass) -> Step:
        """Forward, loss, backward; nothing of the model changes.

        Parameters
        ----------
        model : Model
        X : array of shape (rows, inputs)
        y : array of shape (rows,) or (rows, targets)
        weight : array of shape (rows,) or None
            The weight of each row in the mean.
        run : Pass
        """
        values = model.layout.values(model.parameters, model.statistics)
        output, records = chain.forward(model.layers, values, X, run)
        row_losses, d_output = self._loss(model, output, y)
        share = np.full(len(X), 1 / len(X), model.parameters.dtype) if weight is None else weight / len(X)
        d_output = d_output * share[:, None]
        gradient = np.zeros_like(model.parameters)
        chain.backward(model.layers, values, records, d_output, model.layout.gradients(gradient))
        extra = penalty(model.layout, model.parameters, gradient)
        return Step(float(row_losses @ share), extra, gradient, row_losses, output, d_output, records)

    def _loss(self, model: Model, output: Array, y: Array) -> tuple[Array, Array]:
        """Return the loss of each row and its gradient; for several members the mean of their losses."""
        k = model.members
        of_members = output.reshape(len(output) * k, -1)
        targets = model.loss.prepare(y, of_members.shape[1], output.dtype)
        losses, slopes = model.loss.value_and_gradient(of_members, np.repeat(targets, k, axis=0))
        return losses.reshape(-1, k).mean(axis=1), slopes.reshape(output.shape) / output.dtype.type(k)

    def order(self, seed: int, epoch: int, rows: int) -> Array:
        """Return the order of the rows in an epoch; see :func:`glassnet.formulas.random.row_order`."""
        order: Array = row_order(seed, epoch, rows)
        return order

    def prepare(self, dtype: str) -> None:
        """Begin, in another thread, with what every network of this type of numbers will need; here that is nothing."""

    @contextlib.contextmanager
    def training(
        self, model: Model, X: Any, y: Array, weight: Array | None, batch_size: int, updater: Updater
    ) -> Iterator[Steps]:
        """Everything that stays the same from epoch to epoch, set up once.

        Parameters
        ----------
        model : Model
            Trained in place.
        X : array, sparse array or TextRows of shape (rows, inputs)
        y : array of shape (rows,) or (rows, targets)
        weight : array of shape (rows,) or None
        batch_size : int
        updater : Updater

        Yields
        ------
        callable
            ``steps(order, rates)`` trains on the rows in `order`, a batch at a time, one learning rate a batch. It
            returns the sum of the rows' (weighted) losses, each before its batch's update. It raises a
            :class:`DivergenceError` at the first batch whose loss is not finite, which changes nothing, or at the
            end, if the last update left the finite numbers. Restoring the state before is up to the caller.
        """

        def steps(
            order: Array,
            rates: Sequence[float] | Array,
            options: StepOptions = PLAIN_STEPS,
        ) -> float:
            nonlocal X, y, weight
            X, y, weight = (X, y, weight) if options.rows is None else options.rows
            total = options.total
            values = model.layout.values(model.parameters, model.statistics)
            for batch, alpha in enumerate(rates[options.done :], options.done):
                of_batch = order[batch * batch_size : (batch + 1) * batch_size]
                run = Pass(training=True, seed=model.seed, step=updater.t + 1, dropout=options.dropout)
                with np.errstate(over="ignore", invalid="ignore"):  # an overflow shows in the loss, here or next
                    x = take_batch(X, of_batch, model.parameters.dtype)
                    step = self.step(model, x, y[of_batch], None if weight is None else weight[of_batch], run)
                    if not np.isfinite(step.loss):
                        raise DivergenceError(
                            Text("The loss became {loss} at step {step}", loss=step.loss, step=updater.t + 1),
                            CALM,
                            updater.t + 1,
                        )
                    updater.step(model.parameters, step.gradient, alpha, options.decay)
                    chain.update_statistics(model.layers, values, step.records)
                total += step.loss * len(of_batch)
                if options.look is not None and options.look(batch + 1, total):
                    break
            if not np.all(np.isfinite(model.parameters)):
                raise DivergenceError(
                    Text("The parameters became inf or NaN at step {step}", step=updater.t), CALM, updater.t
                )
            return total

        with one_blas_thread():
            yield steps

    @contextlib.contextmanager
    def objective(self, model: Model, X: Any, y: Array, weight: Array | None) -> Iterator[Objective]:
        """Provide the objective of a search: the loss on all rows, with penalties, as a function of the parameters."""
        with one_blas_thread():
            yield _Objective(self, model, take_batch(X, slice(None), model.parameters.dtype), y, weight)

    def evaluation(self, model: Model, X: Any, y: Array, weight: Array | None) -> Callable[[], float]:
        """Return a function for the mean loss of these rows (weighted, without penalties) for the model as it then is.

        For several members it is the loss of their average prediction.
        """

        def evaluate() -> float:
            with np.errstate(over="ignore", invalid="ignore"):  # an overflow shows in the loss
                output = self.scores([model], X)
                targets = model.loss.prepare(y, output.shape[1], output.dtype)
                return float(np.average(model.loss.value(output, targets), weights=weight))

        return evaluate

    def respond(self, model: Model, X: Any) -> Array:
        """Apply the inverse link of the loss to outputs: probabilities, rates, or the outputs themselves.

        For several members it is their average prediction, shape (rows, outputs of one member).
        """
        return model.loss.predict(self.scores([model], X))

    def with_workers(self, workers: int) -> ReferenceEngine:
        """Return an engine for predictions of at most so many threads, which gives the same bits."""
        return self

    def scores(self, models: Sequence[Model], X: Any, temperature: float = 1.0, weights: Array | None = None) -> Array:
        """Return the raw outputs of one network that would answer as all members of all models do on average.

        Shape (rows, outputs of one member); see :func:`glassnet.formulas.averages.averaged`. Weights are of models.
        """
        members = models[0].members
        outputs = [one for each in self.predict_each(models, X) for one in np.split(each, members, axis=1)]
        of_members = None if weights is None else np.repeat(weights, members)
        return averaged(outputs, models[0].loss, temperature, of_members)

    def predict(self, model: Model, X: Any) -> Array:
        """Return the raw output for every row, shape (rows, members · outputs), a slice of rows at a time.

        Raises
        ------
        InputError
            If a number of X is not finite.
        """
        if isinstance(matrix_of(X), np.ndarray) and not all_finite(matrix_of(X)):
            raise not_finite(model.parameters.dtype)
        rows = X.shape[0]
        output = np.empty((rows, model.layout.widths[-1]), model.parameters.dtype)
        with one_blas_thread():
            for start in range(0, rows, SLICE):
                x = take_batch(X, slice(start, start + SLICE), model.parameters.dtype)
                output[start : start + SLICE] = self.forward(model, x, Pass())[0]
        return output

    def predict_each(self, models: Sequence[Model], X: Any) -> Array:
        """Return the raw output of several models that give as many, for the same rows, as :meth:`predict` gives it.

        Shape (models, rows, members · outputs).
        """
        return np.stack([self.predict(model, X) for model in models])


class _Objective:
    """See :class:`Objective`."""

    def __init__(self, engine: ReferenceEngine, model: Model, X: Array, y: Array, weight: Array | None) -> None:
        self.engine, self.model, self.rows = engine, model, (X, y, weight)
        self.values = model.layout.values(model.parameters, model.statistics)
        self.run = Pass(training=True, seed=model.seed, step=1)

    def __call__(self) -> tuple[float, Array]:
        with np.errstate(over="ignore", invalid="ignore"):  # a step too far: the search takes a shorter one
            step = self.engine.step(self.model, *self.rows, self.run)
        self.records = step.records
        return step.loss + step.penalty, step.gradient

    def follow(self) -> None:
        chain.update_statistics(self.model.layers, self.values, self.records, share=1.0)  # the batch is the whole table

"""A member that answers by retrieval: the rows that it has learned from, mixed by how near they are.

What its layers learn is an embedding in which near rows have the same answer. In training each row of a batch is
answered by the others of it and by some more that are drawn with it, so no row ever answers itself; afterwards by all
that were learned from, which become the layer :class:`glassnet.layers.Retrieval`. So whatever can be done with a
network can be done with it.

Source: Ye, Yin, Zhan, Chao (2024), *Revisiting Nearest Neighbor for Tabular Data: A Deep Tabular Baseline Two Decades
Later* (ModernNCA). Variants: the squared distance, and a fixed number of rows that are drawn, not a share of the table.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.engines import CompiledEngine, ReferenceEngine, Step, Updater
from glassnet.engines.compiled.engine import compiled_or
from glassnet.engines.compiled.leave_one_out import LeaveOneOutTraining, known_targets
from glassnet.engines.data import as_weights
from glassnet.engines.reference import Steps, taken
from glassnet.engines.update import penalty
from glassnet.errors import InputError
from glassnet.estimators.allowance import Turn
from glassnet.estimators.members import MemberRows, Stop, Trained
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import Loss
from glassnet.formulas.random import row_order
from glassnet.formulas.retrieval import (
    log_weight,
    mixed_scores,
    mixed_scores_backward,
    offsets,
    shares_of_others,
    shares_of_others_backward,
)
from glassnet.layers import Activate, Layout, chain
from glassnet.layers.base import Array, Pass
from glassnet.network import LBFGS, NeuralNetwork
from glassnet.training import History, Rows

MOST_KNOWN = 50_000
"""Of more rows learned from, so many drawn ones are kept to answer by: an answer takes as long as there are rows."""

OTHERS = 1792
"""So many rows are drawn to answer a batch with it: those that follow in the order of the epoch. Of few rows, all."""

LOG_WEIGHT = Activation("log_weight", log_weight, lambda w, a: 1 / w)


@dataclass(frozen=True)
class Retriever:
    """The learner of a member that predicts from the nearest training rows."""

    trained: Trained
    loss: Loss

    def check(self) -> None:
        """Refuse a loss under which the mean of targets is no answer, and the whole table as one batch."""
        self.trained.check()
        aside = self.loss.outputs_per_target > 1 or any(level != 0.5 for level in self.loss.levels)
        if aside or self.loss.target == "signs" or self.loss.takes == "probabilities":
            rule = "Retrieval predicts the mean of targets, so `loss` must be a loss for the mean or for probabilities"
            raise InputError(rule, str(self.loss), 'Use "mse" or "mae", or omit it; or use preset="bagged"')
        if self.trained.trainer.optimizer == LBFGS:
            rule = "In retrieval, the rows of a batch predict each other, so it needs a mini-batch optimizer"
            raise InputError(rule, LBFGS, "Omit `optimizer`")

    def learn(
        self, network: NeuralNetwork, share: MemberRows, history: History | None, stop: Stop, turn: Turn | None
    ) -> tuple[NeuralNetwork, History]:
        """Learn the embedding; gives the network that answers by the rows known."""
        engine = LeaveOneOut(share.learned(), network.engine, network.seed)
        own = network.remade(engine=engine)
        _, history = self.trained.learn(own, share, history, stop, turn)
        return engine.filled(own), history


class LeaveOneOut(ReferenceEngine):
    """Steps in which every row of a batch is answered by others, drawn anew; predictions by all rows known."""

    def __init__(self, learned: Rows, predictor: ReferenceEngine, seed: int) -> None:
        self.predictor, self.name = predictor, f"{predictor.name}, leave-one-out"
        count = len(learned.y)
        learned = learned._replace(weight=as_weights(learned.weight, count, np.float64))  # in any unit, as in steps
        self.beside = 0
        """How many rows come along with a batch; none is among those asked about, or it would answer itself."""
        self.known = learned if count <= MOST_KNOWN else learned.take(np.sort(row_order(seed, 0, count)[:MOST_KNOWN]))

    # ---------------------------------------------------------------- steps

    @contextlib.contextmanager
    def training(
        self, model: Any, X: Any, y: Array, weight: Array | None, batch_size: int, updater: Updater
    ) -> Iterator[Steps]:
        """See :meth:`ReferenceEngine.training`."""
        plain, engine = super().training, self.predictor
        of = model, X, y, weight, batch_size, updater
        self.beside = min(OTHERS, len(y) - min(batch_size, len(y)))
        if not isinstance(engine, CompiledEngine):
            with plain(*of) as steps:
                yield steps
            return
        with compiled_or(lambda: LeaveOneOutTraining(*of, engine.workers, self.beside), lambda: plain(*of)) as steps:
            yield steps

    def step_of(
        self, model: Any, X: Any, y: Array, weight: Array | None, order: Array, begin: int, end: int, run: Pass
    ) -> Step:
        """See :meth:`ReferenceEngine.step_of`; those that are next in the order, from its beginning again, help."""
        around = np.concatenate([order, order[: self.beside]])
        return self.step(model, *taken(around[begin : end + self.beside], model, X, y, weight), run, end - begin)

    def step(self, model: Any, X: Array, y: Array, weight: Array | None, run: Pass, asked: int | None = None) -> Step:
        """The first so many rows are answered by all others, and have a loss; None: all."""
        layers, last = model.layers[:-1], model.layers[-1]
        values = model.layout.values(model.parameters, model.statistics)[:-1]
        embedded, records = chain.forward(layers, values, X, run)
        asked = len(X) if asked is None else asked
        targets = known_targets(model, y)
        shares = shares_of_others(embedded, weight, asked)
        p = shares @ targets
        output = mixed_scores(p, last.response)
        row_losses, d_output = self._loss(model, output, y[:asked])
        part = np.full(asked, 1 / asked, X.dtype) if weight is None else weight[:asked] / asked
        d_output = d_output * part[:, None]
        d_shares = mixed_scores_backward(p, d_output, last.response) @ targets.T
        d_embedded = shares_of_others_backward(embedded, shares, d_shares)
        gradient = np.zeros_like(model.parameters)
        chain.backward(layers, values, records, d_embedded, model.layout.gradients(gradient)[:-1])
        extra = penalty(model.layout, model.parameters, gradient)
        records.append({"x": embedded, "a": output, "d_a": d_output, "d_x": d_embedded})
        return Step(float(row_losses @ part), extra, gradient, row_losses, output, d_output, records)

    # -------------------------------------------------------------- answers

    def predict(self, model: Any, X: Any) -> Array:
        """See :meth:`ReferenceEngine.predict`."""
        return self.predictor.predict(self.filled(model), X)

    def respond(self, model: Any, X: Any) -> Array:
        """See :meth:`ReferenceEngine.respond`."""
        return self.predictor.respond(self.filled(model), X)

    def evaluation(self, model: Any, X: Any, y: Array, weight: Array | None) -> Callable[[], float]:
        """See :meth:`ReferenceEngine.evaluation`."""
        filled = self.filled(model)
        evaluate = self.predictor.evaluation(filled, X, y, weight)

        def after_filling() -> float:
            filled.parameters[...] = self.numbers(model)
            filled.statistics[...] = model.statistics
            return evaluate()

        return after_filling

    def filled(self, model: Any) -> NeuralNetwork:
        """The network of these layers that answers by the rows known, embedded as it does now."""
        *layers, last = model.layers
        layers.append(replace(last, rows=len(self.known.y)))
        return model.remade(layers=layers, parameters=self.numbers(model), engine=self.predictor)

    def numbers(self, model: Any) -> Array:
        """The parameters of that network."""
        X, y, weight = self.known
        front, engine = model.layers[:-1], self.predictor
        learned = model.parameters[: Layout(front, model.inputs).size]
        embedding = model.remade(layers=front, loss="mse", parameters=learned, engine=engine)
        embedded = embedding.forward(X)
        b = offsets(embedded)
        if weight is not None:  # NumPy's logarithm has other last digits on other processors
            logarithm = NeuralNetwork(1, [Activate(LOG_WEIGHT)], "mse", dtype=embedded.dtype, engine=engine)
            b += logarithm.forward(weight[:, None].astype(embedded.dtype)).ravel()
        numbers = learned, 2 * embedded.T, b, known_targets(model, y)
        return np.concatenate([array.ravel() for array in numbers])

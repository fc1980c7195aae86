"""A member that answers by retrieval: the rows that it has learned from, mixed by how near they are.

What its layers learn is an embedding in which near rows have the same answer. In training each row of a batch is
answered by the other ones, so no row ever answers itself; afterwards by all that were learned from, which become the
layer :class:`glassnet.layers.Retrieval`. So whatever can be done with a network can be done with it.

Source: Ye, Yin, Zhan, Chao (2024), *Revisiting Nearest Neighbor for Tabular Data: A Deep Tabular Baseline Two Decades
Later* (ModernNCA). Variants: the squared distance, and the other rows of a large batch where there a sample is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.engines import ReferenceEngine, Step
from glassnet.engines.update import penalty
from glassnet.errors import InputError
from glassnet.estimators.allowance import Turn
from glassnet.estimators.members import Share, Stop, Trained
from glassnet.formulas.loss import Loss
from glassnet.formulas.random import row_order
from glassnet.formulas.retrieval import (
    mixed_scores,
    mixed_scores_backward,
    offsets,
    shares_of_others,
    shares_of_others_backward,
)
from glassnet.layers import Layout, chain
from glassnet.layers.base import Array, Pass
from glassnet.network import LBFGS, NeuralNetwork
from glassnet.training import History, Rows

__all__ = ["MOST_KNOWN", "Retriever"]

MOST_KNOWN = 50_000
"""Of more rows learned from, so many drawn ones are kept to answer by: an answer takes as long as there are rows."""

FEWEST = 3
"""Rows of a batch, so that even batches have at least two."""


@dataclass(frozen=True)
class Retriever:
    """How a member learns that answers by the rows it has learned from.

    Parameters
    ----------
    trained : Trained
        How its embedding is learned.
    loss : Loss
        That of the network, which is checked before there is one.
    """

    trained: Trained
    loss: Loss

    def check(self) -> None:
        """Refuse what does not go with it.

        Raises
        ------
        InputError
            If the mean of targets is no answer under the loss, the whole table would be one batch, or a row could be
            alone in one.
        """
        self.trained.check()
        aside = self.loss.outputs_per_target > 1 or any(level != 0.5 for level in self.loss.levels)
        if aside or self.loss.target == "signs" or self.loss.takes == "probabilities":
            rule = "Retrieval answers with the mean of targets, so `loss` must be of them, or of their probabilities"
            raise InputError(rule, str(self.loss), 'Take "mse", "mae", or leave it out; or preset="bagged"')
        if self.trained.trainer.optimizer == LBFGS:
            rule = "In retrieval the rows of a batch answer each other, so it needs an optimizer that takes batches"
            raise InputError(rule, LBFGS, "Leave `optimizer` out")
        if self.trained.trainer.batch_size < FEWEST:
            rule = f"In retrieval the rows of a batch answer each other, so `batch_size` must be at least {FEWEST}"
            raise InputError(rule, self.trained.trainer.batch_size, "Leave it out: about a thousand are best")

    def learn(
        self, network: NeuralNetwork, share: Share, history: History | None, stop: Stop, turn: Turn | None
    ) -> tuple[NeuralNetwork, History]:
        """Learn the embedding; gives the network that answers by the rows known."""
        engine = LeaveOneOut(share.learned(), network.engine, network.seed)
        own = NeuralNetwork.with_numbers(
            *(network.inputs, network.layers, network.loss, network.parameters, network.statistics),
            seed=network.seed,
            engine=engine,
        )
        _, history = self.trained.learn(own, share, history, stop, turn)
        return engine.filled(own), history


class LeaveOneOut(ReferenceEngine):
    """Steps in which every row of a batch is answered by the others of it; predictions by all rows known.

    Parameters
    ----------
    learned : Rows
        What is learned from.
    predictor : ReferenceEngine
        The engine of the network that answers by them.
    seed : int
        Draws those that are kept, if there are too many.
    """

    name = "leave-one-out"

    def __init__(self, learned: Rows, predictor: ReferenceEngine, seed: int) -> None:
        self.predictor = predictor
        count = len(learned.y)
        self.known = learned if count <= MOST_KNOWN else learned.take(np.sort(row_order(seed, 0, count)[:MOST_KNOWN]))

    def rows_taken(self, batches: int, rows: int, batch_size: int) -> int:
        """As in any engine, but batches are even: the rows of a short one would have few others to answer them."""
        return rows * batches // -(-rows // batch_size)

    def step(self, model: Any, X: Array, y: Array, weight: Array | None, run: Pass) -> Step:
        layers, last = model.layers[:-1], model.layers[-1]
        values = model.layout.values(model.parameters, model.statistics)[:-1]
        embedded, records = chain.forward(layers, values, X, run)
        targets = model.loss.without_smoothing.prepare(y, last.units, embedded.dtype)
        shares = shares_of_others(embedded, weight)
        p = shares @ targets
        output = mixed_scores(p, last.response)
        row_losses, d_output = self._loss(model, output, y)
        part = np.full(len(X), 1 / len(X), X.dtype) if weight is None else weight / len(X)
        d_output = d_output * part[:, None]
        d_shares = mixed_scores_backward(p, d_output, last.response) @ targets.T
        d_embedded = shares_of_others_backward(embedded, shares, d_shares)
        gradient = np.zeros_like(model.parameters)
        chain.backward(layers, values, records, d_embedded, model.layout.gradients(gradient)[:-1])
        extra = penalty(model.layout, model.parameters, gradient)
        records.append({"x": embedded, "a": output, "d_a": d_output, "d_x": d_embedded})
        return Step(float(row_losses @ part), extra, gradient, row_losses, output, d_output, records)

    def predict(self, model: Any, X: Any) -> Array:
        return self.filled(model).forward(X)

    def filled(self, model: Any) -> NeuralNetwork:
        """The network of these layers that answers by the rows known, embedded as it does now."""
        *layers, last = model.layers
        learned = model.parameters[: Layout(layers, model.inputs).size]
        shared = {"seed": model.seed, "engine": self.predictor}
        embedding = NeuralNetwork.with_numbers(model.inputs, layers, "mse", learned, model.statistics, **shared)
        embedded, y = embedding.forward(self.known.X), self.known.y
        targets = model.loss.without_smoothing.prepare(y, last.units, embedded.dtype)
        numbers = learned, 2 * embedded.T, offsets(embedded, self.known.weight), targets
        parameters = np.concatenate([array.ravel() for array in numbers])
        layers.append(replace(last, rows=len(y)))
        return NeuralNetwork.with_numbers(model.inputs, layers, model.loss, parameters, model.statistics, **shared)

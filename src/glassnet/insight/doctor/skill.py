"""How much a network knows: its loss beside that of the best constant answer, on rows learned from and on others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.training import Rows

__all__ = ["Skill", "best_constant", "loss_of_constant", "row_losses", "skill_of"]


@dataclass(frozen=True)
class Skill:
    """Losses of rows, those of the network and those of the best constant answer to the rows learned from."""

    learned: float  # the mean over the rows learned from
    learned_constant: float
    unseen: Array | None  # of each row that the network has not seen
    unseen_constant: Array | None

    @property
    def of_learned(self) -> float:
        """The share of the constant's loss that is gone on the rows learned from: 0 as good as it, 1 without error."""
        return 1 - self.learned / self.learned_constant

    @property
    def of_unseen(self) -> float:
        """The same on rows not seen."""
        assert self.unseen is not None
        assert self.unseen_constant is not None
        return float(1 - self.unseen.mean() / self.unseen_constant.mean())

    @property
    def gain(self) -> tuple[float, float]:
        """By how much the network beats the constant on a row not seen, and the standard error of that mean."""
        assert self.unseen is not None
        assert self.unseen_constant is not None
        difference = self.unseen_constant - self.unseen
        return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))


def skill_of(networks: Sequence[NeuralNetwork], learned: Sequence[Rows], unseen: Sequence[Rows | None]) -> Skill:
    """The skill of networks, each on its own rows."""
    of_learned, of_unseen = [], []
    for network, rows, others in zip(networks, learned, unseen, strict=True):
        constant = best_constant(network.loss, rows, network.outputs)
        ours = float(np.average(row_losses(network, rows), weights=rows.weight))
        of_learned.append((ours, loss_of_constant(network, rows, constant)))
        if others is not None:
            weight = 1.0 if others.weight is None else others.weight / others.weight.mean()
            targets = network.loss.prepare(others.y, network.outputs)
            alike = network.loss.value(np.tile(constant, (len(targets), 1)), targets)
            of_unseen.append((weight * row_losses(network, others), weight * alike))
    learned_losses, constants = np.mean(of_learned, axis=0).tolist()
    if not of_unseen:
        return Skill(learned_losses, constants, None, None)
    return Skill(learned_losses, constants, *np.concatenate(of_unseen, axis=1))


def row_losses(network: NeuralNetwork, rows: Rows) -> Array:
    """The loss of each row, in float64."""
    scores = network.scores(rows.X).astype(np.float64)
    return network.loss.value(scores, network.loss.prepare(rows.y, network.outputs))


def best_constant(loss: Loss, rows: Rows, outputs: int) -> Array:
    """The raw outputs that, given for every row alike, make the loss smallest: mean, median, logarithms of shares.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> best_constant(LOSSES.get("mse"), Rows(None, np.array([1.0, 2.0, 6.0]), None), 1).round(4)
    array([3.])
    """
    from scipy.optimize import minimize

    targets = loss.prepare(rows.y, outputs)
    weight = np.full(len(targets), 1 / len(targets)) if rows.weight is None else rows.weight / rows.weight.sum()

    def objective(constant: Array) -> tuple[float, Array]:
        values, slopes = loss.value_and_gradient(np.tile(constant, (len(targets), 1)), targets)
        return float(weight @ values), weight @ slopes

    start = np.zeros(outputs)
    if loss.target == "numbers" and outputs == targets.shape[1]:
        start = np.average(targets, axis=0, weights=weight)
    best: Array = minimize(objective, start, jac=True, method="L-BFGS-B").x
    return best


def loss_of_constant(network: NeuralNetwork, rows: Rows, constant: Array) -> float:
    """The mean loss of one answer for all rows."""
    targets = network.loss.prepare(rows.y, network.outputs)
    return float(np.average(network.loss.value(np.tile(constant, (len(targets), 1)), targets), weights=rows.weight))

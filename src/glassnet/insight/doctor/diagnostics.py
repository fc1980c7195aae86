"""A trained model and its rows in the one form that checks take, and what the checks measure on them.

The checks ask no estimator and no table: they see networks, matrices and histories, whichever model was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from glassnet.engines.blas_threads import one_blas_thread
from glassnet.engines.data import take_rows
from glassnet.estimators.held_out import mean_by_row
from glassnet.insight.doctor.skill import Skill, best_constant, loss_of_constant, skill_of
from glassnet.insight.doctor.texts import TEXTS
from glassnet.layers import Layer, Pass, Residual
from glassnet.layers.base import Array, Record
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.training import History, Rows
from glassnet.training.split import sample_rows

if TYPE_CHECKING:
    from glassnet.insight.doctor.table_checks import RawTable

SAMPLE = 4096
"""Rows that layers are looked at with: a unit that answers to one row in a thousand is still seen at work."""
RECORDED = ("x", "z", "a", "d_z", "d_x")
"""What checks read of a layer; an embedding has a dozen other arrays, each as large as its outputs."""


class NotMeasurable(Exception):  # noqa: N818 - no error: it says why a check has no answer
    """A check cannot be carried out; `why` is the reason."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.why = TEXTS[f"not_measurable.{reason}"].filled(**values)


@dataclass(frozen=True)
class RecordedLayer:
    """One layer of a network at work."""

    path: str  # "3.2" is the second layer in the block that is the third
    layer: Layer
    record: Record  # what it computed on the sample, of RECORDED; with gradients, if the targets are known


def parts_of(layers: Sequence[Layer], records: Sequence[Record], prefix: str = "") -> Iterator[RecordedLayer]:
    """Every layer with its record, first to last; a block's layers and not the block."""
    for number, (layer, record) in enumerate(zip(layers, records, strict=True), 1):
        if isinstance(layer, Residual):
            yield from parts_of(layer.layers, record["_records"], f"{prefix}{number}.")
        else:
            yield RecordedLayer(f"{prefix}{number}", layer, {name: record[name] for name in RECORDED if name in record})


def most_probable(probabilities: Array) -> Array:
    """The number of the class that is predicted where no threshold says otherwise."""
    return np.asarray(probabilities.argmax(axis=1))


@dataclass(eq=False)
class Diagnostics:
    """A model and its rows, as the checks see them."""

    networks: Sequence[NeuralNetwork]
    histories: Sequence[History] = ()  # of each network; empty if unknown
    X: Any = None  # the rows as the networks take them
    y: Array | None = None  # their targets as the loss takes them
    weight: Array | None = None
    given: Rows | None = None  # rows that were not learned from, given as such
    shares: Sequence[tuple[Array, Array]] | None = None  # which rows each network learned from, and is judged by
    names: Sequence[str] = ()  # of the columns of the table
    sources: Array = field(default_factory=lambda: np.zeros(0, np.intp))  # of each input its column of the table
    classes: Sequence[Any] | None = None
    decided: Callable[[Array], Array] = most_probable  # the class that is predicted, by the probabilities
    settings: Mapping[str, Any] = field(default_factory=dict)  # of an estimator's training; empty for a bare network
    numbers: Array | None = None  # of the rows among those given, where some were left out
    codes: Sequence[int] = ()  # of each input that is codes of levels, the last ones, the code of all other levels or 0
    cells: RawTable | None = None  # the table as it was given; None where there is none

    # -------------------------------------------------------------- what there is

    @property
    def network(self) -> NeuralNetwork:
        """The first network."""
        return self.networks[0]

    @property
    def bare(self) -> bool:
        """Whether it is a network without an estimator around it, which takes rows as they are."""
        return not self.settings

    @property
    def task(self) -> Literal["classes", "numbers", "other"]:
        """The kind of target: one class, one number, or several per row."""
        if self.y is None or (self.y.ndim == 2 and self.y.shape[1] > 1):
            return "other"
        target = self.network.loss.target
        if target == "numbers" or target == "counts":
            return "numbers"
        fractions = target == "fractions" and not np.isin(self.y, (0, 1)).all()
        return "other" if fractions else "classes"

    @property
    def target(self) -> Array:
        """The target as one column: class numbers from 0, or numbers."""
        assert self.y is not None
        column = np.ravel(self.y)
        return (
            column if self.task == "numbers" else (column > 0).astype(int) if column.min() < 0 else column.astype(int)
        )

    def has(self, need: str) -> bool:
        """Whether a check's need is met."""
        return {
            "history": any(len(history) > 0 for history in self.histories),
            "rows": self.X is not None,
            "targets": self.y is not None,
            "classes": self.task == "classes",
            "one target": self.task != "other",
            "unseen": self.y is not None and (self.shares is not None or self.given is not None),
            "given": self.given is not None,
            "bare": self.bare,
            "cells": self.cells is not None,
        }[need]

    # ------------------------------------------------------------ rows and losses

    @property
    def rows(self) -> Rows:
        """All rows, with targets of 0 where none are known."""
        return Rows(self.X, np.zeros(self.X.shape[0]) if self.y is None else self.y, self.weight)

    def learned(self, number: int) -> Rows:
        """The rows that a network learned from; all, if nothing else is known."""
        return self.rows if self.shares is None else self.rows.take(self.shares[number][0])

    def unseen(self, number: int) -> tuple[Array, Rows] | None:
        """Rows that a network has not learned from, and their numbers, if any are known."""
        if self.given is not None:
            return np.arange(len(self.given.y)), self.given
        return None if self.shares is None else (held := self.shares[number][1], self.rows.take(held))

    def unseen_in_words(self, rows: int) -> Text:
        """Return in words which rows the networks have not learned from."""
        parts = {held.tobytes() for _, held in self.shares or ()}
        kind = "given" if self.given is not None else "validation" if len(parts) == 1 else "out_of_fold"
        return TEXTS[f"unseen.{kind}"].filled(rows=rows)

    @cached_property
    def skill(self) -> Skill:
        """How much the networks know of rows learned from and of others."""
        numbers = range(len(self.networks))
        with np.errstate(over="ignore", invalid="ignore"):
            found = skill_of(self.networks, map(self.learned, numbers), map(self.unseen, numbers))
        if found.learned_constant <= 0:
            raise NotMeasurable("no_baseline")
        return found

    def scale(self, number: int) -> float:
        """The scale of losses: that of the best constant prediction; without rows, that of the second epoch."""
        if self.y is None:
            return abs(self.histories[number]["loss"][1])
        network, rows = self.networks[number], self.learned(number)
        return abs(loss_of_constant(network, rows, best_constant(network.loss, rows, network.outputs)))

    @cached_property
    def answers(self) -> tuple[Array, Array]:
        """Numbers of rows, and what the networks say of them: those that have not seen the row, where that is known."""
        rows = self.X.shape[0]
        judged = [np.arange(rows)] * len(self.networks) if self.shares is None else [held for _, held in self.shares]
        answers = [network.predict(self.X[some]) for network, some in zip(self.networks, judged, strict=True)]
        answered = np.unique(np.concatenate(judged))
        return answered, mean_by_row(rows, list(zip(judged, answers, [1.0] * len(answers), strict=True)))[answered]

    def probabilities(self) -> tuple[Array, Array]:
        """The same with a column for each class."""
        if self.network.loss.response not in ("sigmoid", "softmax"):
            raise NotMeasurable("no_probabilities")
        rows, answers = self.answers
        return rows, np.hstack([1 - answers, answers]) if answers.shape[1] == 1 else answers

    # -------------------------------------------------------------------- layers

    @cached_property
    def parts(self) -> list[list[RecordedLayer]]:
        """For each network its layers at work on a sample of the rows that it learned from."""
        return [
            list(layers_at_work(network, self.learned(number), self.y is not None))
            for number, network in enumerate(self.networks)
        ]


def layers_at_work(network: NeuralNetwork, rows: Rows, backward: bool) -> Iterator[RecordedLayer]:
    """The layers of a network on a sample of rows, as in prediction; with gradients if the targets are known."""
    chosen = sample_rows(rows.X.shape[0], SAMPLE, network.seed)
    x = take_rows(rows.X, chosen, network.dtype)
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        if backward:
            records = network.engine.step(network, x, rows.y[chosen], None, Pass()).records
        else:
            _, records = network.engine.forward(network, x, Pass())
    yield from parts_of(network.layers, records)

"""The patient: a trained model and its rows, brought to one form, and what the checks measure on them.

The checks ask no estimator and no table: they see networks, matrices and histories, whichever model was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from glassnet.engines.data import take_rows
from glassnet.engines.threads import one_blas_thread
from glassnet.insight.doctor.finding import TEXTS
from glassnet.insight.doctor.skill import Skill, skill_of
from glassnet.insight.some_rows import drawn
from glassnet.layers import Layer, Pass, Residual
from glassnet.layers.base import Array, Record
from glassnet.network import NeuralNetwork
from glassnet.tables.almost import AlmostNumbers
from glassnet.training import History, Rows

__all__ = ["NotMeasurable", "Part", "Patient", "layers_at_work", "parts_of"]

SAMPLE = 4096
"""Rows that layers are looked at with: a unit that answers to one row in a thousand is still seen at work."""


class NotMeasurable(Exception):  # noqa: N818 - no error: it says why a check has no answer
    """A check cannot be carried out on this patient; `why` says what stands in the way.

    Parameters
    ----------
    reason : str
        Its name in the catalogue.
    **values
        What is filled in.
    """

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.why = TEXTS[f"not_measurable.{reason}"].filled(**values)


@dataclass(frozen=True)
class Part:
    """One layer of a network at work.

    Attributes
    ----------
    path : str
        Its number; "3.2" is the second layer in the block that is the third.
    layer : Layer
    record : dict
        What it computed on the sample; with gradients, if the targets are known.
    """

    path: str
    layer: Layer
    record: Record


def parts_of(layers: Sequence[Layer], records: Sequence[Record], prefix: str = "") -> Iterator[Part]:
    """Every layer with its record, first to last; a block's layers and not the block."""
    for number, (layer, record) in enumerate(zip(layers, records, strict=True), 1):
        if isinstance(layer, Residual):
            yield from parts_of(layer.layers, record["_records"], f"{prefix}{number}.")
        else:
            yield Part(f"{prefix}{number}", layer, record)


@dataclass(eq=False)
class Patient:
    """A model and its rows, as the checks see them.

    Parameters
    ----------
    networks : sequence of NeuralNetwork
    histories : sequence of History
        Of each network; empty if unknown.
    X : matrix or None
        The rows as the networks take them.
    y : array or None
        Their targets as the loss takes them.
    weight : array or None
        Of the rows.
    given : Rows or None
        Rows that were not learned from, given as such.
    shares : sequence of (learned, held back), or None
        Which of the rows each network learned from, and which it was judged by, where that is known for certain.
    names : sequence of str
        Of the columns of the table.
    sources : array of shape (inputs,)
        For each column of the matrix the column of the table that it comes from.
    classes : sequence, or None
        Their names, where there are any.
    settings : mapping
        How an estimator was trained; empty for a bare network.
    numbers : array of shape (rows,) or None
        The number of each row among those that were given, of which some may have been left out; None: none was.
    almost : sequence of AlmostNumbers or None
        Columns of text that are almost numbers; None where the cells of the table are not known.
    """

    networks: Sequence[NeuralNetwork]
    histories: Sequence[History] = ()
    X: Any = None
    y: Array | None = None
    weight: Array | None = None
    given: Rows | None = None
    shares: Sequence[tuple[Array, Array]] | None = None
    names: Sequence[str] = ()
    sources: Array = field(default_factory=lambda: np.zeros(0, np.intp))
    classes: Sequence[Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    numbers: Array | None = None
    almost: Sequence[AlmostNumbers] | None = None

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
        """What each row's target is: one class, one number, or several things at once."""
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
        """Whether a check's need is met: "history", "rows", "targets", "classes", "one target", "unseen", "given",
        "bare", "cells"."""
        return {
            "history": any(len(history) > 0 for history in self.histories),
            "rows": self.X is not None,
            "targets": self.y is not None,
            "classes": self.task == "classes",
            "one target": self.task != "other",
            "unseen": self.y is not None and (self.shares is not None or self.given is not None),
            "given": self.given is not None,
            "bare": self.bare,
            "cells": self.almost is not None,
        }[need]

    # ------------------------------------------------------------ rows and losses

    def learned(self, number: int) -> Rows:
        """The rows that a network learned from; all, if nothing else is known."""
        rows = Rows(self.X, self._targets, self.weight)
        return rows if self.shares is None else rows.take(self.shares[number][0])

    def unseen(self, number: int) -> Rows | None:
        """Rows that a network has not learned from, if any are known."""
        if self.given is not None:
            return self.given
        return None if self.shares is None else Rows(self.X, self._targets, self.weight).take(self.shares[number][1])

    @property
    def _targets(self) -> Array:
        return np.zeros(self.X.shape[0]) if self.y is None else self.y

    @cached_property
    def skill(self) -> Skill:
        """How much the networks know of rows learned from and of others."""
        numbers = range(len(self.networks))
        unseen = [self.unseen(number) for number in numbers]
        with np.errstate(over="ignore", invalid="ignore"):
            found = skill_of(self.networks, [self.learned(number) for number in numbers], unseen)
        if found.learned_constant <= 0:
            raise NotMeasurable("no_baseline")
        return found

    @cached_property
    def answers(self) -> tuple[Array, Array]:
        """Numbers of rows, and what the networks say of them: those that have not seen the row, where that is known."""
        rows = self.X.shape[0]
        total, count = np.zeros((rows, self.network.outputs)), np.zeros(rows)
        for number, network in enumerate(self.networks):
            judged = np.arange(rows) if self.shares is None else self.shares[number][1]
            total[judged] += network.predict(self.X[judged])
            count[judged] += 1
        answered = np.flatnonzero(count)
        return answered, total[answered] / count[answered, None]

    def probabilities(self) -> tuple[Array, Array]:
        """The same with a column for each class."""
        if self.network.loss.response not in ("sigmoid", "softmax"):
            raise NotMeasurable("no_probabilities")
        rows, answers = self.answers
        return rows, np.hstack([1 - answers, answers]) if answers.shape[1] == 1 else answers

    # -------------------------------------------------------------------- layers

    @cached_property
    def parts(self) -> list[list[Part]]:
        """For each network its layers at work on a sample of the rows that it learned from."""
        return [
            list(layers_at_work(network, self.learned(number), self.y is not None))
            for number, network in enumerate(self.networks)
        ]


def layers_at_work(network: NeuralNetwork, rows: Rows, backward: bool, most: int = SAMPLE) -> Iterator[Part]:
    """The layers of a network on a sample of rows, as in prediction; with gradients if the targets are known.

    Parameters
    ----------
    network : NeuralNetwork
    rows : Rows
    backward : bool
        Whether to go back through the layers, too.
    most : int
        Rows of the sample.
    """
    chosen = drawn(rows.X.shape[0], most, network.seed)
    x = take_rows(rows.X, chosen, network.dtype)
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        if backward:
            records = network.engine.step(network, x, rows.y[chosen], None, Pass()).records
        else:
            _, records = network.engine.forward(network, x, Pass())
    yield from parts_of(network.layers, records)

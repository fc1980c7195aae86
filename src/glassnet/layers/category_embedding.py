"""Embedding of categories: a learned vector for each level."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from glassnet.errors import InputError
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.layers.base import OWN_RATE, Array, Layer, Parameter, Pass, Record, Values, takes
from glassnet.support.language import Text
from glassnet.support.options import Each, Integer

REMEDY = Text("Give the number of levels of each column of codes")


@dataclass(frozen=True, repr=False)
class Embedding(Layer):
    """The last columns of a row are codes of categories: each becomes the learned numbers of its level.

    Parameters
    ----------
    levels : sequence of int
        For each of the last columns how many levels it has; codes are 1 to that number, 0 stands for a level that is
        missing or was never seen, whose numbers begin at zero.
    size : int
        How many numbers a level has.
    rate : float
        The learning rate as a multiple of the network's.

    Notes
    -----
    Source: Guo, Berkhahn (2016), *Entity Embeddings of Categorical Variables*.

    Examples
    --------
    >>> Embedding([12, 30], size=4).outputs(10)
    16
    """

    takes_codes = True

    levels: tuple[int, ...] = field(metadata=takes(Each(Integer(REMEDY), "For example [12, 30]", once=True)))
    size: int = field(default=8, metadata=takes(Integer("Common values are 4 to 16")))
    rate: float = field(default=1.0, metadata=OWN_RATE)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.levels:
            raise InputError(
                "`levels` of Embedding must name at least one column", Text("none", context="received"), REMEDY
            )

    def outputs(self, inputs: int) -> int:
        if len(self.levels) > inputs:
            rule = Text("Embedding must have no more columns of codes than there are columns")
            raise InputError(
                rule, Text("{count} of {inputs}", count=len(self.levels), inputs=inputs), "Give fewer `levels`"
            )
        return inputs + len(self.levels) * (self.size - 1)

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        rows = sum(self.levels) + self.columns
        return (Parameter("W", (rows, self.size), INITIALIZERS.get("normal", std=1.0), rate=self.rate),)

    def adapt(
        self, values: Values, x: Array, rng: np.random.Generator, y: Array | None = None, weight: Array | None = None
    ) -> None:
        values["W"][self.starts] = 0

    def multiplications(self, inputs: int) -> int:
        """Return one per number that is looked up."""
        return len(self.levels) * self.size

    @property
    def columns(self) -> int:
        """The number of columns that are codes."""
        return np.size(self.levels)

    @property
    def starts(self) -> Array:
        """The row of W for code 0 of each column."""
        counts = np.add(self.levels, 1)
        return np.cumsum(counts) - counts

    def rows(self, x: Array) -> Array:
        """Return the row of W for each code, shape (rows, columns of codes); an invalid code counts as 0."""
        codes = x[:, x.shape[1] - self.columns :]
        known = (codes >= 0) & (codes <= self.levels)
        return np.where(known, codes, 0).astype(np.intp) + self.starts

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        rows, before = self.rows(x), x.shape[1] - self.columns
        embedded = values["W"][rows].reshape(-1, self.columns * self.size)
        a = np.concatenate([x[:, :before], embedded], axis=1)
        return a, {"x": x, "rows": rows, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        x, rows = record["x"], record["rows"]
        before = x.shape[1] - self.columns
        gradients["W"][...] = 0
        np.add.at(gradients["W"], rows, d_y[:, before:].reshape(-1, self.columns, self.size))
        return np.concatenate([d_y[:, :before], np.zeros_like(x[:, before:])], axis=1)

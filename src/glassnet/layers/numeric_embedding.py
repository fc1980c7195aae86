"""Embeddings of numbers: each of the first columns becomes a learned vector; the others pass through."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from glassnet.errors import InputError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.initializers import INITIALIZERS, Initializer, uniform
from glassnet.formulas.layer_formulas import level, level_derivative, wave, wave_derivative
from glassnet.layers.base import BESIDE, OWN_RATE, Array, Layer, Parameter, Pass, Record, Values, takes
from glassnet.layers.bins import as_columns, quantile_edges, tree_edges
from glassnet.support.language import Text
from glassnet.support.options import Choice, Flag, Integer, Number, Optional

COLUMNS = takes(Optional(Integer("None means all columns")))
COUNT = Integer("Common values are 4 to 48")
SPREAD = Number("(0, inf)", "Common values are 0.03 to 5")
EDGES = BESIDE | takes(Choice("quantiles", "tree"))

FAR = 1e30
"""Edges of unused bins."""


@dataclass(frozen=True)
class _Start:
    """Uniform on ±1/√pieces, as in the source: the initial weights and biases of sums."""

    pieces: int

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        drawn: Array = uniform(rng, shape, 1 / np.sqrt(self.pieces))
        return drawn


class OfNumbers(Layer):
    """Base of the embeddings of numbers: the first `columns` columns become `size` numbers each."""

    columns: int | None
    size: int
    rectify: bool
    """Whether sums go through relu."""

    @property
    def kept(self) -> int:
        """1 if the first of a column's numbers is the column itself, else 0."""
        return 0

    @property
    def f(self) -> Activation:
        """The activation of sums."""
        return ACTIVATIONS.get("relu" if self.rectify else "identity")

    def treated(self, inputs: int) -> int:
        """Return the number of embedded columns."""
        return inputs if self.columns is None else self.columns

    def outputs(self, inputs: int) -> int:
        columns = self.treated(inputs)
        if columns > inputs:
            rule = Text(
                "`columns` of {name} must be at most the number of columns that come in", name=type(self).__name__
            )
            raise InputError(
                rule, Text("{columns} of {inputs}", columns=columns, inputs=inputs), "Give fewer, or None for all"
            )
        return columns * self.size + inputs - columns

    @abstractmethod
    def pieces(self, values: Values, numbers: Array) -> Array:
        """Return the terms of sums, shape (rows, columns, pieces), for numbers of shape (rows, columns, 1)."""

    @abstractmethod
    def pieces_backward(
        self, values: Values, numbers: Array, d_pieces: Array, gradients: Values
    ) -> tuple[Array, Record]:
        """Return the gradient of the numbers and intermediate arrays; write the gradients of the parameters."""

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        columns = self.treated(x.shape[1])
        numbers = x[:, :columns, None]
        pieces = self.pieces(values, numbers)
        sums = self.f(np.einsum("rcp,cps->rcs", pieces, values["W"]) + values["b"])
        embedded = np.concatenate([numbers, sums], axis=2) if self.kept else sums
        a = np.concatenate([embedded.reshape(-1, columns * self.size), x[:, columns:]], axis=1)
        return a, {"x": x, "pieces": pieces, "sums": sums, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        x, pieces, kept = record["x"], record["pieces"], self.kept
        columns = self.treated(x.shape[1])
        end = columns * self.size
        sums = record["a"][:, :end].reshape(-1, columns, self.size)[:, :, kept:]
        d_embedded = d_y[:, :end].reshape(-1, columns, self.size)
        d_sums = d_embedded[:, :, kept:] * self.f.derivative(sums, sums)
        gradients["W"][...] = np.einsum("rcp,rcs->cps", pieces, d_sums)
        gradients["b"][...] = d_sums.sum(axis=0)
        d_pieces = np.einsum("rcs,cps->rcp", d_sums, values["W"])
        d_numbers, on_the_way = self.pieces_backward(values, x[:, :columns, None], d_pieces, gradients)
        if kept:
            d_numbers = d_numbers + d_embedded[:, :, :1]
        record |= {"d_embedded": d_embedded, "d_sums": d_sums, "d_pieces": d_pieces} | on_the_way
        return np.concatenate([d_numbers.reshape(-1, columns), d_y[:, end:]], axis=1)


@dataclass(frozen=True, repr=False)
class PeriodicEmbedding(OfNumbers):
    r"""A number x as x itself and sums of waves: :math:`(x,\; \cos(2\pi (x f + \phi)) W + b)`, learned for each column.

    Parameters
    ----------
    columns : int or None
        How many columns, from the first on; None: all.
    frequencies : int
        How many waves a column has.
    size : int
        How many numbers a column becomes, x itself among them; at least 2.
    spread : float
        The standard deviation of the frequencies at the start: the larger, the finer the resolution.
    rate : float
        The learning rate of all of it as a multiple of the network's; 0.1 in the source.
    keep : bool
        Whether the first of the numbers is x itself.
    rectify : bool
        Whether sums below zero become zero, as relu does.

    Notes
    -----
    Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default*, section 3, "PBLD". With ``keep=False,
    rectify=True`` it is "PLR" of Gorishniy, Rubachev, Babenko (2022), *On Embeddings for Numerical Features in Tabular
    Deep Learning*; variant: there each frequency has a sine and a cosine, here a wave whose phase is learned.

    Examples
    --------
    >>> PeriodicEmbedding(10).outputs(12)
    42
    >>> PeriodicEmbedding(10, frequencies=48, size=24, keep=False, rectify=True).outputs(12)
    242
    """

    columns: int | None = field(default=None, metadata=COLUMNS)
    frequencies: int = field(default=16, metadata=takes(COUNT))
    size: int = field(default=4, metadata=takes(COUNT))
    spread: float = field(default=0.1, metadata=BESIDE | takes(SPREAD))
    rate: float = field(default=1.0, metadata=OWN_RATE)
    keep: bool = field(default=True, metadata=takes(Flag()))
    rectify: bool = field(default=False, metadata=takes(Flag()))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size < 1 + self.keep:
            raise InputError(
                "`size` of PeriodicEmbedding must be at least 2", self.size, "The first number is x itself"
            )

    @property
    def kept(self) -> int:
        return int(self.keep)

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        columns, learned = self.treated(inputs), self.size - self.kept
        start = Initializer("uniform", _Start(self.frequencies))
        waves = (columns, self.frequencies)
        return (
            Parameter("frequency", waves, INITIALIZERS.get("normal", std=self.spread), rate=self.rate),
            Parameter("phase", waves, INITIALIZERS.get("uniform", limit=0.5), kind="bias", rate=self.rate),
            Parameter("W", (*waves, learned), start, rate=self.rate),
            Parameter("b", (columns, learned), start, kind="bias", rate=self.rate),
        )

    def pieces(self, values: Values, numbers: Array) -> Array:
        waves: Array = wave(numbers, values["frequency"], values["phase"])
        return waves

    def pieces_backward(
        self, values: Values, numbers: Array, d_pieces: Array, gradients: Values
    ) -> tuple[Array, Record]:
        d_turns = d_pieces * wave_derivative(numbers, values["frequency"], values["phase"])
        gradients["phase"][...] = d_turns.sum(axis=0)
        gradients["frequency"][...] = (d_turns * numbers).sum(axis=0)
        return (d_turns * values["frequency"]).sum(axis=2, keepdims=True), {"d_turns": d_turns}


@dataclass(frozen=True, repr=False)
class PiecewiseLinearEmbedding(OfNumbers):
    r"""A number as a broken line in each of `size` numbers: :math:`v W + b`, where v says how full each bin is.

    A bin below the number is full (1), one above it empty (0), the one that it lies in filled in proportion. When
    training begins the edges of the bins become quantiles of the training rows, or the cuts of a small tree that
    predicts the targets from that column; before, they divide -2 to 2.

    Parameters
    ----------
    columns : int or None
        How many columns, from the first on; None: all.
    bins : int
        At most so many; a column with few different values has fewer.
    size : int
        How many numbers a column becomes.
    rate : float
        The learning rate as a multiple of the network's.
    rectify : bool
        Whether sums below zero become zero, as relu does.
    edges : {"quantiles", "tree"}
        The edges of the bins. Without targets, as in ``network.adapt(X)``, quantiles replace a tree.

    Notes
    -----
    Source: Gorishniy, Rubachev, Babenko (2022), *On Embeddings for Numerical Features in Tabular Deep Learning*,
    section 3.2, "Q-L", with ``rectify=True`` "Q-LR", and with a tree "T-L" and "T-LR". Variant: the first and the last
    bin end, too.

    Examples
    --------
    >>> PiecewiseLinearEmbedding(2, bins=8, size=6).outputs(3)
    13
    """

    columns: int | None = field(default=None, metadata=COLUMNS)
    bins: int = field(default=16, metadata=takes(COUNT))
    size: int = field(default=8, metadata=takes(COUNT))
    rate: float = field(default=1.0, metadata=OWN_RATE)
    rectify: bool = field(default=False, metadata=takes(Flag()))
    edges: Literal["quantiles", "tree"] = field(default="quantiles", metadata=EDGES)

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        columns, start = self.treated(inputs), Initializer("uniform", _Start(self.bins))
        return (
            Parameter("W", (columns, self.bins, self.size), start, rate=self.rate),
            Parameter("b", (columns, self.size), start, kind="bias", rate=self.rate),
        )

    def statistics(self, inputs: int) -> tuple[Parameter, ...]:
        return (Parameter("edges", (self.treated(inputs), self.bins + 1), INITIALIZERS.get("steps", end=2.0)),)

    def adapt(
        self, values: Values, x: Array, rng: np.random.Generator, y: Array | None = None, weight: Array | None = None
    ) -> None:
        far, columns = FAR * np.arange(1, self.bins + 2), np.asarray(x)[:, : len(values["edges"])]
        if self.edges == "quantiles" or y is None:
            found = [quantile_edges(column, self.bins, weight) for column in columns.T]
        else:
            found = tree_edges(columns, as_columns(y), self.bins, weight)
        for own, edges in zip(found, values["edges"], strict=True):
            edges[...] = np.concatenate([np.unique(own.astype(x.dtype)), far])[: self.bins + 1]

    def pieces(self, values: Values, numbers: Array) -> Array:
        full: Array = level(numbers, values["edges"][:, :-1], values["edges"][:, 1:])
        return full

    def pieces_backward(
        self, values: Values, numbers: Array, d_pieces: Array, gradients: Values
    ) -> tuple[Array, Record]:
        slope = level_derivative(numbers, values["edges"][:, :-1], values["edges"][:, 1:])
        return (d_pieces * slope).sum(axis=2, keepdims=True), {}

"""The base of layers: a layer is a frozen description of one step of the network, with its equations.

A layer holds no arrays. It says which parameters it needs, and computes with those it is handed; so one description
serves many networks, prints, compares and is saved as plain text.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.formula import Formula
from glassnet.formulas.initializers import INITIALIZERS, Initializer
from glassnet.formulas.random import sixteen_bits, stream_key
from glassnet.formulas.regularization import keep_mask
from glassnet.layers.text_rows import SparseMatrix
from glassnet.support.options import RATE, Rule, validate

Array = npt.NDArray[Any]
Values = Mapping[str, Array]
"""The arrays of one layer by name: parameters, running statistics, or the gradients of the parameters."""
Record = dict[str, Any]
"""The arrays that a layer computed on one batch, by name: x, z, a and, after the backward pass, d_a, d_z, d_x."""


def takes(rule: Rule) -> dict[str, Any]:
    """Metadata of a layer's field: its rule, which is checked by the constructor."""
    return {"rule": rule}


BESIDE = {"beside": True}
"""Metadata of a layer's field that concerns initialization or learning rate, not the computation of a step."""
OWN_RATE = BESIDE | takes(RATE)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a layer, or a running statistic.

    Parameters
    ----------
    name : str
        As in equations and in a trace: "W", "b", "gain".
    shape : tuple of int
    initializer : Initializer
        Its values at the start.
    kind : {"weight", "bias", "gain"}
        Weight decay and penalties act on weights alone.
    l1, l2 : float
        Strength of the penalties added to the loss.
    max_norm : float or None
        The largest Euclidean length of a unit's incoming weights, restored after every update.
    rate : float
        Its learning rate, as a multiple of everybody's.
    least : float
        No number of it may be less: a variance is not below 0.
    """

    name: str
    shape: tuple[int, ...]
    initializer: Initializer = field(default_factory=lambda: INITIALIZERS.get("zeros"))
    kind: Literal["weight", "bias", "gain"] = "weight"
    l1: float = 0.0
    l2: float = 0.0
    max_norm: float | None = None
    rate: float = 1.0
    least: float = -math.inf


@dataclass(frozen=True)
class Pass:
    """The pass of a batch through the network.

    Parameters
    ----------
    training : bool
        In training dropout drops, and batch normalization uses the batch's own mean and variance.
    seed, step : int
        Key the random masks: the same seed and step give the same masks in every engine.
    layer : int
        The number of the layer at work, from 1 as one reads: a block comes before the layers inside it. Keys the
        masks too.
    dropout : float in [0, 1]
        What all rates of dropout are multiplied by: how far the schedule has turned it down.
    ngrams : SparseMatrix or None
        The n-grams of the texts of the batch's rows.
    """

    training: bool = False
    seed: int = 0
    step: int = 0
    layer: int = 0
    dropout: float = 1.0
    ngrams: SparseMatrix | None = None

    def dropout_mask(self, x: Array, rate: float) -> Array | None:
        """Return the dropout mask: 0 with probability `rate`, else 1 / (1 - rate); None: no dropout.

        It comes from a counter-based generator keyed by seed, step, layer and element: the same in every engine. Each
        row begins at a multiple of 64.
        """
        rate *= self.dropout
        if not self.training or rate == 0:
            return None
        rows, columns = len(x), x[:1].size
        first = np.arange(rows, dtype=np.uint64) * np.uint64(-(-columns // 64) * 64)
        bits = sixteen_bits(
            stream_key(self.seed, self.step, self.layer), first[:, None] + np.arange(columns, dtype=np.uint64)
        )
        mask: Array = keep_mask(bits.reshape(x.shape), x.dtype.type(rate), x)
        return mask


class Layer(ABC):
    """A step of a network. Subclasses are frozen dataclasses and final.

    Unstable: these methods may change in a minor version.

    A layer of your own needs ``outputs``, ``forward`` and ``backward``, and ``parameters`` if it learns.
    """

    whole_batch: ClassVar[bool] = False
    """Whether in training the output of a row depends on the other rows of its batch."""

    rows_to_adapt: ClassVar[int | None] = None
    """How many rows without weights are enough to adapt to; None: all that there are."""

    takes_codes: ClassVar[bool] = False
    """Whether some columns of its input are codes, between which there is nothing, and not quantities."""

    def __post_init__(self) -> None:
        validate(self, **{one.name: one.metadata["rule"] for one in fields(self) if "rule" in one.metadata})  # type: ignore[arg-type]

    def outputs(self, inputs: int) -> int:
        """Number of outputs per row, given the number of inputs."""
        return inputs

    def inside(self) -> int:
        """Return the number of layers inside this layer, at any depth."""
        return 0

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        """Return the trainable parameters of the layer."""
        return ()

    def statistics(self, inputs: int) -> tuple[Parameter, ...]:
        """Return the running statistics that the layer keeps between batches, not trained by gradient."""
        return ()

    def multiplications(self, inputs: int) -> int:
        """Return the approximate number of multiplications per row: one per parameter."""
        return sum(math.prod(parameter.shape) for parameter in self.parameters(inputs))

    @abstractmethod
    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        """Return the forward pass of a batch.

        Parameters
        ----------
        values : mapping of str to array
            The layer's parameters and statistics.
        x : array of shape (rows, inputs)
        run : Pass

        Returns
        -------
        array of shape (rows, outputs), and the record that ``backward`` and a trace read.
        """

    @abstractmethod
    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        """Return the backward pass, by the chain rule.

        Parameters
        ----------
        values, record
            As in ``forward``; gradients on the way, such as d_z, are added to the record by name.
        d_y : array of shape (rows, outputs)
            The gradient with respect to the layer's output.
        gradients : mapping of str to array
            Where the gradients of the parameters are written.

        Returns
        -------
        array of shape (rows, inputs)
            The gradient with respect to the layer's input.
        """

    def update_statistics(self, values: Values, record: Record, share: float | None = None) -> None:
        """Update the running statistics after a training step.

        Parameters
        ----------
        values, record
            As in ``forward``; the statistics among the values are changed in place.
        share : float or None
            The weight of this batch against all before it; None: the layer's own. 1 where it is the whole table.
        """

    def adapt(
        self, values: Values, x: Array, rng: np.random.Generator, y: Array | None = None, weight: Array | None = None
    ) -> None:
        """Adapt initial parameters to training rows; most layers do nothing.

        Parameters
        ----------
        values : mapping of str to array
            The layer's parameters and statistics, changed in place.
        x : array of shape (rows, inputs)
            The layer's inputs for some of the training rows.
        rng : numpy.random.Generator
        y : array of shape (rows,) or (rows, outputs), or None
            The targets of those rows, classes as the loss takes them; None: unknown.
        weight : array of shape (rows,) or None
            How much each row counts, in any unit; None: all alike.
        """

    def adapts(self) -> bool:
        """Return whether ``adapt`` does anything; if not, rows need not be taken to this layer."""
        return type(self).adapt is not Layer.adapt

    def __repr__(self) -> str:
        """Return the layer as a constructor call: first field and activation by position, changed fields by name."""
        values = changed(self)
        if isinstance(activation := getattr(self, "activation", None), Activation):
            values["activation"] = ACTIVATIONS.spelling(activation)
        written = {name: repr(list(value) if isinstance(value, tuple) else value) for name, value in values.items()}
        first = (fields(self)[0].name, "activation")  # type: ignore[arg-type]
        placed = [written.pop(name) for name in first if name in written]
        return f"{type(self).__name__}({', '.join([*placed, *(f'{name}={text}' for name, text in written.items())])})"


def changed(layer: Layer) -> dict[str, Any]:
    """Return the fields of a layer that differ from their defaults, formulas as their spellings."""
    values = {field.name: getattr(layer, field.name) for field in fields(layer)}  # type: ignore[arg-type]
    spelled = {name: str(value) if isinstance(value, Formula) else value for name, value in values.items()}
    defaults = {field.name: field.default for field in fields(layer)}  # type: ignore[arg-type]
    return {name: value for name, value in spelled.items() if value != defaults[name]}

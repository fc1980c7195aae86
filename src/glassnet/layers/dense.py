"""The dense layer: weighted sums of all inputs, then an activation. Activations by themselves, and dropout."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from glassnet.errors import InputError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.elementary import bfloat16
from glassnet.formulas.formula import of_numbers
from glassnet.formulas.initializers import INITIALIZERS, Initializer, unit_variance, within_data
from glassnet.formulas.layer_formulas import blend
from glassnet.formulas.rounded_products import rounded_product
from glassnet.layers.base import BESIDE, OWN_RATE, Array, Layer, Parameter, Pass, Record, Values, takes
from glassnet.support.options import Choice, Flag, Integer, Number, Optional

PARAMETRIZATION = Choice("standard", "ntk")
START = Choice("random", "data")
PRODUCTS = Choice("full", "bfloat16")
PENALTY = BESIDE | takes(Number("[0, inf)", "0 disables it"))
LENGTH = BESIDE | takes(Optional(Number("(0, inf)", "None disables it")))


class Activated(Layer):
    """Base of layers with an activation."""

    activation: Activation | str

    @property
    def f(self) -> Activation:
        """The activation."""
        assert isinstance(self.activation, Activation)
        return self.activation


class Weighted(Activated):
    """Base of layers with products of their inputs and weights."""

    parametrization: str
    products: str

    rows_to_adapt = 1024
    """Of so many the standard deviation of sums is known to some 2 %."""

    @abstractmethod
    def share(self, inputs: int) -> float:
        """Return the factor of products with W."""

    def scaled(self, sums: Array, x: Array) -> Array:
        """Return products with W, or their gradient, scaled by the parametrization."""
        return sums if self.parametrization == "standard" else sums * self.share(x.shape[1])

    def operand(self, x: Array) -> Any:
        """Return the operand of a product: rounded, if the layer rounds them."""
        return bfloat16(x) if self.products == "bfloat16" else x

    def product(self, a: Array, b: Array) -> Any:
        """Return the product of two operands."""
        return rounded_product(a, b) if self.products == "bfloat16" else a @ b

    def rounded(self, **operands: Array) -> Record:
        """Return operands for the record: only rounded ones have numbers of their own."""
        return operands if self.products == "bfloat16" else {}


@dataclass(frozen=True, repr=False)
class Dense(Weighted):
    r"""A layer of neurons: :math:`a = f(x W + b)`.

    Parameters
    ----------
    units : int
        The number of neurons, that is of outputs.
    activation : str or Activation
        f; a name such as "relu", a spelling such as "elu(alpha=0.5)", or a record of your own.
    bias : bool
        Whether there is a b.
    initializer : str, Initializer or None
        The weights at the start; None: the one that suits the activation (He for rectifiers, LeCun for selu, Glorot
        otherwise).
    bias_initializer : str or Initializer
    l1, l2 : float
        Adds l1 · Σ|w| and l2/2 · Σw² over the weights to the loss.
    max_norm : float or None
        The largest length of a unit's weight vector.
    parametrization : {"standard", "ntk"}
        "ntk": z = x W/√inputs + b, so that weights of variance 1 suit a layer of any width, and so does one learning
        rate. (Jacot, Gabriel, Hongler 2018, *Neural Tangent Kernel*, section 2.)
    bias_rate : float
        The learning rate of b as a multiple of the network's.
    start : {"random", "data"}
        "data": when training begins, each unit's weights are scaled so that its x W has variance 1 over the training
        rows, but none more than 16 times as much as another, and its bias is drawn such that the unit's boundary runs
        among them; 1,024 of more rows are enough, but of weighted ones all take part, and a row of weight 2 counts as
        the row twice. (Holzmüller, Grinsztajn,
        Steinwart 2024, *Better by Default*, section 3 and appendix A.)
    products : {"full", "bfloat16"}
        "bfloat16": the operands of the three products, x W and those of the gradients, are rounded to bfloat16; sums
        and all else are float32. A network of ``dtype="bfloat16"`` decides it for each layer.

    Raises
    ------
    InputError
        If a number is out of its range or a name unknown.

    Examples
    --------
    >>> Dense(64, "relu")
    Dense(64, 'relu')
    >>> Dense(0)
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: `units` of Dense must be a positive integer. Received: 0. Give the number of neurons.
    """

    units: int = field(metadata=takes(Integer("Give the number of neurons")))
    activation: Activation | str = field(default="identity", metadata=takes(ACTIVATIONS))
    bias: bool = field(default=True, metadata=takes(Flag("False omits the bias")))
    initializer: Initializer | str | None = field(default=None, metadata=BESIDE | takes(Optional(INITIALIZERS)))
    bias_initializer: Initializer | str = field(default="zeros", metadata=BESIDE | takes(INITIALIZERS))
    l1: float = field(default=0.0, metadata=PENALTY)
    l2: float = field(default=0.0, metadata=PENALTY)
    max_norm: float | None = field(default=None, metadata=LENGTH)
    parametrization: Literal["standard", "ntk"] = field(default="standard", metadata=takes(PARAMETRIZATION))
    bias_rate: float = field(default=1.0, metadata=OWN_RATE)
    start: Literal["random", "data"] = field(default="random", metadata=BESIDE | takes(START))
    products: Literal["full", "bfloat16"] = field(default="full", metadata=takes(PRODUCTS))

    def outputs(self, inputs: int) -> int:
        return self.units

    def share(self, inputs: int) -> float:
        return 1.0 if self.parametrization == "standard" else 1 / inputs**0.5

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        W = Parameter(
            "W",
            (inputs, self.units),
            INITIALIZERS.get(self.initializer or self._usual_initializer),
            l1=self.l1,
            l2=self.l2,
            max_norm=self.max_norm,
        )
        b = Parameter("b", (self.units,), INITIALIZERS.get(self.bias_initializer), kind="bias", rate=self.bias_rate)
        return (W, b) if self.bias else (W,)

    @property
    def _usual_initializer(self) -> str:
        return self.f.initializer if self.parametrization == "standard" else "normal(std=1.0)"

    def adapts(self) -> bool:
        return self.start != "random"

    def adapt(
        self, values: Values, x: Array, rng: np.random.Generator, y: Array | None = None, weight: Array | None = None
    ) -> None:
        W = values["W"]
        sums = np.asarray(replace(self, products="full")._sums(x, W, x))
        to_unit = unit_variance(sums, weight)
        W *= to_unit
        if self.bias:
            values["b"][...] = within_data(rng, sums, weight) * to_unit

    def _sums(self, x16: Array, W16: Array, x: Array) -> Array:
        z = self.product(x16, W16)
        return self.scaled(z, x)

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        x16, W16 = self.operand(x), self.operand(values["W"])
        z = self._sums(x16, W16, x)
        if self.bias:
            z = z + values["b"]
        a = self.f(z)
        return a, {"x": x} | self.rounded(x16=x16, W16=W16) | {"z": z, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        x, z, a, d_a = record["x"], record["z"], record["a"], d_y
        d_z = self.f.backward(z, a, d_a)
        x16, W16, d_z16 = self.operand(x), self.operand(values["W"]), self.operand(self.scaled(d_z, x))
        gradients["W"][...] = self.product(x16.T, d_z16)
        if self.bias:
            gradients["b"][...] = d_z.sum(axis=0)
        record |= {"d_z": d_z} | self.rounded(d_z16=d_z16)
        d_x: Array = self.product(d_z16, W16.T)
        return d_x


@dataclass(frozen=True, repr=False)
class Activate(Activated):
    """An activation by itself, for use after a normalization: a = f(x).

    Parameters
    ----------
    activation : str or Activation

    Examples
    --------
    >>> [Dense(64), Activate("relu")][1]
    Activate('relu')
    """

    activation: Activation | str = field(metadata=takes(ACTIVATIONS))

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        a = self.f(x)
        return a, {"x": x, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        d_x: Array = self.f.backward(record["x"], record["a"], d_y)
        return d_x


@dataclass(frozen=True, repr=False)
class Blend(Activated):
    """An activation that every unit learns to use more or less: a = x + α (f(x) - x), α = 1 at the start.

    Parameters
    ----------
    activation : str or Activation
        f, of single numbers.
    rate : float
        The learning rate of α as a multiple of the network's; 0.1 in the source.

    Notes
    -----
    Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default*, section 3, "parametric activation functions".

    Examples
    --------
    >>> [Dense(64), Blend("silu")][1]
    Blend('silu')
    >>> Blend("softmax")
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: The activation of Blend must be elementwise. Received: softmax. Use "selu".
    """

    activation: Activation | str = field(metadata=takes(ACTIVATIONS))
    rate: float = field(default=1.0, metadata=OWN_RATE)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.f.elementwise:
            raise InputError("The activation of Blend must be elementwise", str(self.f), 'Use "selu"')

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        return (Parameter("alpha", (inputs,), INITIALIZERS.get("ones"), kind="gain", rate=self.rate),)

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        f = self.f(x)
        a = blend(x, f, values["alpha"])
        return a, {"x": x, "f": f, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        x, f = record["x"], record["f"]
        gradients["alpha"][...] = (d_y * (f - x)).sum(axis=0)
        d_x: Array = d_y * blend(1.0, of_numbers(self.f.derivative, x, f, *self.f.values), values["alpha"])
        return d_x


@dataclass(frozen=True, repr=False)
class Dropout(Layer):
    r"""Sets each number to zero with probability `rate`, and divides the others by 1 - rate ("inverted" dropout).

    The expected value stays the same, so prediction needs no correction: there the layer does nothing.

    Parameters
    ----------
    rate : float in [0, 1)
        Rounded to a multiple of 1/65536, by which the others are scaled, too: so the expected value is exact.

    Notes
    -----
    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), *Dropout*, section 4.

    Examples
    --------
    >>> Dropout(1.0)
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: `rate` of Dropout must be in [0, 1). Received: 1.0. Common values are 0.1 to 0.5.
    """

    rate: float = field(metadata=takes(Number("[0, 1)", "Common values are 0.1 to 0.5")))

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        mask = run.dropout_mask(x, self.rate)
        a = x if mask is None else x * mask
        return a, {"x": x, "mask": mask, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        return d_y if record["mask"] is None else d_y * record["mask"]

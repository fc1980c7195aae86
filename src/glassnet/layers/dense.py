"""The dense layer: every unit sees every input. Weighted sums, then an activation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.errors import InputTypeError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.initializers import INITIALIZERS, Initializer
from glassnet.layers.base import Array, Layer, Parameter, Pass, Record, Values, changed, number, positive, strength

__all__ = ["Activate", "Dense"]


@dataclass(frozen=True)
class Dense(Layer):
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

    units: int
    activation: Activation | str = "identity"
    bias: bool = True
    initializer: Initializer | str | None = None
    bias_initializer: Initializer | str = "zeros"
    l1: float = 0.0
    l2: float = 0.0
    max_norm: float | None = None

    def __post_init__(self) -> None:
        # a frozen dataclass normalises its fields this way: names become the formulas that they stand for
        object.__setattr__(self, "units", positive("Dense", "units", self.units, "Give the number of neurons"))
        object.__setattr__(self, "activation", ACTIVATIONS.get(self.activation))
        object.__setattr__(self, "bias_initializer", INITIALIZERS.get(self.bias_initializer))
        if self.initializer is not None:
            object.__setattr__(self, "initializer", INITIALIZERS.get(self.initializer))
        if not isinstance(self.bias, (bool, np.bool_)):
            raise InputTypeError("`bias` of Dense must be True or False", self.bias, "False leaves out the b")
        for name in ("l1", "l2"):
            object.__setattr__(self, name, strength("Dense", name, getattr(self, name)))
        if self.max_norm is not None:
            limit = number("max_norm of Dense", self.max_norm, "positive", lambda c: c > 0, "None switches it off")
            object.__setattr__(self, "max_norm", limit)

    @property
    def f(self) -> Activation:
        """The activation."""
        assert isinstance(self.activation, Activation)
        return self.activation

    def outputs(self, inputs: int) -> int:
        return self.units

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        W = Parameter(
            "W",
            (inputs, self.units),
            INITIALIZERS.get(self.initializer or self.f.initializer),
            l1=self.l1,
            l2=self.l2,
            max_norm=self.max_norm,
        )
        b = Parameter("b", (self.units,), INITIALIZERS.get(self.bias_initializer), kind="bias")
        return (W, b) if self.bias else (W,)

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        z = x @ values["W"]
        if self.bias:
            z = z + values["b"]
        a = self.f(z)
        return a, {"x": x, "z": z, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        x, z, a, d_a = record["x"], record["z"], record["a"], d_y
        d_z = self.f.backward(z, a, d_a)
        gradients["W"][...] = x.T @ d_z
        if self.bias:
            gradients["b"][...] = d_z.sum(axis=0)
        d_x: Array = d_z @ values["W"].T
        record["d_z"] = d_z
        return d_x

    def equations(self) -> dict[str, str]:
        return {
            "z": "x W + b" if self.bias else "x W",
            "a": f"{self.f}(z)",
            "d_z": "d_a · f'(z)" if self.f.elementwise else "Jacobian of f, times d_a",
            "d_W": "xᵀ d_z",
            "d_b": "sum of d_z over the rows",
            "d_x": "d_z Wᵀ",
        }

    def __repr__(self) -> str:
        named = (f", {name}={value!r}" for name, value in changed(self).items() if name not in ("units", "activation"))
        return f"Dense({self.units}, {str(self.f)!r}{''.join(named)})"


@dataclass(frozen=True)
class Activate(Layer):
    """An activation by itself, for use after a normalisation: a = f(x).

    Parameters
    ----------
    activation : str or Activation

    Examples
    --------
    >>> [Dense(64), Activate("relu")][1]
    Activate('relu')
    """

    activation: Activation | str

    def __post_init__(self) -> None:
        object.__setattr__(self, "activation", ACTIVATIONS.get(self.activation))

    @property
    def f(self) -> Activation:
        """The activation."""
        assert isinstance(self.activation, Activation)
        return self.activation

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        a = self.f(x)
        return a, {"x": x, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        d_x: Array = self.f.backward(record["x"], record["a"], d_y)
        return d_x

    def equations(self) -> dict[str, str]:
        return {"a": f"{self.f}(x)", "d_x": "d_a · f'(x)" if self.f.elementwise else "Jacobian of f, times d_a"}

    def __repr__(self) -> str:
        return f"Activate({str(self.f)!r})"

"""Several networks in one: each row goes through k members, which share most of their weights.

Behind :class:`Copies` a row holds the k members' numbers one after the other, so (rows, k · d) lies in memory as
(rows · k, d) does, and the product of all members with the weights that they share is a single one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

import numpy as np

from glassnet.errors import InputError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.initializers import INITIALIZERS, Initializer, unit_variance, within_data
from glassnet.formulas.rounded_products import rounded_einsum
from glassnet.layers.base import BESIDE, OWN_RATE, Array, Layer, Parameter, Pass, Record, Values, takes
from glassnet.layers.dense import PARAMETRIZATION, PRODUCTS, START, Weighted
from glassnet.support.language import Text
from glassnet.support.options import Flag, Integer, Optional

MEMBERS = takes(Integer("Common values are 8 to 32"))
einsum = partial(np.einsum, optimize=True)
"""``np.einsum`` that uses matrix products where possible."""


@dataclass(frozen=True, repr=False)
class Copies(Layer):
    """Each member gets a copy of the row: d numbers become members · d.

    Parameters
    ----------
    members : int

    Examples
    --------
    >>> Copies(3).outputs(4)
    12
    """

    members: int = field(metadata=MEMBERS)

    def outputs(self, inputs: int) -> int:
        return self.members * inputs

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        a = np.tile(x, (1, self.members))
        return a, {"x": x, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        d_x: Array = d_y.reshape(-1, self.members, record["x"].shape[1]).sum(axis=1)
        return d_x


@dataclass(frozen=True, repr=False)
class MemberDense(Weighted):
    r"""A dense layer per member, with shared weights: :math:`a_i = f(((x_i \odot r_i) W) \odot s_i + b_i)`.

    The one W serves all members; member i has three vectors of its own, its adapters r_i and s_i and its bias b_i.
    So k members have hardly more parameters than one.

    Parameters
    ----------
    units : int
        The number of neurons of one member; members · units numbers come out.
    activation : str or Activation
        f; of whole rows, such as softmax, it is taken for each member by itself.
    members : int
        k; as many as the layers before have.
    shared : bool
        False: each member has a W of its own, and no adapters: a_i = f(x_i W_i + b_i), as k networks have.
    initializer : str, Initializer or None
        W at the start, of each member by itself where it is its own; None: the one that suits the activation.
    adapter_initializer : str or Initializer
        r at the start. In the first of such layers the members must begin different, for they get the same x: "signs",
        or "normal(std=1)" behind embeddings; in the others 1. s begins at 1 everywhere.
    parametrization : {"standard", "ntk"}
        As in :class:`glassnet.Dense`; "ntk": sums are divided by the root of the number of a member's inputs.
    bias_rate : float
        The learning rate of b as a multiple of the network's.
    start : {"random", "data"}
        As in :class:`glassnet.Dense`; the variance of a shared unit's sums is that over all members.
    products : {"full", "bfloat16"}
        As in :class:`glassnet.Dense`.

    Raises
    ------
    InputError, InputTypeError
        If a number is out of its range, a name unknown, or the inputs are not as many for each member.

    Notes
    -----
    Source: Wen, Tran, Ba (2020), *BatchEnsemble: An Alternative Approach to Efficient Ensemble and Lifelong Learning*,
    equation 5; Gorishniy, Kotelnikov, Babenko (2025), *TabM: Advancing Tabular Deep Learning with Parameter-Efficient
    Ensembling*, section 3.

    Examples
    --------
    Two members with three inputs each, of four units; one matrix, and for each member two adapters and a bias:

    >>> layer = MemberDense(4, "relu", members=2, adapter_initializer="signs")
    >>> layer.outputs(6)
    8
    >>> [(parameter.name, parameter.shape) for parameter in layer.parameters(6)]
    [('W', (3, 4)), ('r', (2, 3)), ('s', (2, 4)), ('b', (2, 4))]
    """

    units: int = field(metadata=takes(Integer("Give the number of neurons of one member")))
    activation: Activation | str = field(default="identity", metadata=takes(ACTIVATIONS))
    members: int = field(default=1, metadata=MEMBERS)
    shared: bool = field(default=True, metadata=takes(Flag("False gives each member weights of its own")))
    initializer: Initializer | str | None = field(default=None, metadata=BESIDE | takes(Optional(INITIALIZERS)))
    adapter_initializer: Initializer | str = field(default="ones", metadata=BESIDE | takes(INITIALIZERS))
    parametrization: Literal["standard", "ntk"] = field(default="standard", metadata=takes(PARAMETRIZATION))
    bias_rate: float = field(default=1.0, metadata=OWN_RATE)
    start: Literal["random", "data"] = field(default="random", metadata=BESIDE | takes(START))
    products: Literal["full", "bfloat16"] = field(default="full", metadata=takes(PRODUCTS))

    def inputs_each(self, inputs: int) -> int:
        """Return the number of inputs of each member."""
        if inputs % self.members:
            rule = Text("MemberDense needs the same number of inputs for each member")
            remedy = Text("Put Copies({count}) before it", count=self.members)
            raise InputError(
                rule, Text("{inputs} inputs of {members} members", inputs=inputs, members=self.members), remedy
            )
        return inputs // self.members

    def outputs(self, inputs: int) -> int:
        self.inputs_each(inputs)
        return self.members * self.units

    def share(self, inputs: int) -> float:
        """Return the factor of a member's sums."""
        return 1.0 if self.parametrization == "standard" else 1 / self.inputs_each(inputs) ** 0.5

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        each, k = self.inputs_each(inputs), self.members
        usual = self.f.initializer if self.parametrization == "standard" else "normal(std=1.0)"
        drawn, ones = INITIALIZERS.get(self.initializer or usual), INITIALIZERS.get("ones")
        b = Parameter("b", (k, self.units), kind="bias", rate=self.bias_rate)
        if not self.shared:
            return (Parameter("W", (k, each, self.units), drawn), b)
        return (
            Parameter("W", (each, self.units), drawn),
            Parameter("r", (k, each), INITIALIZERS.get(self.adapter_initializer), kind="gain"),
            Parameter("s", (k, self.units), ones, kind="gain"),
            b,
        )

    def adapts(self) -> bool:
        return self.start != "random"

    def adapt(
        self, values: Values, x: Array, rng: np.random.Generator, y: Array | None = None, weight: Array | None = None
    ) -> None:
        W, sums = values["W"], replace(self, products="full")._sums(values, x)["sums"]
        if self.shared:
            of_each = None if weight is None else np.repeat(weight, self.members)
            to_unit = unit_variance(sums.reshape(-1, self.units), of_each)
            W *= to_unit
        else:
            to_unit = np.stack([unit_variance(sums[:, member], weight) for member in range(self.members)])
            W *= to_unit[:, None]
        values["b"][...] = 0
        z = self._z(values, sums * to_unit)
        values["b"][...] = [within_data(rng, z[:, member], weight) for member in range(self.members)]

    def _sums(self, values: Values, x: Array) -> Record:
        """Return the members' inputs times r, and their products with W, shapes (rows, members, inputs or units)."""
        inputs = x.reshape(-1, self.members, self.inputs_each(x.shape[1]))
        if self.shared:
            inputs = inputs * values["r"]
        inputs16, W16 = self.operand(inputs), self.operand(values["W"])
        sums = self.product(inputs16, W16) if self.shared else self.einsum("rki,kiu->rku", inputs16, W16)
        return {"inputs": inputs} | self.rounded(inputs16=inputs16, W16=W16) | {"sums": self.scaled(sums, x)}

    def einsum(self, subscripts: str, a: Array, b: Array) -> Any:
        """Return the products of the members' operands."""
        return (rounded_einsum if self.products == "bfloat16" else einsum)(subscripts, a, b)

    def _z(self, values: Values, sums: Array) -> Array:
        z: Array = sums * values["s"] + values["b"] if self.shared else sums + values["b"]
        return z

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        record = self._sums(values, x)
        z = self._z(values, record["sums"])
        z, a = (numbers.reshape(-1, self.members * self.units) for numbers in (z, self.f(z)))
        return a, record | {"x": x, "z": z, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        x, inputs, W = record["x"], record["inputs"], values["W"]
        z, a, d_a = (numbers.reshape(-1, self.members, self.units) for numbers in (record["z"], record["a"], d_y))
        d_z = self.f.backward(z, a, d_a)
        record["d_z"] = d_z.reshape(-1, d_y.shape[1])
        gradients["b"][...] = d_z.sum(axis=0)
        inputs16, W16 = self.operand(inputs), self.operand(W)
        if not self.shared:
            d_sums16 = self.operand(self.scaled(d_z, x))
            gradients["W"][...] = self.einsum("rki,rku->kiu", inputs16, d_sums16)
            record |= self.rounded(d_sums16=d_sums16)
            return self.einsum("rku,kiu->rki", d_sums16, W16).reshape(-1, x.shape[1])
        gradients["s"][...] = (d_z * record["sums"]).sum(axis=0)
        d_sums = d_z * values["s"]
        d_sums16 = self.operand(self.scaled(d_sums, x))
        gradients["W"][...] = self.einsum("rki,rku->iu", inputs16, d_sums16)
        d_inputs = self.product(d_sums16, W16.T)
        gradients["r"][...] = (d_inputs * x.reshape(-1, self.members, W.shape[0])).sum(axis=0)
        record |= {"d_sums": d_sums} | self.rounded(d_sums16=d_sums16) | {"d_inputs": d_inputs}
        d_x: Array = (d_inputs * values["r"]).reshape(-1, x.shape[1])
        return d_x

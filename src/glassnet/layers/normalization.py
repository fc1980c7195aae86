"""Normalization over the batch or over the row, and a learned scale."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from glassnet.formulas.initializers import INITIALIZERS
from glassnet.formulas.layer_formulas import affine, deviation, follow, normalize, normalize_backward, unbiased
from glassnet.layers.base import OWN_RATE, Array, Layer, Parameter, Pass, Record, Values, takes
from glassnet.support.options import Number


def _gain(inputs: int, rate: float = 1.0) -> Parameter:
    return Parameter("gain", (inputs,), INITIALIZERS.get("ones"), kind="gain", rate=rate)


def _gain_and_shift(inputs: int) -> tuple[Parameter, Parameter]:
    return _gain(inputs), Parameter("shift", (inputs,), kind="bias")


EPSILON = takes(Number("(0, inf)", "It avoids division by 0; try 1e-5"))


@dataclass(frozen=True)
class BatchNorm(Layer):
    r"""Batch normalization: each column has mean 0 and variance 1 over the batch, then a learned gain and shift.

    In prediction the running mean and variance take the place of the batch's.

    Parameters
    ----------
    momentum : float in (0, 1]
        The share of the newest batch in the running statistics (PyTorch's meaning; Keras calls 1 - this momentum).
    epsilon : float
        Added to the variance.

    Notes
    -----
    As in PyTorch the running variance is the unbiased one (divided by rows - 1), the batch's own is not.
    Source: Ioffe, Szegedy (2015), *Batch Normalization*, algorithms 1 and 2.

    Examples
    --------
    >>> [p.name for p in BatchNorm().parameters(3)]
    ['gain', 'shift']
    """

    whole_batch = True

    momentum: float = field(default=0.1, metadata=takes(Number("(0, 1]", "0.1 is a common choice")))
    epsilon: float = field(default=1e-5, metadata=EPSILON)

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        return _gain_and_shift(inputs)

    def statistics(self, inputs: int) -> tuple[Parameter, ...]:
        return Parameter("mean", (inputs,)), Parameter("variance", (inputs,), INITIALIZERS.get("ones"), least=0.0)

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        mean, variance = (x.mean(axis=0), x.var(axis=0)) if run.training else (values["mean"], values["variance"])
        spread = deviation(variance, self.epsilon)
        x_hat = normalize(x, mean, spread)
        a = affine(x_hat, values["gain"], values["shift"])
        return a, {
            "x": x,
            "mean": mean,
            "variance": variance,
            "x_hat": x_hat,
            "a": a,
            "_deviation": spread,
            "_training": run.training,
        }

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        x_hat, spread = record["x_hat"], record["_deviation"]
        gradients["gain"][...] = (d_y * x_hat).sum(axis=0)
        gradients["shift"][...] = d_y.sum(axis=0)
        d_x_hat = d_y * values["gain"]
        d_x: Array
        if record["_training"]:
            d_x = normalize_backward(x_hat, spread, d_x_hat, d_x_hat.mean(axis=0), (d_x_hat * x_hat).mean(axis=0))
        else:
            d_x = d_x_hat / spread  # the running statistics do not depend on x
        record["d_x_hat"] = d_x_hat
        return d_x

    def update_statistics(self, values: Values, record: Record, share: float | None = None) -> None:
        rows, share = record["x"].shape[0], self.momentum if share is None else share
        variance = follow(values["variance"], unbiased(record["variance"], np.maximum(rows, 2)), share)
        values["mean"][...] = follow(values["mean"], record["mean"], share)
        # a single row has no variance
        values["variance"][...] = np.where(rows > 1, variance, values["variance"])


@dataclass(frozen=True)
class LayerNorm(Layer):
    r"""Layer normalization: each *row* has mean 0 and variance 1, then a learned gain and shift for each column.

    The same in training and prediction, and independent of the other rows.

    Parameters
    ----------
    epsilon : float
        Added to the variance.

    Notes
    -----
    Source: Ba, Kiros, Hinton (2016), *Layer Normalization*, equation 4.
    """

    epsilon: float = field(default=1e-5, metadata=EPSILON)

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        return _gain_and_shift(inputs)

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        spread = deviation(variance, self.epsilon)
        x_hat = normalize(x, mean, spread)
        a = affine(x_hat, values["gain"], values["shift"])
        return a, {"x": x, "mean": mean, "variance": variance, "x_hat": x_hat, "a": a, "_deviation": spread}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        x_hat = record["x_hat"]
        gradients["gain"][...] = (d_y * x_hat).sum(axis=0)
        gradients["shift"][...] = d_y.sum(axis=0)
        d_x_hat = d_y * values["gain"]
        mean, along = d_x_hat.mean(axis=1, keepdims=True), (d_x_hat * x_hat).mean(axis=1, keepdims=True)
        d_x: Array = normalize_backward(x_hat, record["_deviation"], d_x_hat, mean, along)
        record["d_x_hat"] = d_x_hat
        return d_x


@dataclass(frozen=True)
class RMSNorm(Layer):
    r"""Root mean square normalization: the squares of each *row* have mean 1, then a learned gain for each column.

    Layer normalization without its mean and without its shift, and cheaper by both.

    Parameters
    ----------
    epsilon : float
        Added to the mean of the squares.

    Notes
    -----
    Source: Zhang, Sennrich (2019), *Root Mean Square Layer Normalization*, equation 4.

    Examples
    --------
    >>> [p.name for p in RMSNorm().parameters(3)]
    ['gain']
    """

    epsilon: float = field(default=1e-5, metadata=EPSILON)

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        return (_gain(inputs),)

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        mean_square = (x * x).mean(axis=1, keepdims=True)
        spread = deviation(mean_square, self.epsilon)
        x_hat = x / spread
        a = x_hat * values["gain"]
        return a, {"x": x, "mean_square": mean_square, "x_hat": x_hat, "a": a, "_deviation": spread}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        x_hat = record["x_hat"]
        gradients["gain"][...] = (d_y * x_hat).sum(axis=0)
        d_x_hat = d_y * values["gain"]
        along = (d_x_hat * x_hat).mean(axis=1, keepdims=True)
        d_x: Array = normalize_backward(x_hat, record["_deviation"], d_x_hat, 0, along)
        record["d_x_hat"] = d_x_hat
        return d_x


@dataclass(frozen=True)
class Scale(Layer):
    """One learned factor for each column: a = x · gain. In front of a network it learns which columns matter.

    Parameters
    ----------
    rate : float
        Its learning rate as a multiple of the network's; 6 in the source.

    Notes
    -----
    Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default*, section 3, "scaling layer".
    """

    rate: float = field(default=1.0, metadata=OWN_RATE)

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        return (_gain(inputs, self.rate),)

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        a = x * values["gain"]
        return a, {"x": x, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        gradients["gain"][...] = (d_y * record["x"]).sum(axis=0)
        d_x: Array = d_y * values["gain"]
        return d_x

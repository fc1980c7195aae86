"""Dropout: in training each number is dropped at random, so that no unit relies on a single other one."""

from __future__ import annotations

from dataclasses import dataclass, field

from glassnet.layers.base import Array, Layer, Pass, Record, Values, takes
from glassnet.support.options import Number


@dataclass(frozen=True, repr=False)
class Dropout(Layer):
    r"""Sets each number to zero with probability `rate`, and divides the others by 1 - rate ("inverted" dropout).

    The expected value stays the same, so prediction needs no correction: there the layer does nothing.

    Parameters
    ----------
    rate : float in [0, 1)

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

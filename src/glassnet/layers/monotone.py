r"""Monotone networks by construction: limits on the signs of weights so that outputs never fall as a column rises.

Every number on its way through a network has a direction: 1, it never falls as a monotone column rises; -1,
it never rises; 0, such columns do not reach it. A layer keeps directions by limits of its parameters, which training
never leaves:

- a unit of direction 0 takes nothing from numbers that have a direction: those weights are 0;
- a unit of direction 1 or -1 takes numbers of its own direction by weights of 0 or more, those of the other one by
  weights of 0 or less, and all others by any weight;
- an activation behind such units never falls, and a factor of their numbers is 0 or more.

So the limits are the whole construction: the computation of a layer, and its exports, do not change. Units that fall
matter although the answer rises: a rectifier of sums that rise bends upwards only, one of sums that fall, taken by a
weight below 0, bends downwards. Both together come near any function that rises.

Source: Sill (1998), *Monotonic Networks*, for weights of one sign; Daniels, Velikova (2010), *Monotone and Partially
Monotone Neural Networks*, for the two streams; Runje, Shankaranarayana (2023), *Constrained Monotonic Neural Networks*,
section 3, for units that bend either way. Variant: there the second kind of units has its activation mirrored at zero;
here its inputs, which says the same with any activation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from glassnet.errors import InputError
from glassnet.formulas.loss import Loss
from glassnet.formulas.measure import never_falls
from glassnet.layers.base import Array, Layer
from glassnet.layers.category_embedding import Embedding
from glassnet.layers.dense import Activate, Activated, Blend, Dense, Dropout
from glassnet.layers.members import Copies, MemberDense
from glassnet.layers.ngram_linear import NgramLinear
from glassnet.layers.normalization import BatchNorm, Scale
from glassnet.layers.numeric_embedding import PeriodicEmbedding, PiecewiseLinearEmbedding
from glassnet.support.language import Text

if TYPE_CHECKING:
    from glassnet.layers.layout import Layout

Limits = tuple[Any, Any]
"""Lower and upper limits of a parameter, broadcast to its shape."""


class Kept(NamedTuple):
    """The directions of a layer's outputs, and the limits of its parameters.

    Attributes
    ----------
    outputs : array of int of shape (outputs,)
        The directions of the outputs.
    limits : dict from str to Limits
        Of its parameters, by name; the others may be anything.
    """

    outputs: Array
    limits: dict[str, Limits]


def hold(layout: Layout, monotone: Sequence[int] | None, loss: Loss, members: int) -> tuple[int, ...] | None:
    """Return the directions of the inputs, once the limits that follow are the layout's; None if there are none.

    Raises
    ------
    InputError
        If there is not one for each input, or no way to hold them.
    """
    directions, inputs = tuple(map(int, monotone or ())), layout.widths[0]
    if len(directions) not in (0, inputs):
        rule = Text("`monotone` must have 1, -1 or 0 for each of {count} inputs", count=inputs)
        raise InputError(rule, Text("{count} of them", count=len(directions)), "Give 0 for unconstrained inputs")
    if not any(directions):
        return None
    outputs = np.tile(rising(loss, layout.widths[-1] // members), members)
    layout.limit(*limits(layout, np.array(directions), outputs))
    return directions


def rising(loss: Loss, outputs: int) -> Array:
    """Return the directions of outputs whose prediction rises with them: values, rates, the second class.

    Of a mean with its variance only the mean rises.

    Raises
    ------
    InputError
        If they are more than two classes, which have no order.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> [rising(LOSSES.get(name), 2).tolist() for name in ("mse", "cross_entropy", "gaussian_nll")]
    [[1, 1], [-1, 1], [1, 0]]
    """
    if loss.target in ("classes", "signs") and outputs > 1:
        if outputs > 2:
            rule = Text("`monotone` needs two classes; it applies to the probability of the second")
            raise InputError(
                rule, Text("{outputs} classes", outputs=outputs), "Omit it, or predict one class against all others"
            )
        return np.array([-1, 1])
    if loss.spread == "log_variance":
        return np.tile([1, 0], outputs // 2)
    return np.ones(outputs, int)


def limits(layout: Layout, inputs: Array, outputs: Array) -> tuple[Array, Array]:
    """Return the limits of all parameters of a network so that its outputs keep their directions.

    Parameters
    ----------
    layout : Layout
    inputs, outputs : arrays of int of shape (inputs,) and (outputs,)
        Directions: 1, -1, or 0 where none is required.

    Raises
    ------
    InputError
        If a layer has no such form, or an activation falls somewhere.

    Examples
    --------
    One column that rises, one that is free; a hidden unit of each kind, in the order free, rising, falling:

    >>> from glassnet.layers import Layout
    >>> layout = Layout([Dense(3, "relu"), Dense(1)], inputs=2)
    >>> least, most = limits(layout, np.array([1, 0]), np.array([1]))
    >>> layout.named(least)["1.W"], layout.named(most)["1.W"]
    (array([[  0.,   0., -inf],
           [-inf, -inf, -inf]]), array([[ 0., inf,  0.],
           [inf, inf, inf]]))
    """
    least, most = np.full(layout.size, -np.inf), np.full(layout.size, np.inf)
    directions = inputs
    last = max((n for n, layer in enumerate(layout.layers, 1) if not isinstance(layer, NgramLinear)), default=0)
    for number, layer in enumerate(layout.layers, 1):
        kept = _kept(layer, directions, outputs if number == last else None)
        for slot in layout.parameters:
            if slot.layer == number and slot.parameter.name in kept.limits:
                slot.view(least)[...], slot.view(most)[...] = kept.limits[slot.parameter.name]
        directions = kept.outputs
    if not np.array_equal(directions, outputs):
        rule = Text("With `monotone`, the last layer must be dense, to give each output its direction")
        raise InputError(rule, repr(layout.layers[-1]), "End with Dense")
    return least, most


def _kept(layer: Layer, inputs: Array, required: Array | None) -> Kept:
    if not inputs.any() and required is None:
        return Kept(np.zeros(layer.outputs(len(inputs)), int), {})
    how = KEPT.get(type(layer))
    if how is None:
        rule = Text("With `monotone`, each layer must be monotonic")
        known = ", ".join(kind.__name__ for kind in KEPT)
        raise InputError(rule, repr(layer), Text("Layers that have this form: {names}", names=known))
    if isinstance(layer, Activated) and not never_falls(layer.f):
        rule = Text("With `monotone`, activations must be non-decreasing")
        raise InputError(rule, str(layer.f), 'Use "selu", "relu" or "tanh"')
    return how(layer, inputs, required)


def _dense(layer: Dense, inputs: Array, required: Array | None) -> Kept:
    units = _units(layer.units, inputs) if required is None else required
    return Kept(units, {"W": _signs(inputs, units)})


def _units(count: int, inputs: Array) -> Array:
    """Return the directions of hidden units: half are free if an input is; the others rise and fall alternately."""
    free = 0 if inputs.all() else count // 2
    return np.concatenate([np.zeros(free, int), 1 - 2 * (np.arange(count - free) % 2)])


def _signs(inputs: Array, units: Array) -> Limits:
    """Return the limits of weights of shape (inputs, units)."""
    sign, free = np.outer(inputs, units), (inputs == 0)[:, None]
    return np.where(free | (sign < 0), -np.inf, 0.0), np.where(free | (sign > 0), np.inf, 0.0)


def _factors(directions: Array, most: float = np.inf) -> Limits:
    """Return the limits of factors of numbers."""
    return np.where(directions == 0, -np.inf, 0.0), np.where(directions == 0, np.inf, most)


def _member_dense(layer: MemberDense, inputs: Array, required: Array | None) -> Kept:
    """Members share weights, so all have the directions of the first."""
    of_members = inputs.reshape(layer.members, layer.inputs_each(len(inputs)))
    each = of_members[0]
    if (of_members != each).any():
        rule = Text("With `monotone`, the inputs of all members must have the same directions")
        raise InputError(
            rule, repr(layer), Text("Put Copies({count}) in front of the first layer of members", count=layer.members)
        )
    units = _units(layer.units, each) if required is None else required[: layer.units]
    adapters = {"r": _factors(each), "s": _factors(units)} if layer.shared else {}
    return Kept(np.tile(units, layer.members), {"W": _signs(each, units), **adapters})


def _embedding(layer: Embedding, inputs: Array, required: Array | None) -> Kept:
    """Codes have no order, so they have no direction."""
    before = len(inputs) - layer.columns
    if inputs[before:].any():
        raise InputError("With `monotone`, category codes must be 0", repr(layer), "Category codes have no order")
    return Kept(np.concatenate([inputs[:before], np.zeros(layer.columns * layer.size, int)]), {})


def _periodic(layer: PeriodicEmbedding, inputs: Array, required: Array | None) -> Kept:
    """Waves are not monotone, so a column with a direction has none: it passes through, beside constants."""
    treated = inputs[: layer.treated(len(inputs))]
    if treated.any() and not layer.keep:
        rule = Text("With `monotone`, embeddings must not be periodic")
        raise InputError(rule, repr(layer), 'Use numeric_embedding="periodic" or "piecewise_linear"')
    bound = np.where(treated == 0, np.inf, 0.0)[:, None, None]
    return Kept(_embedded(layer, treated, inputs), {"W": (-bound, bound)})


def _piecewise(layer: PiecewiseLinearEmbedding, inputs: Array, required: Array | None) -> Kept:
    """Return the fill of a bin rises with the number."""
    treated = inputs[: layer.treated(len(inputs))]
    return Kept(_embedded(layer, treated, inputs), {"W": _factors(treated[:, None, None])})


def _embedded(layer: PeriodicEmbedding | PiecewiseLinearEmbedding, treated: Array, inputs: Array) -> Array:
    return np.concatenate([np.repeat(treated, layer.size), inputs[len(treated) :]])


KEPT: Final[dict[type[Layer], Callable[[Any, Array, Array | None], Kept]]] = {
    Activate: lambda layer, inputs, required: Kept(inputs, {}),
    BatchNorm: lambda layer, inputs, required: Kept(inputs, {"gain": _factors(inputs)}),
    # between x, which rises with x, and f(x), which does too
    Blend: lambda layer, inputs, required: Kept(inputs, {"alpha": _factors(inputs, most=1.0)}),
    Copies: lambda layer, inputs, required: Kept(np.tile(inputs, layer.members), {}),
    Dense: _dense,
    Dropout: lambda layer, inputs, required: Kept(inputs, {}),
    Embedding: _embedding,
    MemberDense: _member_dense,
    # its output does not depend on the columns that have directions
    NgramLinear: lambda layer, inputs, required: Kept(inputs, {}),
    PeriodicEmbedding: _periodic,
    PiecewiseLinearEmbedding: _piecewise,
    Scale: lambda layer, inputs, required: Kept(inputs, {"gain": _factors(inputs)}),
}
"""The function for each kind of layer."""

"""Rewrite a graph into fewer operators: ONNX Runtime runs each over the whole table, one after the other.

Each rewrite gives the same up to rounding. A factor or summand at the end, and a summand at the start, become part of
the weights on that side (``graph/simplify.py``), so they cost nothing.

A periodic embedding makes waves of each number, and ONNX Runtime has no fast cosine. But numbers that a smooth clip has
kept within ±c are few turns apart, so each wave is a sum of some twenty Chebyshev polynomials of its column, to the
last digits of single precision. They are computed once for all networks of an ensemble.

Source: Trefethen (2013), *Approximation Theory and Approximation Practice*, chapters 3 and 8.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from glassnet.engines.ordered import Ordered, product
from glassnet.exchange.graph.dataflow import ROWS, Array, Graph, Node, rebuilt, values_of, within
from glassnet.exchange.graph.legalize import Calls, Rule, built, operation
from glassnet.exchange.onnx.operators import FUNCTIONS, filled
from glassnet.formulas.activations import mish, selu, tanh_softplus
from glassnet.formulas.layer_formulas import blend, level
from glassnet.ir.tensor import Tensor

FLAT: Final = 20.0
"""Above it tanh(softplus(z)) is 1 in single precision, and the square of e^z is far from overflow."""
MOST: Final = 48
"""A function that takes more polynomials stays as it is."""
NEAR: Final = 3e-8
"""What the others may amount to, as a share of the largest value."""
PROBES: Final = 100
"""Rows on which a function is compared with its series: it must not see one column in the place of another."""


def blended_selu(z: Any, alpha: Any, scale: float, slope: float) -> Any:
    r"""With y = z + ln β and m = min(y, ln β), where β is `slope`: e^m = β e^min(z, 0), and the rest is linear.

    So the blend is :math:`\alpha\lambda\,(e^m - m + \kappa y)` and a constant, :math:`\kappa = (1 - \alpha +
    \alpha\lambda) / (\alpha\lambda)`. None where a unit uses nothing of its activation.
    """
    used = np.multiply(alpha, scale, dtype=np.float64)
    if not np.all(used):
        return None
    straight, low = 1 - alpha + used, math.log(slope)
    y = z + low
    m = np.minimum(y, low)
    bent = (np.exp(m) - m) + y * _like(straight / used, z)
    return bent * _like(used, z) + _like(used * (low - slope) - straight * low, z)


def blended_mish(z: Any, alpha: Any) -> Any:
    r"""As tanh(softplus(z)) is :math:`1 - 2 / ((1 + e^z)^2 + 1)`."""
    rise = np.exp(np.minimum(z, FLAT)) + 1
    return z - z * (_like(2 * alpha, z) / (rise * rise + 1))


def quick_tanh_softplus(z: Any) -> Any:
    r""":math:`n / (n + 2)` with :math:`n = e^{2z} + 2 e^z`, on both sides of 0."""
    e = np.exp(np.minimum(z, FLAT))
    n = e * (e + 2)
    return n / (n + 2)


def _like(value: Any, z: Any) -> Any:
    """In the type of z."""
    return np.asarray(value, z.dtype)


def _blend(calls: Calls, x: Tensor, f: Tensor, alpha: Any) -> Tensor | None:
    """A blend of the identity with a call of an activation of the same numbers."""
    formula, arguments = calls.get(f.node, (None, {}))
    if formula not in BLENDED or isinstance(alpha, Tensor):
        return None
    z, *values = arguments.values()
    return BLENDED[formula](x, alpha, *values) if z.node is x.node else None


def _level(calls: Calls, x: Any, low: Any, high: Any) -> Any:
    """Return how full bins are, computed with the columns in front, as their product with weights takes them.

    A quotient takes more than twice as long as a product.
    """
    if x.ndim != 3:
        return None
    starts, shares = (one.reshape(len(low), 1, -1) for one in (low, 1 / (high - low)))
    full = operation("filled", filled)(calls, x=(x.transpose(1, 0, 2) - starts) * shares)
    return None if full is None else full.transpose(1, 0, 2)


BLENDED: Final[dict[Callable[..., Any], Callable[..., Any]]] = {selu: blended_selu, mish: blended_mish}
"""What blends of the identity with an activation are computed by."""
FORMULAS: Final[Mapping[Callable[..., Any], Rule]] = {
    **{formula: operation(name, formula) for name, (formula, _) in FUNCTIONS.items()},
    mish: lambda _, z: None,
    blend: _blend,
    level: _level,
    tanh_softplus: lambda _, z: quick_tanh_softplus(z),
}
"""What takes the place of formulas."""


def as_series(graph: Graph) -> Graph:
    """The same graph with waves of bounded columns as series, where they are of single precision."""
    found: dict[Node, list[tuple[Node, Array]]] = {}
    for node in graph.nodes:
        x = _source(node)
        limit = None if x is None else _bound(x)
        if x is not None and limit is not None:
            coefficients = _coefficients(node, x, limit)
            if coefficients is not None:
                found.setdefault(x, []).append((node, coefficients))
    series: dict[Node, Node] = {}
    for x, functions in found.items():
        series |= _together(x, functions, _bound(x) or 1.0)
    return rebuilt(graph, lambda old, new: series.get(old, new))


def _source(node: Node) -> Node | None:
    """Of columns that are made of waves of other columns, these; None: it is nothing of the kind."""
    if node.operation != "reshape" or node.dtype != np.float32 or not _is_table(node) or _is_table(node.inputs[0]):
        return None
    sources, waves = {}, False
    stack = [*node.inputs]
    while stack:
        one = stack.pop()
        waves = waves or one.operation == "sin"
        if _is_table(one):
            sources[one] = one
        else:
            stack += one.inputs
    x = next(iter(sources), None)
    return x if waves and len(sources) == 1 and x is not None and node.shape[1] % x.shape[1] == 0 else None


def _is_table(node: Node) -> bool:
    return len(node.shape) == 2 and node.shape[0] == ROWS


def _bound(node: Node) -> float | None:
    """A number that what a node gives is never beyond; None: there is none that is known."""
    match node.operation:
        case "constant":
            return float(np.abs(node.value).max()) if node.value is not None and node.dtype.kind == "f" else None
        case "cast" | "slice" | "reshape":
            return _bound(node.inputs[0])
        case "where":
            ends = [_bound(one) for one in node.inputs[1:]]
            return None if None in ends else max(end for end in ends if end is not None)
        case "divide":  # the smooth clip, x / hypot(1, x / limit)
            x, root = node.inputs
            if root.operation == "hypot" and root.inputs[1].operation == "divide" and root.inputs[1].inputs[0] is x:
                return _bound(root.inputs[1].inputs[1])
    return None


def _coefficients(node: Node, x: Node, limit: float) -> Array | None:
    """Of each polynomial, for each column that is made, in float64; None: there would be too many."""
    angles = np.pi * (np.arange(2 * MOST) + 0.5) / (2 * MOST)
    places = np.repeat(limit * np.cos(angles)[:, None], x.shape[1], axis=1).view(Ordered)
    (values,) = values_of([node], {x: places}, 2 * MOST)
    coefficients = product(np.cos(np.arange(2 * MOST)[:, None] * angles), values) / MOST
    coefficients[0] /= 2
    rest = np.cumsum(np.abs(coefficients).max(axis=1)[::-1])[::-1]
    wanted = np.flatnonzero(rest > NEAR * np.abs(values).max())
    if not len(wanted) or wanted[-1] >= MOST:
        return None
    coefficients = coefficients[: wanted[-1] + 1]
    rows = np.random.default_rng(0).uniform(-limit, limit, (PROBES, x.shape[1]))
    (expected,) = values_of([node], {x: rows}, PROBES)
    each = coefficients.reshape(len(coefficients), x.shape[1], -1)
    answers = np.einsum(
        "krc,kcs->rcs", np.polynomial.chebyshev.chebvander(rows / limit, len(each) - 1).transpose(2, 0, 1), each
    )
    near = np.allclose(answers.reshape(expected.shape), expected, rtol=0, atol=1e-6 * np.abs(values).max())
    return coefficients if near else None


def _together(x: Node, functions: list[tuple[Node, Array]], limit: float) -> dict[Node, Node]:
    """What takes the place of functions of the same columns: one product for all of them, transposed."""
    columns, count = x.shape[1], max(len(coefficients) for _, coefficients in functions)
    weights = [
        np.pad(coefficients, ((0, count - len(coefficients)), (0, 0))).reshape(count, columns, -1)
        for _, coefficients in functions
    ]

    def products(x: Any) -> Any:
        t = (x / np.float32(limit)).T.reshape(columns, 1, ROWS)
        polynomials, twice = [t * 0 + 1, t], t + t
        while len(polynomials) < count:
            polynomials.append(twice * polynomials[-1] - polynomials[-2])
        basis = np.concatenate(polynomials[:count], axis=1)
        return np.concatenate(weights, axis=2).transpose(1, 2, 0).astype(np.float32) @ basis

    with within(functions[0][0].scope):
        product = built(products, x)
    series, start = {}, 0
    for (node, _), own in zip(functions, weights, strict=True):
        part = slice(start, start + own.shape[2])
        with within(node.scope):
            series[node] = built(lambda all, part=part, node=node: all[:, part].reshape(node.shape[1], ROWS).T, product)
        start += own.shape[2]
    return series

"""Functions in fewer passes: ONNX Runtime takes each operator over the whole table, one after the other.

Each stands beside another that gives the same, to rounding. What is multiplied or added last, and what is added first,
becomes part of the weights on that side (``graph/folding.py``), so it costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph.calls import Calls, Rule, operation
from glassnet.exchange.onnx.operators import FUNCTIONS
from glassnet.formulas.activations import mish, selu, tanh_softplus
from glassnet.formulas.blend import blend
from glassnet.ir.tensor import Tensor

FLAT: Final = 20.0
"""Above it tanh(softplus(z)) is 1 in single precision, and the square of e^z is far from overflow."""


def blended_selu(z: Any, alpha: Any, scale: float, slope: float) -> Any:
    r"""With y = z + ln β and m = min(y, ln β), where β is `slope`: e^m = β e^min(z, 0), and what is left is straight.

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


BLENDED: Final[dict[Callable[..., Any], Callable[..., Any]]] = {selu: blended_selu, mish: blended_mish}
"""What blends of the identity with an activation are computed by."""
FORMULAS: Final[Mapping[Callable[..., Any], Rule]] = {
    **{formula: operation(name, formula) for name, (formula, _) in FUNCTIONS.items()},
    mish: lambda _, z: None,
    blend: _blend,
    tanh_softplus: lambda _, z: quick_tanh_softplus(z),
}
"""What takes the place of formulas."""

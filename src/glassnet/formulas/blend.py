r"""The parametric activation: between the identity and any activation, as much of it as each unit learns to want."""

from __future__ import annotations

from typing import Any

__all__ = ["blend"]


def blend(x: Any, f: Any, alpha: Any) -> Any:
    r""":math:`x + \alpha (f(x) - x)`: the identity where α is 0, the activation where it is 1.

    Linear in the pair (x, f): so the derivative by x is the blend of their derivatives, ``blend(1, f'(x), alpha)``, and
    that by α is f(x) - x.

    Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on
    Tabular Data*, section 3.

    >>> blend(-2.0, 0.0, 0.25)
    -1.5
    """
    return x + alpha * (f - x)

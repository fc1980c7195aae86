r"""A smooth clip: keeps what lies far outside from shouting down the rest, without making two different numbers equal.

Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on Tabular
Data*, section 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["CLIP", "smooth_clip", "smooth_clip_inverse"]

CLIP = 3.0
"""What a smooth clip keeps numbers below."""


def smooth_clip(x: Any, limit: float) -> Any:
    r""":math:`x / \sqrt{1 + (x / c)^2}`: nearly x where that is small, never beyond ±c.

    >>> smooth_clip(np.array([0.3, 3.0, 1e9]), 3.0).round(3)
    array([0.299, 2.121, 3.   ])
    """
    return x / np.hypot(1.0, x / limit)


def smooth_clip_inverse(y: Any, limit: float) -> Any:
    r"""The x of a y: :math:`y / \sqrt{1 - (y / c)^2}`; one within rounding of the limit stands for very large numbers.

    >>> smooth_clip_inverse(smooth_clip(np.array([-2.0, 50.0]), 3.0), 3.0).round(6)
    array([-2., 50.])
    """
    return y / np.sqrt(np.maximum(1.0 - (y / limit) ** 2, np.finfo(np.float64).eps))

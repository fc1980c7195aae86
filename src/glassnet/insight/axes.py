"""Where a picture is drawn: on axes that are given, or on fresh ones."""

from __future__ import annotations

from typing import Any

from glassnet.errors import MissingExtraError

__all__ = ["AGAINST", "FOR", "QUIET", "fresh_axes"]

FOR, AGAINST, QUIET = "#0072b2", "#d55e00", "#6b7785"
"""Blue and vermilion of Okabe and Ito, which colour-blind eyes tell apart; a grey."""


def fresh_axes(axes: Any, height: float = 3.2) -> Any:
    """The axes that were given, or those of a new figure of this height in inches.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    if axes is not None:
        return axes
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise MissingExtraError("A picture", "matplotlib", "plot") from None
    return plt.subplots(figsize=(6.4, height), layout="constrained")[1]

"""What the pictures of the README and of the docs share: colours, fonts, the input plane of a network."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

from glassnet.display.theme import THEMES
from glassnet.insight.plots.canvas import NO_FONT, chinese_font, settings

THEME = THEMES["light"]
COLORS, INK, QUIET = THEME.colors[:3], THEME.ink, THEME.quiet
MARKERS = ("o", "s", "^")
"""A class has one of its own, beside its colour."""


def style(families: list[str]) -> dict[str, Any]:
    """That of the library's own pictures, for figures that are drawn by hand."""
    return settings(THEME, families) | {
        "axes.titlesize": 11,
        "figure.facecolor": THEME.paper,
        "figure.constrained_layout.use": True,
        "font.size": 10,
        "legend.frameon": False,
        "savefig.facecolor": THEME.paper,
    }


def use_style(language: str = "en") -> None:
    """The same look everywhere.

    Raises
    ------
    SystemExit
        If the language is Chinese and there is no font for it; the message says what to install.
    """
    families = ["DejaVu Sans"]
    if language == "zh":
        font = chinese_font(True)
        if font is None:
            raise SystemExit(NO_FONT)
        families = [font, "DejaVu Sans"]
    mpl.rcParams.update(style(families))


def use_page_style() -> None:
    """For figures on a page: vectors whose letters stay text, so that the browser chooses the font for them."""
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("svg")
    mpl.rcParams.update(style(["DejaVu Sans", "sans-serif"]) | {"svg.fonttype": "none"})
    warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")  # it is the browser that needs the glyph
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # and the bold letters


def plane(low: float, high: float, cells: int = 240) -> tuple[np.ndarray, np.ndarray]:
    """A grid over the input plane as rows, and one side of it."""
    side = np.linspace(low, high, cells)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2), side


def draw_regions(
    axes: plt.Axes, probabilities: Callable[[np.ndarray], np.ndarray], low: float, high: float, cells: int = 240
) -> None:
    """What a model says everywhere: the colour of each class, the stronger the surer, and lines between the classes.

    Parameters
    ----------
    axes : Axes
    probabilities : callable
        From points of shape (rows, 2) to (rows,), the probability of yes, or to (rows, classes).
    low, high : float
        The ends of both axes.
    cells : int
        The resolution.
    """
    points, side = plane(low, high, cells)
    found = np.asarray(probabilities(points)).reshape(len(side), len(side), -1)
    if found.shape[-1] == 1:
        found = np.concatenate([1 - found, found], axis=-1)
    colors = np.array([to_rgb(color) for color in COLORS[: found.shape[-1]]])
    axes.imshow(1 - 0.5 * (1 - found @ colors), extent=(low, high, low, high), origin="lower", interpolation="bilinear")
    for number in range(found.shape[-1] - (found.shape[-1] == 2)):
        others = np.delete(found, number, axis=-1).max(axis=-1)
        lead = found[..., number] - others
        if np.ptp(lead) > 0.01:  # else the model says the same everywhere, and there is no border to draw
            axes.contour(side, side, lead, levels=[0], colors=INK, linewidths=1.2)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.spines[:].set_visible(True)


def draw_points(axes: plt.Axes, X: np.ndarray, y: np.ndarray, size: float) -> None:
    """The rows, each class in its colour and with its marker."""
    for number in np.unique(y).astype(int):
        axes.scatter(
            *np.asarray(X)[np.asarray(y) == number].T,
            s=size,
            c=COLORS[number],
            marker=MARKERS[number],
            edgecolors="white",
            linewidths=min(1.5, size / 30),
            zorder=3,
        )

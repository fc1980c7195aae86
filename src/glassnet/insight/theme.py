"""The colours of everything that is drawn, in light and in dark: pictures, notebooks, the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

__all__ = ["NEGATIVE", "POSITIVE", "THEMES", "Theme"]


@dataclass(frozen=True)
class Theme:
    """The colours of a picture.

    Parameters
    ----------
    ink, quiet : str
        Of letters and of what only helps to read.
    paper : str
        The ground.
    colors : tuple of str
        Of classes and curves, after Okabe and Ito.
    positive, negative : str
        Of signs.
    """

    ink: str
    quiet: str
    paper: str
    colors: tuple[str, ...]
    positive: str
    negative: str

    def shades(self) -> Colormap:
        """From the colour of the page to the first colour: few to many."""
        from matplotlib.colors import LinearSegmentedColormap

        return LinearSegmentedColormap.from_list("shades", [self.paper, self.colors[0]])

    def of(self, kind: str) -> str:
        """The colour that a chart's mark has by its letter."""
        return self.quiet if kind in ("quiet", "guide") else self.colors["abcdefgh".index(kind)]

    def color(self, number: int) -> str:
        """The colour of a class or a curve; they begin anew where there are more."""
        return self.colors[number % len(self.colors)]


THEMES = {
    "light": Theme(
        *("#1b2733", "#6b7785", "#ffffff"),
        ("#0072b2", "#d55e00", "#009e73", "#c4679a", "#d98f00", "#56b4e9", "#6b7785", "#1b2733"),
        *("#0072b2", "#d55e00"),
    ),
    "dark": Theme(
        *("#e8edf2", "#9aa7b4", "#131a21"),
        ("#56b4e9", "#ff8a4c", "#2fc79a", "#e79bc4", "#f0b030", "#f0e442", "#9aa7b4", "#e8edf2"),
        *("#56b4e9", "#ff8a4c"),
    ),
}
"""Okabe and Ito's colours, a little darker for thin lines on white, a little lighter on black."""

POSITIVE, NEGATIVE = "#2b8cc4", "#d9660f"
"""Of signs where nobody knows whether the ground is light or dark: both stand out from white and from black."""

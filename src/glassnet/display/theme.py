"""How everything that is drawn looks, in light and in dark: pictures, notebooks, the report."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypedDict, TypeVar

from glassnet.support.options import Rule, checked

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
else:
    Axes = Any  # matplotlib is imported where something is drawn

__all__ = ["NEGATIVE", "POSITIVE", "THEMES", "Axes", "Look", "Theme", "picture"]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Theme:
    """The colours of a picture: letters, what only helps to read, the ground, classes and curves, signs."""

    ink: str
    quiet: str
    paper: str
    colors: tuple[str, ...]
    positive: str
    negative: str

    def shades(self) -> Colormap:
        """Return the shades from the colour of the page to the first colour, for small to large numbers."""
        from matplotlib.colors import LinearSegmentedColormap

        return LinearSegmentedColormap.from_list("shades", [self.paper, self.colors[0]])

    def of(self, kind: str) -> str:
        """Return the colour that a chart's mark has by its letter."""
        return self.quiet if kind in ("quiet", "guide") else self.colors["abcdefgh".index(kind)]

    def color(self, number: int) -> str:
        """Return the colour of a class or a curve; they begin anew where there are more."""
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
"""Of marks on a ground that may be light or dark: both stand out from white and from black."""


class Look(TypedDict, total=False):
    """Options of every plot, as ``**look``."""

    ax: Axes | None
    language: str | None
    theme: str


DESCRIBED = """\
ax : matplotlib Axes, optional
    None: a figure of its own.
language : {"en", "zh"}, optional
theme : {"light", "dark"}

Returns
-------
matplotlib Axes"""
RAISED = """\


Raises
------
InputError, InputTypeError
    If an option is out of range, or the axes are none.
MissingExtraError
    If matplotlib is not installed."""


def picture(**rules: Rule) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Check a picture's options, and say what its ``**look`` is: for all of them here, in signature and description."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        own = [parameter for name, parameter in signature.parameters.items() if name != "look"]
        for name, usual in {"ax": None, "language": None, "theme": "light"}.items():
            own.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=usual))
        vars(function)["__signature__"] = signature.replace(parameters=own)
        text = inspect.cleandoc(function.__doc__ or "").replace("**look", DESCRIBED)
        function.__doc__ = text if "\nRaises\n" in text else text + RAISED
        return checked(**rules)(function)

    return decorate

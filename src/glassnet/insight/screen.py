"""A place of a notebook in which pages are drawn one after the other."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from typing import Any

from glassnet.markup import Markup

__all__ = ["PAUSE", "Screen", "has_widgets", "in_notebook", "opened", "updated_display", "widget"]

PAUSE = 0.4
"""Seconds between two pictures: more often nobody sees, and each has to be sent."""

Screen = Callable[[Markup], object]


def in_notebook() -> bool:
    """Whether a notebook would show what is displayed."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def opened(page: Markup) -> tuple[Screen, Callable[[], object]]:
    """A place of the notebook with a page in it: what shows another there, and what leaves nothing behind."""
    if has_widgets():
        return widget(page)
    screen = updated_display(page)
    return screen, lambda: screen(Markup(""))


def has_widgets() -> bool:
    """Whether ipywidgets is installed."""
    return importlib.util.find_spec("ipywidgets") is not None


def updated_display(page: Markup) -> Screen:
    """A page that stays, drawn anew."""
    shown: Any = importlib.import_module("IPython.display")
    handle = shown.display(shown.HTML(page), display_id=True)
    return lambda now: handle.update(shown.HTML(now))


def widget(page: Markup) -> tuple[Screen, Callable[[], object]]:
    """A page in a widget, which is drawn anew without a flicker, and what closes it."""
    shown, widgets = importlib.import_module("IPython.display"), importlib.import_module("ipywidgets")
    place = widgets.HTML(page)
    shown.display(place)
    return lambda now: setattr(place, "value", str(now)), place.close

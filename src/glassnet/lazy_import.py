"""Packages that are imported when something of them is first asked for: a command, or a room, may never need them."""

from __future__ import annotations

import importlib
from typing import Any

from glassnet.errors import MissingExtraError


class LazyModule:
    """Stands for a package until it is needed.

    >>> LazyModule("string").digits
    '0123456789'
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):  # which is asked of any object, and needs no import
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)


def require(module: str, what: str, extra: str, package: str = "") -> Any:
    """A module of an optional package; where it is not installed, `what` begins the message that says so."""
    try:
        return __import__(module, fromlist=["*"])
    except ImportError:
        raise MissingExtraError(what, package or module.replace("_", "-"), extra) from None

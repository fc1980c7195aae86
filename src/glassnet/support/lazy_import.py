"""Lazy imports: packages that are imported at the first use of an attribute."""

from __future__ import annotations

import importlib
from typing import Any

from glassnet.errors import MissingExtraError


class LazyModule:
    """A package that is imported at the first use of an attribute.

    >>> LazyModule("string").digits
    '0123456789'
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):  # Python looks these up on any object; they need no import
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)


def require(module: str, what: str, extra: str, package: str = "") -> Any:
    """Import a module of an optional package; if it is missing, `what` begins the error message."""
    try:
        return __import__(module, fromlist=["*"])
    except ImportError:
        raise MissingExtraError(what, package or module.replace("_", "-"), extra) from None

"""Doors to the rooms above: what others can do with a fitted estimator, as methods of it.

The rooms above import the estimators, and never the other way round; so a door knows its room by name alone, and opens
it at first use.
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["Doors"]


def _room(name: str) -> Any:
    return importlib.import_module(f"glassnet.{name}")


class Doors:
    """The methods of an estimator whose work is done on a floor above."""

    def _repr_html_inner(self) -> str:
        """In a notebook: scikit-learn's page, and of a fitted estimator its network and last scores below it."""
        page: str = super()._repr_html_inner()  # type: ignore[misc]
        fitted = self.__sklearn_is_fitted__()  # type: ignore[attr-defined]
        return page + _room("insight.html").estimator_html(self) if fitted else page

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The same for notebooks that ask for all forms at once."""
        forms: dict[str, Any] = super()._repr_mimebundle_(**options)  # type: ignore[misc]
        return forms | ({"text/html": self._repr_html_inner()} if "text/html" in forms else {})

"""Doors to the rooms above: what others can do with a fitted estimator, as methods of it.

The rooms above import the estimators, and never the other way round; so a door knows its room by name alone, and opens
it at first use.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet.exchange.c import CSource
    from glassnet.insight.doctor import Diagnosis
    from glassnet.insight.explanations import Explanation
    from glassnet.insight.importances import Importances
    from glassnet.insight.partial_dependence import PartialDependence
    from glassnet.language import Language
    from glassnet.layers.base import Array

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

    def explain(self, X: Any, *, output: Any = None, background: Any = None) -> Explanation:
        """What each column of each row adds to its answer: see :func:`glassnet.explain`."""
        explanation: Explanation = _room("insight.explanations").explain(self, X, output=output, background=background)
        return explanation

    def input_gradients(self, X: Any, *, output: Any = None) -> Array:
        """How fast the answer changes with each encoded column: see :func:`glassnet.input_gradients`."""
        gradients: Array = _room("insight.explanations").input_gradients(self, X, output=output)
        return gradients

    def importances(self, X: Any, y: Any, **options: Any) -> Importances:
        """How much worse the score is with each column shuffled: see :func:`glassnet.importances`."""
        found: Importances = _room("insight.importances").importances(self, X, y, **options)
        return found

    def partial_dependence(self, X: Any, column: str | int, **options: Any) -> PartialDependence:
        """What is answered for each value of a column: see :func:`glassnet.partial_dependence`."""
        found: PartialDependence = _room("insight.partial_dependence").partial_dependence(self, X, column, **options)
        return found

    def report(self, path: str | os.PathLike[str], X: Any, y: Any, **options: Any) -> Path:
        """Write a report about the model, judged by these rows, as one HTML page; see :func:`glassnet.report`."""
        return _room("insight.report").report(self, X, y, path, **options)

    def card(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write a model card, filled in from what is known: see :func:`glassnet.card`."""
        return _room("exchange.card").card(self, path, **options)

    def to_onnx(self, path: str | os.PathLike[str], *, coverage: float = 0.9) -> Path:
        """Write an ONNX file that takes the columns of a table; see :func:`glassnet.to_onnx`."""
        file: Path = _room("exchange.onnx").to_onnx(self, path, coverage=coverage)
        return file

    def to_python(self, path: str | os.PathLike[str], *, coverage: float = 0.9) -> Path:
        """Write a Python file that needs NumPy alone; see :func:`glassnet.to_python`."""
        file: Path = _room("exchange.python").to_python(self, path, coverage=coverage)
        return file

    def to_html(self, path: str | os.PathLike[str], *, target: str = "", coverage: float = 0.9) -> Path:
        """Write a page that asks the model, for people who have no Python; see :func:`glassnet.to_html`."""
        file: Path = _room("exchange.page").to_html(self, path, target=target, coverage=coverage)
        return file

    def to_c(
        self,
        path: str | os.PathLike[str],
        X: Any = None,
        y: Any = None,
        *,
        quantize: bool = False,
        coverage: float = 0.9,
    ) -> CSource:
        """Write plain C that needs the mathematical library alone; see :func:`glassnet.to_c`."""
        written: CSource = _room("exchange.c").to_c(self, path, X, y, quantize=quantize, coverage=coverage)
        return written

    def diagnose(
        self,
        X: Any = None,
        y: Any = None,
        *,
        sample_weight: Any = None,
        groups: Any = None,
        times: Any = None,
        validation_data: tuple[Any, ...] | None = None,
        language: Language | None = None,
    ) -> Diagnosis:
        """What is wrong with the model, its training or its rows, best those it was fitted with: see `diagnose`."""
        diagnosis: Diagnosis = _room("insight.doctor").diagnose(
            *(self, X, y),
            sample_weight=sample_weight,
            groups=groups,
            times=times,
            validation_data=validation_data,
            language=language,
        )
        return diagnosis

"""Methods of a fitted estimator whose work is done in the rooms above: explanations, reports, exports.

The rooms above import the estimators. So here they are imported in the methods, at first use, and import-linter has a
list of these imports: no other goes up.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.support.option_names import methods_suggest_options

if TYPE_CHECKING:
    from glassnet.estimators.members import MemberTask, TrainedMember
    from glassnet.exchange.c import CSource
    from glassnet.insight.doctor import Diagnosis
    from glassnet.insight.explanations import Explanation
    from glassnet.insight.importances import Importances
    from glassnet.insight.partial_dependence import PartialDependence
    from glassnet.layers.base import Array
    from glassnet.support.language import Language
    from glassnet.training import Checkpoint


@methods_suggest_options
class UpwardMethods:
    """The methods of an estimator whose work is done on a floor above."""

    def _repr_html_inner(self) -> str:
        """In a notebook: scikit-learn's page, and of a fitted estimator its network and last scores below it."""
        from glassnet.estimators.estimator_display import estimator_html

        page: str = super()._repr_html_inner()  # type: ignore[misc]
        model: Any = self
        return page + estimator_html(model) if model.__sklearn_is_fitted__() else page

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The same for notebooks that ask for all forms at once."""
        forms: dict[str, Any] = super()._repr_mimebundle_(**options)  # type: ignore[misc]
        return forms | ({"text/html": self._repr_html_inner()} if "text/html" in forms else {})

    def explain(self, X: Any, *, output: Any = None, background: Any = None) -> Explanation:
        """The contribution of each column to each prediction: see :func:`glassnet.explain`."""
        from glassnet.insight.explanations import explain

        return explain(self, X, output=output, background=background)

    def input_gradients(self, X: Any, *, output: Any = None) -> Array:
        """The gradient of the prediction with respect to each encoded column: see :func:`glassnet.input_gradients`."""
        from glassnet.insight.explanations import input_gradients

        return input_gradients(self, X, output=output)

    def importances(self, X: Any, y: Any, **options: Any) -> Importances:
        """Permutation importance of each column: see :func:`glassnet.importances`."""
        from glassnet.insight.importances import importances

        return importances(self, X, y, **options)

    def partial_dependence(self, X: Any, column: str | int, **options: Any) -> PartialDependence:
        """Partial dependence of the prediction on a column: see :func:`glassnet.partial_dependence`."""
        from glassnet.insight.partial_dependence import partial_dependence

        return partial_dependence(self, X, column, **options)

    def report(self, path: str | os.PathLike[str], X: Any, y: Any, **options: Any) -> Path:
        """Write a report about the model, evaluated on these rows, as one HTML page; see :func:`glassnet.report`."""
        from glassnet.insight.report import report

        return report(self, X, y, path, **options)

    def card(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write a model card, filled in from what is known: see :func:`glassnet.card`."""
        from glassnet.exchange.card import card

        return card(self, path, **options)

    def _write_beside_checkpoints(self, checkpoint: Checkpoint, *, done: bool) -> None:
        """Write the model beside the checkpoints of its members: untrained, or as it was trained."""
        from glassnet.exchange.files.model_file import keep

        keep(self, checkpoint, done=done)

    def _fit_by_rounds(self, X: Any, y: Any, sample_weight: Any, **options: Any) -> Any:
        """A fit on shards of the rows; see :func:`glassnet.distributed.learning.fit_by_rounds`."""
        from glassnet.distributed.learning import fit_by_rounds

        model: Any = self
        return fit_by_rounds(model, X, y, sample_weight, **options)

    def _train_on_workers(self, client: Any, tasks: Sequence[MemberTask]) -> list[TrainedMember]:
        """Train members by the workers of a cluster."""
        from glassnet.distributed.members import train_on_workers

        return train_on_workers(client, tasks)

    def to_onnx(self, path: str | os.PathLike[str], *, coverage: float = 0.9) -> Path:
        """Write an ONNX file that takes the columns of a table; see :func:`glassnet.to_onnx`."""
        from glassnet.exchange.onnx import to_onnx

        return to_onnx(self, path, coverage=coverage)

    def to_python(self, path: str | os.PathLike[str], *, coverage: float = 0.9) -> Path:
        """Write a Python file that needs only NumPy; see :func:`glassnet.to_python`."""
        from glassnet.exchange.python import to_python

        return to_python(self, path, coverage=coverage)

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        target: str = "",
        coverage: float = 0.9,
        language: Language | None = None,
    ) -> Path:
        """Write a web page that runs the model, for people who have no Python; see :func:`glassnet.to_html`."""
        from glassnet.exchange.page import to_html

        return to_html(self, path, target=target, coverage=coverage, language=language)

    def to_c(
        self,
        path: str | os.PathLike[str],
        X: Any = None,
        y: Any = None,
        *,
        quantize: bool = False,
        coverage: float = 0.9,
    ) -> CSource:
        """Write plain C that needs only the mathematical library; see :func:`glassnet.to_c`."""
        from glassnet.exchange.c import to_c

        return to_c(self, path, X, y, quantize=quantize, coverage=coverage)

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
        verbose: bool = False,
    ) -> Diagnosis:
        """Diagnose the model, its training and its rows, preferably those it was fitted on: see `diagnose`."""
        from glassnet.insight.doctor import diagnose

        return diagnose(
            *(self, X, y),
            sample_weight=sample_weight,
            groups=groups,
            times=times,
            validation_data=validation_data,
            language=language,
            verbose=verbose,
        )

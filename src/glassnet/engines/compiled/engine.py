"""The compiled engine: a whole epoch in native code."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from glassnet.engines.compiled.program import NotCompiledError
from glassnet.engines.compiled.run import Evaluation, Prediction, SearchedLoss, Training
from glassnet.engines.reference import Model, Objective, ReferenceEngine, Steps
from glassnet.engines.update import Updater
from glassnet.errors import TrainingWarning
from glassnet.layers.base import Array

__all__ = ["CompiledEngine"]

SPARE = 4
"""Predictions that are kept ready with their buffers, for as many threads; what more of them need is dropped again."""


class CompiledEngine(ReferenceEngine):
    """Carries out steps in native code, compiled once for each kind of layer, loss and optimizer in use.

    The same numbers as the reference engine, to rounding. What it cannot compile (a formula or a layer that does
    what no symbol can) the reference engine does, and a warning says so. The single step that a trace
    shows is always the reference engine's.

    Parameters
    ----------
    workers : int or None
        How many threads share a batch; None: as many as the work per step is worth, never more than processors.
    """

    name = "compiled"

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers
        self._spare: tuple[list[Prediction], list[Prediction]] = ([], [])

    def __reduce__(self) -> Any:
        return CompiledEngine, (self.workers,)

    @contextlib.contextmanager
    def training(
        self, model: Model, X: Any, y: Array, weight: Array | None, batch_size: int, updater: Updater
    ) -> Iterator[Steps]:
        """See :meth:`ReferenceEngine.training`."""
        try:
            run = Training(model, X, y, weight, batch_size, updater, self.workers)
        except NotCompiledError as reason:
            _tell(reason)
            with super().training(model, X, y, weight, batch_size, updater) as steps:
                yield steps
            return
        try:
            yield run
        finally:
            run.close()

    @contextlib.contextmanager
    def objective(self, model: Model, X: Any, y: Array, weight: Array | None) -> Iterator[Objective]:
        """See :meth:`ReferenceEngine.objective`."""
        try:
            objective = SearchedLoss(model, X, y, weight, self.workers)
        except NotCompiledError as reason:
            _tell(reason)
            with super().objective(model, X, y, weight) as plain:
                yield plain
            return
        try:
            yield objective
        finally:
            objective.close()

    def evaluation(self, model: Model, X: Any, y: Array, weight: Array | None) -> Callable[[], float]:
        """See :meth:`ReferenceEngine.evaluation`."""
        if model.members > 1:  # the loss of an average; the kernel gives the average of losses
            return super().evaluation(model, X, y, weight)
        try:
            return Evaluation(model, X, y, weight, self.workers)
        except NotCompiledError as reason:
            _tell(reason)
            return super().evaluation(model, X, y, weight)

    def predict(self, model: Model, X: Any) -> Array:
        """See :meth:`ReferenceEngine.predict`."""
        output = self._predict(model, X, response=False)
        return super().predict(model, X) if output is None else output

    def respond(self, model: Model, X: Any) -> Array:
        """See :meth:`ReferenceEngine.respond`."""
        if model.members > 1:
            return super().respond(model, X)
        output = self._predict(model, X, response=True)
        return model.loss.predict(super().predict(model, X)) if output is None else output

    def _predict(self, model: Model, X: Any, response: bool) -> Array | None:
        spare = self._spare[response]
        try:
            ready = spare.pop()  # nobody else has these buffers now
        except IndexError:
            ready = None
        if ready is None or not ready.fits(model, X):
            try:
                ready = Prediction(model, X, response, self.workers)
            except NotCompiledError as reason:
                _tell(reason)
                return None
        few = X.shape[0] <= len(ready.block) and ready.kind == "rows" and not ready.worth_sharing(X.shape[0])
        output = ready.few(model, X) if few else ready.many(model, X)
        if len(spare) < SPARE:
            spare.append(ready)
        return output


def _tell(reason: NotCompiledError) -> None:
    warnings.warn(
        f'{reason}. The reference engine does the work; `engine="reference"` says that you know',
        TrainingWarning,
        stacklevel=5,
    )

"""The compiled engine: a whole epoch in native code."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np

from glassnet.engines.compiled.jit import product
from glassnet.engines.compiled.kernel_cache import cache_folder
from glassnet.engines.compiled.prediction import OutputSpec, Prediction
from glassnet.engines.compiled.program import NotCompiledError
from glassnet.engines.compiled.steps import Evaluation, FullBatchObjective, Training
from glassnet.engines.compiled.workers import cores, in_background
from glassnet.engines.data import all_finite
from glassnet.engines.ordered import shuffled
from glassnet.engines.reference import Model, Objective, ReferenceEngine, Steps
from glassnet.engines.updater import Updater
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.messages import warn
from glassnet.support.options import Integer, Optional, checked

CACHED = 4
"""Predictions that are kept with their buffers, for as many threads."""

OUTPUTS, RESPONSES, AVERAGE = OutputSpec(), OutputSpec(response=True), OutputSpec(together=True, response=True)


class CompiledEngine(ReferenceEngine):
    """Runs steps in native code, compiled once for each kind of layer, loss and optimizer in use.

    Its numbers are the reference engine's, up to rounding. A formula or a layer that cannot be traced runs in the
    reference engine, with a warning. The single step that a trace shows is always the reference engine's.

    Parameters
    ----------
    workers : int or None
        The number of threads that share a batch; None: one, or one for each processor where that is faster.
    """

    name = "compiled"

    @checked(workers=Optional(Integer("None lets the engine choose")))
    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers
        self._predictions: deque[Prediction] = deque(maxlen=CACHED)
        self._with_workers: dict[int, CompiledEngine] = {}

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_predictions": deque(maxlen=CACHED), "_with_workers": {}}  # they hold addresses

    def with_workers(self, workers: int) -> CompiledEngine:
        """See :meth:`ReferenceEngine.with_workers`."""
        allowed = min(workers, cores())
        if allowed not in self._with_workers:
            self._with_workers[allowed] = CompiledEngine(allowed)
        return self._with_workers[allowed]

    def prepare(self, dtype: str) -> None:
        """See :meth:`ReferenceEngine.prepare`. The product of matrices takes longest to compile."""
        cache_folder()  # if it is unusable, the warning belongs to the caller's thread
        in_background(partial(product, "float64" if dtype == "float64" else "float32"))

    def order(self, seed: int, epoch: int, rows: int) -> Array:
        """See :meth:`ReferenceEngine.order`."""
        return shuffled(seed, epoch, rows)

    @contextlib.contextmanager
    def training(
        self, model: Model, X: Any, y: Array, weight: Array | None, batch_size: int, updater: Updater
    ) -> Iterator[Steps]:
        """See :meth:`ReferenceEngine.training`."""
        plain = super().training
        with compiled_or(
            lambda: Training(model, X, y, weight, batch_size, updater, self.workers),
            lambda: plain(model, X, y, weight, batch_size, updater),
        ) as steps:
            yield steps

    @contextlib.contextmanager
    def objective(self, model: Model, X: Any, y: Array, weight: Array | None) -> Iterator[Objective]:
        """See :meth:`ReferenceEngine.objective`."""
        plain = super().objective
        with compiled_or(
            lambda: FullBatchObjective(model, X, y, weight, self.workers), lambda: plain(model, X, y, weight)
        ) as objective:
            yield objective

    def evaluation(self, model: Model, X: Any, y: Array, weight: Array | None) -> Callable[[], float]:
        """See :meth:`ReferenceEngine.evaluation`."""
        if model.members > 1:  # the loss of an average; the kernel gives the average of losses
            return super().evaluation(model, X, y, weight)
        try:
            return Evaluation(model, X, y, weight, self.workers)
        except NotCompiledError as error:
            _warn(error)
            return super().evaluation(model, X, y, weight)

    def through(self, part: Model, x: Array) -> Array:
        """See :meth:`ReferenceEngine.through`."""
        if not all_finite(x):  # beyond the precision's range, which the loss of the first step will show
            return super().through(part, x)
        try:
            return Prediction([part], x.view(np.ndarray), OUTPUTS, 1)(x)[0].view(type(x))
        except NotCompiledError:
            return super().through(part, x)

    def predict(self, model: Model, X: Any) -> Array:
        """See :meth:`ReferenceEngine.predict`."""
        outputs = self._predict([model], X, OUTPUTS)
        return super().predict(model, X) if outputs is None else outputs[0]

    def predict_each(self, models: Sequence[Model], X: Any) -> Array:
        """See :meth:`ReferenceEngine.predict_each`."""
        outputs = self._predict(models, X, OUTPUTS)
        return np.stack([super(CompiledEngine, self).predict(one, X) for one in models]) if outputs is None else outputs

    def scores(self, models: Sequence[Model], X: Any, temperature: float = 1.0, weights: Array | None = None) -> Array:
        """See :meth:`ReferenceEngine.scores`."""
        if not _averages(models):
            return super().scores(models, X, temperature, weights)
        shares = None if weights is None else tuple(weights.tolist())
        outputs = self._predict(models, X, OutputSpec(together=True, temperature=temperature, weights=shares))
        return super().scores(models, X, temperature, weights) if outputs is None else outputs

    def respond(self, model: Model, X: Any) -> Array:
        """See :meth:`ReferenceEngine.respond`."""
        if model.members > 1:
            answer = self._predict([model], X, AVERAGE) if _averages([model]) else None
            return super().respond(model, X) if answer is None else answer
        answers = self._predict([model], X, RESPONSES)
        return super().respond(model, X) if answers is None else answers[0]

    def _predict(self, models: Sequence[Model], X: Any, spec: OutputSpec) -> Array | None:
        """Return the outputs by compiled code; None, with a warning, where there is none."""
        prediction = self._cached(models, X, spec)
        if prediction is None:
            try:
                prediction = Prediction(models, X, spec, self.workers)
            except NotCompiledError as error:
                _warn(error)
                return None
        output = prediction(X)
        self._predictions.append(prediction)
        return output

    def _cached(self, models: Sequence[Model], X: Any, spec: OutputSpec) -> Prediction | None:
        """Return a kept prediction that fits, taken out so that no other thread uses its buffers."""
        for _ in range(CACHED):
            try:
                one = self._predictions.pop()
            except IndexError:
                return None
            if one.rebind(models, X, spec):
                return one
            self._predictions.appendleft(one)
        return None


@contextlib.contextmanager
def compiled_or(compiled: Callable[[], Any], plain: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    """Run compiled code within the context; where there is none, warn, and run the plain form."""
    try:
        run = compiled()
    except NotCompiledError as error:
        _warn(error)
        with plain() as other:
            yield other
        return
    try:
        yield run
    finally:
        run.close()


def _averages(models: Sequence[Model]) -> bool:
    """Return whether there is something to average, by a formula that can be traced."""
    first = models[0]
    return len(models) * first.members > 1 and first.loss.spread != "log_variance"


def _warn(error: NotCompiledError) -> None:
    why = error.message
    warn(Text('{reason}. The reference engine does the work; `engine="reference"` says that you know', reason=why))

"""The compiled engine: a whole epoch in native code."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from glassnet.engines.compiled.arrays import shuffled
from glassnet.engines.compiled.prediction import Prediction, Question
from glassnet.engines.compiled.program import NotCompiledError
from glassnet.engines.compiled.steps import Evaluation, SearchedLoss, Training
from glassnet.engines.compiled.workers import cores
from glassnet.engines.reference import Model, Objective, ReferenceEngine, Steps
from glassnet.engines.update import Updater
from glassnet.layers.base import Array
from glassnet.options import Maybe, Whole, checked
from glassnet.warning import warn

SPARE = 4
"""Predictions that are kept ready with their buffers, for as many threads; what more of them need is dropped again."""


EACH, ANSWER_EACH, ANSWER_TOGETHER = Question(), Question(response=True), Question(together=True, response=True)


class CompiledEngine(ReferenceEngine):
    """Carries out steps in native code, compiled once for each kind of layer, loss and optimizer in use.

    The same numbers as the reference engine, to rounding. What it cannot compile (a formula or a layer that does
    what no symbol can) the reference engine does, and a warning says so. The single step that a trace
    shows is always the reference engine's.

    Parameters
    ----------
    workers : int or None
        How many threads share a batch; None: one, or one for each processor where that is found to be faster.
    """

    name = "compiled"

    @checked(workers=Maybe(Whole("None lets the engine choose")))
    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers
        self._spare: deque[Prediction] = deque(maxlen=SPARE)
        self._of_workers: dict[int, CompiledEngine] = {}

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_spare": deque(maxlen=SPARE), "_of_workers": {}}  # buffers and addresses stay here

    def of_workers(self, workers: int) -> CompiledEngine:
        """See :meth:`ReferenceEngine.of_workers`."""
        allowed = min(workers, cores())
        if allowed not in self._of_workers:
            self._of_workers[allowed] = CompiledEngine(allowed)
        return self._of_workers[allowed]

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
            lambda: SearchedLoss(model, X, y, weight, self.workers), lambda: plain(model, X, y, weight)
        ) as objective:
            yield objective

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
        outputs = self._asked([model], X, EACH)
        return super().predict(model, X) if outputs is None else outputs[0]

    def predict_each(self, models: Sequence[Model], X: Any) -> Array:
        """See :meth:`ReferenceEngine.predict_each`."""
        outputs = self._asked(models, X, EACH)
        return np.stack([super(CompiledEngine, self).predict(one, X) for one in models]) if outputs is None else outputs

    def scores(self, models: Sequence[Model], X: Any, temperature: float = 1.0, weights: Array | None = None) -> Array:
        """See :meth:`ReferenceEngine.scores`."""
        if not _averages(models):
            return super().scores(models, X, temperature, weights)
        shares = None if weights is None else tuple(weights.tolist())
        outputs = self._asked(models, X, Question(together=True, temperature=temperature, weights=shares))
        return super().scores(models, X, temperature, weights) if outputs is None else outputs

    def respond(self, model: Model, X: Any) -> Array:
        """See :meth:`ReferenceEngine.respond`."""
        if model.members > 1:
            answer = self._asked([model], X, ANSWER_TOGETHER) if _averages([model]) else None
            return super().respond(model, X) if answer is None else answer
        answers = self._asked([model], X, ANSWER_EACH)
        return super().respond(model, X) if answers is None else answers[0]

    def _asked(self, models: Sequence[Model], X: Any, question: Question) -> Array | None:
        """The answers of compiled code; None, and a warning, where there is none."""
        ready = self._ready(models, X, question)
        if ready is None:
            try:
                ready = Prediction(models, X, question, self.workers)
            except NotCompiledError as reason:
                _tell(reason)
                return None
        output = ready.few(X) if X.shape[0] <= ready.most_few else ready.many(X)
        self._spare.append(ready)
        return output

    def _ready(self, models: Sequence[Model], X: Any, question: Question) -> Prediction | None:
        """One that is kept and fits; whoever takes it out has it, and its buffers, alone."""
        for _ in range(SPARE):
            try:
                one = self._spare.pop()
            except IndexError:
                return None
            if one.serves(models, X, question):
                return one
            self._spare.appendleft(one)
        return None


@contextlib.contextmanager
def compiled_or(compiled: Callable[[], Any], plain: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    """What is compiled, until it is done with; where it cannot be, a warning, and what does the same without."""
    try:
        run = compiled()
    except NotCompiledError as reason:
        _tell(reason)
        with plain() as other:
            yield other
        return
    try:
        yield run
    finally:
        run.close()


def _averages(models: Sequence[Model]) -> bool:
    """Whether there is something to average, in a way that is written for symbols."""
    first = models[0]
    return len(models) * first.members > 1 and first.loss.spread != "log_variance"


def _tell(reason: NotCompiledError) -> None:
    warn(f'{reason}. The reference engine does the work; `engine="reference"` says that you know')

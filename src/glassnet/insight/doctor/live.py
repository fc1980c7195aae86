"""The doctor during training: a callback that looks at the network now and then, and warns once of each thing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from glassnet.insight.doctor.diagnostics import Part, layers_at_work
from glassnet.insight.doctor.finding import Finding
from glassnet.insight.doctor.layers import (
    DIVERGED,
    gradient_sizes,
    idle_among,
    of_parts,
    place_of_overflow,
    steep_among,
)
from glassnet.insight.row_sampling import sample_rows
from glassnet.support.language import Language, check_language
from glassnet.support.options import Function, Integer, Optional, checked
from glassnet.support.warning import warn
from glassnet.training import Callback, Rows, Run

SHARE = 0.03
"""Of the time of the training: after a look it waits until the next, if as long, will be no larger a part of all."""

_noting = threading.Lock()
"""Members may find the same in several threads at a time. Not the doctor's own: he may be copied."""


class _Visit(NamedTuple):
    """One training that is watched: the rows it is looked at with, and when it began."""

    rows: Rows
    began: float


class Doctor(Callback):
    """A callback that diagnoses a training: divergence, dead and saturated units, vanishing or exploding gradients.

    It looks after epochs, on a fixed sample of the training rows, and no more often than takes 3 % of the time of the
    training. Of each kind of trouble it tells once, with a :class:`glassnet.errors.TrainingWarning` if nobody else is
    to hear of it; training goes on. The members of an estimator are all watched, and share that time.

    Parameters
    ----------
    rows : int
        The size of the sample, at most.
    language : {"en", "zh"}, optional
        Of the findings.
    tell : callable of (Finding), optional
        Hears of each kind of trouble once, as soon as it is found; None: it becomes a warning. Members may call it from
        their threads.

    Attributes
    ----------
    findings : list of Finding
        The worst of each kind so far.

    Raises
    ------
    InputError, InputTypeError
        If `rows` is no number of rows, or the language is unknown.

    Examples
    --------
    >>> import warnings
    >>> from glassnet import NeuralNetwork, Trainer
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> network, doctor = NeuralNetwork(2, ["relu:8", 1], engine="reference"), Doctor()
    >>> network["1.b"][...] = -100  # no row will ever wake these units
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     _ = Trainer(epochs=3, callbacks=[doctor]).fit(network, X, X[:, 0])
    >>> [finding.what for finding in doctor.findings if finding.kind == "dead_units"]
    ['layer 1: 8 of 8 units are dead: inactive for all 90 rows']
    """

    every_member = True

    @checked(rows=Integer("256 is enough"), tell=Optional(Function("It is called with each finding")))
    def __init__(
        self, rows: int = 256, *, language: Language | None = None, tell: Callable[[Finding], object] | None = None
    ) -> None:
        self.rows, self.language, self.tell = rows, check_language(language), tell
        self._worst: dict[str, Finding] = {}
        self._visits: dict[int, _Visit] = {}
        self._ended = self._spent = self._last = 0.0  # seconds: of trainings that are over, of all looks, of the last

    @property
    def findings(self) -> list[Finding]:
        """The worst of each kind so far, the worst first."""
        return sorted(self._worst.values(), key=lambda finding: finding.rank)

    def on_train_begin(self, run: Run) -> None:
        """Choose the sample."""
        if run.data is not None:
            chosen = sample_rows(len(run.data.y), self.rows)
            self._visits[id(run.network)] = _Visit(run.data.take(chosen), time.perf_counter())

    def on_epoch_end(self, run: Run) -> None:
        """Look, if there is time for it; members take turns, as it happens."""
        visit = self._visits.get(id(run.network))
        started = time.perf_counter()
        trained = self._ended + sum(started - each.began for each in list(self._visits.values()))
        if visit is None or self._spent + self._last > SHARE * trained:
            return
        parts = self._parts(run, visit)
        units, sizes = [list(of_parts(parts))], [gradient_sizes(parts)]
        self._note([*idle_among("dead", units), *idle_among("saturated", units)])
        if all(np.isfinite(size) for _, size in sizes[0]):
            self._note(steep_among(sizes))
        self._last = time.perf_counter() - started
        self._spent += self._last

    def on_divergence(self, run: Run) -> None:
        """Find the layer in which it began."""
        visit = self._visits.get(id(run.network))
        if visit is not None:
            began, layer = place_of_overflow(run.network, self._parts(run, visit))
            failure, step = run.failure, run.failure.step if run.failure else None
            ended, evidence = failure.what if failure else run.reason, {} if step is None else {"step": step}
            self._note([DIVERGED.found("serious", epoch=run.epoch, ended=ended, began=began, layer=layer, **evidence)])

    def on_train_end(self, run: Run) -> None:
        """Forget the sample."""
        visit = self._visits.pop(id(run.network), None)
        if visit is not None:
            self._ended += time.perf_counter() - visit.began

    def _parts(self, run: Run, visit: _Visit) -> list[Part]:
        return list(layers_at_work(run.network, visit.rows, backward=True))

    def _note(self, findings: Iterable[Finding]) -> None:
        """Keep what is new or worse than before, and tell of what is more than a note, once."""
        for finding in findings:
            with _noting:
                known = self._worst.get(finding.kind)
                if known is not None and known.rank <= finding.rank:
                    continue
                spoken = self._worst[finding.kind] = finding.spoken(self.language)
            if spoken.severity != "note" and (known is None or known.severity == "note"):
                if self.tell is None:
                    warn(str(spoken))
                else:
                    self.tell(spoken)

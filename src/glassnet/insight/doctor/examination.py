"""The diagnosis of a trained model, and the callback that diagnoses during training."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from glassnet.display.progress import tracked
from glassnet.insight.doctor import layer_checks, row_checks, table_checks, target_checks, training_checks
from glassnet.insight.doctor.diagnostics import Diagnostics, NotMeasurable, RecordedLayer, layers_at_work
from glassnet.insight.doctor.finding import Diagnosis, Finding
from glassnet.insight.doctor.layer_checks import (
    DIVERGED,
    gradient_sizes,
    idle_among,
    of_parts,
    place_of_overflow,
    steep_among,
)
from glassnet.insight.doctor.preparation import prepare
from glassnet.insight.doctor.texts import TEXTS
from glassnet.support.language import Language, Text, check_language
from glassnet.support.messages import warn
from glassnet.support.options import VERBOSE, Function, Integer, Optional, checked
from glassnet.training import Callback, Rows, Run
from glassnet.training.split import sample_rows

SHARE = 0.03
"""Of the time of the training: after a look it waits until the next, if as long, will be no larger a part of all."""

_noting = threading.Lock()
"""Members may find the same in several threads at a time. Not the doctor's own: he may be copied."""


class Check(NamedTuple):
    """Something to look at."""

    name: Text
    needs: tuple[str, ...]  # see :meth:`Diagnostics.has`
    examine: Callable[[Diagnostics], Iterable[Finding]]  # raises NotMeasurable where there is no answer
    kind: str = ""  # of its findings, where another check may have them, too: then it is not passed


def _of_the_table(name: Text, look: table_checks.TableCheck) -> Check:
    def examine(diagnostics: Diagnostics) -> Iterable[Finding]:
        assert diagnostics.cells is not None
        return look(diagnostics.cells)

    return Check(name, ("cells", "targets") if look is table_checks.alike else ("cells",), examine)


CHECKS = (
    *(_of_the_table(*look) for look in table_checks.LOOKS),
    Check(Text("finite numbers"), (), layer_checks.not_finite),
    Check(Text("divergence"), ("history",), layer_checks.diverged),
    Check(Text("learning rate too high"), ("history",), training_checks.learning_rate_high),
    Check(Text("learning rate too low"), ("history", "targets"), training_checks.learning_rate_low),
    Check(Text("enough epochs"), ("history",), training_checks.still_learning),
    Check(Text("dead units"), ("rows",), layer_checks.dead_units),
    Check(Text("saturated units"), ("rows",), layer_checks.saturated_units),
    Check(Text("gradients"), ("rows", "targets"), layer_checks.gradients),
    Check(Text("input scale"), ("rows", "bare"), row_checks.unscaled),
    Check(Text("underfitting"), ("targets",), training_checks.underfitting),
    Check(Text("overfitting"), ("unseen",), training_checks.overfitting, "overfitting"),
    Check(Text("enough rows to evaluate on"), ("unseen",), training_checks.luck),
    Check(Text("class balance"), ("targets", "classes"), row_checks.imbalance),
    Check(Text("classes never predicted"), ("targets", "classes"), row_checks.never_answered),
    Check(Text("target leakage"), ("targets", "one target"), target_checks.leaked_target),
    Check(Text("suspect labels"), ("targets", "one target"), target_checks.suspect_labels),
    Check(Text("order of the classes"), ("targets", "classes"), target_checks.ordered_classes),
    Check(Text("duplicates"), ("targets",), row_checks.duplicates),
    Check(Text("training/validation drift"), ("given",), row_checks.drift),
)
"""Everything that is looked at, in this order."""


@checked(verbose=VERBOSE)
def diagnose(
    model: Any,
    X: Any = None,
    y: Any = None,
    *,
    sample_weight: Any = None,
    groups: Any = None,
    times: Any = None,
    validation_data: tuple[Any, ...] | None = None,
    history: Any = None,
    language: Language | None = None,
    verbose: bool | int = False,
) -> Diagnosis:
    """Diagnose problems of a trained model, of its training, or of its rows.

    The checks depend on the arguments: without rows only the parameters and the course of the training; with
    the rows of the training everything. Which of them an estimator learned from and which it was judged by is found
    out from its seed, and made sure of by the losses in its history.

    Parameters
    ----------
    model : NeuralNetwork, NeuralClassifier or NeuralRegressor
    X : table of rows, optional
        Best those that the model was trained with.
    y : array-like, optional
        Their targets.
    sample_weight : array-like of shape (rows,), optional
        The weights that the rows had in training: rows of weight 0 are left out, and what the network knows is
        measured by the others' weights. Shares of classes and of repeated rows are of rows.
    groups, times : array-like of shape (rows,), optional
        As they were in the training of an estimator.
    validation_data : (X, y) or (X, y, sample_weight), optional
        Rows that the model has not learned from.
    history : History or list of float, optional
        What the training of a bare network returned; an estimator has its own.
    language : {"en", "zh"}, optional
    verbose : bool
        Whether a bar shows how far it is, in a terminal or a notebook.

    Returns
    -------
    Diagnosis
        The findings with their evidence, the worst first; print it.

    Raises
    ------
    InputError, InputTypeError
        If model, rows and language are not what they should be.
    sklearn.exceptions.NotFittedError
        If the model has not been fitted.

    Examples
    --------
    Five layers of sigmoids, and inputs in the hundreds:

    >>> import numpy as np
    >>> from glassnet import NeuralNetwork
    >>> X = np.random.default_rng(0).normal(size=(200, 3)) * 500
    >>> network = NeuralNetwork(3, ["sigmoid:8"] * 5 + [1], engine="reference")
    >>> diagnosis = diagnose(network, X, X[:, 0] > 0)
    >>> diagnosis.healthy
    False
    >>> sorted({finding.kind for finding in diagnosis} & {"saturated_units", "unscaled_inputs"})
    ['saturated_units', 'unscaled_inputs']
    """
    language = check_language(language)
    diagnostics = prepare(model, X, y, sample_weight, validation_data, history, groups, times)
    findings: list[Finding] = []
    fine, skipped, broken = [], [], False
    for check in tracked(CHECKS, TEXTS["diagnosis.progress"].say(language), shown=bool(verbose)):
        lacking = next((need for need in check.needs if not diagnostics.has(need)), None)
        if lacking is not None or (broken and check.needs and check.needs != ("history",)):
            skipped.append((check.name, TEXTS[f"lacking.{lacking}" if lacking else "not_measurable.broken"]))
            continue
        try:
            found = list(check.examine(diagnostics))
        except NotMeasurable as reason:
            skipped.append((check.name, reason.why))
            continue
        broken = broken or any(finding.kind == "not_finite" for finding in found)
        findings += found
        if not found and all(finding.kind != check.kind for finding in findings):
            fine.append(check.name)
    return Diagnosis(findings, fine, skipped, len(CHECKS) - len(skipped), language)


# ------------------------------------------------------------------- during training


class _Visit(NamedTuple):
    """One training that is watched: the rows it is looked at with, and when it began."""

    rows: Rows
    began: float


class Doctor(Callback):
    """A callback that diagnoses a training: divergence, dead and saturated units, vanishing or exploding gradients.

    It looks after epochs, on a fixed sample of the training rows, and no more often than takes 3 % of the time of the
    training. It reports each kind of trouble once, with a :class:`glassnet.errors.TrainingWarning` unless `tell` is
    set; training goes on. All members of an estimator are checked, and share that time.

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

    def _parts(self, run: Run, visit: _Visit) -> list[RecordedLayer]:
        return list(layers_at_work(run.network, visit.rows, backward=True))

    def _note(self, findings: Iterable[Finding]) -> None:
        """Keep new or worsened findings, and report each that is more than a note once."""
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

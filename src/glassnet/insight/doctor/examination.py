"""The examination: one check after the other, each on what it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from glassnet.display.progress import tracked
from glassnet.insight.doctor import data, fitting, layers, learning, table, targets
from glassnet.insight.doctor.diagnostics import Diagnostics, NotMeasurable
from glassnet.insight.doctor.finding import Diagnosis, Finding
from glassnet.insight.doctor.preparation import prepare
from glassnet.insight.doctor.texts import TEXTS
from glassnet.support.language import Language, Text, check_language
from glassnet.support.options import VERBOSE, checked


class Check(NamedTuple):
    """Something to look at."""

    name: Text
    needs: tuple[str, ...]  # see :meth:`Diagnostics.has`
    examine: Callable[[Diagnostics], Iterable[Finding]]  # raises NotMeasurable where there is no answer
    kind: str = ""  # of its findings, where another check may have them, too: then it is not passed


def _of_the_table(name: Text, look: table.Look) -> Check:
    def examine(patient: Diagnostics) -> Iterable[Finding]:
        assert patient.cells is not None
        return look(patient.cells)

    return Check(name, ("cells", "targets") if look is table.alike else ("cells",), examine)


CHECKS = (
    *(_of_the_table(*look) for look in table.LOOKS),
    Check(Text("finite numbers"), (), layers.not_finite),
    Check(Text("divergence"), ("history",), layers.diverged),
    Check(Text("learning rate too high"), ("history",), learning.learning_rate_high),
    Check(Text("learning rate too low"), ("history", "targets"), learning.learning_rate_low),
    Check(Text("enough epochs"), ("history",), learning.still_learning),
    Check(Text("dead units"), ("rows",), layers.dead_units),
    Check(Text("saturated units"), ("rows",), layers.saturated_units),
    Check(Text("gradients"), ("rows", "targets"), layers.gradients),
    Check(Text("input scale"), ("rows", "bare"), data.unscaled),
    Check(Text("underfitting"), ("targets",), fitting.underfitting),
    Check(Text("overfitting"), ("unseen",), fitting.overfitting, "overfitting"),
    Check(Text("enough rows to evaluate on"), ("unseen",), fitting.luck),
    Check(Text("class balance"), ("targets", "classes"), data.imbalance),
    Check(Text("classes never predicted"), ("targets", "classes"), data.never_answered),
    Check(Text("target leakage"), ("targets", "one target"), targets.leaked_target),
    Check(Text("suspect labels"), ("targets", "one target"), targets.suspect_labels),
    Check(Text("duplicates"), ("targets",), data.duplicates),
    Check(Text("training/validation drift"), ("given",), data.drift),
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
    """Look a trained model over, and say what is wrong with it, with its training, or with its rows.

    What can be looked at depends on what is given: without rows only the numbers and the course of the training; with
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
    patient = prepare(model, X, y, sample_weight, validation_data, history, groups, times)
    findings: list[Finding] = []
    fine, skipped, broken = [], [], False
    for check in tracked(CHECKS, TEXTS["diagnosis.progress"].say(language), shown=bool(verbose)):
        lacking = next((need for need in check.needs if not patient.has(need)), None)
        if lacking is not None or (broken and check.needs and check.needs != ("history",)):
            skipped.append((check.name, TEXTS[f"lacking.{lacking}" if lacking else "not_measurable.broken"]))
            continue
        try:
            found = list(check.examine(patient))
        except NotMeasurable as reason:
            skipped.append((check.name, reason.why))
            continue
        broken = broken or any(finding.kind == "not_finite" for finding in found)
        findings += found
        if not found and all(finding.kind != check.kind for finding in findings):
            fine.append(check.name)
    return Diagnosis(findings, fine, skipped, len(CHECKS) - len(skipped), language)

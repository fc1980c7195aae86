"""The subject of a report: a model, its test rows, and the results that all sections share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.base import NeuralEstimator
from glassnet.estimators.calibration import Reliability, reliability
from glassnet.insight.bootstrap import Resampled, resample
from glassnet.insight.doctor import Finding
from glassnet.insight.doctor.table_checks import KINDS, RawTable, table_findings
from glassnet.insight.importances import Importances, ModelScore, importances
from glassnet.insight.predictions import Predictions, predict_rows
from glassnet.insight.report.columns import ReportColumn, columns_of, near_duplicates
from glassnet.insight.report.texts import TEXTS
from glassnet.insight.scores import (
    CLASSIFICATION,
    FEWEST_ROWS,
    REGRESSION,
    Metric,
    row_log_loss,
    score,
)
from glassnet.insight.shuffled_columns import shuffled_columns
from glassnet.layers.base import Array
from glassnet.support.coercion import rows_of
from glassnet.support.language import Language, Text, sentences
from glassnet.tables import is_sparse
from glassnet.training import Rows

NETWORK = "network"
"""The key of the model among the compared models."""


BINS = 15
"""Of the calibration curve."""

MOST_ROWS, MOST_COLUMNS, REPEATS = 2000, 30, 5
"""More rows tell the same, only later; more columns are not read."""
WIDEST = 1000
"""Of more columns not even a first look is short."""


@dataclass(frozen=True)
class Origin:
    """Where model and rows come from, as far as it is known."""

    target: str = ""  # the name of the target column
    table: str | None = None  # a file, as the next two
    test: str | None = None
    validation: str | None = None
    share: float | None = None  # of the table that was set aside to judge by
    seed: int | None = None  # what decided which rows
    group: str | None = None  # the column of the groups of rows
    fold: str | None = None  # which fold each is in
    time: str | None = None  # when each was
    dropped: int = 0  # rows left out because their answer is missing
    predict: Callable[[str | None], str] | None = (
        None  # what to type to predict, with another class as the positive one
    )
    command: str | None = None  # what to type for the same again, in the terminal
    code: str | None = None  # and in Python
    row_names: Sequence[str] | None = None  # the names of the rows; None: their numbers


@dataclass(frozen=True)
class Subject:
    """All that the sections of a report are made from; :meth:`of` checks it."""

    model: Any
    X: Any
    y: Array
    weight: Array | None
    names: list[str]  # the names of the rows
    predicted: Predictions  # the model's predictions for the test rows
    simple: dict[str, Predictions]  # the predictions of simple models
    folds: bool  # whether the simple models learned from the same rows, fold by fold
    learned: Rows | None
    origin: Origin
    language: Language
    findings: Sequence[Finding] | None = None  # None: not diagnosed
    column_groups: Mapping[str, Sequence[str | int]] | None = None  # columns whose importance is measured together
    verbose: bool = False

    @classmethod
    def of(
        cls, model: Any, X: Any, y: Any, weight: Any, *, language: Language, learned: tuple[Any, ...] | None = None,
        simple: Mapping[str, Predictions] | None = None, origin: Origin | None = None,
        column_groups: Mapping[str, Sequence[str | int]] | None = None, verbose: bool | int = False,
    ) -> Subject:  # fmt: skip
        """Check the arguments, and predict."""
        origin = origin or Origin()
        check_model(model)
        if not origin.target and isinstance(remembered := model.notes_.get("target"), str):
            origin = replace(origin, target=remembered)
        rows, known, weights = model._check_rows(X, y, weight)
        model.targets_.encode(known)
        names = list(origin.row_names or map(str, range(1, len(np.asarray(y)) + 1)))
        others = dict(simple or {})
        if len(known) < len(names):  # rows of weight 0 are left out
            kept = np.flatnonzero(weight)
            names = [names[at] for at in kept]
            others = {name: predicted.take(kept) for name, predicted in others.items()}
        return cls(
            model, rows, known, weights, names, predict_rows(model, rows), others, False,
            None if learned is None else Rows(*model._check_rows(*rows_of("`training_data`", learned))),
            origin, language, None, column_groups, bool(verbose),
        )  # fmt: skip

    def say(self, words: Text | str, **values: Any) -> str:
        """A text, or one of the catalogue by its name, in the language of the report."""
        template = words if isinstance(words, Text) else TEXTS[words]
        return template.say(self.language, **values)

    def sentences(self, parts: Iterable[str]) -> str:
        """Sentences one after the other, in the language of the report."""
        return sentences(parts, self.language)

    @property
    def classes(self) -> Array | None:
        """The classes; None for numbers."""
        return self.predicted.classes

    @property
    def positive(self) -> int | None:
        """The place of the positive class among two; None where there are not two."""
        return None if self.classes is None else self.model.targets_.positive

    @property
    def models(self) -> dict[str, Predictions]:
        """The predictions of each model, the network's first."""
        return {NETWORK: self.predicted, **self.simple}

    @cached_property
    def scores(self) -> dict[str, dict[str, float]]:
        """By model and metric."""
        return {name: score(self.y, predicted, self.weight) for name, predicted in self.models.items()}

    @property
    def metrics(self) -> list[Metric]:
        """The metrics that apply here."""
        metrics = REGRESSION if self.classes is None else CLASSIFICATION
        return [metric for metric in metrics if metric.key in self.scores[NETWORK]]

    @cached_property
    def resampled(self) -> Resampled:
        """The scores of draws from the rows."""
        return resample(self.y, self.models, self.weight)

    @cached_property
    def errors(self) -> Array:
        """How far off each row is: its log loss, or its distance; without probabilities 1 where the class is wrong."""
        if self.classes is None:
            return np.abs(self.predicted.values - self.y)
        if self.predicted.probabilities is None:
            return (self.predicted.values != self.y).astype(np.float64)
        return row_log_loss(self.y, self.predicted)

    @property
    def wrong(self) -> Array:
        """The misclassified rows."""
        return np.asarray(self.predicted.values != self.y)

    @property
    def sureness(self) -> Array:
        """The probability of the most probable class of each row; 1 where there are none."""
        probabilities = self.predicted.probabilities
        return np.ones(len(self.y)) if probabilities is None else np.asarray(probabilities.max(axis=1), np.float64)

    @cached_property
    def reliability(self) -> Reliability | None:
        """The accuracy by the probability of the predicted class; None without probabilities."""
        if self.predicted.probabilities is None:
            return None
        likeliest = np.asarray(self.classes)[self.predicted.probabilities.argmax(axis=1)]
        return reliability(self.sureness, likeliest == self.y, BINS, self.weight)

    @cached_property
    def importances(self) -> Importances | None:
        """How much log loss, wrong answers or RMSE grow with a column shuffled; None of few rows or many columns."""
        if len(self.y) < FEWEST_ROWS or len(self.model.encoder_.feature_names_in) > WIDEST:
            return None
        return importances(
            *(self.model, self.X, self.y),
            groups=self.column_groups,
            scoring=ModelScore("negative loss", _goodness),
            sample_weight=self.weight,
            repeats=REPEATS,
            rows=MOST_ROWS,
            most=MOST_COLUMNS,
            verbose=self.verbose,
        )

    @cached_property
    def columns(self) -> tuple[ReportColumn, ...] | None:
        """The columns of the rows to judge by; None of sparse tables."""
        return None if is_sparse(self.X) else columns_of(self.X, self.model.encoder_.plan)

    @cached_property
    def learned_columns(self) -> tuple[ReportColumn, ...] | None:
        """Those of the rows that were learned from."""
        if self.learned is None or is_sparse(self.learned.X):
            return None
        return columns_of(self.learned.X, self.model.encoder_.plan)

    @cached_property
    def noticed(self) -> list[Finding]:
        """What the described columns show, and the rows: the doctor has seen it, if he has seen the training rows."""
        if self.learned is not None and self.findings is not None:
            return [found for found in self.findings if found.kind in KINDS]
        classes = self.classes is not None
        tied, texts = {"grouped": True, "timed": True}, self.model.encoder_.texts
        found = table_findings(RawTable(self.X, self.y, classes, self.origin.target, **tied, texts=texts))
        return [each.spoken(self.language) for each in found]

    @property
    def described(self) -> tuple[ReportColumn, ...] | None:
        """The columns to describe: of the rows that were learned from, where they are known."""
        return self.learned_columns or self.columns

    @cached_property
    def near_duplicates(self) -> list[tuple[str, str]]:
        """Return pairs of nearly redundant columns."""
        return [] if self.described is None else near_duplicates(self.described)

    @cached_property
    def leading(self) -> list[int]:
        """The places of the columns, those that matter most first; in their order where that is not known."""
        names, found = self.model.encoder_.feature_names_in, self.importances
        if found is None:
            return list(range(len(names)))
        together = dict(shuffled_columns(names, self.column_groups or {}))
        ordered = [int(at) for place in found.order for at in together[found.columns[place]]]
        return list(dict.fromkeys(ordered))  # a column may be in two groups


def check_model(model: Any) -> None:
    """Refuse anything but a fitted estimator of one target."""
    from sklearn.utils.validation import check_is_fitted

    if not isinstance(model, NeuralEstimator):
        raise InputTypeError("A report needs a NeuralClassifier or NeuralRegressor", type(model).__name__, "Pass one")
    check_is_fitted(model)
    state = model.targets_.to_state()[0]
    if state["kind"] == "answers" or (state["kind"] == "numbers" and not state["single"]):
        raise InputError("A report needs one target per row", "a model of several", "Make a model for each target")


def _goodness(model: Any, X: Any, truth: Array, weight: Array | None) -> float:
    if hasattr(model, "predict_proba"):  # asked once, not for the classes as well
        known = Predictions(truth, model.predict_proba(X), model.classes_)
        return -float(np.average(row_log_loss(truth, known), weights=weight))
    found = score(truth, predict_rows(model, X), weight)
    return -found["rmse"] if "rmse" in found else found["accuracy"] - 1

"""The plan of a search: the estimator, the fixed options, the search space, and the metric."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet.api.estimators import NeuralClassifier, NeuralRegressor
from glassnet.engines import CompiledEngine
from glassnet.errors import InputError
from glassnet.estimators.checks import check_classes, check_numbers, check_rows
from glassnet.estimators.fit import Fit
from glassnet.estimators.folds import ties_left
from glassnet.estimators.presets import TableSize
from glassnet.estimators.settings import choose_settings
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.measure import is_squared_error
from glassnet.layers.base import Array
from glassnet.support.coercion import coercing
from glassnet.support.language import Text
from glassnet.support.option_names import unknown_option
from glassnet.tables import TableEncoder, guess_task, is_sparse, row_count
from glassnet.tables.opened_table import TableRows, open_dense
from glassnet.tables.target_column import TaskName
from glassnet.training import Scoring, Ties, scorer_for
from glassnet.tuning.space import Range, search_space
from glassnet.tuning.trial import Criterion, NewEstimator

ESTIMATORS: Mapping[str, type[NeuralClassifier] | type[NeuralRegressor]] = {
    "classification": NeuralClassifier,
    "regression": NeuralRegressor,
}
NOT_TAKEN_OVER = ("loss", "scoring", "engine")
"""The settings that trials do not get as they are here: what follows from the target, and what depends on the trial."""


@dataclass(frozen=True)
class SearchPlan:
    """What all trials have in common.

    Attributes
    ----------
    table : TableRows
        All rows, checked.
    fixed : dict from str to object
        The options that were given.
    settings : dict from str to object
        Every option as it would be without a search, for all rows: a preset may have others for the fewer rows of a
        trial, and then the estimator in the end would not be the one that was judged.
    places : array of int
        Where each row is now of those that were given; see :class:`glassnet.estimators.folds.FitRows`.
    """

    task: TaskName
    table: TableRows
    fixed: dict[str, Any]
    settings: dict[str, Any]
    space: dict[str, Range]
    scoring: Scoring | None
    ties: Ties
    places: Array

    @property
    def metric(self) -> Criterion:
        """What trials are compared by."""
        return Criterion.of(self.scoring)

    @property
    def strata(self) -> Array | None:
        """The classes, where each row has one."""
        return self.table.y if self.task == "classification" and self.table.y.ndim == 1 else None

    @property
    def members(self) -> int:
        """How many networks a trial trains side by side."""
        return int(self.settings["members"])

    def for_trial(self, changes: Mapping[str, Any], seed: int, jobs: int) -> NewEstimator:
        """Return a factory of a trial's estimator, given its callbacks: with the same seed as all others.

        Beside others it keeps to one processor.
        """
        settings = {n: value for n, value in self.settings.items() if value is not None and n not in NOT_TAKEN_OVER}
        engine = self.settings["engine"]
        alone = jobs > 1 and self.members == 1 and engine == CompiledEngine.name
        return partial(
            ESTIMATORS[self.task],
            **(self.fixed | settings | dict(changes))
            | {
                "engine": CompiledEngine(workers=1) if alone else engine,
                "scoring": self.scoring,
                "cv": None,  # what judges a trial judges its epochs
                "predict_limit": None,  # measured once, for all trials: `settings` have the number of members
                "callbacks": None,
                "random_state": seed,
            },
        )

    def best_options(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """What an estimator must be given to be the one that was judged."""
        options = {"preset": self.settings["preset"], **self.fixed, **changes}
        if self.scoring is not None:  # which alone would ask for early stopping, even where there are too few rows
            options |= {"scoring": self.scoring, "early_stopping": self.settings["early_stopping"]}
        return options

    def final(self, options: Mapping[str, Any], seed: int, verbose: bool) -> Any:
        """The estimator for all rows."""
        return ESTIMATORS[self.task](**options, random_state=seed, verbose=verbose)

    def identity(self, judged_by: str, own: TableRows | None) -> dict[str, str]:
        """Return the settings that must be the same to resume the search, by the name of the argument."""
        scoring = self.scoring if isinstance(self.scoring, str) else getattr(self.scoring, "__qualname__", "none")
        space = "; ".join(f"{name}: {range_}" for name, range_ in self.space.items())
        fixed = ", ".join(f"{name}={value}" for name, value in sorted(self.fixed.items()))
        return {
            "X, y or sample_weight": digest(self.table),
            "groups or times": " ".join(_digest_of([each]) for each in self.ties if each is not None) or "none",
            "task": self.task,
            "scoring": scoring,
            "validation": judged_by if own is None else f"{judged_by} {digest(own)}",
            "options": f"{fixed} / {space}",
        }


def make_plan(
    X: Any,
    y: Any,
    sample_weight: Any,
    task: TaskName | None,
    scoring: Scoring | None,
    options: Mapping[str, Any],
    *,
    groups: Any = None,
    times: Any = None,
) -> SearchPlan:
    """Check the options, and derive the plan from them.

    Raises
    ------
    InputError, InputTypeError, ValueError
        If the table, the task, the scoring or an option is not usable, or nothing is left to search for.
    """
    fixed = {name: value for name, value in options.items() if value is not None}
    chosen = _task(y, task)
    estimator = _estimator(chosen, fixed)
    if scoring is not None:
        scorer_for(scoring, estimator)
    classes = chosen == "classification"
    table = TableRows(*check_rows(X, y, sample_weight, check_classes if classes else check_numbers))
    ties, places = ties_left(groups, times, sample_weight, row_count(X), len(table.y))
    values = {name: getattr(estimator, name) for name in estimator.setting_names}
    squares = estimator.loss is None or is_squared_error(LOSSES.get(estimator.loss))
    monotone = estimator.monotone is not None
    rows, columns = open_dense(table.X).shape
    size = TableSize(rows, columns, not classes, squares, monotone)
    settings = choose_settings(values, estimator.preset, size, "")
    if settings["predict_limit"] is not None:
        settings |= _members_within_limit(estimator, table)
    space = search_space(settings["preset"], settings, fixed, classes=classes, scoring=scoring)
    if not space:
        raise InputError(
            "At least one option must be searched", Text("{names}, all given", names=", ".join(fixed)), "Omit some"
        )
    return SearchPlan(chosen, table, fixed, settings, space, scoring, ties, places)


def _members_within_limit(estimator: NeuralClassifier | NeuralRegressor, table: TableRows) -> dict[str, Any]:
    """Return how many members of the default's networks keep `predict_limit`, and how many of them are refitted."""
    fit = Fit(estimator)
    fit.model.targets_ = fit.model._learn_targets(table.y, table.weight)
    fit.decide(open_dense(table.X).shape, table.y, table.X)
    fit.limit_members(table.X)
    return {name: fit.settings[name] for name in ("members", "refits")}


def _task(y: Any, task: TaskName | None) -> TaskName:
    if task is None:
        with coercing("y must be an array of targets", y, "Give one target a row"):
            shape = np.shape(y)
        if len(shape) > 1 and shape[1] > 1:
            raise InputError(
                "`task` must be given where there are several targets",
                Text("y of shape {shape}", shape=shape),
                "Specify it",
            )
        return "regression" if guess_task(y).name == "regression" else "classification"
    if task not in ESTIMATORS:
        raise InputError(
            '`task` must be "classification" or "regression"', repr(task), "Omit it to detect it automatically"
        )
    return task


def _estimator(task: TaskName, fixed: Mapping[str, Any]) -> NeuralClassifier | NeuralRegressor:
    kind = ESTIMATORS[task]
    known = kind().get_params()
    for name in fixed:
        if name not in known:
            raise InputError(*unknown_option("search", name, fixed[name], known))
    return kind(**fixed)


def digest(table: TableRows) -> str:
    """A fingerprint of everything that is learned from."""
    matrix = TableEncoder().fit_transform(table.X)
    arrays = [matrix.data, matrix.indices, matrix.indptr] if is_sparse(matrix) else [matrix]
    arrays += [table.y] if table.weight is None else [table.y, table.weight]
    return _digest_of(arrays)


def _digest_of(arrays: Iterable[Array]) -> str:
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.dtype}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()

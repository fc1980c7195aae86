"""The base of both estimators: options as scikit-learn stores them, ``fit``, and evaluation on other rows.

The steps of a fit are in :mod:`glassnet.estimators.fit`, the fitted state in :mod:`glassnet.estimators.fitted`.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Tags

from glassnet.engines.data import in_one_unit
from glassnet.errors import InputError
from glassnet.estimators.checks import check_rows, refuse_given, with_class_weights
from glassnet.estimators.declaration import OPTIONS, RULES, Declared, given_options
from glassnet.estimators.ensemble_training import learners_of_members, train
from glassnet.estimators.fit import Fit
from glassnet.estimators.fitted import FittedAttributes
from glassnet.estimators.held_out import HeldOutPredictions
from glassnet.estimators.in_memory import splits_in_memory, train_epoch
from glassnet.estimators.members import MemberTask, TimeBudget, TrainedMember
from glassnet.estimators.number_targets import NumberTargets
from glassnet.estimators.out_of_core import Memory, OutOfCoreData, splits_out_of_core
from glassnet.estimators.partitions import check_client
from glassnet.estimators.pruning import prune
from glassnet.estimators.scoring import model_score
from glassnet.estimators.targets import Targets, TargetSurvey
from glassnet.layers.base import Array
from glassnet.network import LBFGS
from glassnet.support.language import Text
from glassnet.support.option_names import methods_suggest_options, unknown_option
from glassnet.support.options import option_of
from glassnet.tables.containers import in_partitions
from glassnet.tables.opened_table import open_dense
from glassnet.tables.reading.table_blocks import are_batches, is_out_of_core
from glassnet.tables.table_summary import TableSummary
from glassnet.training import Checkpoint, Rows
from glassnet.training.trainer import TIME_LIMIT

if TYPE_CHECKING:
    from glassnet.distributed.rounds import Rounds

BY_ROUNDS: Final = Text("Training in rounds does not support `{name}`")
BY_WORKERS: Final = Text("Members trained by workers do not support `{name}`")


def learns_in_parts(estimator: NeuralEstimator) -> bool:
    """Whether it has ``partial_fit``: not with an optimizer that needs the whole table in each step."""
    return not isinstance(estimator.optimizer, str) or str.__str__(estimator.optimizer) != LBFGS


@methods_suggest_options
class NeuralEstimator(Declared, FittedAttributes, BaseEstimator):
    """The common part of classifiers and regressors.

    Attributes
    ----------
    loss_targets : tuple of str
        The kinds of targets that this estimator's losses may have.
    learns_numbers : bool
        Whether its targets are numbers, not classes.
    """

    loss_targets: ClassVar[tuple[str, ...]]
    learns_numbers: ClassVar[bool]

    # --------------------------------------------------------------- options

    def _given(self) -> dict[str, Any]:
        return given_options({name: getattr(self, name) for name in self._option_names()})

    @classmethod
    def _option_names(cls) -> list[str]:
        """The options declared here; the signature of a subclass may add some and omit others."""
        return sorted(option.name for option in fields(cls) if option.name in RULES)

    def set_params(self, **options: Any) -> Self:
        """Set options by their names, as scikit-learn does; see its documentation."""
        known = self._get_param_names()
        for name, value in options.items():
            if name not in known:
                raise InputError(*unknown_option(type(self).__name__, name, value, known))
        return cast("Self", super().set_params(**options))

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without what belongs to the training rows."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_oof_predictions"}

    def __sklearn_clone__(self) -> Any:
        try:
            return super().__sklearn_clone__()
        except Exception:  # an object that cannot be copied is mostly an invalid option: the checks are clearer
            self._given()
            raise

    @property
    def setting_names(self) -> list[str]:
        """The options that are in ``settings_`` after ``fit``."""
        return [name for name in self._option_names() if OPTIONS[name].metadata["setting"]]

    @classmethod
    @cache
    def _get_param_names(cls) -> Any:
        """Cache the names: scikit-learn reads them from the signature at each call, which is often in a fit."""
        return super()._get_param_names()

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = True
        return tags

    # ------------------------------------------------------------------- fit

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        groups: Any = None,
        times: Any = None,
        time_limit: float | None = None,
        checkpoint: str | os.PathLike[str] | Checkpoint | None = None,
        validation_data: tuple[Any, ...] | None = None,
        memory: int | str | None = None,
        client: Any = None,
        shards: int | Rounds | None = None,
    ) -> Self:
        """Train on a table, in memory or elsewhere.

        If an error is raised, the estimator is as it was before; only what a warm start has already learned stays.
        While it is trained, a call from another thread, to train it or to ask it, is an error.

        Parameters
        ----------
        X : DataFrame (pandas, polars, pyarrow, ...), array or SciPy sparse array of shape (rows, columns)
            Numbers, booleans, strings, categories, dates; missing values are allowed. Or a table that is not in
            memory: the path of a file or of a folder of Parquet or CSV files, a LazyFrame of polars, a memory-mapped
            array, or an iterable of batches (X, y) or (X, y, sample_weight) that can be read repeatedly; see `memory`.
            A DataFrame or an array of Dask is trained on in rounds; see `shards`.
        y : array-like of shape (rows,) or (rows, targets)
            For a table that is not in memory, the name of its target column, or several; with batches None. Beside a
            table of Dask also a Series or an array of Dask in the same blocks of rows; so may be `sample_weight`.
        sample_weight : array-like of shape (rows,), optional
            A row of weight 2 counts as two rows, one of weight 0 as none. For a table that is not in memory, the name
            of its column.
        groups : array-like of shape (rows,), optional
            Which rows belong together, such as those of one patient: no group is on both sides of a split, so epochs,
            members and calibration are validated on unseen groups.
        times : array-like of shape (rows,), optional
            Numbers or dates: validation rows are later than training rows. Without `cv` they are the latest ones, the
            same for all members. With `groups`, too, no group with validation rows is used for training.
        time_limit : float, optional
            Seconds that fitting may take; the best weights found by then are kept. Members share the time, and
            schedules end with it; members for which too little time is left are skipped, and `history_.ended` says so.
            The result depends on the clock: the same seed no longer gives the same bits.
        checkpoint : str, path or Checkpoint, optional
            A folder for checkpoints: one about every ten seconds for each member in training. After a kill the same
            call with the same data and settings resumes from them, and ends with the same bits as without the
            interruption; finished members are not trained again. Needs a whole number as `random_state`. In the
            meantime ``glassnet.load(folder)`` gives the model as far as it has come.
        validation_data : (X, y) or (X, y, sample_weight), optional
            Rows to validate each epoch on, instead of a part of the training rows; the weights of the best epoch are
            kept. In a pipeline: rows as this estimator sees them, for no earlier step transforms them. X may be a
            table that is not in memory, and y the name of its column. What is given of Dask comes here as a whole.
        memory : int or str, optional
            The bytes that the process may use, such as "1GB"; 500 MB at least. A table that would need more is encoded
            once into a temporary file, and read in windows of shuffled rows: see :mod:`glassnet.training.windows`.
            None: everything is in memory.
        client : distributed.Client, optional
            Of a Dask cluster, whose workers do the work. With `shards`, or where X is a table of Dask, they train in
            rounds; otherwise each trains one member, on rows in memory, also if they come from a folder or a
            LazyFrame. A client never changes the model: the result is that of the same call without one, to the bit.
        shards : int or Rounds, optional
            How many shards the rows are split into, to train in rounds: see :class:`glassnet.Rounds`. X may then also
            be a DataFrame or an array of Dask, a folder or a LazyFrame of polars, and y and `sample_weight` the names
            of columns. The encoder sees no validation rows.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If the data or an option is not usable; the message says what, and what to do.
        DivergenceError
            If the loss becomes infinite or NaN in the first epoch.
        """
        by_rounds = shards is not None or in_partitions(X)
        if by_rounds:
            unsupported = {"groups": groups, "times": times, "time_limit": time_limit, "memory": memory}
            refuse_given(BY_ROUNDS, "Omit it", **unsupported)
        elif client is not None:
            refuse_given(BY_WORKERS, "Omit it, or omit `client`", time_limit=time_limit, memory=memory)
            refuse_given(BY_WORKERS, "Omit it, or train in rounds with `shards`", checkpoint=checkpoint)
        if client is not None:
            check_client(client)
        if by_rounds:
            own = {"client": client, "shards": shards, "checkpoint": checkpoint, "validation_data": validation_data}
            return self._fit_by_rounds(X, y, sample_weight, **own)
        folder = None if checkpoint is None else Checkpoint.taken(option_of("fit", "checkpoint"), checkpoint)
        seconds = TIME_LIMIT.taken("`time_limit`", time_limit)
        budget = None if seconds is None else TimeBudget(seconds)
        if folder is not None:
            folder.check_clock(seconds)
        if self.cv is not None and validation_data is not None:
            rule = Text("Epochs must be validated by `cv` or by `validation_data`, not both")
            raise InputError(rule, Text("both", context="received"), "Omit one of them")
        continues = self._given()["warm_start"] and self.__sklearn_is_fitted__()
        with Fit.of(self, continues=continues, checkpoint=folder) as fit:
            data = None
            if memory is not None or is_out_of_core(X) or are_batches(X, y):
                limit = None if memory is None else Memory().taken("`memory`", memory)
                data = OutOfCoreData.opened(X, y, sample_weight, self._check_rows, limit)
                data.look(numbers=self.learns_numbers)
                if data.fits:
                    (X, y, sample_weight), data = data.table(), None
            if data is not None:
                splits = splits_out_of_core(fit, data, groups, times, validation_data)
            else:
                splits = splits_in_memory(fit, X, y, sample_weight, groups, times, validation_data)
            train(fit, learners_of_members(fit), splits, budget=budget, client=client)
        return self

    def _fit_part(self, X: Any, y: Any, sample_weight: Any, announced: Array | None = None) -> Self:
        """Train one more epoch on these rows; the first call also learns the encoder from them."""
        with Fit.of(self, continues=self.__sklearn_is_fitted__()) as fit:
            train_epoch(fit, X, y, sample_weight, announced)
        return self

    # ---------------------------------------- done by classifier and regressor

    @abstractmethod
    def _check_targets(self, y: Any) -> Array:
        """y as an array, or a clear error."""

    @abstractmethod
    def _nonconformity_scores(self, X: Any, y: Array) -> Array:
        """The nonconformity score of each row; see conformal.py."""

    @abstractmethod
    def _predictions_of(self, outputs: Array) -> Array:
        """Return what raw outputs predict: probabilities, scores where the loss has none, or numbers."""

    @property
    def _tunes_threshold(self) -> bool:
        """Whether the decision threshold is chosen by a score on held-out rows."""
        return False

    def _tune_threshold(self, found: HeldOutPredictions) -> None:
        """Set the decision threshold by these predictions."""

    def _scored_targets(self) -> Any:
        """The targets as `scoring` sees them: a name gets numbers for classes, for "f1" wants a class that is 1."""
        return self.targets_

    def _weights_of_classes(self, encoded: Array, sample_weight: Array | None) -> Array | None:
        """The weight of each class, where there are classes and they have weights."""
        return None

    @abstractmethod
    def _learn_targets(self, y: Array, sample_weight: Array | None, announced: Array | None = None) -> Targets:
        """Fit the targets; `announced` are all classes that may come."""

    @abstractmethod
    def _surveyed_targets(self, survey: TargetSurvey) -> Targets:
        """Fit the targets from statistics gathered in chunks."""

    def _continued_targets(self) -> Targets:
        """Return the targets of the previous fit, with what the options say about them now."""
        targets: Targets = self.targets_
        return targets

    def _grown_targets(self, y: Array, announced: Array | None) -> Targets:
        """Return the targets with the classes of these rows, and those that are announced."""
        targets: Targets = self.targets_
        return targets

    # ----------------------------------------------- done by the rooms above

    @abstractmethod
    def _write_beside_checkpoints(self, checkpoint: Checkpoint, *, done: bool) -> None:
        """Write the model beside the checkpoints of its members: untrained, or as it was trained."""

    @abstractmethod
    def _train_on_workers(self, client: Any, tasks: Sequence[MemberTask]) -> list[TrainedMember]:
        """Train members by the workers of a cluster."""

    @abstractmethod
    def _fit_by_rounds(self, X: Any, y: Any, sample_weight: Any, **options: Any) -> Self:
        """Fit by rounds on shards of the rows; `options` are the others of ``fit``."""

    # ------------------------------------------------------- rows not trained on

    def evaluate(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Score of the fitted model on some rows, by the metric that selects epochs: `scoring`, or else the mean loss.

        Parameters
        ----------
        X, y, sample_weight
            As in ``fit``.

        Returns
        -------
        float
            Higher is better by `scoring`, lower without.
        """
        self._check_fitted()
        encoded, targets, weight = self._encoded_rows(*self._check_rows(open_dense(X), y, sample_weight))
        if self.scoring is not None:
            score = model_score(self, self.scoring, self.networks_, self.temperature_, self.weights_)
            return score(encoded, targets, weight)
        return self._mean_loss(self.raw_outputs(encoded), targets, weight)

    def prune(self, members: int, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Keep so many of the networks, those that answer these rows best together, and forget the others.

        Predictions take as much less time. Promises of ``conformalize`` end: they were made for all. Probabilities that
        are calibrated are so anew, by these rows: fewer members are surer together.

        Parameters
        ----------
        members : int
            At least 1, at most as many as there are.
        X : table of rows
            None of them learned from. Some hundred are enough.
        y, sample_weight
            As in ``fit``.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If there are fewer members, or the rows are no rows for this model.

        Examples
        --------
        >>> from sklearn.datasets import load_wine
        >>> from sklearn.model_selection import train_test_split
        >>> from glassnet import NeuralClassifier
        >>> X, X_new, y, y_new = train_test_split(*load_wine(return_X_y=True), random_state=0)
        >>> model = NeuralClassifier(hidden_layers=(16,), members=4, random_state=0).fit(X, y)
        >>> len(model.prune(2, X_new, y_new).networks_)
        2
        """
        self._check_fitted()
        prune(self, members, X, y, sample_weight)
        return self

    def conformalize(self, X: Any, y: Any) -> Self:
        """Calibrate intervals or sets with guaranteed coverage on rows held out from training.

        Parameters
        ----------
        X : table of rows
            None of them learned from, from where the rows to predict will come from. Some hundred are enough.
        y : array-like of shape (rows,)

        Returns
        -------
        self

        Raises
        ------
        InputError
            If the rows are no rows for this model.
        """
        self._check_fitted()
        X, y, _ = self._check_rows(open_dense(X), y, None)
        self.conformal_ = np.sort(self._nonconformity_scores(X, y).astype(np.float64))
        return self

    def _described(self, X: Any, y: Array) -> TableSummary:
        """The rows in figures, which stay with the model when they have gone."""
        return TableSummary.of(X, y, self.encoder_.plan, classes=not isinstance(self.targets_, NumberTargets))

    def _encoded_rows(self, X: Any, y: Array, weight: Array | None) -> Rows:
        """Rows that were checked, as the networks take them, weighted as in training."""
        targets, weight = self.targets_.encode(y), in_one_unit(weight)
        weight = with_class_weights(weight, targets, self._weights_of_classes(targets, weight))
        return Rows(self.encoder_.transform(X), targets, weight)

    def _check_rows(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, Array, Array | None]:
        if y is None:
            raise InputError(Text("{name} requires y to be passed, but the target y is None", name=type(self).__name__))
        return check_rows(X, y, sample_weight, self._check_targets)

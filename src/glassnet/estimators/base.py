"""What the two estimators share: from a table through the encoder, the network and the trainer, and back."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any, Final, Self

from sklearn.utils import Tags

from glassnet.engines.data import in_one_unit
from glassnet.errors import InputError, shown
from glassnet.estimators.checks import column_count, refuse_given, with_class_weights
from glassnet.estimators.declaration import RULES
from glassnet.estimators.kinds import kinds_of_members, refuse_to_go_on
from glassnet.estimators.out_of_core import Memory, OutOfCoreData
from glassnet.estimators.partitions import check_client, in_partitions
from glassnet.estimators.preparing import Preparing
from glassnet.estimators.time_budget import TimeBudget
from glassnet.layers.base import Array
from glassnet.network import LBFGS
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.training_lock import locked_for_training
from glassnet.tables import row_count
from glassnet.tables.blocks import is_out_of_core
from glassnet.tables.labelled_blocks import are_batches
from glassnet.training import Checkpoint, Rounds
from glassnet.training.trainer import TIME_LIMIT

BY_ROUNDS: Final = "Training in rounds does not support `{name}`"
BY_WORKERS: Final = "Members trained by workers do not support `{name}`"


def learns_in_parts(estimator: NeuralEstimator) -> bool:
    """Whether it has ``partial_fit``: not with an optimizer that needs the whole table in each step."""
    return not isinstance(estimator.optimizer, str) or str.__str__(estimator.optimizer) != LBFGS


@methods_suggest_options
class NeuralEstimator(Preparing):
    """The common part of :class:`NeuralClassifier` and :class:`NeuralRegressor`."""

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
        y : array-like of shape (rows,) or (rows, targets)
            For a table that is not in memory, the name of its target column, or several; with batches None.
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
            meantime ``glassnet.load(folder)`` gives the model as far as it has come. Boosted trees have no
            checkpoints; they are grown anew.
        validation_data : (X, y) or (X, y, sample_weight), optional
            Rows to validate each epoch on, instead of a part of the training rows; the weights of the best epoch are
            kept. In a pipeline: rows as this estimator sees them, for no earlier step transforms them. X may be a
            table that is not in memory, and y the name of its column.
        memory : int or str, optional
            The bytes that the process may use, such as "1GB"; 500 MB at least. A table that would need more is encoded
            once into a temporary file, and read in windows of shuffled rows: see :mod:`glassnet.training.windows`.
            None: everything is in memory.
        client : distributed.Client, optional
            Of a Dask cluster, whose workers do the work. With `shards`, or where X is a DataFrame of Dask, they train
            in rounds; otherwise each trains one member, on rows in memory, also if they come from a folder or a
            LazyFrame. A client never changes the model: the result is that of the same call without one, to the bit.
        shards : int or Rounds, optional
            How many shards the rows are split into, to train in rounds: see :class:`glassnet.Rounds`. X may then also
            be a DataFrame of Dask, a folder or a LazyFrame of polars, and y and `sample_weight` the names of columns.
            The encoder sees no validation rows.

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
            given = {"groups": groups, "times": times, "time_limit": time_limit, "memory": memory}
            refuse_given(BY_ROUNDS, "Omit it", **given)
        elif client is not None:
            refuse_given(BY_WORKERS, "Omit it, or omit `client`", time_limit=time_limit, memory=memory)
            refuse_given(BY_WORKERS, "Omit it, or train in rounds with `shards`", checkpoint=checkpoint)
        if client is not None:
            check_client(client)
        if by_rounds:
            own = {"client": client, "shards": shards, "checkpoint": checkpoint, "validation_data": validation_data}
            fitted: Self = self._fit_by_rounds(X, y, sample_weight, **own)
            return fitted
        place = None if checkpoint is None else Checkpoint.taken("`checkpoint` of fit", checkpoint)
        with self._all_or_nothing(), contextlib.nullcontext() if place is None else place.claimed():
            self._given()  # wrong options are refused before anything is looked at
            seconds = TIME_LIMIT.taken("`time_limit`", time_limit)
            allowance = None if seconds is None else TimeBudget(seconds)
            if place is not None:
                place.check_clock(seconds)
                self._check_seed()
            going_on = self.warm_start and self.__sklearn_is_fitted__()
            if self.cv is not None and validation_data is not None:
                rule = "Epochs must be validated by `cv` or by `validation_data`, not both"
                raise InputError(rule, "both", "Omit one of them")
            passage = None
            if memory is not None or is_out_of_core(X) or are_batches(X, y):
                limit = None if memory is None else Memory().taken("`memory`", memory)
                passage = OutOfCoreData.opened(X, y, sample_weight, self._check_rows, limit)
                passage.look(numbers=self.learns_numbers)
                if passage.fits:
                    (X, y, sample_weight), passage = passage.table(), None
            if passage is not None:
                shares = self._pass(passage, validation_data, place, groups, times)
            else:
                shares = self._prepare((X, y, sample_weight, groups, times), validation_data, place, going_on)
            with self._members(place, going_on=going_on) as learners:
                self._train(learners, shares, self.histories_ if going_on else [None] * len(shares), allowance, client)
        return self

    def _fit_part(self, X: Any, y: Any, sample_weight: Any, announced: Array | None = None) -> Self:
        """One epoch more on these rows; the first call also learns the encoder from them."""
        with self._all_or_nothing():
            self._given()
            first = not self.__sklearn_is_fitted__()
            X, y, weight = self._check_rows(X, y, sample_weight)
            weight = in_one_unit(weight)
            if first:
                self.targets_ = self._learn_targets(y, weight, announced)
            settings, loss = self._settings_for(row_count(X), column_count(X), y, going_on=not first)
            constant = dict.fromkeys(("schedule", "decay_schedule", "dropout_schedule"), "constant")
            refuse_to_go_on(settings)
            trainers = [self._trainer(kind | {"epochs": 1} | constant) for kind in kinds_of_members(settings)]
            for trainer in trainers:
                trainer.check()
            targets = self.targets_.encode(y)
            weight = with_class_weights(weight, targets, self._weights_of_classes(targets, weight))
            if first:
                encoder = self._fresh_encoder(settings).fit(X, sample_weight=weight)
                self._start_networks(encoder, settings, loss, self._draw_seed(), X)
            self.settings_ = settings
            fresh = zip(trainers, self.networks_, strict=True)
            updaters = getattr(self, "updaters_", None) or [trainer.updater(network) for trainer, network in fresh]
            self.updaters_ = None  # until they have done their work
            matrix = self.encoder_.transform(X)
            if first:
                self.data_ = self._described(X, y)
            earlier = [None] * len(self.networks_) if first else self.histories_
            self.histories_ = [
                trainer.fit(network, matrix, targets, sample_weight=weight, updater=updater, history=history)
                for trainer, network, updater, history in zip(trainers, self.networks_, updaters, earlier, strict=True)
            ]
            self.updaters_, self.conformal_ = updaters, None
        return self

    def _check_seed(self) -> None:
        """Refuse a seed that a training which goes on from a checkpoint could not draw again."""
        if not isinstance(RULES["random_state"].taken("`random_state`", self.random_state), int):
            rule = (
                "With `checkpoint`, `random_state` must be an integer, "
                "so that a resumed training draws the same random numbers"
            )
            raise InputError(rule, shown(self.random_state), "For example random_state=0")

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Restore all attributes if the fit fails, so that no half-fitted estimator is left behind.

        Except for the optimizer's state: after a step that failed it is not to be trusted.
        """
        with locked_for_training(self):
            before = dict(self.__dict__)
            try:
                yield
            except BaseException:
                if "updaters_" in before:
                    before["updaters_"] = self.updaters_
                self.__dict__ = before
                raise

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = True
        return tags

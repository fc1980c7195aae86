"""What the two estimators share: from a table through the encoder, the network and the trainer, and back."""

from __future__ import annotations

import contextlib
import os
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils import Tags, check_random_state

from glassnet.engines import get_engine
from glassnet.errors import InputError, shown
from glassnet.estimators.allowance import Allowance
from glassnet.estimators.architecture import Inputs, network_layers
from glassnet.estimators.bounds import check_within
from glassnet.estimators.checks import column_count, lost_in_float64, with_class_weights
from glassnet.estimators.declaration import RULES
from glassnet.estimators.epoch_tasks import OF_CALLBACKS, CallbackSupportMixin, with_callbacks
from glassnet.estimators.folds import Given, ties_left
from glassnet.estimators.kinds import (
    kinds_of_members,
    refuse_to_go_on,
)
from glassnet.estimators.learning import Learning
from glassnet.estimators.members import MemberRows
from glassnet.estimators.monotone import directions_of_inputs
from glassnet.estimators.out_of_core import Memory, Passage, check_streamable, validation_rows
from glassnet.estimators.partitions import check_client, check_elsewhere, check_rounds, in_partitions
from glassnet.estimators.presets import TableSize
from glassnet.estimators.rounds import check_unseen, rows_of_members
from glassnet.estimators.settings import STRUCTURE, check_unchanged, choose_settings, fitting_loss
from glassnet.estimators.target_survey import TargetSurvey
from glassnet.estimators.targets import NumberTargets, Targets
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.measure import is_squared_error
from glassnet.layers import Layer
from glassnet.layers.base import Array
from glassnet.network import LBFGS, NeuralNetwork
from glassnet.tables import TableEncoder, row_count, take
from glassnet.tables.blocks import is_out_of_core
from glassnet.tables.labelled_blocks import are_batches
from glassnet.training import Checkpoint, Rounds, Rows
from glassnet.training.trainer import TIME_LIMIT

__all__ = ["NeuralEstimator", "learns_in_parts"]

MOST_LEVELS = 1000
"""So many levels of a category are told apart."""


def learns_in_parts(estimator: NeuralEstimator) -> bool:
    """Whether it has ``partial_fit``: not with an optimizer that takes the whole table at once."""
    return not isinstance(estimator.optimizer, str) or str.__str__(estimator.optimizer) != LBFGS


class NeuralEstimator(CallbackSupportMixin, Learning):
    """The common part of :class:`NeuralClassifier` and :class:`NeuralRegressor`."""

    loss_targets: ClassVar[tuple[str, ...]]
    """The kinds of targets that this estimator's losses may have."""
    learns_numbers: ClassVar[bool]
    """Whether its targets are numbers, and not classes."""

    # ------------------------------------------------- what the two differ in

    @abstractmethod
    def _learn_targets(self, y: Array, sample_weight: Array | None) -> Targets:
        """What is to be known of the targets."""

    @abstractmethod
    def _surveyed_targets(self, survey: TargetSurvey) -> Targets:
        """The same of targets that were gathered piece by piece."""

    # --------------------------------------------------------------- training

    @with_callbacks
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
            check_rounds(groups=groups, times=times, time_limit=time_limit, memory=memory)
        elif client is not None:
            check_elsewhere(time_limit=time_limit, checkpoint=checkpoint, memory=memory)
        if client is not None:
            check_client(client)
        if by_rounds:
            fitted: Self = self._fit_by_rounds(
                *(X, y, sample_weight),
                client=client,
                shards=shards,
                checkpoint=checkpoint,
                validation_data=validation_data,
            )
            return fitted
        place = None if checkpoint is None else Checkpoint.taken("`checkpoint` of fit", checkpoint)
        with self._all_or_nothing(), contextlib.nullcontext() if place is None else place.claimed():
            self._given()  # wrong options are refused before anything is looked at
            seconds = TIME_LIMIT.taken("`time_limit`", time_limit)
            allowance = None if seconds is None else Allowance(seconds)
            if place is not None:
                place.check_clock(seconds)
                self._check_seed()
            going_on = self.warm_start and self.__sklearn_is_fitted__()
            if self.cv is not None and validation_data is not None:
                rule = "Epochs must be judged by `cv` or by `validation_data`"
                raise InputError(rule, "both", "Leave one of the two out")
            passage = None
            if memory is not None or is_out_of_core(X) or are_batches(X, y):
                limit = None if memory is None else Memory().taken("`memory`", memory)
                passage = Passage.opened(X, y, sample_weight, self._check_rows, limit)
                passage.look(numbers=self.learns_numbers)
                if passage.fits:
                    (X, y, sample_weight), passage = passage.table(), None
            if passage is not None:
                settings, loss, shares = self._pass(passage, validation_data, place, groups, times)
            else:
                rows = X, y, sample_weight, groups, times
                settings, loss, shares = self._prepare(rows, validation_data, place, going_on)
            with self._members(settings, loss, place, going_on=going_on) as learners:
                self._train(learners, shares, self.histories_ if going_on else [None] * len(shares), allowance, client)
        return self

    def _prepare(
        self,
        rows: tuple[Any, ...],
        validation_data: tuple[Any, ...] | None,
        place: Checkpoint | None,
        going_on: bool,
    ) -> tuple[dict[str, Any], Loss, list[MemberRows]]:
        """From a table in memory, its targets, weights, groups and times to what each member learns from."""
        whole, y, sample_weight, groups, times = rows
        X, y, weight = self._check_rows(whole, y, sample_weight)
        ties, places = ties_left(groups, times, sample_weight, row_count(whole), len(y))
        if not going_on:
            self.targets_ = self._learn_targets(y, weight)
        settings, loss = self._settings_for(row_count(X), column_count(X), y, going_on)
        self._check_members(settings, loss, place)
        targets = self.targets_.encode(y)
        class_weights = self._weights_of_classes(targets, weight)
        weight = with_class_weights(weight, targets, class_weights)
        seed = self.networks_[0].seed if going_on else self._draw_seed()
        held = None if validation_data is None else self._check_validation(validation_data, class_weights)
        given = Given(X, y, self.targets_.strata(targets), ties, places)
        all_folds = self.members is None and not going_on
        if going_on and held is None:
            check_unseen(settings, self.settings_)
        settings, parts = rows_of_members(settings, seed, None if held is not None else given, all_folds=all_folds)
        if not going_on:
            # where all are judged by the same rows, the encoder knows none of them; else there is but one encoder
            judged = [part for part in parts if part[1] is not None] or parts
            seen = judged[0][0] if all(part is judged[0] for part in judged) else None
            known = (X, weight) if seen is None else (take(X, seen), None if weight is None else weight[seen])
            self._start_networks(self._fresh_encoder(settings).fit(*known), settings, loss, seed, known[0])
        self.settings_ = settings
        table = Rows(self.encoder_.transform(X), targets, weight)
        self.data_ = self._described(X, y)
        judging = None if held is None else Rows(self.encoder_.transform(held[0]), *held[1:])
        shares = [MemberRows(table, learned, judging if some is None else some) for learned, some in parts]
        return settings, loss, shares

    def _pass(
        self,
        passage: Passage,
        validation_data: tuple[Any, ...] | None,
        place: Checkpoint | None,
        groups: Any,
        times: Any,
    ) -> tuple[dict[str, Any], Loss, list[MemberRows]]:
        """The same from rows that lie elsewhere."""
        for name, given in (("groups", groups), ("times", times), ("warm_start", self.warm_start or None)):
            if given is not None:
                rule = f"With rows that are not in memory `{name}` must be left out"
                raise InputError(rule, shown(given), "Name the rows to be judged by: validation_data=(path, target)")
        self.targets_ = self._surveyed_targets(passage.survey)
        settings, loss = self._settings_for(passage.rows, passage.columns, passage.survey.ends(), False)
        check_streamable(settings)
        self._check_members(settings, loss, place)
        class_weights = self._surveyed_weights(passage.survey)
        seed = self._draw_seed()
        apart = validation_data is not None
        all_folds = self.members is None
        settings, held = passage.part(settings, seed, judged_apart=apart, all_folds=all_folds)
        masks = [bits for bits in held if bits is not None]
        unseen = masks[0] if masks and all(bits is masks[0] for bits in masks) else None

        def weighed(weight: Array | None, y: Array) -> Array | None:
            return with_class_weights(weight, self.targets_.encode(y), class_weights)

        encoder = passage.encoder(self._fresh_encoder(settings), unseen, weighed)
        self._start_networks(encoder, settings, loss, seed)
        self.settings_ = settings
        some = passage.encode(self.encoder_, self.targets_.encode, weighed)
        self.data_ = self._described(*some).of_more(passage.rows, passage.survey.rows_of)
        judging = None
        if validation_data is not None:
            judged = self._check_validation(validation_data, class_weights, passage.memory)
            judging = Rows(self.encoder_.transform(judged[0]), *judged[1:])
        return settings, loss, passage.shares(held, judging)

    def _surveyed_weights(self, survey: TargetSurvey) -> Array | None:
        """The weight of each class, from how many rows are of it."""
        if getattr(self, "class_weight", None) is None:
            return None
        weights = survey.weights()
        return self._weights_of_classes(np.arange(len(weights)), weights)

    def _check_members(self, settings: Mapping[str, Any], loss: Loss, place: Checkpoint | None) -> None:
        """Refuse settings of members that do not go together, before any work."""
        for kind in kinds_of_members(settings):
            self._learner(kind, loss, Inputs(), checkpoint=place).check()
            self._layers(kind, loss, Inputs())

    def _fit_part(self, X: Any, y: Any, sample_weight: Any, announced: Targets | None = None) -> Self:
        """One epoch more on these rows; the first call also learns the encoder from them."""
        with self._all_or_nothing():
            self._given()
            first = not self.__sklearn_is_fitted__()
            X, y, weight = self._check_rows(X, y, sample_weight)
            if first:
                self.targets_ = announced if announced and y.ndim == 1 else self._learn_targets(y, weight)
            settings, loss = self._settings_for(row_count(X), column_count(X), y, going_on=not first)
            constant = dict.fromkeys(("schedule", "decay_schedule", "dropout_schedule"), "constant")
            refuse_to_go_on(settings)
            trainers = [self._trainer(kind | {"epochs": 1} | constant) for kind in kinds_of_members(settings)]
            for trainer in trainers:
                trainer.check()
            targets = self.targets_.encode(y)
            weight = with_class_weights(weight, targets, self._weights_of_classes(targets, weight))
            if first:
                encoder = self._fresh_encoder(settings).fit(X, weight)
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
            rule = "With `checkpoint`, `random_state` must be a whole number, for what goes on must draw the same"
            raise InputError(rule, shown(self.random_state), "For example random_state=0")

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Within it a failure takes back every attribute, so that no half-fitted estimator is left behind.

        Except for the optimizer's state: after a step that failed it is not to be trusted.
        """
        before = dict(self.__dict__)
        try:
            yield
        except BaseException:
            if "updaters_" in before:
                before["updaters_"] = self.updaters_
            before |= {name: value for name, value in vars(self).items() if name in OF_CALLBACKS}
            self.__dict__ = before
            raise

    def _fresh_encoder(self, settings: Mapping[str, Any]) -> TableEncoder:
        """The encoder that these settings ask for."""
        return TableEncoder(
            scaling=settings["scaling"],
            max_levels=max(MOST_LEVELS, settings["max_one_hot"]),
            max_one_hot=settings["max_one_hot"],
            dtype=settings["dtype"],
        )

    def _start_networks(
        self, encoder: TableEncoder, settings: Mapping[str, Any], loss: Loss, seed: int, X: Any = None
    ) -> None:
        """Fresh networks for what a fitted encoder gives; X are its rows, where they are in memory."""
        self.encoder_, dtype = encoder, settings["dtype"]
        inputs = encoder.n_outputs
        if inputs == 0:
            if X is not None and (beyond := lost_in_float64(X)):
                raise InputError(
                    "Integers beyond 2^53 must differ by more than float64 can tell apart",
                    f"columns {', '.join(beyond[:5])}",
                    "Subtract the smallest from each column, or give them as text",
                )
            raise InputError(
                "At least one column of the table must vary",
                f"{self.encoder_.n_features_in} columns" + ("" if X is None else f", n_samples = {row_count(X)}"),
                "Give more rows, or columns that tell rows apart",
            )
        engine, monotone = get_engine(self.engine), directions_of_inputs(settings["monotone"], self.encoder_)
        self.networks_ = [
            NeuralNetwork(
                *(inputs, self._layers(kind, loss, Inputs.of(self.encoder_)), loss),
                members=settings["shared_members"],
                monotone=monotone,
                seed=(seed + member) % 2**64,
                dtype=dtype,
                engine=engine,
            )
            for member, kind in enumerate(kinds_of_members(settings))
        ]
        self.weights_, self.temperature_, self.conformal_ = None, 1.0, None
        self.notes_ = {}

    def _layers(self, settings: Mapping[str, Any], loss: Loss, inputs: Inputs) -> list[Layer]:
        return network_layers(settings, loss, self.targets_.outputs(loss), inputs)

    def _draw_seed(self) -> int:
        """One whole number from random_state, for everything that is left to chance."""
        state = RULES["random_state"].taken("`random_state`", self.random_state)
        return state if isinstance(state, int) else int(check_random_state(state).randint(2**31 - 1))

    # ----------------------------------------------------------------- checks

    def _check_validation(
        self, data: tuple[Any, ...], class_weights: Array | None, memory: int | None = None
    ) -> tuple[Any, Array, Array | None]:
        """The validation rows, weighted as the training rows are; where they lie elsewhere, as many as memory holds."""
        X, y, weight = self._check_rows(
            *validation_rows(data, self._check_rows, numbers=self.learns_numbers, memory=memory)
        )
        targets = self.targets_.encode(y)
        return X, targets, with_class_weights(weight, targets, class_weights)

    def _settings_for(self, rows: int, columns: int, y: Array, going_on: bool) -> tuple[dict[str, Any], Loss]:
        """Every option with its value, given or the preset's, and the loss that follows; y may be its ends alone."""
        preset = self.settings_["preset"] if going_on and self.preset == "auto" else self.preset
        numbers = isinstance(self.targets_, NumberTargets)
        settings = self._chosen(rows, columns, numbers, self.targets_.default_loss, preset)
        if going_on:
            given = self._given()
            kept = (*STRUCTURE, "refits")  # whoever has learned from all rows can be judged by none of them
            left = [n for n in kept if n in self.setting_names and given[n] in (None, "auto")]
            settings |= {name: self.settings_[name] for name in left}
        check_within(y, settings.get("bounds"))
        loss = fitting_loss(settings, self.loss_targets, type(self).__name__)
        if isinstance(self.scoring, str) and len(loss.levels) > 1:
            rule = (
                "A score that has a name is of one answer a target, so `scoring` cannot be one with several quantiles"
            )
            raise InputError(rule, repr(self.scoring), "Leave it out: then the loss decides. Or give a function")
        if going_on:
            refuse_to_go_on(settings)
            inputs = Inputs.of(self.encoder_)
            layers = [self._layers(kind, loss, inputs) for kind in kinds_of_members(settings)]
            check_unchanged(self.networks_, layers, loss, settings, self.settings_)
        elif isinstance(self.targets_, NumberTargets):
            self.targets_ = self.targets_.clamped(bool(settings["clamp"]), settings["bounds"])
            loss.check(self.targets_.encode(y), self.targets_.outputs(loss))
        return settings, loss

    def _chosen(self, rows: int, columns: int, numbers: bool, default_loss: str, preset: Any) -> dict[str, Any]:
        """Every option with its value, given or the preset's; `numbers` says whether the targets are."""
        options = self._given()
        given = {name: options[name] for name in self.setting_names}
        squares = self.loss is None or is_squared_error(LOSSES.get(self.loss))
        size = TableSize(rows, columns, numbers, squares, monotone=self.monotone is not None)
        return choose_settings(given, preset, size, default_loss)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = True
        return tags

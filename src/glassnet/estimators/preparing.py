"""An estimator before its members learn: targets, settings, encoder, networks, and the rows that each member gets."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state

from glassnet.engines import get_engine
from glassnet.engines.data import in_one_unit
from glassnet.errors import InputError
from glassnet.estimators.architecture import Inputs, network_layers
from glassnet.estimators.bounds import check_within
from glassnet.estimators.checks import column_count, lost_in_float64, refuse_given, with_class_weights
from glassnet.estimators.declaration import RULES
from glassnet.estimators.folds import Given, check_unseen, rows_of_members, ties_left
from glassnet.estimators.kinds import kinds_of_members, refuse_to_go_on
from glassnet.estimators.learning import Learning
from glassnet.estimators.members import MemberSplit
from glassnet.estimators.monotone import directions_of_inputs
from glassnet.estimators.out_of_core import OutOfCoreData, check_streamable, validation_rows
from glassnet.estimators.presets import TableSize
from glassnet.estimators.settings import STRUCTURE, check_unchanged, choose_settings, fitting_loss
from glassnet.estimators.target_survey import TargetSurvey
from glassnet.estimators.targets import NumberTargets, Targets
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.measure import is_squared_error
from glassnet.layers import Layer
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.tables import TableEncoder, row_count, take
from glassnet.tables.column_issues import warn_of_free_text
from glassnet.training import Checkpoint, Rows
from glassnet.training.early_stopping import JUDGED

MOST_LEVELS = 1000
"""So many levels of a category are told apart."""


class Preparing(Learning):
    """An estimator on the way from rows to what its members learn from."""

    loss_targets: ClassVar[tuple[str, ...]]
    """The kinds of targets that this estimator's losses may have."""
    learns_numbers: ClassVar[bool]
    """Whether its targets are numbers, and not classes."""

    # ------------------------------------------------- what the two differ in

    @abstractmethod
    def _learn_targets(self, y: Array, sample_weight: Array | None, announced: Array | None = None) -> Targets:
        """Fit the targets; `announced` are classes that will come later."""

    def _chosen_anew(self) -> Targets:
        """The targets of the previous fit, from which this one goes on, with what options say of them now."""
        return self.targets_

    @abstractmethod
    def _surveyed_targets(self, survey: TargetSurvey) -> Targets:
        """Fit the targets from statistics gathered in chunks."""

    # ---------------------------------------------------- the rows of members

    def _prepare(
        self, rows: tuple[Any, ...], validation_data: tuple[Any, ...] | None, place: Checkpoint | None, going_on: bool
    ) -> list[MemberSplit]:
        """Turn a table in memory, its targets, weights, groups and times into the shares of the members."""
        whole, y, sample_weight, groups, times = rows
        X, y, weight = self._check_rows(whole, y, sample_weight)
        weight = in_one_unit(weight)
        ties, places = ties_left(groups, times, sample_weight, row_count(whole), len(y))
        self.targets_ = self._chosen_anew() if going_on else self._learn_targets(y, weight)
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
            known, counted = (X, weight) if seen is None else (take(X, seen), None if weight is None else weight[seen])
            encoder = self._fresh_encoder(settings).fit(known, sample_weight=counted)
            self._start_networks(encoder, settings, loss, seed, known)
        self.settings_ = settings
        table = Rows(self.encoder_.transform(X), targets, weight)
        self.data_ = self._described(X, y)
        if not going_on:
            warn_of_free_text(X, self.data_)
        judging = None if held is None else held._replace(X=self.encoder_.transform(held.X))
        shares = [MemberSplit(table, learned, judging if some is None else some) for learned, some in parts]
        if class_weights is not None:  # which may be 0
            for share in shares:
                share.check_weights()
        return shares

    def _pass(
        self,
        passage: OutOfCoreData,
        validation_data: tuple[Any, ...] | None,
        place: Checkpoint | None,
        groups: Any,
        times: Any,
    ) -> list[MemberSplit]:
        """Turn rows that are not in memory into the shares of the members."""
        refuse_given(
            "With rows that are not in memory `{name}` must be left out",
            "Name the rows to be judged by: validation_data=(path, target)",
            groups=groups,
            times=times,
            warm_start=self.warm_start or None,
        )
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
        warn_of_free_text(some[0], self.data_)
        judging = None
        if validation_data is not None:
            judged = self._check_validation(validation_data, class_weights, passage.memory)
            judging = judged._replace(X=self.encoder_.transform(judged.X))
        return passage.shares(held, judging)

    def _check_validation(self, data: tuple[Any, ...], class_weights: Array | None, memory: int | None = None) -> Rows:
        """The validation rows, weighted as the training rows are; where they lie elsewhere, as many as memory holds."""
        X, y, weight = self._check_rows(
            *validation_rows(data, self._check_rows, numbers=self.learns_numbers, memory=memory)
        )
        targets = self.targets_.encode(y)
        return Rows(X, targets, with_class_weights(in_one_unit(weight), targets, class_weights)).checked(JUDGED)

    def _surveyed_weights(self, survey: TargetSurvey) -> Array | None:
        """The weight of each class, from how many rows are of it."""
        if getattr(self, "class_weight", None) is None:
            return None
        weights = survey.weights()
        return self._weights_of_classes(np.arange(len(weights)), weights)

    # ------------------------------------------------------ encoder, networks

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
                    "Integers beyond 2^53 must still be distinct in float64",
                    f"columns {', '.join(beyond[:5])}",
                    "Subtract the smallest value from each column, or pass the columns as text",
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

    # ---------------------------------------------------------------- settings

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
            rule = "A named score needs one prediction per target, so with several quantiles `scoring` cannot be a name"
            raise InputError(rule, repr(self.scoring), "Omit it to let the loss decide, or pass a function")
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

    def _check_members(self, settings: Mapping[str, Any], loss: Loss, place: Checkpoint | None) -> None:
        """Refuse settings of members that do not go together, before any work."""
        for kind in kinds_of_members(settings):
            self._learner(kind, loss, Inputs(), checkpoint=place).check()
            self._layers(kind, loss, Inputs())

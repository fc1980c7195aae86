"""A fit, from a table to trained members: targets, settings, splits, encoder, networks, training, calibration.

Tables in memory (``splits_in_memory``), out of core (:mod:`glassnet.estimators.out_of_core`), in blocks on a cluster
(:mod:`glassnet.distributed.learning`) and single epochs (``train_epoch``) go through the same steps, in this order:
``decide``, ``start_networks``, and one split of the rows for each member; then ``learners`` and ``train``.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import check_random_state

from glassnet.engines import get_engine
from glassnet.engines.compiled.workers import cores
from glassnet.engines.data import in_one_unit
from glassnet.errors import InputError, shown
from glassnet.estimators.architecture import Inputs, directions_of_inputs, network_layers
from glassnet.estimators.calibration import Temperatures, temperatures_of_members
from glassnet.estimators.checks import lost_in_float64, with_class_weights, without_class_weights
from glassnet.estimators.declaration import REGISTRIES, RULES, options_that_are
from glassnet.estimators.ensemble import (
    kept_members,
    kinds_of_members,
    merge_text_weights,
    settings_of_kinds,
    weights_of_members,
)
from glassnet.estimators.folds import FitRows, check_unseen, rows_of_members, ties_left
from glassnet.estimators.held_out import Round, predictions_by_row, rounds_of, share_held_out_rows
from glassnet.estimators.later_rows import Growth, new_levels, warn_of_constants, warn_of_levels
from glassnet.estimators.members import (
    GradientLearner,
    Learner,
    MemberSplit,
    MemberTask,
    TimeBudget,
    TrainedMember,
    epochs_of_refits,
    train_side_by_side,
    validated_and_refitted,
)
from glassnet.estimators.number_targets import NumberTargets, check_within
from glassnet.estimators.out_of_core import validation_rows
from glassnet.estimators.predict_limit import members_within
from glassnet.estimators.presets import FREE_TEXT, TableSize
from glassnet.estimators.scoring import ScoreOfNetwork, check_scoring, without_callbacks
from glassnet.estimators.settings import check_unchanged, choose_settings, fewer_members, fitting_loss
from glassnet.estimators.targets import TargetSurvey
from glassnet.formulas.averages import averaged
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.measure import is_squared_error
from glassnet.formulas.schedules import SCHEDULES
from glassnet.layers import Layer
from glassnet.layers.base import Array
from glassnet.layers.bins import as_columns
from glassnet.layers.monotone import rising
from glassnet.layers.rounding import with_products_of
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.options import MIXED, stored
from glassnet.support.training_lock import locked_for_training
from glassnet.tables import TableEncoder, row_count, take
from glassnet.tables.column_issues import warn_of_free_text
from glassnet.tables.containers import is_sparse
from glassnet.tables.fit_statistics import is_text_alone
from glassnet.tables.opened_table import open_dense
from glassnet.tables.text_dates import with_dates
from glassnet.training import Checkpoint, History, Rows, Trainer
from glassnet.training.early_stopping import VALIDATION_WEIGHTS
from glassnet.training.history import Ending

if TYPE_CHECKING:
    from glassnet.estimators.base import NeuralEstimator

MAX_LEVELS = 1000
"""The maximum number of levels of a category that are encoded separately."""


class Fit:
    """One fit of an estimator.

    It works on a copy of the estimator, which takes over what the copy has learned once everything has succeeded: a
    fit that fails leaves the estimator as it was.

    Attributes
    ----------
    estimator, model : NeuralEstimator
        The estimator and its copy.
    continues : bool
        Whether training continues from the previous fit.
    checkpoint : Checkpoint or None
        Where the members store their checkpoints.
    settings : dict
        Every option with its value; set by ``decide``.
    loss : Loss
        Set by ``decide``.
    places : array of int of shape (rows,) or None
        The number, in the encoded table, of each row given to ``fit``; -1: left out, for its weight is 0. None: the
        table is not in memory.
    growth : Growth or None
        The levels and classes of these rows that the networks get a place for.
    class_weights : array of shape (classes,) or None
        The weight of each class, which the weights of rows contain.
    notes : dict
        What the fit notes in the model.
    """

    settings: dict[str, Any]
    loss: Loss
    places: Array | None = None
    growth: Growth | None = None
    class_weights: Array | None = None

    def __init__(
        self, estimator: NeuralEstimator, *, continues: bool = False, checkpoint: Checkpoint | None = None
    ) -> None:
        self.estimator, self.model = estimator, copy.copy(estimator)
        self.continues, self.checkpoint = continues, checkpoint
        self.notes: dict[str, Any] = {}

    @classmethod
    @contextlib.contextmanager
    def of(
        cls, estimator: NeuralEstimator, *, continues: bool = False, checkpoint: Checkpoint | None = None
    ) -> Iterator[Fit]:
        """Fit a copy of the estimator within the context; the estimator takes over its attributes at the end.

        Raises
        ------
        InputError, InputTypeError
            If an option is not usable, or another call trains the estimator or writes these checkpoints.
        """
        with locked_for_training(estimator), contextlib.nullcontext() if checkpoint is None else checkpoint.claimed():
            options = estimator._given()  # wrong options are refused before any row is read
            if checkpoint is not None and (limit := options["predict_limit"]) is not None:
                rule = Text("With `checkpoint`, the number of members must not depend on the machine")
                raise InputError(rule, f"predict_limit={limit!r}", "Set `members` instead")
            seed = RULES["random_state"].taken("`random_state`", estimator.random_state)
            if checkpoint is not None and not isinstance(seed, int):
                rule = Text(
                    "With `checkpoint`, `random_state` must be an integer, so that a resumed "
                    "training draws the same random numbers"
                )
                raise InputError(rule, shown(estimator.random_state), "For example random_state=0")
            fit = cls(estimator, continues=continues, checkpoint=checkpoint)
            yield fit
            estimator.__dict__.update(vars(fit.model))

    # -------------------------------------------------------------- settings

    def choose(self, rows: int, columns: int, default_loss: str, preset: Any, X: Any = None) -> dict[str, Any]:
        """Return every option with its value: as given, or as the preset has it for a table of this size.

        X are its rows, if they are in memory.
        """
        model, options = self.model, self.model._given()
        chosen = {name: options[name] for name in model.setting_names}
        if model._tunes_threshold and chosen["early_stopping"] is None:
            chosen["early_stopping"] = True
        squares = model.loss is None or is_squared_error(LOSSES.get(model.loss))
        size = TableSize(
            rows,
            columns,
            model.learns_numbers,
            squares,
            monotone=model.monotone is not None,
            text_alone=model.encoder_.plan.text_alone
            if self.continues
            else X is not None and is_text_alone(X, options["free_text"] or FREE_TEXT),
        )
        return choose_settings(chosen, preset, size, default_loss)

    def decide(self, shape: tuple[int, int], y: Array, X: Any = None) -> None:
        """Set the settings and the loss for the targets learned before; y may be their minimum and maximum alone.

        The shape is that of the table, and X are its rows, if they are in memory.
        """
        model, targets = self.model, self.model.targets_
        preset = model.settings_["preset"] if self.continues and model.preset == "auto" else model.preset
        settings = self.choose(*shape, targets.default_loss, preset, X)
        if self.continues:
            options = model._given()
            kept = [name for name in options_that_are("kept") if name in model.setting_names]
            left = {name for name in kept if options[name] in (None, "auto")}
            if self.growth is not None and model.settings_["loss"] == self.growth.targets.default_loss:
                left.discard("loss")  # of two classes, if there are more now
            settings |= {name: model.settings_[name] for name in left}
            if settings["predict_limit"] is not None:  # which chose them in the first fit
                settings["members"] = min(settings["members"], model.settings_["members"])
                settings["refits"] = model.settings_["refits"]
        check_within(y, settings.get("bounds"))
        check_scoring(model.scoring, targets)
        loss = fitting_loss(settings, model.loss_targets, type(model).__name__)
        if settings["monotone"] is not None:
            rising(loss, targets.outputs(loss))  # which refuses more than two classes
        if isinstance(model.scoring, str) and len(loss.levels) > 1:
            rule = Text(
                "A named score needs one prediction per target, so with several quantiles `scoring` cannot be a name"
            )
            raise InputError(rule, repr(model.scoring), "Omit it to let the loss decide, or pass a function")
        if self.continues:
            layers = self._layers_of_members(settings, loss, Inputs.of(model.encoder_))
            if settings["dtype"] == MIXED:
                pairs = zip(layers, model.networks_, strict=False)
                layers = [with_products_of(own, network.layers) for own, network in pairs]
            if self.growth is not None:
                self.growth.apply(model, layers, loss, directions_of_inputs(settings["monotone"], model.encoder_))
            check_unchanged(model.networks_, layers, loss, settings, model.settings_)
        elif isinstance(targets, NumberTargets):
            model.targets_ = targets.clamped(bool(settings["clamp"]), settings["bounds"])
            loss.check(model.targets_.encode(y), model.targets_.outputs(loss))
        self.settings, self.loss = settings, loss
        get_engine(model.engine).prepare(settings["dtype"])  # while the table is encoded

    @classmethod
    def check_targets(cls, estimator: NeuralEstimator, columns: int, y: Array) -> None:
        """Refuse options that do not suit these targets, or each other, before any work on a table of so many columns.

        Raises
        ------
        InputError, InputTypeError
        """
        fit, targets = cls(estimator), estimator._check_targets(y)
        fit.model.targets_ = fit.model._learn_targets(targets, None)
        fit.decide((len(targets), columns), targets)
        fit.check_members()

    def check_members(self) -> None:
        """Refuse settings of members that exclude each other, before any work."""
        for kind in settings_of_kinds(self.settings):
            self._learner(kind, Inputs(), checkpoint=self.checkpoint).check()
        self._layers_of_members(self.settings, self.loss, Inputs())

    def limit_members(self, X: Any, targets: Array | None = None, *, hashed: bool = False) -> None:
        """Keep as many members as `predict_limit` allows for rows such as X.

        Their targets show which numbers are names, where that is looked for.
        """
        limit = self.settings["predict_limit"]
        if limit is None or self.continues:
            return
        untrained = Fit(self.model)
        untrained.settings, untrained.loss = self.settings, self.loss
        untrained.start_networks(self._with_number_levels(self.new_encoder(hashed=hashed).fit(X), X, targets), 0, X)
        untrained.model.histories_ = []
        found = members_within(limit, untrained.model, X)
        self.settings, self.notes = fewer_members(self.settings, found["members"]), {"predict_limit": found}

    @property
    def adds_members(self) -> bool:
        """Whether `cv` may add members until each fold has as many: neither their number nor a limit is given."""
        return not self.continues and self.model.members is None and self.settings["predict_limit"] is None

    def seed(self) -> int:
        """Return the seed of everything random: that of the previous fit, or one drawn from `random_state`."""
        if self.continues:
            return self.model.networks_[0].seed
        state = RULES["random_state"].taken("`random_state`", self.model.random_state)
        return state if isinstance(state, int) else int(check_random_state(state).randint(2**31 - 1))

    # --------------------------------------------------- the rows of members

    def splits_in_memory(
        self, X: Any, y: Any, sample_weight: Any, groups: Any, times: Any, validation_data: tuple[Any, ...] | None
    ) -> list[MemberSplit]:
        """Encode a table in memory, and return the training and validation rows of each member."""
        model, whole = self.model, X
        X, y, weight = self._checked(X, y, sample_weight)
        ties, self.places = ties_left(groups, times, sample_weight, row_count(whole), len(y))
        model.targets_ = model._continued_targets() if self.continues else model._learn_targets(y, weight)
        self.decide(X.shape, y, X)
        self.check_members()
        targets = model.targets_.encode(y)
        among_names = groups is None and times is None and not is_sparse(X) and self.settings["monotone"] is None
        if not (self.continues or among_names):
            self.refuse_number_levels()
        self.limit_members(X, targets if among_names else None)
        self.class_weights = class_weights = model._weights_of_classes(targets, weight)
        weight = with_class_weights(weight, targets, class_weights)
        seed = self.seed()
        separate = None if validation_data is None else self.check_validation(validation_data, class_weights)
        fit_rows = FitRows(X, y, model.targets_.strata(targets), ties, self.places) if separate is None else None
        if self.continues and separate is None:
            check_unseen(self.settings, model.settings_)
        self.settings, parts = rows_of_members(self.settings, seed, fit_rows, all_folds=self.adds_members)
        if not self.continues:
            # if all members share their validation rows, the encoder sees none of them; else one encoder sees all rows
            validated = [part for part in parts if part[1] is not None] or parts
            seen = validated[0][0] if all(part is validated[0] for part in validated) else None
            known, counted = (X, weight) if seen is None else (take(X, seen), None if weight is None else weight[seen])
            encoder = self.new_encoder().fit(known, sample_weight=counted)
            if among_names:
                encoder = self._with_number_levels(encoder, known, targets if seen is None else targets[seen])
            self.start_networks(encoder, seed, known)
        model.settings_ = self.settings
        table = Rows(model.encoder_.transform(X), targets, weight)
        model.data_ = model._described(X, y)
        if not self.continues:
            warn_of_free_text(X, model.data_, [column.source for column in model.encoder_.plan.texts])
        if separate is not None:
            separate = separate._replace(X=model.encoder_.transform(separate.X))
        splits = [MemberSplit(table, training, separate if some is None else some) for training, some in parts]
        if class_weights is not None:  # which may be 0
            for split in splits:
                split.check_weights()
        return splits

    def _checked(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, Array, Array | None]:
        """Return the training rows, targets and weights, checked; at first, text that is dates is read as such."""
        X, y, weight = self.model._check_rows(open_dense(X), y, sample_weight)
        if not self.continues:
            X = with_dates(X, self.model._given()["free_text"] or ())
        return X, y, in_one_unit(weight)

    def check_validation(self, data: tuple[Any, ...], class_weights: Array | None, memory: int | None = None) -> Rows:
        """Return the separate validation rows, weighted as the training rows are, but not encoded.

        Of a table that is not in memory, as many rows as `memory` allows.
        """
        model = self.model
        X, y, weight = validation_rows(data, model._check_rows, numbers=model.learns_numbers, memory=memory)
        X, y, weight = model._check_rows(open_dense(X), y, weight)
        targets = model.targets_.encode(y)
        return Rows(X, targets, with_class_weights(in_one_unit(weight), targets, class_weights)).checked(
            VALIDATION_WEIGHTS
        )

    def weights_of_classes(self, survey: TargetSurvey) -> Array | None:
        """Return the weight of each class, given how often each occurs."""
        if getattr(self.model, "class_weight", None) is None:
            return None
        weights = survey.weights()
        self.class_weights = self.model._weights_of_classes(np.arange(len(weights)), weights)
        return self.class_weights

    # ----------------------------------------------------- encoder, networks

    def new_encoder(self, *, hashed: bool = False) -> TableEncoder:
        """Return the unfitted encoder of the settings; see its option `hashed`."""
        settings = self.settings
        return TableEncoder(
            scaling=settings["scaling"],
            max_levels=max(MAX_LEVELS, settings["max_one_hot"]),
            max_one_hot=settings["max_one_hot"],
            dtype=stored(settings["dtype"]),
            free_text=settings["free_text"],
            hashed=hashed,
        )

    def _with_number_levels(self, encoder: TableEncoder, X: Any, targets: Array | None) -> TableEncoder:
        """Return the encoder with codes for the values of numbers that are names, as the settings have it.

        Without targets it stays as it is.
        """
        chosen = self.settings["number_levels"]
        if targets is None or chosen in (None, "none"):
            return encoder
        names = None if chosen == "auto" else chosen
        return encoder.with_number_levels(X, as_columns(targets).astype(np.float64), names)

    def refuse_number_levels(self) -> None:
        """Refuse columns that `number_levels` names, where the rows have none: they would be left out silently."""
        named = self.settings["number_levels"]
        if not isinstance(named, str | None):
            rule = Text(
                "`number_levels` may name columns where `fit` has all rows in memory, not sparse, "
                "without `groups`, `times` and `monotone`"
            )
            raise InputError(rule, ", ".join(map(repr, named)), 'Use number_levels="none"')

    def start_networks(self, encoder: TableEncoder, seed: int, X: Any = None) -> None:
        """Create the untrained networks for a fitted encoder; X are its rows, if they are in memory."""
        model, settings = self.model, self.settings
        if encoder.n_outputs == 0:
            if X is not None and (beyond := lost_in_float64(X)):
                raise InputError(
                    "Integers beyond 2^53 must still be distinct in float64",
                    Text("columns {names}", names=", ".join(beyond[:5])),
                    "Subtract the smallest value from each column, or pass the columns as text",
                )
            raise InputError(
                "At least one column of the table must vary",
                f"{encoder.n_features_in} columns" + ("" if X is None else f", n_samples = {row_count(X)}"),
                "Give more rows, or columns that tell rows apart",
            )
        engine, monotone = get_engine(model.engine), directions_of_inputs(settings["monotone"], encoder)
        model.networks_ = [
            NeuralNetwork(
                *(encoder.n_outputs, layers, self.loss),
                members=settings["shared_members"],
                monotone=monotone,
                seed=(seed + member) % 2**64,
                dtype=settings["dtype"],
                engine=engine,
            )
            for member, layers in enumerate(self._layers_of_members(settings, self.loss, Inputs.of(encoder)))
        ]
        model.encoder_, model.settings_, model.notes_, model.new_levels_ = encoder, settings, self.notes, {}
        model.weights_, model.temperature_, model.conformal_ = None, 1.0, None

    def _layers_of_members(self, settings: Mapping[str, Any], loss: Loss, inputs: Inputs) -> list[list[Layer]]:
        """Return the layers of each member; those of a kind share them."""
        outputs = self.model.targets_.outputs(loss)
        of_kinds = [network_layers(kind, loss, outputs, inputs) for kind in settings_of_kinds(settings)]
        return [of_kinds[member % len(of_kinds)] for member in range(settings["members"])]

    # --------------------------------------------------------------- training

    def learners(self, wrap: Callable[[GradientLearner], Learner] = lambda learner: learner) -> list[Learner]:
        """Return the learner of each member, each passed through `wrap`."""
        inputs, kinds = Inputs.of(self.model.encoder_), kinds_of_members(self.settings)
        folder = self.checkpoint
        return [
            wrap(
                self._learner(
                    kind,
                    inputs,
                    first=number == 1,
                    checkpoint=None if folder is None else folder.of_part(f"member-{number}"),
                )
            )
            for number, kind in enumerate(kinds, 1)
        ]

    def _learner(
        self,
        settings: Mapping[str, Any],
        inputs: Inputs,
        *,
        first: bool = True,
        checkpoint: Checkpoint | None = None,
    ) -> GradientLearner:
        """Return the learner for these settings; callbacks see the first member, or all if they set `every_member`."""
        model, trainer = self.model, self._trainer(settings)
        callbacks = tuple(each for each in trainer.callbacks if first or getattr(each, "every_member", False))
        trainer = replace(trainer, callbacks=callbacks, verbose=trainer.verbose if first else False)
        score = None if model.scoring is None else ScoreOfNetwork(without_callbacks(model), model.scoring)
        return GradientLearner(trainer, score, checkpoint)

    @property
    def _callbacks(self) -> tuple[object, ...]:
        given = self.model.callbacks
        return () if given is None else tuple(given)  # an array has no truth value

    def _trainer(self, settings: Mapping[str, Any]) -> Trainer:
        model, names = self.model, [each.name for each in fields(Trainer)]
        of_model = {"scoring": model.scoring, "verbose": model.verbose, "callbacks": self._callbacks}
        chosen = {name: settings[name] for name in names if settings.get(name) is not None}
        # members have their validation rows already, split before encoding
        return Trainer(**chosen | of_model | {"validation_fraction": 0.0})

    def train(
        self,
        learners: Sequence[Learner],
        splits: Sequence[MemberSplit],
        *,
        budget: TimeBudget | None = None,
        client: Any = None,
    ) -> None:
        """Train every member on its rows, in threads or by the workers of a cluster; then weigh and calibrate them.

        Members validated on held-out rows train first; their best epochs are the number of epochs of those that are
        refitted on all rows. After an interrupt, members that have learned something are kept.
        """
        model = self.model
        self._check_tunable(any(split.validation_rows is not None for split in splits))
        for callback in self._callbacks:
            if hasattr(callback, "on_fit_begin"):
                callback.on_fit_begin(model)
        earlier: list[History | None] = [*model.histories_] if self.continues else [None] * len(splits)
        epochs_before = [0 if history is None else len(history) for history in earlier]
        if self.checkpoint is not None:
            if not self.continues:
                model.histories_ = [History() for _ in learners]
            model._write_beside_checkpoints(self.checkpoint, done=False)
        if budget is not None:
            budget.share_out(len(splits), min(cores(), len(splits)))
        tasks = [MemberTask(*each) for each in zip(learners, model.networks_, splits, earlier, strict=True)]
        networks = list(model.networks_)
        histories: list[History | None] = [None] * len(tasks)

        def train_some(members: Sequence[int]) -> bool:
            """Train some members, and return whether that was interrupted."""
            some = [tasks[member] for member in members]
            results: Sequence[TrainedMember | None]
            if client is None:
                results, interrupted = train_side_by_side(some, budget)
            else:
                results, interrupted = model._train_on_workers(client, some), False
            for member, result in zip(members, results, strict=True):
                if result is not None:
                    networks[member], histories[member] = result
            return interrupted

        validated, refitted = validated_and_refitted(splits)
        interrupted = train_some(validated)
        if refitted and not interrupted:
            for member, epochs in epochs_of_refits(self.settings, histories, epochs_before, refitted).items():
                tasks[member] = tasks[member]._replace(split=splits[member]._replace(epochs=epochs))
            try:
                interrupted = train_some(refitted)
            except KeyboardInterrupt:  # what the validated members have learned is kept
                interrupted = True
        # members that an interrupt or the time limit kept from starting have the history of the previous fit
        known = [old if new is None else new for old, new in zip(earlier, histories, strict=True)]
        ended = [member for member, history in enumerate(known) if history is not None]
        model.networks_ = [networks[member] for member in ended]
        model.histories_ = [history for history in known if history is not None]
        if len(ended) < len(tasks):
            model.settings_ |= kept_members(model.settings_, ended)
        if interrupted:
            model.histories_[0].end("interrupted")  # the first history says how the whole training ended
        elif len(ended) < len(tasks):
            numbers = {"count": len(tasks) - len(ended), "whole": len(tasks)}
            model.histories_[0].endings += (Ending("left_out", numbers=numbers),)
        self._weigh_and_calibrate([splits[member] for member in ended])
        merge_text_weights(model.networks_, model.weights_)
        model.updaters_, model.conformal_ = None, None
        if self.checkpoint is not None and model.history_.ending != "interrupted":
            model._write_beside_checkpoints(self.checkpoint, done=True)

    def _weigh_and_calibrate(self, splits: Sequence[MemberSplit]) -> None:
        """Set what follows from the held-out rows: weights of members, temperature of their average, predictions."""
        model = self.model
        model.weights_, model.temperature_, model._oof_predictions = None, 1.0, None
        try:
            rounds = rounds_of(model.settings_, model.networks_, splits)
            model.weights_ = weights_of_members(model.settings_, rounds, self.loss, model._mean_loss)
            temperatures = Temperatures()
            if model._calibrates:
                temperatures = temperatures_of_members(rounds, model.networks_, model.weights_, model._outputs_each)
            model.temperature_ = temperatures.together
            self._keep_predictions(rounds, temperatures.of_round)
        except KeyboardInterrupt:  # the trained members are kept, without calibration
            model.histories_[0].end("interrupted")

    def _keep_predictions(self, rounds: Sequence[Round], temperature: float) -> None:
        """Keep what members predict for the rows of the table that were held out from them, if there are any."""
        model, loss = self.model, self.loss
        held = [each for each in rounds if each.y is not None]
        if not held:
            return
        if share_held_out_rows(rounds):  # all members predict together
            held = held[:1]
            outputs = [model.raw_outputs(held[0].inputs())]
        else:
            averages = (each.average(each.outputs, loss, model.weights_) for each in held)
            outputs = [averaged([each], loss, temperature) for each in averages]
        found = predictions_by_row(held, [model._predictions_of(each) for each in outputs], model.weights_)
        if self.places is not None and isinstance(held[0].split.validation_rows, np.ndarray):
            kept = found.predictions[self.places]
            kept[self.places < 0] = np.nan
            model._oof_predictions = kept
        if model._tunes_threshold:
            weight = without_class_weights(found.weight, found.y, self.class_weights)
            model._tune_threshold(found._replace(weight=weight))

    def _check_tunable(self, validated: bool) -> None:
        """Refuse to choose a threshold by a score where no rows are held out."""
        if self.model._tunes_threshold and not validated:
            rule = Text("A score can choose `decision_threshold` only on held-out rows")
            received = Text("{scoring}, and none", scoring=shown(self.model._given()["decision_threshold"]))
            raise InputError(rule, received, "Set cv=5, give validation_data, or set a number")

    # ------------------------------------------------------ a single epoch

    def train_epoch(self, X: Any, y: Any, sample_weight: Any, announced: Array | None = None) -> None:
        """Train one epoch on these rows; the first call also learns the encoder from them.

        `announced` are all classes that may come. If training fails, the optimizer's state is lost.
        """
        model = self.model
        X, y, weight = self._checked(X, y, sample_weight)
        if not self.continues:
            self._check_tunable(False)
            model.targets_ = model._learn_targets(y, weight, announced)
        elif (met := new_levels(model, X)) and not model._given()["grow"]:
            warn_of_levels(met)
        if self.continues and model._given()["grow"]:
            self.growth = Growth.of(model, y, announced)
        self.decide(X.shape, y, X)
        self.limit_members(X, hashed=True)
        constant = {name: "constant" for name, registry in REGISTRIES.items() if registry is SCHEDULES}
        trainers = [self._trainer(kind | {"epochs": 1} | constant) for kind in kinds_of_members(self.settings)]
        for trainer in trainers:
            trainer.check()
        targets = model.targets_.encode(y)
        weight = with_class_weights(weight, targets, model._weights_of_classes(targets, weight))
        if not self.continues:
            self.refuse_number_levels()
            self.start_networks(self.new_encoder(hashed=True).fit(X, sample_weight=weight), self.seed(), X)
            warn_of_constants(model.encoder_, grow=model._given()["grow"])
        model.settings_ = self.settings
        matrix = model.encoder_.transform(X)
        if not self.continues:
            model.data_ = model._described(X, y)
        updaters = getattr(model, "updaters_", None)
        if updaters is None:
            updaters = [trainer.updater(network) for trainer, network in zip(trainers, model.networks_, strict=True)]
        else:
            self.estimator.updaters_ = None  # a failed step leaves a state that cannot be continued from
        earlier = model.histories_ if self.continues else [None] * len(model.networks_)
        model.histories_ = [
            trainer.fit(network, matrix, targets, sample_weight=weight, updater=updater, history=history)
            for trainer, network, updater, history in zip(trainers, model.networks_, updaters, earlier, strict=True)
        ]
        model.updaters_, model.conformal_, model._oof_predictions = updaters, None, None

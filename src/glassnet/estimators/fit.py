"""One fit of an estimator: a copy of it, its settings, its encoder and its networks.

Tables in memory (:mod:`glassnet.estimators.in_memory`), out of core (:mod:`glassnet.estimators.out_of_core`) and in
blocks on a cluster (:mod:`glassnet.distributed.learning`) go through the same steps, in this order: ``decide``,
``start_networks``, one split of the rows for each member, and the training of all
(:mod:`glassnet.estimators.ensemble_training`).
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import check_random_state

from glassnet.engines import get_engine
from glassnet.engines.data import in_one_unit
from glassnet.errors import InputError, shown
from glassnet.estimators.architecture import Inputs, directions_of_inputs, network_layers
from glassnet.estimators.checks import lost_in_float64, with_class_weights
from glassnet.estimators.declaration import RULES, options_that_are
from glassnet.estimators.ensemble import settings_of_kinds
from glassnet.estimators.ensemble_training import learner_of
from glassnet.estimators.later_rows import Growth
from glassnet.estimators.number_targets import NumberTargets, check_within
from glassnet.estimators.out_of_core import validation_rows
from glassnet.estimators.predict_limit import members_within
from glassnet.estimators.presets import FREE_TEXT, TableSize
from glassnet.estimators.scoring import check_scoring
from glassnet.estimators.settings import check_unchanged, choose_settings, fewer_members, fitting_loss
from glassnet.estimators.targets import TargetSurvey
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.measure import is_squared_error
from glassnet.layers import Layer
from glassnet.layers.base import Array
from glassnet.layers.bins import as_columns
from glassnet.layers.monotone import rising
from glassnet.layers.rounding import with_products_of
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.options import MIXED, stored
from glassnet.support.training_lock import locked_for_training
from glassnet.tables import TableEncoder, row_count
from glassnet.tables.fit_statistics import is_text_alone
from glassnet.tables.opened_table import open_dense
from glassnet.tables.text_dates import with_dates
from glassnet.training import Checkpoint, Rows
from glassnet.training.early_stopping import VALIDATION_WEIGHTS

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
            learner_of(self.model, kind, checkpoint=self.checkpoint).check()
        self._layers_of_members(self.settings, self.loss, Inputs())

    def limit_members(self, X: Any, targets: Array | None = None, *, hashed: bool = False) -> None:
        """Keep as many members as `predict_limit` allows for rows such as X.

        Their targets show which numbers are names, where that is looked for.
        """
        limit = self.settings["predict_limit"]
        if limit is None or self.continues:
            return
        # in a first piece the order of day and month may be open still, on which no time depends
        X = with_dates(open_dense(X), self.settings["free_text"], open_as="dmy")
        untrained = Fit(self.model)
        untrained.settings, untrained.loss = self.settings, self.loss
        untrained.start_networks(self.with_number_levels(self.new_encoder(hashed=hashed).fit(X), X, targets), 0, X)
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

    # ------------------------------------------- validation rows and weights

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

    def with_number_levels(self, encoder: TableEncoder, X: Any, targets: Array | None) -> TableEncoder:
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

"""Fits on rows in memory: to the end, and epoch by epoch, as ``partial_fit`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassnet.engines.data import in_one_unit
from glassnet.estimators.checks import with_class_weights
from glassnet.estimators.declaration import REGISTRIES
from glassnet.estimators.ensemble import kinds_of_members
from glassnet.estimators.ensemble_training import check_tunable, trainer_of
from glassnet.estimators.folds import FitRows, check_unseen, rows_of_members, ties_left
from glassnet.estimators.later_rows import Growth, new_levels, warn_of_constants, warn_of_levels
from glassnet.estimators.members import MemberSplit
from glassnet.formulas.schedules import SCHEDULES
from glassnet.layers.base import Array
from glassnet.tables import row_count, take
from glassnet.tables.column_issues import warn_of_free_text
from glassnet.tables.containers import is_sparse
from glassnet.tables.opened_table import open_dense
from glassnet.tables.text_dates import with_dates
from glassnet.training import Rows

if TYPE_CHECKING:
    from glassnet.estimators.fit import Fit


def splits_in_memory(
    fit: Fit, X: Any, y: Any, sample_weight: Any, groups: Any, times: Any, validation_data: tuple[Any, ...] | None
) -> list[MemberSplit]:
    """Encode a table in memory, and return the training and validation rows of each member."""
    model, whole = fit.model, X
    X, y, weight = _checked(fit, X, y, sample_weight)
    ties, fit.places = ties_left(groups, times, sample_weight, row_count(whole), len(y))
    model.targets_ = model._continued_targets() if fit.continues else model._learn_targets(y, weight)
    fit.decide(X.shape, y, X)
    fit.check_members()
    targets = model.targets_.encode(y)
    among_names = groups is None and times is None and not is_sparse(X) and fit.settings["monotone"] is None
    if not (fit.continues or among_names):
        fit.refuse_number_levels()
    fit.limit_members(X, targets if among_names else None)
    fit.class_weights = class_weights = model._weights_of_classes(targets, weight)
    weight = with_class_weights(weight, targets, class_weights)
    seed = fit.seed()
    separate = None if validation_data is None else fit.check_validation(validation_data, class_weights)
    fit_rows = FitRows(X, y, model.targets_.strata(targets), ties, fit.places) if separate is None else None
    if fit.continues and separate is None:
        check_unseen(fit.settings, model.settings_)
    fit.settings, parts = rows_of_members(fit.settings, seed, fit_rows, all_folds=fit.adds_members)
    if not fit.continues:
        # if all members share their validation rows, the encoder sees none of them; else one encoder sees all rows
        validated = [part for part in parts if part[1] is not None] or parts
        seen = validated[0][0] if all(part is validated[0] for part in validated) else None
        known, counted = (X, weight) if seen is None else (take(X, seen), None if weight is None else weight[seen])
        encoder = fit.new_encoder().fit(known, sample_weight=counted)
        if among_names:
            encoder = fit.with_number_levels(encoder, known, targets if seen is None else targets[seen])
        fit.start_networks(encoder, seed, known)
    model.settings_ = fit.settings
    table = Rows(model.encoder_.transform(X), targets, weight)
    model.data_ = model._described(X, y)
    if not fit.continues:
        warn_of_free_text(X, model.data_)
    if separate is not None:
        separate = separate._replace(X=model.encoder_.transform(separate.X))
    splits = [MemberSplit(table, training, separate if some is None else some) for training, some in parts]
    if class_weights is not None:  # which may be 0
        for split in splits:
            split.check_weights()
    return splits


def train_epoch(fit: Fit, X: Any, y: Any, sample_weight: Any, announced: Array | None = None) -> None:
    """Train one epoch on these rows; the first call also learns the encoder from them.

    `announced` are all classes that may come. If training fails, the optimizer's state is lost.
    """
    model, grow = fit.model, fit.model._given()["grow"]
    X, y, weight = _checked(fit, X, y, sample_weight)
    if not fit.continues:
        check_tunable(model, validated=False)
        model.targets_ = model._learn_targets(y, weight, announced)
    elif (met := new_levels(model, X)) and not grow:
        warn_of_levels(met)
    if fit.continues and grow:
        fit.growth = Growth.of(model, y, announced)
    fit.decide(X.shape, y, X)
    fit.limit_members(X, hashed=True)
    constant = {name: "constant" for name, registry in REGISTRIES.items() if registry is SCHEDULES}
    trainers = [trainer_of(model, kind | {"epochs": 1} | constant) for kind in kinds_of_members(fit.settings)]
    for trainer in trainers:
        trainer.check()
    targets = model.targets_.encode(y)
    weight = with_class_weights(weight, targets, model._weights_of_classes(targets, weight))
    if not fit.continues:
        fit.refuse_number_levels()
        fit.start_networks(fit.new_encoder(hashed=True).fit(X, sample_weight=weight), fit.seed(), X)
        warn_of_constants(model.encoder_, grow=grow)
    model.settings_ = fit.settings
    matrix = model.encoder_.transform(X)
    if not fit.continues:
        model.data_ = model._described(X, y)
    updaters = getattr(model, "updaters_", None)
    if updaters is None:
        updaters = [trainer.updater(network) for trainer, network in zip(trainers, model.networks_, strict=True)]
    else:
        fit.estimator.updaters_ = None  # a failed step leaves a state that cannot be continued from
    earlier = model.histories_ if fit.continues else [None] * len(model.networks_)
    model.histories_ = [
        trainer.fit(network, matrix, targets, sample_weight=weight, updater=updater, history=history)
        for trainer, network, updater, history in zip(trainers, model.networks_, updaters, earlier, strict=True)
    ]
    model.updaters_, model.conformal_, model._oof_predictions = updaters, None, None


def _checked(fit: Fit, X: Any, y: Any, sample_weight: Any) -> tuple[Any, Array, Array | None]:
    """Return the training rows, targets and weights, checked; at first, text that is dates is read as such."""
    X, y, weight = fit.model._check_rows(open_dense(X), y, sample_weight)
    if not fit.continues:
        X = with_dates(X, fit.model._given()["free_text"] or ())
    return X, y, in_one_unit(weight)

"""Convert a model and its rows to what checks take; all arguments are checked here, before any work."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.base import NeuralEstimator
from glassnet.estimators.class_targets import ClassTargets
from glassnet.estimators.ensemble import judged_members, rounds_of_members
from glassnet.estimators.folds import FitRows, folds_of, judges_by_rows_held_back, ties_left
from glassnet.insight.doctor.diagnostics import Diagnostics, most_probable
from glassnet.insight.doctor.table_checks import RawTable
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.coercion import rows_of
from glassnet.support.language import Text
from glassnet.tables import row_count
from glassnet.tables.containers import as_frame, feature_names, is_frame, is_sparse
from glassnet.tables.matched_columns import open_matched
from glassnet.training import History, Rows

SAME_LOSS = 1e-5
"""Losses that differ by no more than this share are the same but for rounding."""


def prepare(
    model: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    validation_data: Any,
    history: Any,
    groups: Any = None,
    times: Any = None,
) -> Diagnostics:
    """Return the input of the checks, from a model and its rows."""
    if not isinstance(model, (NeuralNetwork, NeuralEstimator)):
        remedy = Text("Give a NeuralNetwork, a NeuralClassifier or a NeuralRegressor")
        raise InputTypeError("`model` must be a model of glassnet", type(model).__name__, remedy)
    if X is None and (y is not None or validation_data is not None):
        raise InputError("Targets and validation rows need the training rows, too", "no X", "Give X, too")
    if y is None and (sample_weight is not None or validation_data is not None):
        raise InputError("Weights and validation rows need the targets of the training rows", "no y", "Give y, too")
    if validation_data is not None:
        validation_data = rows_of("`validation_data`", validation_data)
    if X is not None and row_count(X) == 0:
        raise InputError("There must be at least one row", "0 rows", "Pass some, or omit X")
    if isinstance(model, NeuralNetwork):
        return _bare(model, X, y, sample_weight, validation_data, history)
    if history is not None:
        raise InputError(
            "`history` is only for a NeuralNetwork", type(model).__name__, "An estimator has its own history"
        )
    check_is_fitted(model)
    return _estimator(model, X, y, sample_weight, validation_data, groups, times)


def _bare(
    network: NeuralNetwork, X: Any, y: Any, sample_weight: Any, validation_data: Any, history: Any
) -> Diagnostics:
    names = feature_names(X) or [f"x{column}" for column in range(network.inputs)]

    def rows(X: Any, y: Any, weight: Any = None) -> Rows:
        """Those of weight 0 are left out."""
        checked = Rows(*network.check_data(X, y, weight))
        return checked if checked.weight is None else checked.take(np.flatnonzero(checked.weight))

    given, weight = None if validation_data is None else rows(*validation_data), None
    if y is not None:
        X, y, weight = rows(X, y, sample_weight)
    elif X is not None:
        X = network.check_inputs(X)
    return Diagnostics(
        [network],
        [] if history is None else [_checked_history(history)],
        X,
        y,
        weight,
        given,
        numbers=_numbers(sample_weight),
        names=names,
        sources=np.arange(network.inputs),
        classes=range(max(2, network.outputs)),
    )


def _checked_history(history: Any) -> History:
    """A history as it came from a trainer, or from ``train``, which gives a list of losses."""
    if isinstance(history, History):
        return history
    try:
        return History([{"epoch": epoch, "loss": float(loss)} for epoch, loss in enumerate(history, 1)])
    except Exception:  # iterating an arbitrary object may raise anything
        raise InputError(
            "`history` must be the result of training: a History or a list of losses",
            type(history).__name__,
            "Pass the result of `Trainer.fit` or `network.train`",
        ) from None


def _numbers(sample_weight: Any) -> Array | None:
    """The row numbers left without the rows of weight 0; None: all."""
    return None if np.ndim(sample_weight) == 0 else np.flatnonzero(sample_weight)


def _estimator(
    model: NeuralEstimator, X: Any, y: Any, sample_weight: Any, validation_data: Any, groups: Any, times: Any
) -> Diagnostics:
    given = None if validation_data is None else model._encoded_rows(*model._check_rows(*validation_data))
    judged = None if validation_data is None else validation_data[0]
    weight, shares, cells = None, None, _given_table(model, X, y, judged, groups, times)
    if y is not None:
        rows, checked = row_count(X), model._check_rows(X, y, sample_weight)
        X, y, weight = model._encoded_rows(*checked)
        if given is None:
            ties, places = ties_left(groups, times, sample_weight, rows, len(y))
            shares = _shares(model, Rows(X, y, weight), FitRows(*checked[:2], model.targets_.strata(y), ties, places))
    elif X is not None:
        X = model.encoder_.transform(X)
    # members trained on all rows have no held-out predictions
    looked_at = len(model.networks_ if shares is None else shares)
    known = isinstance(model.targets_, ClassTargets)
    return Diagnostics(
        model.networks_[:looked_at],
        model.histories_[:looked_at],
        X,
        y,
        weight,
        given,
        shares,
        list(model.encoder_.plan.names),
        model.encoder_.sources,
        model.targets_.classes.tolist() if known else None,
        model.targets_.decided if known else most_probable,
        model.settings_,
        _numbers(sample_weight),
        model.encoder_.codes_of_others,
        cells,
    )


def _given_table(model: NeuralEstimator, X: Any, y: Any, judged: Any, groups: Any, times: Any) -> RawTable | None:
    """The columns that the model reads, as they stand there; None where there is no table of cells."""
    if X is None or is_sparse(X):
        return None
    X, judged = (None if rows is None else _of_model(model, rows) for rows in (X, judged))
    answers = None if y is None else np.asarray(y)
    classes, target = isinstance(model.targets_, ClassTargets), str(model.notes_.get("target", ""))
    tied, texts = {"grouped": groups is not None, "timed": times is not None}, model.encoder_.texts
    return RawTable(X, answers, classes, target, judged, **tied, texts=texts)


def _of_model(model: NeuralEstimator, rows: Any) -> Any:
    """A table without the columns that the model does not read."""
    if not is_frame(rows):
        return rows
    table, places = open_matched(rows, model.encoder_.plan)
    return as_frame(table.container)[:, places.tolist()]


def trained_with(
    model: NeuralEstimator, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None, times: Any = None
) -> bool:
    """Whether an estimator is known for certain to have been trained with these rows.

    Where some of them were held back, :func:`_shares` finds out which. Else all were learned from, as by networks that
    share what they have learned of texts, and the figures that the model has kept of its rows must be those of these.
    """
    texts = model.encoder_.plan.texts
    if judges_by_rows_held_back(model.settings_) and not (texts and len(model.networks_) > 1):
        return _estimator(model, X, y, sample_weight, None, groups, times).shares is not None
    X, y, _ = model._check_rows(X, y, sample_weight)
    same = model.data_ is not None and model._described(X, y) == model.data_
    return same and (not texts or clone(model.encoder_).fit(X).plan.texts == texts)  # figures tell nothing of texts


def _shares(model: NeuralEstimator, rows: Rows, given: FitRows) -> list[tuple[Array, Array]] | None:
    """The training and validation rows of each network, if these are the rows of the training.

    The split follows from the seed, or from `cv`. Whether it is the one of the training, the history tells: on the rows
    held back each network must have the very loss that was written down in its best epoch.
    """
    settings, networks, judged = model.settings_, model.networks_, judged_members(model.settings_)
    if not judges_by_rows_held_back(settings) or len(networks) != settings["members"] or not judged:
        return None
    rounds = rounds_of_members(settings)[:judged]
    try:
        of_round = folds_of(settings | {"members": max(rounds) + 1}, networks[0].seed, given, all_folds=False)
    except (InputError, InputTypeError):  # too few rows, or groups, to be those of a training
        return None
    shares = [of_round[number] for number in rounds]
    for network, history, (_, judging) in zip(networks, model.histories_, shares, strict=False):  # the first ones
        written = [row for row in history if row["epoch"] == history.best_epoch and "validation_loss" in row]
        if not written or not len(judging):
            return None
        loss = network.engine.evaluation(network, *rows.take(judging))()
        if not np.isclose(loss, written[0]["validation_loss"], rtol=SAME_LOSS, atol=1e-9):
            return None
    return shares

"""A fit by rounds: from a table that lies in blocks to a fitted estimator."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from glassnet.distributed.blocks import Columns, Labelled, blocks_of
from glassnet.distributed.learner import ByRounds, KeptShards
from glassnet.distributed.table import MOST_JUDGES, Encoding, Found, Share, Table
from glassnet.distributed.workers import Here, Workers
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.architecture import Inputs
from glassnet.estimators.checks import check_classes, check_numbers
from glassnet.estimators.epoch_tasks import epoch_tasks
from glassnet.estimators.folds import judges_by_rows_held_back
from glassnet.estimators.kinds import kinds_of_members
from glassnet.estimators.members import MemberRows
from glassnet.estimators.partitions import in_partitions
from glassnet.estimators.presets import TableSize
from glassnet.estimators.settings import choose_settings
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.measure import is_squared_error
from glassnet.tables.blocks import is_out_of_core, open_blocks
from glassnet.training import Checkpoint, History, Rows
from glassnet.training.rounds import Inner, Rounds

__all__ = ["fit_by_rounds"]


def fit_by_rounds(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    client: Any,
    shards: int | Rounds | None,
    checkpoint: str | os.PathLike[str] | Checkpoint | None,
    validation_data: tuple[Any, ...] | None,
    drop: Sequence[str] = (),
    labelled: bool = False,
) -> Any:
    """Fit an estimator by rounds; see ``fit``.

    Parameters
    ----------
    estimator : NeuralClassifier or NeuralRegressor
    X : table in memory or elsewhere, or DataFrame of Dask
    y : array, or of a table that is not here the name of a column
    sample_weight : the same, or None
    client : distributed.Client or None
        None: everything is done here.
    shards : int, Rounds or None
    checkpoint : str, path, Checkpoint or None
    validation_data : tuple or None
    drop : sequence of str
        Columns that are not learned from.
    labelled : bool
        Whether rows without a target are left out; else they are an error.

    Returns
    -------
    the estimator
    """
    rounds = Rounds.taken("`shards` of fit", shards)
    place = None if checkpoint is None else Checkpoint.taken("`checkpoint` of fit", checkpoint)
    with estimator._all_or_nothing(), contextlib.nullcontext() if place is None else place.claimed():
        estimator._given()
        _refuse(estimator)
        if place is not None:
            estimator._check_seed()
        workers = _workers(client, rounds)
        table = _table(estimator, X, y, sample_weight, workers, tuple(drop), labelled)
        rows, columns = table.count()
        seed = estimator._draw_seed()
        first = _first_settings(estimator, rows, columns)
        held_back = validation_data is None and judges_by_rows_held_back(first)
        share = Share(seed, min(float(first["validation_fraction"]), MOST_JUDGES / rows) if held_back else 0.0)
        robust, numbers = first["scaling"] == "robust", estimator.learns_numbers
        found = table.look_through(share, quantiles=robust, numbers=numbers)
        estimator.targets_ = estimator._surveyed_targets(found.targets)
        settings, loss = estimator._settings_for(rows, columns, found.targets.ends(), going_on=False)
        encoder = estimator._fresh_encoder(settings).fit_survey(found.table)
        class_weights = _class_weights(estimator, found)
        encoding = Encoding(encoder, estimator.targets_, class_weights)
        estimator._start_networks(encoder, settings, loss, seed)
        estimator.settings_ = settings
        sample = together(found.sample)
        held = None
        if validation_data is not None:
            X_held, *others = estimator._check_validation(validation_data, class_weights)
            held = Rows(encoder.transform(X_held), *others)
        elif found.judging:
            held = encoding.rows(*together(found.judging))
        here = encoding.rows(*sample)
        estimator.data_ = replace(estimator._described(sample.X, sample.y), rows=rows)
        kept = KeptShards(workers, table.shards(rounds.shards, encoding, share), here, place is not None)
        kinds = kinds_of_members(settings)
        tasks = epoch_tasks(estimator, kinds[0]["epochs"])
        learners = [
            ByRounds.of(
                estimator._learner(
                    *(kind, loss, Inputs.of(encoder), tasks),
                    first=kind is kinds[0],
                    checkpoint=None if place is None else place.of_part(f"member-{member}"),
                ),
                rounds,
                kept,
            )
            for member, kind in enumerate(kinds, 1)
        ]
        for learner in learners:
            learner.check()
        if place is not None:
            estimator.histories_ = [History() for _ in learners]
            estimator._keep_begun(place)
        shares = [MemberRows(here, None, held)] * len(learners)
        with _warm(workers, estimator.networks_, learners, here):
            estimator._train(learners, shares, [None] * len(learners), None)
        estimator.updaters_, estimator.conformal_ = None, None
        for task in tasks:
            task.end()
        if place is not None and estimator.history_.ending != "interrupted":
            estimator._keep_done(place)
    return estimator


def _refuse(estimator: Any) -> None:
    """Say what has no meaning where rows are in shards."""
    for name in ("cv", "warm_start"):
        if getattr(estimator, name):
            rule = f"A fit by rounds takes no `{name}`"
            raise InputError(rule, shown(getattr(estimator, name)), "Leave it out, or fit a table in memory")


def _workers(client: Any, rounds: Rounds) -> Workers:
    if client is None:
        return Here()
    from glassnet.distributed.dask_workers import DaskWorkers

    return DaskWorkers(client, rounds.deadline)


def _table(
    estimator: Any, X: Any, y: Any, weight: Any, workers: Workers, drop: tuple[str, ...], labelled: bool
) -> Table:
    """The table in blocks."""
    if not (is_out_of_core(X) or in_partitions(X)):
        X, y, weight = estimator._check_rows(X, y, weight)
        if hasattr(X, "tocsr"):
            raise InputTypeError("A fit by rounds takes no sparse table", shown(X), "Fit it without `shards`")
        return Table(blocks_of(X, y, weight), None, workers)
    for name, value in (("y", y), ("sample_weight", weight)):
        if not (isinstance(value, str) or (value is None and name != "y")):
            rule = f"Where the table is not in memory, `{name}` must be the name of one of its columns"
            raise InputTypeError(rule, shown(value), 'For example "churn"')
    check = check_classes if is_classifier(estimator) else check_numbers
    columns = Columns(str(y), weight, drop, check, labelled)
    blocks = X if in_partitions(X) else open_blocks(X)
    return Table(blocks_of(blocks, None, None), columns, workers)


def _first_settings(estimator: Any, rows: int, columns: int) -> dict[str, Any]:
    """The settings, before it is known what targets there are: those that do not depend on it."""
    options = estimator._given()
    given = {name: options[name] for name in estimator.setting_names}
    squares = estimator.loss is None or is_squared_error(LOSSES.get(estimator.loss))
    size = TableSize(rows, columns, not is_classifier(estimator), squares, monotone=estimator.monotone is not None)
    return choose_settings(given, estimator.preset, size, "mse")


def _class_weights(estimator: Any, found: Found) -> Any:
    """The weight of each class, from how many rows are of it."""
    if getattr(estimator, "class_weight", None) is None:
        return None
    weights = found.targets.weights()
    return estimator._weights_of_classes(np.arange(len(weights)), weights)


def together(parts: Sequence[Labelled]) -> Labelled:
    """One table of several that follow each other."""
    import narwhals.stable.v2 as nw

    from glassnet.tables.rows import as_frame, is_frame

    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    if is_frame(first.X):
        X = nw.concat([as_frame(part.X) for part in parts]).to_native()
    elif isinstance(first.X, list):
        X = [row for part in parts for row in part.X]
    else:
        X = np.concatenate([part.X for part in parts])
    weight = (
        None if first.weight is None else np.concatenate([part.weight for part in parts if part.weight is not None])
    )
    return Labelled(X, np.concatenate([part.y for part in parts]), weight)


def _warm(
    workers: Workers, networks: Sequence[Any], learners: Sequence[ByRounds], sample: Rows
) -> contextlib.AbstractContextManager[None]:
    """Within it all workers have their kernels ready."""
    if isinstance(workers, Here):
        return contextlib.nullcontext()
    from glassnet.distributed.plugin import WarmKernels

    work = [
        (network, Inner.of(learner.trainer.inner(network))) for network, learner in zip(networks, learners, strict=True)
    ]
    dask: Any = workers
    prepared: contextlib.AbstractContextManager[None] = dask.prepared(
        WarmKernels(work, sample.take(np.arange(min(2, len(sample.y)))))
    )
    return prepared

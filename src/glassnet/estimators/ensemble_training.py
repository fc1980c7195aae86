"""The training of all members, each by its learner; then what follows from held-out rows: weights and calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.engines.compiled.workers import cores
from glassnet.errors import InputError, shown
from glassnet.estimators.calibration import Temperatures, temperatures_of_members
from glassnet.estimators.checks import without_class_weights
from glassnet.estimators.ensemble import kept_members, kinds_of_members, merge_text_weights, weights_of_members
from glassnet.estimators.held_out import Round, predictions_by_row, rounds_of, share_held_out_rows
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
from glassnet.estimators.scoring import ScoreOfNetwork, without_callbacks
from glassnet.formulas.averages import averaged
from glassnet.support.language import Text
from glassnet.training import Checkpoint, History, Trainer
from glassnet.training.history import Ending

if TYPE_CHECKING:
    from glassnet.estimators.base import NeuralEstimator
    from glassnet.estimators.fit import Fit


def learners_of_members(
    fit: Fit, wrap: Callable[[GradientLearner], Learner] = lambda learner: learner
) -> list[Learner]:
    """Return the learner of each member, each passed through `wrap`."""
    return [
        wrap(
            learner_of(
                fit.model,
                kind,
                first=number == 1,
                checkpoint=None if fit.checkpoint is None else fit.checkpoint.of_part(f"member-{number}"),
            )
        )
        for number, kind in enumerate(kinds_of_members(fit.settings), 1)
    ]


def learner_of(
    model: NeuralEstimator, settings: Mapping[str, Any], *, first: bool = True, checkpoint: Checkpoint | None = None
) -> GradientLearner:
    """Return the learner for these settings; callbacks see the first member, or all if they set `every_member`."""
    trainer = trainer_of(model, settings)
    if not first:
        callbacks = tuple(each for each in trainer.callbacks if getattr(each, "every_member", False))
        trainer = replace(trainer, callbacks=callbacks, verbose=False)
    score = None if model.scoring is None else ScoreOfNetwork(without_callbacks(model), model.scoring)
    return GradientLearner(trainer, score, checkpoint)


def trainer_of(model: NeuralEstimator, settings: Mapping[str, Any]) -> Trainer:
    """Return the trainer for these settings."""
    names = [each.name for each in fields(Trainer)]
    of_model = {"scoring": model.scoring, "verbose": model.verbose, "callbacks": _callbacks(model)}
    chosen = {name: settings[name] for name in names if settings.get(name) is not None}
    # members have their validation rows already, split before encoding
    return Trainer(**chosen | of_model | {"validation_fraction": 0.0})


def _callbacks(model: NeuralEstimator) -> tuple[object, ...]:
    return () if model.callbacks is None else tuple(model.callbacks)  # an array has no truth value


def train(
    fit: Fit,
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
    model = fit.model
    check_tunable(model, validated=any(split.validation_rows is not None for split in splits))
    for callback in _callbacks(model):
        if hasattr(callback, "on_fit_begin"):
            callback.on_fit_begin(model)
    earlier: list[History | None] = [*model.histories_] if fit.continues else [None] * len(splits)
    epochs_before = [0 if history is None else len(history) for history in earlier]
    if fit.checkpoint is not None:
        if not fit.continues:
            model.histories_ = [History() for _ in learners]
        model._write_beside_checkpoints(fit.checkpoint, done=False)
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
        for member, epochs in epochs_of_refits(fit.settings, histories, epochs_before, refitted).items():
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
    weigh_and_calibrate(fit, [splits[member] for member in ended])
    merge_text_weights(model.networks_, model.weights_)
    model.updaters_, model.conformal_ = None, None
    if fit.checkpoint is not None and model.history_.ending != "interrupted":
        model._write_beside_checkpoints(fit.checkpoint, done=True)


def weigh_and_calibrate(fit: Fit, splits: Sequence[MemberSplit]) -> None:
    """Set what follows from the held-out rows: weights of members, temperature of their average, predictions."""
    model = fit.model
    model.weights_, model.temperature_, model._oof_predictions = None, 1.0, None
    try:
        rounds = rounds_of(model.settings_, model.networks_, splits)
        model.weights_ = weights_of_members(model.settings_, rounds, fit.loss, model._mean_loss)
        temperatures = Temperatures()
        if model._calibrates:
            temperatures = temperatures_of_members(rounds, model.networks_, model.weights_, model._outputs_each)
        model.temperature_ = temperatures.together
        _keep_predictions(fit, rounds, temperatures.of_round)
    except KeyboardInterrupt:  # the trained members are kept, without calibration
        model.histories_[0].end("interrupted")


def _keep_predictions(fit: Fit, rounds: Sequence[Round], temperature: float) -> None:
    """Keep what members predict for the rows of the table that were held out from them, if there are any."""
    model, loss = fit.model, fit.loss
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
    if fit.places is not None and isinstance(held[0].split.validation_rows, np.ndarray):
        kept = found.predictions[fit.places]
        kept[fit.places < 0] = np.nan
        model._oof_predictions = kept
    if model._tunes_threshold:
        weight = without_class_weights(found.weight, found.y, fit.class_weights)
        model._tune_threshold(found._replace(weight=weight))


def check_tunable(model: NeuralEstimator, *, validated: bool) -> None:
    """Refuse to choose a threshold by a score where no rows are held out."""
    if model._tunes_threshold and not validated:
        rule = Text("A score can choose `decision_threshold` only on held-out rows")
        received = Text("{scoring}, and none", scoring=shown(model._given()["decision_threshold"]))
        raise InputError(rule, received, "Set cv=5, give validation_data, or set a number")

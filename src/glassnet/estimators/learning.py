"""How the members of an estimator learn side by side, and what is settled once they have."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.engines.compiled.workers import cores
from glassnet.errors import InputError
from glassnet.estimators.architecture import Inputs
from glassnet.estimators.boosting import BoostedTrees
from glassnet.estimators.calibration import temperature, temperature_of_folds
from glassnet.estimators.fitted import Fitted
from glassnet.estimators.kinds import kept_members, kinds_of_members, members_by_round, numbers_of_kinds
from glassnet.estimators.learners import grows_trees
from glassnet.estimators.members import Learner, MemberSplit, Stop, Trained, side_by_side
from glassnet.estimators.targets import ClassTargets
from glassnet.estimators.time_budget import TimeBudget
from glassnet.estimators.votes import normalized, weights_of_members
from glassnet.formulas.averages import averaged
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.warning import warn
from glassnet.training import Checkpoint, History, Rows, Scoring, Trainer
from glassnet.training.early_stopping import Judge
from glassnet.training.history import Ending

ENOUGH_ROWS = 10_000
"""Rows that tell how far members differ."""


def nobody(network: NeuralNetwork, held: Rows | None) -> None:
    """Judges no epochs: the loss does."""


@dataclass(frozen=True)
class Judging:
    """Judges the epochs of a network by a score. It may be sent to another process, so it holds nobody who looks on."""

    model: Learning
    scoring: Scoring

    def __call__(self, network: NeuralNetwork, held: Rows | None) -> Judge | None:
        """The score as a function of rows; None, where it has no value for those that are held back."""
        score = self.model._scorer(self.scoring, [network])
        if not isinstance(self.scoring, str) or held is None or not self._lacks_classes(held):
            return score
        with contextlib.suppress(InputError):
            if not np.isnan(score(*held)):
                return score
        warn(
            f"The validation rows do not include every class, so {self.scoring!r} is undefined for "
            "them, and the loss is used instead. Omit `scoring`, or hold out more rows"
        )
        return None

    def _lacks_classes(self, held: Rows) -> bool:
        targets = self.model.targets_
        return isinstance(targets, ClassTargets) and len(np.unique(held.y)) < len(targets.classes)


class Learning(Fitted):
    """An estimator while it learns."""

    def _train(
        self,
        learners: Sequence[Learner],
        shares: Sequence[MemberSplit],
        earlier: Sequence[History | None],
        allowance: TimeBudget | None,
        client: Any = None,
    ) -> None:
        """Train every member on its share of the rows, here or with the workers of a cluster."""
        networks, shares = list(self.networks_), list(shares)
        histories: list[History | None] = [None] * len(shares)
        before = [0 if history is None else len(history) for history in earlier]
        if allowance is not None:
            allowance.share_out(len(shares), min(cores(), len(shares)))

        def learning(member: int) -> Callable[[Stop], History | None]:
            def learn(stop: Stop) -> History | None:
                turn = None if allowance is None else allowance.next_turn()
                if allowance is not None and turn is None:
                    return None
                of_member = self.networks_[member], shares[member], earlier[member]
                networks[member], history = learners[member].learn(*of_member, stop, turn)
                return history

            return learn

        def train(members: Sequence[int]) -> bool:
            """Train some of them; gives whether that was interrupted."""
            found: Sequence[History | None]
            if client is None:
                found, interrupted = side_by_side([learning(member) for member in members])
            else:
                given = ([each[member] for member in members] for each in (learners, networks, shares, earlier))
                learned, found = zip(*self._learn_elsewhere(client, *given), strict=True)
                interrupted = False
                for member, network in zip(members, learned, strict=True):
                    networks[member] = network
            for member, history in zip(members, found, strict=True):
                histories[member] = history
            return interrupted

        judged, refitted = _parted(shares)
        interrupted = train(judged)
        if refitted and not interrupted:
            for member, epochs in _epochs_found(self.settings_, histories, before, refitted).items():
                shares[member] = shares[member]._replace(epochs=epochs)
            try:
                interrupted = train(refitted)
            except KeyboardInterrupt:  # what those who are judged have learned stays
                interrupted = True
        # those that an interrupt kept from beginning, or for whom there was no time, know what they knew before
        known = [old if new is None else new for old, new in zip(earlier, histories, strict=True)]
        ended = [member for member, history in enumerate(known) if history is not None]
        self.networks_ = [networks[member] for member in ended]
        self.histories_ = [history for history in known if history is not None]
        if len(ended) < len(learners):
            self.settings_ |= kept_members(self.settings_, ended)
        if interrupted:
            self.histories_[0].end("interrupted")  # whoever asks how training ended asks the first
        elif len(ended) < len(learners):
            numbers = {"count": len(shares) - len(ended), "whole": len(shares)}
            self.histories_[0].endings += (Ending("left_out", numbers=numbers),)
        self.weights_, self.temperature_ = None, 1.0
        try:
            of_ended = [shares[member] for member in ended]
            self.weights_ = weights_of_members(self.settings_, self.networks_, of_ended, self._mean_loss)
            self.temperature_ = self._temperature(of_ended)
        except KeyboardInterrupt:  # what was learned is worth more than its calibration
            self.histories_[0].end("interrupted")

    @contextlib.contextmanager
    def _members(
        self,
        place: Checkpoint | None,
        *,
        going_on: bool = False,
        way: Callable[[Learner], Learner] = lambda learner: learner,
    ) -> Iterator[list[Learner]]:
        """How each member learns. Within it they are to be trained; before and after it the checkpoint is written."""
        loss, inputs, kinds = self.networks_[0].loss, Inputs.of(self.encoder_), kinds_of_members(self.settings_)
        places = [None if place is None else place.of_part(f"member-{number}") for number in range(1, len(kinds) + 1)]
        learners = [
            way(self._learner(kind, loss, inputs, first=kind is kinds[0], checkpoint=own))
            for kind, own in zip(kinds, places, strict=True)
        ]
        if place is not None:
            if not going_on:
                self.histories_ = [History() for _ in learners]
            self._keep(place, done=False)
        yield learners
        self.updaters_, self.conformal_ = None, None
        if place is not None and self.history_.ending != "interrupted":
            self._keep(place, done=True)

    def _temperature(self, shares: Sequence[MemberSplit]) -> float:
        """The temperature for the probabilities, if they are calibrated and rows were held out."""
        networks, loss = self.networks_, self.networks_[0].loss
        judged_by: list[Any] = [share.of_judging for share in shares]
        new = shares[0].held() if self._calibrates else None
        if new is None:
            return 1.0
        if all(rows is judged_by[0] for rows in judged_by):  # rows that none has learned from
            return temperature(self._outputs_each(new.X), new.y, new.weight, loss, self._weights_each)
        rounds = members_by_round(self.settings_, judged_by)  # those of one answer together
        of_rounds = [shares[members[0]] for members in rounds]
        weights = None if self.weights_ is None else normalized([self.weights_[members].sum() for members in rounds])

        def scores(members: Sequence[int], X: Any) -> Array:
            each = [networks[member].scores(X) for member in members]
            return averaged(each, loss, weights=self._weights_of(members))

        judged = zip(rounds, (share.held() for share in of_rounds), strict=True)
        held = [(members, rows) for members, rows in judged if rows is not None]
        own = np.concatenate([scores(members, rows.X) for members, rows in held])
        weight = None if new.weight is None else np.concatenate([np.asarray(rows.weight) for _, rows in held])
        alone = temperature([own], np.concatenate([rows.y for _, rows in held]), weight, loss)
        table = shares[0].table
        some = np.arange(0, len(table.y), -(-len(table.y) // ENOUGH_ROWS))
        unseen = [~share.learns(some) for share in of_rounds]
        X, _, weight = table.take(some)
        answers = [scores(members, X) for members in rounds]
        return temperature_of_folds(alone, answers, unseen, weight, loss, weights)

    def _learner(
        self,
        settings: Mapping[str, Any],
        loss: Loss,
        inputs: Inputs,
        *,
        first: bool = True,
        checkpoint: Checkpoint | None = None,
    ) -> Learner:
        """The learner for these settings; callbacks watch the first member, or all if they set `every_member`."""
        if grows_trees(settings):
            return BoostedTrees(loss, inputs.levels)
        trainer = self._trainer(settings)
        heard = tuple(each for each in trainer.callbacks if first or getattr(each, "every_member", False))
        own = replace(trainer, callbacks=heard, verbose=trainer.verbose if first else False)

        judge = nobody if self.scoring is None else Judging(self._unwatched(), self.scoring)
        return Trained(own, judge, checkpoint)

    def _trainer(self, settings: Mapping[str, Any]) -> Trainer:
        names = (
            *("optimizer", "learning_rate", "schedule", "weight_decay", "decay_schedule", "dropout_schedule"),
            *("batch_size", "epochs", "early_stopping", "patience"),
        )
        chosen = {name: settings[name] for name in names if settings[name] is not None}
        return Trainer(
            **chosen,
            validation_fraction=0.0,  # held back here already, before encoding
            scoring=self.scoring,
            callbacks=() if self.callbacks is None else self.callbacks,
            verbose=self.verbose,
        )


def _parted(shares: Sequence[MemberSplit]) -> tuple[list[int], list[int]]:
    """The members that rows judge, or all where none do; and those that learn from all rows once these have learned."""
    judged = [member for member, share in enumerate(shares) if share.of_judging is not None]
    others = [member for member, share in enumerate(shares) if share.of_judging is None]
    return (judged, others) if judged else (others, [])


def _epochs_found(
    settings: Mapping[str, Any], histories: Sequence[History | None], before: Sequence[int], members: Sequence[int]
) -> dict[int, int]:
    """For each member the mean best epoch of its kind, minus the epochs trained `before`."""
    kinds = numbers_of_kinds(settings)
    found: dict[int, list[int]] = {}
    for kind, history, earlier in zip(kinds, histories, before, strict=True):
        if history is not None:
            found.setdefault(kind, []).append((history.best_epoch or len(history)) - earlier)
    return {member: max(1, round(np.mean(found[kinds[member]]))) for member in members if kinds[member] in found}

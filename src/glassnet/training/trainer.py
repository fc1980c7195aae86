"""The trainer: settings, validation split, checkpoints and history around the loop in ``loop.py``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from glassnet.display.record import PrintedRecord
from glassnet.engines import Updater
from glassnet.engines.reference import Steps
from glassnet.engines.updater import CLIP, EMA_DECAY
from glassnet.errors import DivergenceError, InputError
from glassnet.formulas.formula import Spelled
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.schedules import SCHEDULES, Course, Schedule
from glassnet.layers.base import takes
from glassnet.network import BATCH_SIZE, EPOCHS, LBFGS, OPTIMIZER, NeuralNetwork
from glassnet.support.coercion import rows_of
from glassnet.support.language import Text
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import (
    LEARNING_RATE,
    VERBOSE,
    WEIGHT_DECAY,
    Each,
    Flag,
    Function,
    Instance,
    Integer,
    Number,
    Optional,
    Rule,
    checked,
    option_of,
)
from glassnet.support.training_lock import locked_for_training
from glassnet.training.callbacks import LISTENER, Run, shown_progress
from glassnet.training.checkpoint import Checkpoint, CheckpointWriter
from glassnet.training.deadline import Deadline
from glassnet.training.early_stopping import TRAINING_WEIGHTS, VALIDATION_WEIGHTS, EarlyStopping, Judge, Rows
from glassnet.training.fingerprint import fingerprint, judge_name
from glassnet.training.history import History
from glassnet.training.loop import epoch_factors, train_epochs, train_lbfgs
from glassnet.training.scorers import SCORING, Scoring, network_estimator, scorer_for
from glassnet.training.split import split_rows
from glassnet.training.windows import AllRows, Order

TIME_LIMIT = Optional(Number("(0, inf)", "In seconds, for example 60"))


@methods_suggest_options
@dataclass(repr=False)
class Trainer(PrintedRecord):
    """Trains a network with validation, schedules, early stopping, callbacks and checkpoints.

    Parameters
    ----------
    optimizer : str or Optimizer
        "adam", "sgd", ...; "lbfgs" takes the whole table at once, an iteration counting as an epoch.
    learning_rate : float or None
        None: the optimizer's default.
    schedule : str, Schedule or callable
        The course of the learning rate over the planned epochs: "cosine", "one_cycle", "cosine(warmup=0.1)", ..., or a
        function that gives the factor for a progress from 0 to 1.
    weight_decay : float or None
        Decoupled; None: the optimizer's default.
    decay_schedule, dropout_schedule : str, Schedule or callable
        The same for the weight decay and for the rates of dropout; one factor an epoch.
    batch_size, epochs : int
    early_stopping : bool
        End when the validation has not become better for `patience` epochs.
    patience : int
    validation_fraction : float in [0, 1)
        Share of the rows held back for validation when `fit` gets none; 0: none.
    scoring : str, callable or None
        The metric of the validation: a scikit-learn scorer; None: the loss.
    restore_best : bool
        Whether the network ends with the weights of its best epoch (the last of equals) rather than the last.
    clip_value, clip_norm, ema_decay : float or None
        See :class:`glassnet.engines.Updater`.
    time_limit : float or None
        Seconds after which training ends, with the best weights so far; schedules reach their end by then. What comes
        out depends on the clock: the same settings no longer give the same bits.
    callbacks : sequence of objects
        See :class:`glassnet.training.callbacks.Callback`.
    verbose : bool or int
        Shows how training goes: a bar and the curve in a notebook, a line in a terminal.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from glassnet import NeuralNetwork
    >>> X, y = load_iris(return_X_y=True)
    >>> network = NeuralNetwork(4, ["relu:16", 3], loss="cross_entropy")
    >>> trainer = Trainer(learning_rate=0.01, epochs=200, validation_fraction=0.2, scoring="accuracy")
    >>> history = trainer.fit(network, X, y)
    >>> history.columns
    ['epoch', 'loss', 'validation_loss', 'validation_accuracy', 'learning_rate', 'seconds']
    >>> max(history["validation_accuracy"]) > 0.9
    True
    """

    optimizer: str | Optimizer = field(default="adam", metadata=takes(OPTIMIZER))
    learning_rate: float | None = field(default=None, metadata=takes(Optional(LEARNING_RATE)))
    schedule: str | Schedule | Course = field(default="constant", metadata=takes(Spelled(SCHEDULES)))
    weight_decay: float | None = field(default=None, metadata=takes(Optional(WEIGHT_DECAY)))
    decay_schedule: str | Schedule | Course = field(default="constant", metadata=takes(Spelled(SCHEDULES)))
    dropout_schedule: str | Schedule | Course = field(default="constant", metadata=takes(Spelled(SCHEDULES)))
    batch_size: int = field(default=32, metadata=takes(BATCH_SIZE))
    epochs: int = field(default=100, metadata=takes(EPOCHS))
    early_stopping: bool = field(default=True, metadata=takes(Flag()))
    patience: int = field(default=10, metadata=takes(Integer("Common values are 5 to 50")))
    validation_fraction: float = field(default=0.1, metadata=takes(Number("[0, 1)", "0 holds out no rows")))
    scoring: Scoring | None = field(default=None, metadata=takes(SCORING))
    restore_best: bool = field(default=True, metadata=takes(Flag()))
    clip_value: float | None = field(default=None, metadata=takes(CLIP))
    clip_norm: float | None = field(default=None, metadata=takes(CLIP))
    ema_decay: float | None = field(default=None, metadata=takes(EMA_DECAY))
    time_limit: float | None = field(default=None, metadata=takes(TIME_LIMIT))
    callbacks: Sequence[object] = field(
        default_factory=tuple, metadata=takes(Each(LISTENER, "Put it in brackets: [...]"))
    )
    verbose: bool | int = field(default=False, metadata=takes(VERBOSE))

    def __post_init__(self) -> None:
        self.check()

    @checked(
        network=Instance(NeuralNetwork, Text("a NeuralNetwork"), "Create one first"),
        updater=Optional(Instance(Updater, Text("an Updater"), "For example trainer.updater(network)")),
        score=Optional(Function("It is called with X, y and weights")),
        history=Optional(Instance(History, Text("a History"), "It is the object returned by `fit`")),
    )
    def fit(
        self,
        network: NeuralNetwork,
        X: Any,
        y: Any,
        *,
        sample_weight: Any = None,
        validation_data: tuple[Any, ...] | None = None,
        updater: Updater | None = None,
        score: Judge | None = None,
        history: History | None = None,
        checkpoint: str | os.PathLike[str] | Checkpoint | None = None,
    ) -> History:
        """Train a network in place.

        Ctrl-C ends training as early stopping does, with the weights so far. After a kill the same call with the
        same `checkpoint` goes on from the last one, and ends with the bits of a training that nothing ended.

        Parameters
        ----------
        network : NeuralNetwork
        X : array or sparse array of shape (rows, inputs)
        y : array of shape (rows,) or (rows, targets)
        sample_weight : array of shape (rows,), optional
        validation_data : (X, y) or (X, y, sample_weight), optional
            Instead of a split.
        updater : Updater, optional
            Of an earlier training, to go on with its optimizer's state.
        score : callable of (X, y, weight), optional
            Judges the validation in place of `scoring`; higher is better.
        history : History, optional
            Of an earlier training, to go on with: its epochs count on, and so does the order of the rows.
        checkpoint : str, path or Checkpoint, optional
            A folder for checkpoints: one about every ten seconds; see :class:`glassnet.Checkpoint`. If it holds some of
            this training, it goes on from there; a finished one only gives what came out. Callbacks see the epochs that
            are left.

        Returns
        -------
        History

        Raises
        ------
        InputError, InputTypeError
            If the data or a setting is out of range, or the checkpoints are of another training; nothing has been
            trained then.
        DivergenceError
            If the loss or the answers leave the finite numbers and nothing was learned before; the network is as it
            was. If something was, a :class:`TrainingWarning` says so, and the best weights stay.
        """
        self.check()
        place = None if checkpoint is None else Checkpoint.taken(option_of("fit", "checkpoint"), checkpoint)
        if place is not None:
            place.check_clock(self.time_limit)
            self.check_repeatable()
        rows, validation = self._rows(network, X, y, sample_weight, validation_data)
        if score is None and self.scoring is not None:
            score = scorer_for(self.scoring, network_estimator(network))
        options: dict[str, Any] = {"updater": updater, "score": score, "history": history, "checkpoint": place}
        return self.fit_rows(network, rows, validation, **options)

    def fit_rows(
        self,
        network: NeuralNetwork,
        rows: Rows,
        validation: Rows | None,
        *,
        order: Order | None = None,
        updater: Updater | None = None,
        score: Judge | None = None,
        history: History | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> History:
        """Train like :meth:`fit`, on validated rows, in another order if given.

        Parameters
        ----------
        network : NeuralNetwork
        rows, validation : Rows
            As :meth:`glassnet.NeuralNetwork.check_data` gives them.
        order : Order, optional
            Which of the rows are learned from, and in which order; None: all, shuffled.
        updater, score, history, checkpoint
            As for :meth:`fit`.
        """
        with contextlib.ExitStack() as claimed:
            claimed.enter_context(locked_for_training(network, *([] if updater is None else [updater])))
            order, place = AllRows(len(rows.y)) if order is None else order, checkpoint
            if validation is not None:
                validation.checked(VALIDATION_WEIGHTS)
            if updater is None and self.optimizer != LBFGS:
                updater = self.updater(network)
            column = self.scoring if isinstance(self.scoring, str) else "score"
            patience = self.patience if self.early_stopping else None
            early_stopping = EarlyStopping(network, validation, score, column, patience, self.restore_best)
            history = History() if history is None else history
            history.best_epoch, history.endings = None, ()
            steps = 1 if updater is None else -(-order.learned // self.batch_size)
            deadline = None if self.time_limit is None else Deadline(self.time_limit, self.epochs, steps)
            run = Run(
                network,
                updater,
                epochs=self.epochs,
                steps=steps,
                rows=order.learned,
                callbacks=(*self.callbacks, *([shown_progress()] if self.verbose else [])),
                data=rows,
                history=history,
                epochs_before=len(history),
                deadline=deadline,
            )
            writer = None
            if place is not None:
                about = fingerprint(network, rows, validation, self._about(score), order.digest())
                assert updater is not None
                writer = CheckpointWriter(place, network, updater, early_stopping, history, about)
                claimed.enter_context(place.claimed())
                run.place = writer.resume(steps)
                if run.place is not None and run.place.finished:
                    return history
            self._train(run, early_stopping, rows, order, updater, writer)
        return history

    def _train(
        self,
        run: Run,
        early_stopping: EarlyStopping,
        rows: Rows,
        order: Order,
        updater: Updater | None,
        writer: CheckpointWriter | None,
    ) -> None:
        """Train until something ends it, and leave the network with the best weights."""
        network, history = run.network, run.history
        failure: DivergenceError | None = None
        try:
            if not history and run.place is None:
                weight = None if rows.weight is None else order.of(rows.weight)
                network.adapt_to(order.of(rows.X), order.of(rows.y), weight)
            run.notify("on_train_begin")
            if run.stop:
                run.conclude()
            elif updater is None:
                train_lbfgs(run, early_stopping, rows)
            else:
                self._epochs(run, early_stopping, rows, order, updater, writer)
        except KeyboardInterrupt:
            history.end("interrupted")
        except DivergenceError as error:
            failure, run.failure, run.reason = error, error, str(error)
            run.notify("on_divergence")
        finally:
            failure = early_stopping.restore(run, order.of(rows.X), failure)
            run.notify("on_train_end")
        if failure is not None:
            raise failure
        if writer is not None and history.ending != "interrupted":
            writer.finish()

    def _about(self, score: Judge | None) -> dict[str, Any]:
        """Return the settings that decide the result."""
        left = ("callbacks", "verbose", "time_limit")
        return {name: getattr(self, name) for name in RULES if name not in left} | {
            "scoring": judge_name(self.scoring or score)
        }

    def check_repeatable(self) -> None:
        """Refuse settings with which a resumed training could differ."""
        if self.optimizer == LBFGS:
            raise InputError(
                "L-BFGS does not support `checkpoint`",
                Text("one", context="received"),
                "Omit it, or use another optimizer",
            )
        for schedule in self._schedules:
            SCHEDULES.written(schedule)  # by its name alone it could be another one

    @property
    def _schedules(self) -> list[Schedule]:
        """Those of the learning rate, the weight decay and the rates of dropout."""
        return [SCHEDULES.get(each) for each in (self.schedule, self.decay_schedule, self.dropout_schedule)]

    def updater(self, network: NeuralNetwork) -> Updater:
        """Return a fresh optimizer state for a network."""
        return Updater(
            network.layout,
            self.optimizer,
            weight_decay=self.weight_decay,
            clip_value=self.clip_value,
            clip_norm=self.clip_norm,
            ema_decay=self.ema_decay,
            dtype=network.dtype,
        )

    def check(self) -> None:
        """Refuse settings out of range."""
        for name, rule in RULES.items():
            setattr(self, name, rule.taken(f"`{name}`", getattr(self, name)))
        schedule = SCHEDULES.get(self.schedule)
        for name in ("decay_schedule", "dropout_schedule"):
            if SCHEDULES.get(getattr(self, name)).follows != "progress":
                raise InputError(
                    Text("`{name}` must be a function of the training progress", name=name),
                    str(getattr(self, name)),
                    'Use "flat_cosine"',
                )
        if self.optimizer == LBFGS:
            for name in ("learning_rate", "weight_decay", "clip_value", "clip_norm", "ema_decay"):
                if getattr(self, name) is not None:
                    raise InputError(
                        Text("L-BFGS does not support `{name}`", name=name), getattr(self, name), "Omit it"
                    )
            if schedule.name != "constant":
                raise InputError("L-BFGS does not support `schedule`", str(schedule), "Omit it")

    def _rows(
        self, network: NeuralNetwork, X: Any, y: Any, sample_weight: Any, validation_data: tuple[Any, ...] | None
    ) -> tuple[Rows, Rows | None]:
        """Return training and validation rows: the given ones, a split, or no validation rows."""
        X, y, weight = network.check_data(X, y, sample_weight)
        if validation_data is not None:
            return Rows(X, y, weight), Rows(*network.check_data(*rows_of("`validation_data`", validation_data)))
        if self.validation_fraction == 0:
            return Rows(X, y, weight), None
        strata = network.loss.strata(y, network.outputs)
        kept, held = (
            Rows(X, y, weight).take(rows)
            for rows in split_rows(X.shape[0], self.validation_fraction, network.seed, strata)
        )
        of_kept = kept.checked(TRAINING_WEIGHTS).weight
        return kept if of_kept is None else kept._replace(weight=of_kept / of_kept.mean()), held

    def _epochs(
        self,
        run: Run,
        early_stopping: EarlyStopping,
        rows: Rows,
        order: Order,
        updater: Updater,
        writer: CheckpointWriter | None,
    ) -> None:
        """Run epochs of mini-batches."""
        first = order.first(rows, self.batch_size)
        with run.network.engine.training(run.network, *first, self.batch_size, updater) as steps:
            self._loop(run, early_stopping, steps, order, updater.rate(self.learning_rate), writer)

    def _loop(
        self,
        run: Run,
        early_stopping: EarlyStopping,
        steps: Steps,
        order: Order,
        rate: float,
        writer: CheckpointWriter | None,
    ) -> None:
        factors = epoch_factors(self._schedules, run, early_stopping.losses, rate)
        train_epochs(run, early_stopping, steps, order, factors, self.batch_size, writer)


RULES: Mapping[str, Rule] = {each.name: each.metadata["rule"] for each in fields(Trainer)}
"""The rules of a training's options."""

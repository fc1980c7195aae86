"""The trainer: epochs, validation, schedule, early stopping, callbacks, history. Engines do the steps."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.engines import Updater
from glassnet.engines.lbfgs import minimize
from glassnet.errors import DivergenceError, InputError, TrainingWarning
from glassnet.formulas.optimizers import Optimizer
from glassnet.formulas.schedules import SCHEDULES, Schedule
from glassnet.layers.base import Array
from glassnet.network import LBFGS, NeuralNetwork
from glassnet.training.callbacks import ProgressBar, Run, notify
from glassnet.training.history import History
from glassnet.training.scoring import Scoring, scorer_for
from glassnet.training.split import split_rows

__all__ = ["Trainer"]


@dataclass
class Trainer:
    """Trains a network with everything that the plain loop leaves out.

    Parameters
    ----------
    optimizer : str or Optimizer
        "adam", "sgd", ...; "lbfgs" takes the whole table at once, an iteration counting as an epoch.
    learning_rate : float or None
        None: the optimizer's default.
    schedule : str or Schedule
        The course of the learning rate over the planned epochs: "cosine", "one_cycle", "cosine(warmup=0.1)", ...
    weight_decay : float or None
        Decoupled; None: the optimizer's default.
    batch_size, epochs : int
    early_stopping : bool
        End when the validation has not become better for `patience` epochs.
    patience : int
    validation_fraction : float in [0, 1)
        Share of the rows held back for validation when `fit` gets none; 0: none.
    scoring : str, callable or None
        What the validation is judged by: a scikit-learn scorer; None: the loss.
    restore_best : bool
        Whether the network ends with the weights of its best epoch (the last of equals) rather than the last.
    clip_value, clip_norm, ema_decay : float or None
        See :class:`glassnet.engines.Updater`.
    callbacks : sequence of objects
        See :class:`glassnet.training.callbacks.Callback`.
    verbose : bool or int
        Shows a progress bar if the terminal can.

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

    optimizer: str | Optimizer = "adam"
    learning_rate: float | None = None
    schedule: str | Schedule = "constant"
    weight_decay: float | None = None
    batch_size: int = 32
    epochs: int = 100
    early_stopping: bool = True
    patience: int = 10
    validation_fraction: float = 0.1
    scoring: Scoring | None = None
    restore_best: bool = True
    clip_value: float | None = None
    clip_norm: float | None = None
    ema_decay: float | None = None
    callbacks: Sequence[object] = field(default_factory=tuple)
    verbose: bool | int = False

    def fit(
        self,
        network: NeuralNetwork,
        X: Any,
        y: Any,
        *,
        sample_weight: Any = None,
        validation_data: tuple[Any, ...] | None = None,
        updater: Updater | None = None,
        score: Any = None,
        first_epoch: int = 1,
    ) -> History:
        """Train a network in place.

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
            Judges the validation in place of `scoring`.
        first_epoch : int
            The number of the first epoch; the order of the rows follows from it and the network's seed.

        Returns
        -------
        History

        Raises
        ------
        InputError, InputTypeError
            If the data or a setting is out of range; nothing has been trained then.
        DivergenceError
            If the loss leaves the finite numbers within the first epoch. Later a :class:`TrainingWarning` says so, and
            the best weights stay.
        """
        self.check()
        X, y, weight = network.check_data(X, y, sample_weight)
        X, y, weight, validation = self._validation(network, X, y, weight, validation_data)
        if score is None and self.scoring is not None:
            score = scorer_for(self.scoring, network)
        watch = _Watch(self, network, validation, score)
        rows = X.shape[0]
        steps = 1 if self.optimizer == LBFGS else -(-rows // self.batch_size)
        if updater is None and self.optimizer != LBFGS:
            updater = self.updater(network)
        run = Run(network, updater, self.epochs, steps, rows)
        callbacks = (*self.callbacks, *([ProgressBar()] if self.verbose else []))
        notify(callbacks, "on_train_begin", run)
        try:
            if updater is None:
                self._search(run, watch, callbacks, X, y, weight)
            else:
                self._epochs(run, watch, callbacks, X, y, weight, updater, first_epoch)
        except KeyboardInterrupt:
            run.history.ended = "interrupted"
        finally:
            watch.restore(run.history, updater)
            notify(callbacks, "on_train_end", run)
        return run.history

    def updater(self, network: NeuralNetwork) -> Updater:
        """A fresh optimizer state for a network."""
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
        for name in ("batch_size", "epochs", "patience"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise InputError(f"`{name}` must be a positive integer", value, "Common values are 10 to 1000")
        if not 0 <= self.validation_fraction < 1:
            raise InputError(
                "`validation_fraction` must be in [0, 1)", self.validation_fraction, "0 holds no rows back"
            )
        if self.learning_rate is not None and not 0 < self.learning_rate < np.inf:
            raise InputError("`learning_rate` must be positive", self.learning_rate, "Common values are 1e-4 to 1e-1")
        SCHEDULES.get(self.schedule)

    def _validation(
        self, network: NeuralNetwork, X: Any, y: Array, weight: Array | None, given: tuple[Any, ...] | None
    ) -> tuple[Any, Array, Array | None, tuple[Any, Array, Array | None] | None]:
        """Training rows and validation rows: those given, or a split, or none."""
        if given is not None:
            if len(given) not in (2, 3):
                raise InputError("`validation_data` must be (X, y) or (X, y, sample_weight)", None, "Give a tuple")
            return X, y, weight, network.check_data(*given, *([None] if len(given) == 2 else []))
        if self.validation_fraction == 0:
            return X, y, weight, None
        classes = y if network.loss.target in ("classes", "fractions", "signs") and y.ndim == 1 else None
        train, held = split_rows(X.shape[0], self.validation_fraction, network.seed, classes)
        if weight is None:
            return X[train], y[train], None, (X[held], y[held], None)
        return X[train], y[train], weight[train] / weight[train].mean(), (X[held], y[held], weight[held])

    # -------------------------------------------------------------- two ways

    def _epochs(
        self,
        run: Run,
        watch: _Watch,
        callbacks: Sequence[object],
        X: Any,
        y: Array,
        weight: Array | None,
        updater: Updater,
        first_epoch: int,
    ) -> None:
        """Epoch after epoch of mini-batches."""
        network, schedule = run.network, SCHEDULES.get(self.schedule)
        rate = updater.rule.learning_rate if self.learning_rate is None else self.learning_rate
        planned, chunk = self.epochs * run.steps, self._chunk(run, callbacks)
        for epoch in range(1, self.epochs + 1):
            started = time.perf_counter()
            order = np.random.default_rng((network.seed, first_epoch + epoch - 1)).permutation(run.rows)
            progress = ((epoch - 1) * run.steps + np.arange(run.steps)) / planned
            rates = rate * np.broadcast_to(schedule(progress, scores=watch.losses), run.steps)
            run.epoch, run.step, total = epoch, 0, 0.0
            before = network.parameters.copy()
            try:
                while run.step < run.steps and not run.stop:
                    part = rates[run.step : run.step + chunk]
                    rows = order[run.step * self.batch_size : (run.step + len(part)) * self.batch_size]
                    total += network.engine.run_steps(network, X, y, weight, rows, self.batch_size, updater, part)
                    run.step += len(part)
                    run.loss = total / min(run.step * self.batch_size, run.rows)
                    notify(callbacks, "on_chunk_end", run)
                    notify(callbacks, "on_batch_end", run)
            except DivergenceError as error:
                network.parameters[...] = before
                if epoch == 1:
                    raise
                run.history.ended = str(error)
                warnings.warn(f"{error}. The weights of the best epoch are kept.", TrainingWarning, stacklevel=4)
                return
            if watch.after_epoch(run, run.loss, float(rates[-1]), time.perf_counter() - started, callbacks):
                return
        run.history.ended = f"all {self.epochs} epochs are done"

    def _chunk(self, run: Run, callbacks: Sequence[object]) -> int:
        """How many steps to take before anyone is told: all of the epoch if nobody asks."""
        if any(hasattr(callback, "on_batch_end") for callback in callbacks):
            return 1
        return max(1, run.steps // 20) if self.verbose else run.steps

    def _search(
        self, run: Run, watch: _Watch, callbacks: Sequence[object], X: Any, y: Array, weight: Array | None
    ) -> None:
        """L-BFGS over the whole table."""
        started = time.perf_counter()

        def after_iteration(loss: float) -> bool:
            nonlocal started
            run.epoch, run.step, run.loss = run.epoch + 1, 1, loss
            notify(callbacks, "on_chunk_end", run)
            ends = watch.after_epoch(run, loss, 1.0, time.perf_counter() - started, callbacks)
            started = time.perf_counter()
            return ends

        message = minimize(run.network.engine, run.network, X, y, weight, self.epochs, after_iteration)
        if not run.history.ended:
            run.history.ended = f"L-BFGS ended: {message.lower()}"


class _Watch:
    """Judges each epoch, remembers the best weights, and says when to end."""

    def __init__(self, trainer: Trainer, network: NeuralNetwork, validation: Any, score: Any) -> None:
        self.trainer, self.network, self.validation, self.score = trainer, network, validation, score
        self.score_name = trainer.scoring if isinstance(trainer.scoring, str) else "score"
        self.losses: list[float] = []
        self.best = -np.inf
        self.best_epoch: int | None = None
        self.best_weights: tuple[Array, Array] | None = None
        self.waited = 0

    def after_epoch(self, run: Run, loss: float, rate: float, seconds: float, callbacks: Sequence[object]) -> bool:
        """Add the epoch to the history; True: training ends here."""
        row: dict[str, float] = {"epoch": run.epoch, "loss": loss}
        with averaged_weights(self.network, run.updater):
            merit = self._judge(row, loss)
            if self.validation is not None and self.trainer.restore_best and merit >= self.best:
                self.best_epoch = run.epoch
                self.best_weights = self.network.parameters.copy(), self.network.statistics.copy()
        run.history.rows.append(row | {"learning_rate": rate, "seconds": seconds})
        self.waited = 0 if merit > self.best else self.waited + 1
        self.best = max(self.best, merit)
        notify(callbacks, "on_epoch_end", run)
        if run.stop:
            run.history.ended = run.reason
        elif self.trainer.early_stopping and self.waited >= self.trainer.patience:
            run.history.ended = f"no better for {self.trainer.patience} epochs"
        return bool(run.history.ended)

    def _judge(self, row: dict[str, float], loss: float) -> float:
        """The merit of the network as it stands, higher being better; what was measured goes into the row."""
        if self.validation is None:
            self.losses.append(loss)
            return -loss
        X, y, weight = self.validation
        outputs = self.network.engine.predict(self.network, X)
        targets = self.network.loss.prepare(y, self.network.outputs, outputs.dtype)
        row["validation_loss"] = float(np.average(self.network.loss.value(outputs, targets), weights=weight))
        self.losses.append(row["validation_loss"])
        if self.score is None:
            return -row["validation_loss"]
        row[f"validation_{self.score_name}"] = self.score(X, y, weight)
        return row[f"validation_{self.score_name}"]

    def restore(self, history: History, updater: Updater | None) -> None:
        """Leave the network with its best weights, or with the averaged ones where an average is kept."""
        if self.best_weights is not None:
            self.network.parameters[...], self.network.statistics[...] = self.best_weights
            history.best_epoch = self.best_epoch
        elif updater is not None:
            self.network.parameters[...] = updater.averaged(self.network.parameters)


@contextlib.contextmanager
def averaged_weights(network: NeuralNetwork, updater: Updater | None) -> Iterator[None]:
    """Within it the network has the moving average of its weights, where one is kept."""
    if updater is None or updater.ema is None:
        yield
        return
    own = network.parameters.copy()
    network.parameters[...] = updater.averaged(own)
    try:
        yield
    finally:
        network.parameters[...] = own

"""Early stopping: it scores each epoch, keeps the best weights, and ends the training."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from glassnet.errors import DivergenceError, InputError
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.messages import error_text, warn
from glassnet.training.callbacks import Run
from glassnet.training.history import Ending, plain_float

if TYPE_CHECKING:
    from glassnet.engines import Updater
    from glassnet.network import NeuralNetwork

Weights = tuple[Array, Array]
"""Parameters and statistics of a network."""
Judge = Callable[[Any, Array, Array | None], float]
"""A score of (X, y, weight); higher is better."""


TRAINING_WEIGHTS = Text("Some training rows must have a weight above 0")
VALIDATION_WEIGHTS = Text("Some validation rows must have a weight above 0")


class Rows(NamedTuple):
    """Rows of a table as an engine takes them."""

    X: Any
    y: Array
    weight: Array | None

    def take(self, rows: Array) -> Rows:
        """Some of the rows."""
        return Rows(self.X[rows], self.y[rows], None if self.weight is None else self.weight[rows])

    def checked(self, rule: str) -> Rows:
        """Return the same rows, if any has a weight above 0.

        Raises
        ------
        InputError
            If all have weight 0: no mean of them is a number.
        """
        if self.weight is not None and not np.any(self.weight):
            remedy = Text("Omit rows of weight 0, or hold out others")
            raise InputError(rule, Text("{count} of weight 0", count=len(self.y)), remedy)
        return self


class EarlyStopping:
    """Scores a network after each epoch of its training.

    Parameters
    ----------
    network : NeuralNetwork
    validation : Rows or None
        The rows to judge by; None: the training loss.
    judge : callable or None
        Scores it on the validation rows; None: their loss does.
    column : str
        The name of that score in the history.
    patience : int or None
        Ends training after so many epochs without a better one; None: never.
    restore_best : bool
        Whether the weights of the best epoch on the validation rows, the last of equals, are those that stay.
    """

    def __init__(
        self,
        network: NeuralNetwork,
        validation: Rows | None,
        judge: Judge | None,
        column: str,
        patience: int | None,
        restore_best: bool,
    ) -> None:
        self.network, self.validation, self.judge, self.column = network, validation, judge, column
        self.patience, self.restore_best = patience, restore_best and validation is not None
        self.evaluate: Callable[[], float] | None = None
        self.losses: list[float] = []
        self.best = -np.inf
        self.best_epoch: int | None = None
        self.best_weights: Weights | None = None
        self.start = self.sound = weights_of(network)
        self.smallest = np.inf
        self.waited = 0

    def after_epoch(self, run: Run, rate: float, seconds: float) -> bool:
        """Add the epoch to the history; True: training ends here."""
        row: dict[str, float] = {"epoch": run.epochs_before + run.epoch, "loss": run.loss}
        if self.validation is None:
            merit = -run.loss
        else:
            merit = self._judged(run, *self.validation, row)
        self.remember(row)
        row["learning_rate"], row["seconds"] = rate, seconds
        run.history.rows.append(row)
        self.waited = 0 if merit > self.best else self.waited + 1
        self.best = max(self.best, merit)
        run.notify("on_epoch_end")
        if run.stop:
            run.conclude()
        elif self.patience is not None and self.waited >= self.patience:
            run.history.end("patience", count=self.patience)
        return bool(run.history.endings)

    def remember(self, row: Mapping[str, float]) -> None:
        """Record the loss that schedules depend on."""
        self.losses.append(row["loss" if self.validation is None else "validation_loss"])

    def _judged(self, run: Run, X: Any, y: Array, weight: Array | None, row: dict[str, float]) -> float:
        """Score the network on the validation rows (higher is better), and add the scores to the row."""
        with averaged_weights(self.network, run.updater):
            if self.evaluate is None:
                self.evaluate = self.network.engine.evaluation(self.network, X, y, weight)
            loss = row["validation_loss"] = self.evaluate()
            merit = -loss
            if self.judge is not None:
                merit = row[f"validation_{self.column}"] = self.judge(X, y, weight)
            if self.restore_best and merit >= self.best and math.isfinite(merit):
                self.best_epoch = run.epochs_before + run.epoch
                self.best_weights = weights_of(self.network)
        return -math.inf if math.isnan(merit) else merit

    def to_plain(self) -> dict[str, Any]:
        """Convert the state without the weights to plain data."""
        numbers = {"best": self.best, "smallest": self.smallest}
        counts = {"best_epoch": self.best_epoch, "waited": self.waited}
        return counts | {name: plain_float(value) for name, value in numbers.items()}

    def restore_plain(self, plain: dict[str, Any], best: Weights | None, sound: Weights | None) -> None:
        """Restore the state of :meth:`to_plain`, with these weights."""
        self.best, self.smallest = float(plain["best"]), float(plain["smallest"])
        self.best_epoch, self.waited = plain["best_epoch"], plain["waited"]
        self.best_weights, self.sound = best, self.start if sound is None else sound

    def measured(self, before: Weights, loss: float) -> None:
        """Keep the weights at the beginning of an epoch, if its loss was the smallest."""
        if loss <= self.smallest:
            self.sound, self.smallest = before, loss

    def restore(self, run: Run, X: Any, failure: DivergenceError | None) -> DivergenceError | None:
        """Give the network its best weights, or the averaged ones where an average is kept.

        The restored weights are verified by their outputs. If these are not finite, or training diverged, the weights
        of the smallest loss are tried next; if these are the initial ones, nothing was learned.

        Parameters
        ----------
        run : Run
        X : array or sparse array of shape (rows, inputs)
            Rows that it must have an answer for: those that it learned from.
        failure : DivergenceError or None
            The exception that ended training, if any.

        Returns
        -------
        DivergenceError or None
            The reason if nothing was learned: then the network is as it was.
        """
        choices: list[Weights] = []
        if self.best_weights is not None:
            choices.append(self.best_weights)
        elif failure is None:
            parameters, statistics = weights_of(self.network)
            choices.append((parameters if run.updater is None else run.updater.averaged(parameters), statistics))
        if self.sound is not self.start:
            choices.append(self.sound)
        for weights in choices:
            self.network.put_back(*weights)
            try:
                self.network.check_answers(X)
            except DivergenceError as error:
                failure = failure or error
                continue
            if weights is self.best_weights:
                run.history.best_epoch = self.best_epoch
            if failure is not None:
                run.history.endings = (Ending("diverged" if failure is run.failure else "unanswered", failure.what),)
                warn(
                    Text(
                        "{failure}. The best weights so far are kept.",
                        failure=error_text(failure),
                    )
                )
            return None
        self.network.put_back(*self.start)
        return failure


def weights_of(network: NeuralNetwork) -> Weights:
    """Return a copy of all numbers that training changes."""
    return network.parameters.copy(), network.statistics.copy()


def averaged_weights(network: NeuralNetwork, updater: Updater | None) -> contextlib.AbstractContextManager[None]:
    """Give the network the moving average of its weights within the context, if one is kept."""
    return contextlib.nullcontext() if updater is None or updater.ema is None else _averaged(network, updater)


@contextlib.contextmanager
def _averaged(network: NeuralNetwork, updater: Updater) -> Iterator[None]:
    own = network.parameters.copy()
    network.parameters[...] = updater.averaged(own)
    try:
        yield
    finally:
        network.parameters[...] = own

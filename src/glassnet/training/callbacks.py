"""Callbacks: objects that observe a training, or end it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from glassnet.errors import InputTypeError, shown
from glassnet.support.coercion import offers
from glassnet.support.language import Text
from glassnet.training.history import Ending, History

if TYPE_CHECKING:
    from glassnet.engines import Updater
    from glassnet.errors import DivergenceError
    from glassnet.network import NeuralNetwork
    from glassnet.training.checkpoint import Position
    from glassnet.training.deadline import Deadline
    from glassnet.training.early_stopping import Rows

LIVE = 0.1
"""Seconds between two calls of the callbacks that are called by time."""


@dataclass
class Run:
    """A running training, as callbacks see it.

    Attributes
    ----------
    network : NeuralNetwork
        The network in training: its parameters are those of the last step.
    updater : Updater or None
        The optimizer's state; None for L-BFGS.
    history : History
        One row for each epoch that has ended.
    epoch, epochs : int
        The current epoch, from 1, and the maximum number of epochs.
    step, steps : int
        The steps done in this epoch, and how many it has.
    rows : int
        How many training rows there are.
    data : Rows or None
        The training rows, with targets and weights, as the engine takes them; not to be changed.
    epochs_before : int
        The epochs of earlier trainings that this one goes on from.
    loss : float
        The mean loss over the rows of this epoch so far.
    stop : bool
        Set it to True to end the training: after this batch or epoch, or before the first.
    reason : str
        Why, as a sentence; it goes into the history.
    ending : Ending or None
        Why, where it was not a callback of the user's that ended it.
    failure : DivergenceError or None
        The error of a training that diverged.
    deadline : Deadline or None
        Where it must be over by a certain time.
    place : Position or None
        Where it continues, after it was killed.
    """

    network: NeuralNetwork
    updater: Updater | None
    epochs: int
    steps: int
    rows: int
    callbacks: Sequence[object] = ()
    data: Rows | None = None
    history: History = field(default_factory=History)
    epochs_before: int = 0
    epoch: int = 0
    step: int = 0
    loss: float = float("nan")
    stop: bool = False
    reason: str = "ended by a callback"
    ending: Ending | None = None
    failure: DivergenceError | None = None
    deadline: Deadline | None = None
    place: Position | None = None
    started: float = field(default_factory=time.perf_counter)
    looked: float = field(default_factory=time.perf_counter)
    listeners: dict[str, list[Callable[[Run], object]]] = field(default_factory=dict, repr=False)

    def listening(self, moment: str) -> list[Callable[[Run], object]]:
        """Return the callbacks' methods of that name, without the empty ones inherited from :class:`Callback`."""
        if moment not in self.listeners:
            nothing = getattr(Callback, moment)
            methods = [getattr(callback, moment, None) for callback in self.callbacks]
            heard = [m for m in methods if m is not None and getattr(m, "__func__", None) is not nothing]
            self.listeners[moment] = heard
        return self.listeners[moment]

    def notify(self, moment: str) -> None:
        """Call the method of that name on each callback that has it."""
        for method in self.listening(moment):
            method(self)

    def end(self, ending: Ending) -> None:
        """End the training for this reason."""
        self.stop, self.ending = True, ending

    def conclude(self) -> None:
        """Record in the history why it was ended."""
        self.history.endings = (self.ending or Ending("callback", str(self.reason or Run.reason)),)

    def watch_the_clock(self) -> None:
        """End if the time limit leaves no time for more."""
        if self.deadline is not None and self.deadline.over and not self.stop:
            self.end(self.deadline.ending)

    def look_in(self) -> None:
        """Call the callbacks that are called by time, if it is due."""
        now = time.perf_counter()
        if now - self.looked >= LIVE:
            self.looked = now
            self.notify("on_progress")


class Callback:
    """An optional base class: any object with one or more of these methods is a callback.

    Of an estimator with several members it sees the first; with an attribute `every_member` that is True, all, each
    from a thread of its own.

    Examples
    --------
    >>> class Print:
    ...     def on_epoch_end(self, run):
    ...         print(run.epoch, f"{run.history['loss'][-1]:.3f}")
    """

    def on_fit_begin(self, estimator: Any) -> None:
        """Before the members of an estimator train: its settings, its encoder and its untrained networks are decided.

        Not called by a :class:`Trainer`, which has no estimator.
        """

    def on_train_begin(self, run: Run) -> None:
        """Before the first epoch."""

    def on_batch_end(self, run: Run) -> None:
        """After every step; it costs some microseconds per step."""

    def on_progress(self, run: Run) -> None:
        """Between two steps, up to ten times a second: to show progress, or to end the training.

        Long trainings only: one that takes a tenth of a second may come without.
        """

    def on_epoch_end(self, run: Run) -> None:
        """After every epoch; the history has its row already."""

    def on_divergence(self, run: Run) -> None:
        """Called when the loss became inf or NaN: the network still has the diverged weights, `run.reason` says how."""

    def on_train_end(self, run: Run) -> None:
        """After the last epoch, the best weights restored, however training ended."""


class _Listener:
    """The rule of an option: a callback."""

    def taken(self, name: str, value: Any) -> Any:
        rule = Text("{name} must be an object with one of the methods {names}", name=name, names=", ".join(MOMENTS))
        if isinstance(value, type):
            raise InputTypeError(rule, shown(value), Text("Create an instance: {name}()", name=value.__name__))
        if not any(offers(value, moment) for moment in MOMENTS):
            raise InputTypeError(rule, shown(value), "See glassnet.training.Callback")
        return value


MOMENTS = tuple(name for name in vars(Callback) if name.startswith("on_"))
LISTENER = _Listener()


def shown_progress() -> object:
    """Return the progress display for a notebook or for a terminal."""
    from glassnet.training.progress_display import TrainingProgress

    return TrainingProgress()

"""Checkpoints: a training that was killed resumes from the last one, and ends with the same bits.

A checkpoint is a model file, with the network as it is in the middle of training, and beside it all that the next step
depends on. Random numbers follow from seed, epoch and step alone, so no generator has a state to keep.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

import glassnet
from glassnet.engines import Updater
from glassnet.errors import InputError, shown
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.network.state import network_to_state, restore_updater, updater_to_state
from glassnet.support.atomic_write import claim, destination
from glassnet.support.container import read, write
from glassnet.support.language import Text
from glassnet.support.messages import warn
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import File, Integer, Number, validate
from glassnet.training.early_stopping import EarlyStopping, Weights, weights_of
from glassnet.training.fingerprint import DIGESTED, state_digest
from glassnet.training.history import History

if TYPE_CHECKING:
    from glassnet.training.callbacks import Run

SHARE: Final = 50
"""The time between two checkpoints, in multiples of the time to write one: at most a fiftieth of the time."""
FOLDER: Final = File('For example "checkpoints"', "folder")
ELSEWHERE: Final = Text("Restore them, or start in another folder")


@methods_suggest_options
@dataclass(frozen=True)
class Checkpoint:
    """The folder, the interval and the number of checkpoints kept.

    Parameters
    ----------
    folder : str or path
        Created if it does not exist. One training has one folder; a second one at the same time is an error.
    every : float >= 0
        Seconds between two, at least. If writing takes long, it is more: writing takes a fiftieth of the time at most.
    keep : int
        The newest so many are kept. Each has the weights of the best epoch, too.

    Examples
    --------
    >>> Checkpoint("run-7", every=60).keep
    2
    """

    folder: str | os.PathLike[str]
    every: float = 10.0
    keep: int = 2

    def __post_init__(self) -> None:
        validate(
            self,
            folder=FOLDER,
            every=Number("[0, inf)", "In seconds, for example 60"),
            keep=Integer("Common values are 2 to 5"),
        )

    @classmethod
    def taken(cls, name: str, value: Any) -> Checkpoint:
        """The rule of an option: a folder is accepted, too."""
        return value if isinstance(value, Checkpoint) else cls(FOLDER.taken(name, value))

    def check_clock(self, time_limit: float | None) -> None:
        """Refuse a time limit: where it ends depends on the clock, so a resumed training could differ."""
        if time_limit is not None:
            rule = Text(
                "Training with `time_limit` depends on the clock, so checkpoints could not reproduce the same bits"
            )
            raise InputError(rule, Text("both", context="received"), "Omit one of them")

    def of_part(self, name: str) -> Checkpoint:
        """Return the checkpoint of one of several trainings, in its own subfolder."""
        return Checkpoint(Path(self.folder) / name, self.every, self.keep)

    @contextlib.contextmanager
    def claimed(self) -> Iterator[None]:
        """Create and lock the folder within the context.

        Raises
        ------
        InputError
            If it is a file, or another running training uses it.
        OSError
            If it cannot be made.
        """
        path = Path(self.folder)
        if path.exists() and not path.is_dir():
            raise InputError(
                "The path of checkpoints must be a folder", Text("{path}, a file", path=path), "Choose another name"
            )
        destination(path).mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if not claim(descriptor):
                rule = Text("A folder of checkpoints must belong to one training")
                raise InputError(
                    rule,
                    Text("{path}, in which another one is at work", path=path),
                    "Wait until it ends, or choose another folder",
                )
            yield
        finally:
            os.close(descriptor)


class Position(NamedTuple):
    """The position within a training.

    Attributes
    ----------
    epoch : int
        The epochs that have ended.
    step : int
        The steps done in the next one.
    total : float
        The sum of its rows' losses so far.
    before : (parameters, statistics)
        The weights with which it began.
    finished : bool
        Whether nothing is left to do.
    """

    epoch: int
    step: int
    total: float
    before: Weights
    finished: bool


class LoadedCheckpoint(NamedTuple):
    """A checkpoint as it was read; a running training may have replaced its file since."""

    path: Path
    document: dict[str, Any]
    arrays: dict[str, Array]

    @property
    def training(self) -> dict[str, Any]:
        """The part of the description about the training."""
        training: dict[str, Any] = self.document["training"]
        return training


def latest_checkpoint(folder: Path) -> LoadedCheckpoint | None:
    """Return the newest readable checkpoint; None: there is none yet.

    Raises
    ------
    InputError
        If there are some, and none can be read.
    """
    sound, damaged = [], []
    for path in sorted(folder.glob("checkpoint-*.safetensors")):
        try:
            document, arrays = read(path)
            if not isinstance(document["training"]["written"], int):
                raise InputError("A checkpoint must record when it was written", shown(document["training"]["written"]))
        except (InputError, KeyError, TypeError) as error:
            damaged.append(f"{path.name} ({error})")
        else:
            sound.append(LoadedCheckpoint(path, document, arrays))
    if damaged and not sound:
        raise InputError("A checkpoint to resume from must be intact", "; ".join(damaged), "Start in another folder")
    if damaged:
        which = "; ".join(damaged)
        warn(Text("A checkpoint is damaged; the previous one is used: {which}", which=which))
    return max(sound, key=lambda found: found.training["written"], default=None)


def other_training(folder: str | os.PathLike[str], differences: Sequence[str]) -> InputError:
    """Return the error for checkpoints of another training, with the differences."""
    rule = Text(
        "Settings and data must be the same as in the training that wrote the checkpoints in {folder}", folder=folder
    )
    return InputError(rule, Text("differences in {names}", names="; ".join(differences)), ELSEWHERE)


@dataclass
class CheckpointWriter:
    """Writes the checkpoints of one training, and restores the newest.

    Parameters
    ----------
    checkpoint : Checkpoint
    network : NeuralNetwork
    updater : Updater
    early_stopping : EarlyStopping
    history : History
        Its rows so far are those of earlier trainings, that this one goes on from.
    about : mapping from str to object
        The identity of the training, as plain data: see :func:`glassnet.training.fingerprint.fingerprint`.

    Raises
    ------
    InputError, InputTypeError
        If the network or the optimizer has no form in a file.
    """

    checkpoint: Checkpoint
    network: NeuralNetwork
    updater: Updater
    early_stopping: EarlyStopping
    history: History
    about: Mapping[str, Any]
    written: int = 0
    next_at: float = field(default_factory=time.perf_counter)
    failed: bool = False

    def __post_init__(self) -> None:
        self.earlier = len(self.history)
        self.described, _ = network_to_state(self.network)
        self.about = {
            **self.about,
            "earlier epochs": self.earlier,
            "optimizer at the start": state_digest(self.updater),
        }
        self.next_at += self.checkpoint.every

    # ------------------------------------------------------------------ write

    def look(self, run: Run, total: float, before: Weights) -> None:
        """Write one if it is due."""
        if run.step < run.steps and time.perf_counter() >= self.next_at:
            self._write(Position(run.epoch - 1, run.step, total, before, False))

    def epoch_ended(self, run: Run) -> None:
        """Write one between two epochs if it is due."""
        if time.perf_counter() >= self.next_at:
            self._write(Position(run.epoch, 0, 0.0, weights_of(self.network), False))

    def finish(self) -> None:
        """Write the final state."""
        self._write(Position(len(self.history) - self.earlier, 0, 0.0, weights_of(self.network), True))

    def _write(self, place: Position) -> None:
        """Replace the oldest checkpoint. If the disk is full, training continues without."""
        if not (np.isfinite(self.network.parameters).all() and np.isfinite(self.network.statistics).all()):
            return  # training is about to end by it
        started = time.perf_counter()
        described, arrays = updater_to_state(self.updater)
        kept = {"best": self.early_stopping.best_weights, "sound": self.early_stopping.sound, "before": place.before}
        for name, weights in kept.items():
            if weights is not None and not (name == "sound" and weights is self.early_stopping.start):
                arrays[f"{name}.parameters"], arrays[f"{name}.statistics"] = weights
        document = {
            "kind": "NeuralNetwork",
            "versions": {"glassnet": glassnet.__version__},
            "network": self.described,
            "training": {
                "about": self.about,
                "written": self.written,
                "place": {"epoch": place.epoch, "step": place.step, "total": place.total, "finished": place.finished},
                "watch": self.early_stopping.to_plain(),
                "history": self.history.to_dict(),
                "optimizer": described,
            },
        }
        numbers = {"parameters": self.network.parameters, "statistics": self.network.statistics}
        path = self._paths()[self.written % self.checkpoint.keep]
        try:
            write(path, document, numbers | {f"training.{name}": array for name, array in arrays.items()})
        except OSError as error:
            if not self.failed:
                why = (error.strerror or str(error)).partition(";")[0]
                message = Text("No checkpoint could be written ({reason}). Training continues, and it will be retried")
                warn(message.filled(reason=why))
            self.failed = True
        else:
            self.written, self.failed = self.written + 1, False
        took = time.perf_counter() - started
        self.next_at = time.perf_counter() + max(self.checkpoint.every, SHARE * took)

    def _paths(self) -> list[Path]:
        return [
            Path(self.checkpoint.folder) / f"checkpoint-{number}.safetensors"
            for number in range(1, self.checkpoint.keep + 1)
        ]

    # ------------------------------------------------------------------- read

    def resume(self, steps: int) -> Position | None:
        """Restore the newest intact checkpoint; None: there is none.

        Parameters
        ----------
        steps : int
            Of an epoch.

        Raises
        ------
        InputError
            If it is one of another training, or none is sound.
        """
        found = latest_checkpoint(Path(self.checkpoint.folder))
        if found is None:
            return None
        self._check_about(found.training["about"])
        try:
            return self._restored(found.training, found.arrays, steps)
        except (KeyError, TypeError, ValueError) as error:
            rule = Text("A checkpoint must be unmodified")
            raise InputError(rule, f"{error!r}", "Start in another folder") from error

    def _restored(self, training: Mapping[str, Any], arrays: Mapping[str, Array], steps: int) -> Position:
        """Validate it like untrusted input: engines trust the position."""
        earlier, layout = History.from_dict(training["history"]), self.network.layout
        weights: dict[str, Weights] = {}
        for name, start in KEPT.items():
            if name == "now" or f"{start}parameters" in arrays:
                weights[name] = parameters, statistics = arrays[f"{start}parameters"], arrays[f"{start}statistics"]
                for own, array in ((self.network.parameters, parameters), (self.network.statistics, statistics)):
                    if array.shape != own.shape or array.dtype != own.dtype:
                        raise ValueError(f"{name} of shape {array.shape}, {array.dtype}")
                layout.check_parameters(parameters)
                layout.check_statistics(statistics)
        place = Position(**training["place"], before=weights["before"])
        epochs, last = len(earlier) - self.earlier, steps - 1 if not place.finished else 0
        counted = type(place.epoch) is type(place.step) is int and place.epoch == epochs >= 0
        if not (counted and 0 <= place.step <= last and type(place.total) is float and type(place.finished) is bool):
            raise ValueError(f"place {place[:3]} of {epochs} epochs and {steps} steps")
        memories = {name.removeprefix("training."): array for name, array in arrays.items()}
        restore_updater(self.updater, training["optimizer"], memories)
        self.early_stopping.restore_plain(training["watch"], weights.get("best"), weights.get("sound"))
        self.history.rows[:], self.history.best_epoch = earlier.rows, earlier.best_epoch
        self.history.endings = earlier.endings
        self.network.put_back(*weights["now"])
        self.written = training["written"] + 1
        return place

    def _check_about(self, there: Mapping[str, Any]) -> None:
        """Refuse a checkpoint of another training, naming the differences."""
        names = [name for name in {**there, **self.about} if there.get(name) != self.about.get(name)]
        if not names:
            return
        differences = [
            name if name in DIGESTED else f"{name}: {there.get(name)!r} there, {self.about.get(name)!r} here"
            for name in names
        ]
        raise other_training(self.checkpoint.folder, differences)


KEPT: Final = {"now": "", "best": "training.best.", "sound": "training.sound.", "before": "training.before."}
"""The sets of weights in a checkpoint, and the prefixes of their arrays."""

"""A folder of checkpoints as a model: as far as its training has come, and while it goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassnet.errors import InputError
from glassnet.estimators.kinds import kept_members
from glassnet.exchange.file import Model, load, model_of, save
from glassnet.support.container import read
from glassnet.support.warning import warn
from glassnet.training import Checkpoint, History
from glassnet.training.checkpoint import latest_checkpoint, other_training

BEGUN = "begun.safetensors"
"""The model before its members had learned anything: encoder, settings, layers."""
DONE = "done.safetensors"
"""The model as it came out: with the trees, the calibration and the weights of its members."""
JUDGED_BY = ("refits", "validation_fraction")
"""What decides which rows members learn from and are judged by; the checkpoints of a member know the rows alone."""


def keep(model: Any, checkpoint: Checkpoint, *, done: bool) -> None:
    """Write the model beside its checkpoints: as it came out, or as it begins, unless members of a training are there.

    These must have learned from the same rows. Where there is no room, training goes on.
    """
    folder = Path(checkpoint.folder)
    path = folder / (DONE if done else BEGUN)
    if not done:
        if any(folder.glob("member-*/checkpoint-*.safetensors")):
            _check_judged_alike(folder, model.settings_)
            return
        (folder / DONE).unlink(missing_ok=True)
    try:
        save(model, path)
    except OSError as error:
        why = (error.strerror or str(error)).partition(";")[0]
        said = f"{path} could not be written ({why}). Training continues without it"
        warn(said)


def _check_judged_alike(folder: Path, settings: Mapping[str, Any]) -> None:
    try:
        there = read(folder / BEGUN)[0]["settings"]
    except (InputError, OSError, KeyError):  # there was no room for it, or it is damaged: members tell by their rows
        return
    names = [name for name in JUDGED_BY if settings["early_stopping"] and there.get(name) != settings[name]]
    if names:
        raise other_training(folder, [f"{name}: {there.get(name)!r} there, {settings[name]!r} here" for name in names])


def load_checkpoints(folder: Path) -> Model:
    """The model as its newest checkpoints have it; members that have none yet are left out."""
    with contextlib.suppress(FileNotFoundError):  # a training that begins takes it away
        return load(folder / DONE)
    if not (folder / BEGUN).exists():
        found = latest_checkpoint(folder)
        if found is None:
            raise _none(folder)
        return model_of(*found)
    model: Any = load(folder / BEGUN)
    model.weights_, model.temperature_, model.conformal_ = None, 1.0, None  # which are found at the end
    trained = []
    for member, network in enumerate(model.networks_):
        found = latest_checkpoint(folder / f"member-{member + 1}")
        if found is not None and found.arrays["parameters"].shape == network.parameters.shape:
            kept: Any = model_of(*found)  # with all its checks; the model's own limits are those of its setters
            network.parameters, network.statistics = kept.parameters, kept.statistics
            model.histories_[member] = History.from_dict(found.training["history"])
            trained.append(member)
    if not trained:
        raise _none(folder)
    if len(trained) < len(model.networks_):
        model.settings_ |= kept_members(model.settings_, trained)
    model.networks_ = [model.networks_[member] for member in trained]
    model.histories_ = [model.histories_[member] for member in trained]
    return model


def _none(folder: Path) -> InputError:
    return InputError(
        "A folder to load must have a checkpoint",
        f"{folder}, without one",
        "Wait for the first checkpoint",
    )

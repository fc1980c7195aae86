"""A model as one file: its numbers as arrays, all the rest as readable text. No pickle, and nothing is executed."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from sklearn.utils.validation import check_is_fitted

import glassnet
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import Classifier, Regressor
from glassnet.estimators.ensemble import kept_members
from glassnet.exchange.files.estimator_state import estimator_from_state, estimator_to_state
from glassnet.exchange.files.migration import migrated
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.network.state import network_from_state, network_to_state
from glassnet.support.container import read, write
from glassnet.support.language import Text
from glassnet.support.messages import error_text, warn
from glassnet.support.options import FILE, Flag, checked
from glassnet.training import Checkpoint, History
from glassnet.training.checkpoint import latest_checkpoint, other_training

Model: TypeAlias = Classifier | Regressor | NeuralNetwork

Classes: TypeAlias = Mapping[str, type[Classifier] | type[Regressor]]
"""The class of an estimator by its name."""
KINDS: Final = ("NeuralClassifier", "NeuralRegressor", "NeuralNetwork")
"""What a file may hold; nothing else is ever made from one."""
BEGUN = "begun.safetensors"
"""The model before its members had learned anything: encoder, settings, layers."""
DONE = "done.safetensors"
"""The model as it came out: with the calibration and the weights of its members."""
JUDGED_BY = ("refits", "validation_fraction")
"""What decides which rows members learn from and are judged by; the checkpoints of a member know the rows alone."""


def is_public(model: object) -> bool:
    """Return whether a model is of one of glassnet's public classes, not of a subclass defined elsewhere."""
    return type(model).__name__ in KINDS and type(model).__module__.startswith("glassnet.")


@checked(path=FILE, optimizer=Flag("True keeps the optimizer's state"))
def save(model: Model, path: str | os.PathLike[str], *, optimizer: bool = False) -> None:
    """Write a model to one safetensors file.

    Everything that was learned and every option goes into it, except for what no file can hold: callbacks, a `scoring`
    that is a function, a random generator. A file that is there already is replaced, at the moment when the new one is
    whole.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        Estimators must be fitted. ``model.notes_``, a dict of plain data, is saved too.
    path : str or path
        By custom it ends in ".safetensors".
    optimizer : bool
        Whether the optimizer's state goes into the file, too, so that ``partial_fit`` goes on after loading as if
        nothing had been saved, to the last bit. It is once or twice as large as the parameters. There is such a state
        after ``partial_fit`` alone: ``fit`` begins with a fresh one, with a warm start, too.

    Raises
    ------
    InputError, InputTypeError
        If the model has a formula of your own that is not registered, a layer of your own or numbers that are not
        finite, or is no such model.
    NotFittedError
        If it is not fitted.
    OSError
        If the file cannot be written; an existing file is untouched then.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = glassnet.NeuralClassifier(hidden_layers=8, epochs=5).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "iris.safetensors"
    ...     save(model, path)
    ...     again = glassnet.load(path)
    >>> bool((again.predict_proba(X) == model.predict_proba(X)).all())
    True
    """
    kind = type(model).__name__
    if not is_public(model):
        raise InputTypeError(
            Text("A model to save must be one of: {choices}", choices=", ".join(KINDS)),
            kind,
            "Save the model inside it",
        )
    versions = {"glassnet": glassnet.__version__, "numpy": np.__version__, "python": platform.python_version()}
    document: dict[str, Any] = {"kind": kind, "versions": versions}
    if isinstance(model, NeuralNetwork):
        description, arrays = network_to_state(model)
        write(Path(path), document | {"network": description}, arrays)
        return
    check_is_fitted(model)
    learned, arrays = estimator_to_state(model, optimizer=optimizer)
    write(Path(path), document | learned, arrays)


def load(path: str | os.PathLike[str], classes: Classes) -> Model:
    """Read a model that :func:`save` wrote, or a folder of checkpoints; see :func:`glassnet.load`.

    Parameters
    ----------
    path : str or path
    classes : dict from str to type
        The class of an estimator, by the name of its kind in the file.
    """
    path = Path(path)
    if path.is_dir():
        return load_checkpoints(path, classes)
    with _errors_of(path):
        content = read(path)
    return model_of(path, *content, classes)


def model_of(path: Path, document: dict[str, Any], arrays: dict[str, Array], classes: Classes) -> Model:
    """The model that was read from a file.

    Raises
    ------
    InputError
        If it is none, or needs a formula that is not registered.
    """
    with _errors_of(path):
        document = migrated(document)
        kind = document.get("kind")
        if kind == "NeuralNetwork":
            return network_from_state(document.get("network"), arrays)
        if not isinstance(kind, str) or kind not in classes:
            rule = Text("The kind of a model must be one of: {choices}", choices=", ".join(KINDS))
            raise InputError(rule, repr(kind), "The file may be damaged")
        return estimator_from_state(classes[kind], document, arrays)


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Make errors about the contents within the context name the file."""
    try:
        yield
    except OSError:
        raise
    except InputError as error:
        raise InputError(Text("{file} cannot be loaded: {why}", file=path.name, why=error_text(error))) from error
    except Exception as error:  # a hostile file can raise anything, and all of it is an error of input
        raise InputError(Text("{file} cannot be loaded: it is damaged ({why!r})", file=path.name, why=error)) from error


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
        message = Text("{file} could not be written ({reason}). Training continues without it", file=path, reason=why)
        warn(message)


def _check_judged_alike(folder: Path, settings: Mapping[str, Any]) -> None:
    try:
        there = read(folder / BEGUN)[0]["settings"]
    except (InputError, OSError, KeyError):  # there was no room for it, or it is damaged: members tell by their rows
        return
    names = [name for name in JUDGED_BY if settings["early_stopping"] and there.get(name) != settings[name]]
    if names:
        raise other_training(folder, [f"{name}: {there.get(name)!r} there, {settings[name]!r} here" for name in names])


def load_checkpoints(folder: Path, classes: Classes) -> Model:
    """The model as its newest checkpoints have it; members that have none yet are left out."""
    with contextlib.suppress(FileNotFoundError):  # a training that begins takes it away
        return load(folder / DONE, classes)
    if not (folder / BEGUN).exists():
        found = latest_checkpoint(folder)
        if found is None:
            raise _no_checkpoint(folder)
        return model_of(*found, classes)
    model: Any = load(folder / BEGUN, classes)
    model.weights_, model.temperature_, model.conformal_ = None, 1.0, None  # which are found at the end
    trained = []
    for member, network in enumerate(model.networks_):
        found = latest_checkpoint(folder / f"member-{member + 1}")
        if found is not None and found.arrays["parameters"].shape == network.parameters.shape:
            kept: Any = model_of(
                *found, classes
            )  # with all its checks; the model's own limits are those of its setters
            network.parameters, network.statistics = kept.parameters, kept.statistics
            model.histories_[member] = History.from_dict(found.training["history"])
            trained.append(member)
    if not trained:
        raise _no_checkpoint(folder)
    if len(trained) < len(model.networks_):
        model.settings_ |= kept_members(model.settings_, trained)
    model.networks_ = [model.networks_[member] for member in trained]
    model.histories_ = [model.histories_[member] for member in trained]
    return model


def _no_checkpoint(folder: Path) -> InputError:
    return InputError(
        "A folder to load must have a checkpoint",
        Text("{folder}, without one", folder=folder),
        "Wait for the first checkpoint",
    )

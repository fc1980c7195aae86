"""A model as one file: its numbers as arrays, all the rest as readable text. No pickle, and nothing is executed."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from sklearn.utils.validation import check_is_fitted

import glassnet
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import NeuralClassifier, NeuralRegressor
from glassnet.exchange.estimator_state import ESTIMATORS, estimator_from_state, estimator_to_state
from glassnet.exchange.migration import migrated
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.network.state import network_from_state, network_to_state
from glassnet.support.container import read, write
from glassnet.support.options import FILE, Flag, checked

Model: TypeAlias = NeuralClassifier | NeuralRegressor | NeuralNetwork

KINDS: Final = (*ESTIMATORS, "NeuralNetwork")
"""What a file may hold; nothing else is ever made from one."""


@checked(path=FILE, optimizer=Flag("True keeps the optimizer's state"))
def save(model: Model, path: str | os.PathLike[str], *, optimizer: bool = False) -> None:
    """Write a model to one safetensors file.

    Everything that was learned and every option goes into it, except for what no file can hold: callbacks, a `scoring`
    that is a function, a random generator. A file that is there already is replaced, at the moment when the new one is
    whole.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        Estimators must be fitted. What is in ``model.notes_``, a dict of plain data, is kept too.
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
        If the file cannot be written; what was there before is untouched then.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = NeuralClassifier(hidden_layers=8, epochs=5).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "iris.safetensors"
    ...     save(model, path)
    ...     again = load(path)
    >>> bool((again.predict_proba(X) == model.predict_proba(X)).all())
    True
    """
    kind = type(model).__name__
    if type(model) not in (NeuralClassifier, NeuralRegressor, NeuralNetwork):
        raise InputTypeError(f"A model to save must be one of: {', '.join(KINDS)}", kind, "Save the model inside it")
    versions = {"glassnet": glassnet.__version__, "numpy": np.__version__, "python": platform.python_version()}
    document: dict[str, Any] = {"kind": kind, "versions": versions}
    if isinstance(model, NeuralNetwork):
        description, arrays = network_to_state(model)
        write(Path(path), document | {"network": description}, arrays)
        return
    check_is_fitted(model)
    learned, arrays = estimator_to_state(model, optimizer=optimizer)
    write(Path(path), document | learned, arrays)


@checked(path=FILE)
def load(path: str | os.PathLike[str]) -> Model:
    """Read a model that :func:`save` wrote. It predicts the same, to the last bit.

    A folder of checkpoints gives the model as far as its training has come; see :class:`glassnet.Checkpoint`.

    Training may go on with ``partial_fit`` or ``warm_start``. Where the optimizer's state was not saved,
    ``partial_fit`` starts with a fresh one. Files of older versions of glassnet are read, too.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    NeuralClassifier, NeuralRegressor or NeuralNetwork

    Raises
    ------
    InputError
        If it is no such file, damaged, of a newer format, or needs a formula that is not registered. Nothing in a file
        is ever executed, and no memory is taken on its word alone.
    OSError
        If it cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        from glassnet.exchange.checkpoints import load_checkpoints

        return load_checkpoints(path)
    with _errors_of(path):
        content = read(path)
    return model_of(path, *content)


def model_of(path: Path, document: dict[str, Any], arrays: dict[str, Array]) -> Model:
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
        if not isinstance(kind, str) or kind not in ESTIMATORS:
            rule = f"The kind of a model must be one of: {', '.join(KINDS)}"
            raise InputError(rule, repr(kind), "The file may be damaged")
        return estimator_from_state(kind, document, arrays)


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Make errors about the contents within the context name the file."""
    try:
        yield
    except OSError:
        raise
    except InputError as error:
        raise InputError(f"{path.name} cannot be loaded: {error}") from error
    except Exception as error:  # whatever a hostile file can bring about, it is an error of input
        raise InputError(f"{path.name} cannot be loaded: it is damaged ({error!r})") from error

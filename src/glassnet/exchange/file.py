"""A model as one file: its numbers as arrays, all the rest as readable text. No pickle, and nothing is executed."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias

import numpy as np
from sklearn.utils.validation import check_is_fitted

import glassnet
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import NeuralClassifier, NeuralRegressor
from glassnet.estimators.targets import AnswerTargets, ClassTargets, NumberTargets, targets_from_state
from glassnet.exchange.container import read, write
from glassnet.exchange.options import options_from_plain, options_to_plain, spelling
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.formula import Registry
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Layout, layer_from_dict, layer_to_dict
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.tables import TableEncoder
from glassnet.training import History

__all__ = ["load", "save"]

Model: TypeAlias = NeuralClassifier | NeuralRegressor | NeuralNetwork

ESTIMATORS: Final[Mapping[str, tuple[type[NeuralClassifier | NeuralRegressor], tuple[type, ...]]]] = {
    "NeuralClassifier": (NeuralClassifier, (ClassTargets, AnswerTargets)),
    "NeuralRegressor": (NeuralRegressor, (NumberTargets,)),
}
"""The estimators that a file may hold, and what their targets may be."""
KINDS: Final = (*ESTIMATORS, "NeuralNetwork")
"""What a file may hold; nothing else is ever made from one."""
FORMULAS: Final[Mapping[str, Registry[Any]]] = {
    "activation": ACTIVATIONS,
    "initializer": INITIALIZERS,
    "bias_initializer": INITIALIZERS,
    "adapter_initializer": INITIALIZERS,
}
"""The fields of layers that name formulas."""
MOST_INPUTS: Final = 2**31
MOST_MEMBERS: Final = 10_000
MOST_LAYERS: Final = 10_000
"""More than any network has: a short text must not become a great many objects."""


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Write a model to one safetensors file.

    Everything that was learned and every option goes into it, except for what no file can hold: callbacks, a `scoring`
    that is a function, a random generator, the optimizer's state. A file that is there already is replaced, at the
    moment when the new one is whole.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        Estimators must be fitted. What is in ``model.notes_``, a dict of plain data, is kept too.
    path : str or path
        By custom it ends in ".safetensors".

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
        raise InputTypeError(f"A model to save must be one of: {', '.join(KINDS)}", kind, "Save the one inside it")
    document: dict[str, Any] = {
        "kind": kind,
        "versions": {
            "glassnet": glassnet.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }
    if isinstance(model, NeuralNetwork):
        description, arrays = _network_to_state(model)
        write(Path(path), document | {"network": description}, arrays)
        return
    check_is_fitted(model)
    parts = {
        "network": _network_to_state(model.network_),
        "encoder": model.encoder_.to_state(),
        "targets": model.targets_.to_state(),
    }
    document |= {name: description for name, (description, _) in parts.items()}
    document |= {
        "options": options_to_plain(model.get_params(deep=False)),
        "settings": options_to_plain(model.settings_),
        "histories": [history.to_dict() for history in model.histories_],
        "temperature": model.temperature_,
        "notes": model.notes_,
    }
    arrays = {
        key if name == "network" else f"{name}.{key}": array
        for name, (_, of_part) in parts.items()
        for key, array in of_part.items()
    }
    if model.conformal_ is not None:
        arrays["conformal"] = model.conformal_
    for member, network in enumerate(model.networks_[1:], 2):
        arrays |= {f"member {member}.{key}": array for key, array in _network_to_state(network)[1].items()}
    write(Path(path), document, arrays)


def load(path: str | os.PathLike[str]) -> Model:
    """Read a model that :func:`save` wrote. It predicts the same, to the last bit.

    Training may go on with ``partial_fit`` or ``warm_start``; the optimizer then starts with a fresh state.

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
    try:
        document, arrays = read(path)
        return _model(document, arrays)
    except OSError:
        raise
    except InputError as error:
        raise InputError(f"{path.name} cannot be loaded: {error}") from error
    except Exception as error:  # whatever a hostile file can bring about, it is an error of input
        raise InputError(f"{path.name} cannot be loaded: it is damaged ({error!r})") from error


def _model(document: Mapping[str, Any], arrays: dict[str, Array]) -> Model:
    """The model that a document describes."""
    kind = document.get("kind")
    if kind not in KINDS:
        raise InputError(f"The kind of a model must be one of: {', '.join(KINDS)}", repr(kind), "Is the file damaged?")
    network = _network_from_state(document.get("network"), arrays)
    if kind == "NeuralNetwork":
        return network
    estimator, target_kinds = ESTIMATORS[kind]
    model = estimator()
    model.set_params(**options_from_plain(document.get("options"), model.get_params(deep=False)))
    described = document.get("histories")
    if not isinstance(described, list) or not 1 <= len(described) <= MOST_MEMBERS:
        _refuse("histories", described)
    model.histories_ = [History.from_dict(history) for history in described]
    model.networks_ = [network, *(_member(network, number, arrays) for number in range(2, len(described) + 1))]
    temperature = document.get("temperature")
    if type(temperature) is not float or not 0 < temperature < np.inf:
        _refuse("temperature", temperature)
    model.temperature_, model.conformal_ = temperature, arrays.get("conformal")
    scores = model.conformal_
    if scores is not None and not (scores.ndim == 1 and scores.dtype == np.float64 and (np.diff(scores) >= 0).all()):
        _refuse("conformal scores", f"shape {scores.shape}, {scores.dtype}")
    model.encoder_ = TableEncoder.from_state(document.get("encoder"), _part(arrays, "encoder"))
    targets = targets_from_state(document.get("targets"), _part(arrays, "targets"))
    if not isinstance(targets, target_kinds) or network.loss.target not in estimator.loss_targets:
        _refuse("targets", document["targets"])
    if targets.outputs(network.loss) != network.outputs:
        _refuse("outputs of the network", network.outputs)
    model.targets_ = targets
    model.settings_ = options_from_plain(document.get("settings"), dict.fromkeys(model.setting_names))
    notes = document.get("notes")
    if not isinstance(notes, dict):
        _refuse("notes", notes)
    model.notes_ = notes
    if model.encoder_.n_outputs != network.inputs:
        _refuse("inputs of the network", network.inputs)
    return model


def _part(arrays: Mapping[str, Array], part: str) -> dict[str, Array]:
    return {name.removeprefix(f"{part}."): array for name, array in arrays.items() if name.startswith(f"{part}.")}


def _network_to_state(network: NeuralNetwork) -> tuple[dict[str, Any], dict[str, Array]]:
    if not (np.isfinite(network.parameters).all() and np.isfinite(network.statistics).all()):
        raise InputError("The numbers of a model to save must be finite", "NaN or infinity", "Train it anew")
    description = {
        "inputs": network.inputs,
        "layers": [layer_to_dict(layer) for layer in network.layers],
        "loss": spelling(network.loss, LOSSES),
        "members": network.members,
        "seed": network.seed,
        "dtype": network.dtype.name,
        "engine": network.engine.name,
    }
    return description, {"parameters": network.parameters, "statistics": network.statistics}


def _member(first: NeuralNetwork, number: int, arrays: Mapping[str, Array]) -> NeuralNetwork:
    """A further network of the same kind."""
    own = _part(arrays, f"member {number}")
    member = first.copy()
    member.seed = (first.seed + number - 1) % 2**64
    member.parameters[...], member.statistics[...] = _numbers(own, first.layout, first.dtype.name)
    return member


def _numbers(arrays: Mapping[str, Array], layout: Layout, dtype: Any) -> tuple[Array, Array]:
    """The parameters and statistics of a network, if they are what it needs."""
    for name, size in (("parameters", layout.size), ("statistics", layout.statistics_size)):
        array = arrays.get(name)
        if array is None or array.shape != (size,) or array.dtype.name != dtype:
            _refuse(name, "none" if array is None else f"shape {array.shape} instead of {(size,)}, {array.dtype}")
        if not np.isfinite(array).all():
            _refuse(name, "NaN or infinity")
    return arrays["parameters"], arrays["statistics"]


def _network_from_state(state: Any, arrays: Mapping[str, Array]) -> NeuralNetwork:
    names = ("inputs", "layers", "loss", "members", "seed", "dtype", "engine")
    if not isinstance(state, dict) or set(state) != set(names):
        _refuse("network", state)
    inputs, described, loss, members, seed, dtype, engine = (state[name] for name in names)
    if type(inputs) is not int or not 1 <= inputs <= MOST_INPUTS or not isinstance(described, list):
        _refuse("network", state)
    if sum(map(_check_registered, described)) > MOST_LAYERS:
        _refuse("network", f"more than {MOST_LAYERS} layers")
    _check_name(loss, LOSSES)
    layers = [layer_from_dict(layer) for layer in described]
    layout = Layout(layers, inputs)
    if max(layout.widths) > MOST_INPUTS:  # copies of a row need no parameters that would have to be there
        _refuse("width of the network", max(layout.widths))
    parameters, statistics = _numbers(arrays, layout, dtype)
    network = NeuralNetwork(inputs, layers, loss, members=members, seed=seed, dtype=dtype, engine=engine)
    network.parameters[...], network.statistics[...] = parameters, statistics
    return network


def _check_registered(layer: Any) -> int:
    """Say which formula is missing, for layers in blocks too; the number of layers."""
    if not isinstance(layer, dict):
        return 1
    for field, registry in FORMULAS.items():
        if isinstance(layer.get(field), str):
            _check_name(layer[field], registry)
    inner = layer.get("layers")
    return 1 + sum(map(_check_registered, inner if isinstance(inner, list) else []))


def _check_name(text: Any, registry: Registry[Any]) -> None:
    name = text.partition("(")[0].strip() if isinstance(text, str) else repr(text)
    if name not in registry:
        raise InputError(
            f"{registry.kind.capitalize()} must be registered before a model that has it is loaded",
            repr(name),
            "Register it under this name; or is the file damaged?",
        )


def _refuse(what: str, received: Any) -> NoReturn:
    raise InputError(f"The {what} of a model must fit the rest", f"{received}", "Is the file damaged?")

"""An estimator's options as plain data, and back: numbers, words, layers, splitters, weights of classes, no more."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import sklearn.model_selection

from glassnet.errors import InputError
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.formula import Formula, Registry
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.schedules import SCHEDULES
from glassnet.layers import Layer, layer_from_dict, layer_to_dict

REGISTRIES: Final[Mapping[str, Registry[Any]]] = {
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "decay_schedule": SCHEDULES,
    "dropout_schedule": SCHEDULES,
}


def options_to_plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as plain data. What no file can hold is left out: callbacks, functions, random generators, row numbers.

    So is what belongs to a machine: how many processors.

    Raises
    ------
    InputError
        If a formula of your own is not registered.

    Examples
    --------
    >>> options_to_plain({"hidden_layers": (64, "dropout:0.2"), "callbacks": [print], "loss": None})
    {'hidden_layers': [64, 'dropout:0.2'], 'loss': None}
    """
    plain = {name: _to_plain(name, value) for name, value in options.items() if name != "n_jobs"}
    return {name: value for name, value in plain.items() if value is not _NO_FORM}


_NO_FORM: Final = object()


def _to_plain(name: str, value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Formula):
        return REGISTRIES[name].written(value) if name in REGISTRIES else _NO_FORM
    if isinstance(value, Layer):
        return {"layer": layer_to_dict(value)}
    if name == "cv":
        splitter = _splitter_to_plain(value)
        return _NO_FORM if splitter is None else {"splitter": splitter}
    if isinstance(value, (list, tuple, np.ndarray)):
        entries = [_to_plain(name, entry) for entry in value]
        return _NO_FORM if any(entry is _NO_FORM for entry in entries) else entries
    if isinstance(value, Mapping) and name == "kinds":
        return {"kind": {option: _to_plain(option, own) for option, own in value.items()}}
    if isinstance(value, Mapping):
        return {"weights": [[_to_plain(name, key), _to_plain(name, weight)] for key, weight in value.items()]}
    return _NO_FORM


def options_from_plain(plain: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """The options that :func:`options_to_plain` wrote; those left out have their default.

    Raises
    ------
    InputError
        If there is an unknown option, or a value of no known form.
    """
    unknown = [name for name in plain if name not in known] if isinstance(plain, dict) else [type(plain).__name__]
    if unknown:
        raise InputError(f"Options in a file must be among: {', '.join(known)}", unknown[0], "The file may be damaged")
    return {**known, **{name: _from_plain(value) for name, value in plain.items()}}


def _from_plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return tuple(_entry(entry) for entry in value)
    if isinstance(value, dict) and list(value) == ["weights"]:
        return _weights(value["weights"])
    if isinstance(value, dict) and list(value) == ["splitter"]:
        return _splitter_from_plain(value["splitter"])
    return _entry(value)


def _entry(entry: Any) -> Any:
    if entry is None or isinstance(entry, (int, float, str)):
        return entry
    if isinstance(entry, dict) and list(entry) == ["layer"]:
        return layer_from_dict(entry["layer"])
    if isinstance(entry, dict) and list(entry) == ["kind"] and isinstance(entry["kind"], dict):
        return {option: _from_plain(own) for option, own in entry["kind"].items()}
    rule = "An option in a file must be a number, a word, layers, weights, kinds or a splitter"
    raise InputError(rule, repr(entry), "The file may be damaged")


def _weights(pairs: Any) -> dict[Any, float]:
    try:
        weights = {key: float(weight) for key, weight in pairs if isinstance(key, (bool, int, float, str))}
    except (TypeError, ValueError) as error:
        raise InputError(
            "Weights of classes in a file must be pairs", repr(pairs), "The file may be damaged"
        ) from error
    return weights


SPLITTERS: Final[Mapping[str, type]] = {
    name: getattr(sklearn.model_selection, name)
    for name in (
        *("KFold", "StratifiedKFold", "GroupKFold", "StratifiedGroupKFold", "TimeSeriesSplit"),
        *("LeaveOneOut", "LeaveOneGroupOut", "LeavePGroupsOut"),
        *("ShuffleSplit", "StratifiedShuffleSplit", "GroupShuffleSplit"),
    )
}


def _splitter_to_plain(splitter: Any) -> dict[str, Any] | None:
    """A splitter as its name and its parameters; None where it has no such form, as lists of row numbers."""
    kind = type(splitter)
    if SPLITTERS.get(kind.__name__) is not kind:
        return None
    parameters = {name: getattr(splitter, name, splitter) for name in inspect.signature(kind).parameters}
    plain = all(value is None or type(value) in (bool, int, float) for value in parameters.values())
    return {"name": kind.__name__, "parameters": parameters} if plain else None


def _splitter_from_plain(plain: Any) -> Any:
    known = isinstance(plain, dict) and list(plain) == ["name", "parameters"] and isinstance(plain["name"], str)
    parameters = plain["parameters"] if known and plain["name"] in SPLITTERS else None
    if isinstance(parameters, dict) and all(isinstance(value, int | float | None) for value in parameters.values()):
        try:
            return SPLITTERS[plain["name"]](**parameters)
        except (TypeError, ValueError):  # names or numbers that the splitter does not take
            pass
    raise InputError("`cv` in a file must be a splitter of scikit-learn", repr(plain), "The file may be damaged")

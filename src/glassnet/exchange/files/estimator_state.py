"""A fitted estimator as plain data and arrays, and back; what comes back is checked as if a stranger had written it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import sklearn.model_selection

from glassnet.errors import InputError
from glassnet.estimators import Classifier, Regressor
from glassnet.estimators.declaration import REGISTRIES, given_options
from glassnet.estimators.number_targets import NumberTargets
from glassnet.estimators.targets import targets_from_state
from glassnet.formulas.formula import Formula
from glassnet.layers import Layer, layer_from_dict, layer_to_dict
from glassnet.layers.base import Array
from glassnet.network.state import (
    layers_to_state,
    member_from_state,
    member_to_state,
    network_from_state,
    network_to_state,
    updaters_from_state,
    updaters_to_state,
)
from glassnet.support.language import Text
from glassnet.support.saved_state import is_count, refuse
from glassnet.tables import TableEncoder
from glassnet.tables.reading.notation import UNDECIDED, Notation
from glassnet.tables.table_summary import TableSummary
from glassnet.training import History

Estimator = Classifier | Regressor
MOST_MEMBERS: Final = 10_000
"""More than any estimator has: a short text must not become a great many objects."""
_NO_FORM: Final = object()
SPLITTERS: Final[Mapping[str, type]] = {
    name: getattr(sklearn.model_selection, name)
    for name in (
        *("KFold", "StratifiedKFold", "GroupKFold", "StratifiedGroupKFold", "TimeSeriesSplit"),
        *("LeaveOneOut", "LeaveOneGroupOut", "LeavePGroupsOut"),
        *("ShuffleSplit", "StratifiedShuffleSplit", "GroupShuffleSplit"),
    )
}


def estimator_to_state(model: Estimator, *, optimizer: bool) -> tuple[dict[str, Any], dict[str, Array]]:
    """Everything that a fitted estimator has learned, and its options.

    Raises
    ------
    InputError, InputTypeError
        If a part has no form in a file, or an option that was set since is none.
    """
    given_options(model.get_params(deep=False))  # options set since the fit may be invalid, and no file may hold those
    networks = model.networks_
    parts = {
        "encoder": model.encoder_.to_state(),
        "targets": model.targets_.to_state(),
        **{f"member {number}": member_to_state(networks[0], network) for number, network in enumerate(networks[1:], 2)},
    }
    description, arrays = network_to_state(networks[0])
    updaters = getattr(model, "updaters_", None) if optimizer else None
    if updaters is not None:
        parts["optimizer"] = updaters_to_state(updaters)
    for name, (_, of_part) in parts.items():
        arrays |= {f"{name}.{key}": array for key, array in of_part.items()}
    if model.conformal_ is not None:
        arrays["conformal"] = model.conformal_
    document = {
        "network": description,
        "encoder": parts["encoder"][0],
        "targets": parts["targets"][0],
        "options": options_to_plain(model.get_params(deep=False)),
        "settings": options_to_plain(model.settings_),
        "histories": [history.to_dict() for history in model.histories_],
        "seeds": [network.seed for network in networks],
        "layers": [None if network.layers == networks[0].layers else layers_to_state(network) for network in networks],
        "weights": None if model.weights_ is None else model.weights_.tolist(),
        "temperature": model.temperature_,
        "data": None if model.data_ is None else model.data_.to_plain(),
        "optimizer": parts["optimizer"][0] if updaters is not None else None,
        "new_levels": model.new_levels_,
        "notes": model.notes_,
        "notation": None if model.notation_ == UNDECIDED else model.notation_.to_plain(),
    }
    return document, arrays


def estimator_from_state(
    estimator: type[Estimator], document: Mapping[str, Any], arrays: Mapping[str, Array]
) -> Estimator:
    """Restore an estimator from :func:`estimator_to_state`."""
    model = estimator()
    network = network_from_state(document.get("network"), arrays)
    described, seeds = document.get("histories"), document.get("seeds")
    if not isinstance(described, list) or not 1 <= len(described) <= MOST_MEMBERS:
        refuse("histories", described)
    if not isinstance(seeds, list) or len(seeds) != len(described) or seeds[0] != network.seed:
        refuse("seeds", seeds)
    own_layers = document.get("layers")
    if not isinstance(own_layers, list) or len(own_layers) != len(seeds) or own_layers[0] is not None:
        refuse("layers of members", own_layers)
    others = enumerate(zip(seeds[1:], own_layers[1:], strict=True), 2)
    model.networks_ = [
        network,
        *(member_from_state(network, *own, _part(arrays, f"member {number}")) for number, own in others),
    ]
    model.histories_ = [History.from_dict(history) for history in described]
    model.set_params(**options_from_plain(document.get("options"), model.get_params(deep=False)))
    given_options(model.get_params(deep=False))  # refuses invalid options now and not in a later fit
    model.weights_ = _weights(document, len(seeds))
    model.temperature_, model.conformal_ = _temperature(document), _scores(arrays)
    model.encoder_ = TableEncoder.from_state(document.get("encoder"), _part(arrays, "encoder"))
    targets = targets_from_state(document.get("targets"), _part(arrays, "targets"))
    if (
        isinstance(targets, NumberTargets) != estimator.learns_numbers
        or network.loss.target not in estimator.loss_targets
    ):
        refuse("targets", document["targets"])
    if targets.outputs(network.loss) != network.outputs:
        refuse("outputs of the network", network.outputs)
    model.targets_ = targets
    model.settings_ = options_from_plain(document.get("settings"), dict.fromkeys(model.setting_names))
    given_options(model.settings_)
    if model.encoder_.n_outputs != network.inputs:
        refuse("inputs of the network", network.inputs)
    notes, data, state = document.get("notes"), document.get("data"), document.get("optimizer")
    if not isinstance(notes, dict):
        refuse("notes", notes)
    model.notes_, model.data_ = notes, None if data is None else TableSummary.from_plain(data)
    model.new_levels_ = _new_levels(document.get("new_levels"))
    notation = document.get("notation")
    model.notation_ = UNDECIDED if notation is None else Notation.from_plain(notation)
    if isinstance(missing := notes.get("missing"), list) and missing:  # where older files have it
        model.notation_ = replace(model.notation_, missing=tuple(map(str, missing)))
    if state is not None:
        model.updaters_ = updaters_from_state(state, _part(arrays, "optimizer"), model.networks_)
    return model


def _part(arrays: Mapping[str, Array], part: str) -> dict[str, Array]:
    return {name.removeprefix(f"{part}."): array for name, array in arrays.items() if name.startswith(f"{part}.")}


def _weights(document: Mapping[str, Any], members: int) -> Array | None:
    """The weight of each network, unless all are equal."""
    weights = document.get("weights")
    if weights is None:
        return None
    if not isinstance(weights, list) or len(weights) != members or not all(type(one) is float for one in weights):
        refuse("weights of members", weights)
    if min(weights) <= 0 or not abs(np.mean(weights) - 1) < 1e-6:
        refuse("weights of members", "numbers that are not positive, or not 1 on average")
    return np.array(weights)


def _new_levels(counts: Any) -> dict[str, dict[str, int]]:
    """The levels that ``partial_fit`` has met, which older files do not have."""
    columns = counts.values() if isinstance(counts, dict) else [None]
    if not all(isinstance(levels, dict) and all(map(is_count, levels.values())) for levels in columns):
        refuse("new levels", counts)
    return counts


def _temperature(document: Mapping[str, Any]) -> float:
    temperature = document.get("temperature")
    if type(temperature) is not float or not 1e-30 < temperature < 1e30:
        refuse("temperature", temperature)
    return temperature


def _scores(arrays: Mapping[str, Array]) -> Array | None:
    """The scores of ``conformalize``, where there are some."""
    scores = arrays.get("conformal")
    if scores is None:
        return None
    if scores.ndim != 1 or scores.dtype != np.float64 or len(scores) == 0:
        refuse("conformal scores", Text("shape {shape}, {dtype}", shape=scores.shape, dtype=scores.dtype))
    if not (scores[0] > -np.inf and (np.diff(scores) >= 0).all()):
        refuse("conformal scores", "numbers that are not in order")
    return scores


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
    plain = {name: _option_to_plain(name, value) for name, value in options.items() if name != "n_jobs"}
    return {name: value for name, value in plain.items() if value is not _NO_FORM}


def _option_to_plain(name: str, value: Any) -> Any:
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
        entries = [_option_to_plain(name, entry) for entry in value]
        return _NO_FORM if any(entry is _NO_FORM for entry in entries) else entries
    if isinstance(value, Mapping) and name == "kinds":
        return {"kind": {option: _option_to_plain(option, own) for option, own in value.items()}}
    if isinstance(value, Mapping):
        return {
            "weights": [[_option_to_plain(name, key), _option_to_plain(name, weight)] for key, weight in value.items()]
        }
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
        raise InputError(
            Text("Options in a file must be among: {choices}", choices=", ".join(known)),
            unknown[0],
            "The file may be damaged",
        )
    return {**known, **{name: _option_from_plain(value) for name, value in plain.items()}}


def _option_from_plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return tuple(_entry(entry) for entry in value)
    if isinstance(value, dict) and list(value) == ["weights"]:
        return _class_weights(value["weights"])
    if isinstance(value, dict) and list(value) == ["splitter"]:
        return _splitter_from_plain(value["splitter"])
    return _entry(value)


def _entry(entry: Any) -> Any:
    if entry is None or isinstance(entry, (int, float, str)):
        return entry
    if isinstance(entry, dict) and list(entry) == ["layer"]:
        return layer_from_dict(entry["layer"])
    if isinstance(entry, dict) and list(entry) == ["kind"] and isinstance(entry["kind"], dict):
        return {option: _option_from_plain(own) for option, own in entry["kind"].items()}
    rule = Text("An option in a file must be a number, a word, layers, weights, kinds or a splitter")
    raise InputError(rule, repr(entry), "The file may be damaged")


def _class_weights(pairs: Any) -> dict[Any, float]:
    try:
        named = [(tuple(key) if isinstance(key, list) else key, float(weight)) for key, weight in pairs]
        weights = {key: weight for key, weight in named if isinstance(key, (bool, int, float, str, tuple))}
    except (TypeError, ValueError) as error:
        raise InputError(
            "Weights of classes in a file must be pairs", repr(pairs), "The file may be damaged"
        ) from error
    return weights


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

"""Short spellings of layers, for lists such as ``[64, "gelu:32", Dropout(0.2)]``, and their form in files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.formula import Formula, Registry
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.layers.base import Layer, changed
from glassnet.layers.category_embedding import Embedding
from glassnet.layers.chain import Residual
from glassnet.layers.dense import Activate, Blend, Dense, Dropout
from glassnet.layers.members import Copies, MemberDense
from glassnet.layers.ngram_linear import NgramLinear
from glassnet.layers.normalization import BatchNorm, LayerNorm, RMSNorm, Scale
from glassnet.layers.numeric_embedding import PeriodicEmbedding, PiecewiseLinearEmbedding
from glassnet.support.coercion import listed, plain_integer
from glassnet.support.language import Text
from glassnet.support.option_names import methods_suggest_options

LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (
        *(Activate, BatchNorm, Blend, Copies, Dense, Dropout, Embedding, LayerNorm),
        *(MemberDense, NgramLinear, PeriodicEmbedding, PiecewiseLinearEmbedding, Residual, RMSNorm, Scale),
    )
}
"""The layers that a file may name; no other is ever made from a file."""
REMOVED = {
    "Retrieval": Text("A model must have no Retrieval layer: predictions from the nearest training rows were removed"),
    "Trees": Text("A model must have no Trees layer: boosted trees among the members were removed"),
}
"""The layers that only older files name."""

SPELLINGS = {"batch_norm": BatchNorm, "layer_norm": LayerNorm, "rms_norm": RMSNorm, "scale": Scale}
DEPTH = 50
"""How many blocks inside blocks a file may ask for."""
REMEDY = Text(
    'Use 64, "gelu:64", "dropout:0.2", "batch_norm", "layer_norm", "rms_norm", "scale", or a '
    'layer such as Dense(64, "relu")'
)


def parse_layers(
    spellings: Iterable[int | str | Layer], activation: str | Activation, last: str | Activation | None = None
) -> list[Layer]:
    """Return layers from a list of short spellings.

    Parameters
    ----------
    spellings : iterable of int, str or Layer
        64: a dense layer of 64 units with the given activation; "gelu:32": one with an activation of its own;
        "dropout:0.2", "batch_norm", "layer_norm", "rms_norm", "scale"; or a layer.
    activation : str or Activation
        For the entries that name none.
    last : str, Activation or None
        The same for the last entry; None: no other.

    Raises
    ------
    InputError, InputTypeError
        If an entry is none of these.

    Examples
    --------
    >>> parse_layers([64, "dropout:0.2", "gelu:32"], "relu")
    [Dense(64, 'relu'), Dropout(0.2), Dense(32, 'gelu')]
    """
    entries = listed(Text("Layers"), spellings, 'For example [64, "dropout:0.2", "gelu:32"]', once=True)
    hidden, output = entries[:-1], entries[-1:]
    return [_parse(entry, activation) for entry in hidden] + [_parse(entry, last or activation) for entry in output]


def _parse(entry: int | str | Layer, activation: str | Activation) -> Layer:
    if isinstance(entry, Layer):
        return entry
    if isinstance(entry, str):
        return _parse_text(entry, activation)
    units = plain_integer(entry)
    if units is None:
        raise InputTypeError("A layer must be a number of units, a string or a Layer", shown(entry), REMEDY)
    return Dense(units, activation)


def _parse_text(entry: str, activation: str | Activation) -> Layer:
    name, _, number = entry.strip().rpartition(":")
    try:
        if entry.strip() in SPELLINGS:
            return SPELLINGS[entry.strip()]()
        if name == "dropout":
            return Dropout(float(number))
        units = int(number)
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "A layer must be written as activation:units or with one of the known names", repr(entry), REMEDY
        ) from None
    return Dense(units, ACTIVATIONS.get(name) if name else activation)


for _kind in LAYERS.values():
    methods_suggest_options(_kind, methods=False)


def layer_to_dict(layer: Layer) -> dict[str, Any]:
    """Return a layer as plain data: its type, and the fields that differ from their defaults; formulas as spellings.

    Raises
    ------
    InputTypeError
        If it is a layer of your own, which no file can name.
    InputError
        If it has a formula of your own that is not registered.

    Examples
    --------
    >>> layer_to_dict(Dense(3, "relu"))
    {'type': 'Dense', 'units': 3, 'activation': 'relu'}
    """
    kind = type(layer)
    if LAYERS.get(kind.__name__) is not kind:
        raise InputTypeError("Only glassnet's own layers can be written to a file", layer, "Build it from these")
    for field in fields(layer):  # type: ignore[arg-type]
        value = getattr(layer, field.name)
        if isinstance(value, Formula):
            registry: Registry[Any] = ACTIVATIONS if isinstance(value, Activation) else INITIALIZERS
            registry.written(value)
    result: dict[str, Any] = {"type": kind.__name__} | changed(layer)
    if isinstance(layer, Residual):
        result["layers"] = [layer_to_dict(inner) for inner in layer.layers]
    return result


def layer_from_dict(data: Any) -> Layer:
    """Return the layer that :func:`layer_to_dict` wrote.

    Raises
    ------
    InputError, InputTypeError
        If the type or a field is unknown or missing, or a value does not fit.
    """
    return _from_dict(data, DEPTH)


def _from_dict(data: Any, depth: int) -> Layer:
    if depth == 0:
        raise InputError(
            Text("Blocks may be nested {count} deep at most", count=DEPTH), None, "The file may be damaged"
        )
    rest = dict(data) if isinstance(data, dict) else {}
    name = rest.pop("type", None)
    if isinstance(name, str) and name in REMOVED:
        raise InputError(REMOVED[name], repr(name), "Train it again, or load it with the version that wrote it")
    kind = LAYERS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise InputError(
            Text("The type of a layer must be one of: {choices}", choices=", ".join(LAYERS)),
            repr(name),
            "The file may be damaged",
        )
    needed = {field.name: field.default is MISSING for field in fields(kind)}  # type: ignore[arg-type]
    for field in rest:
        if field not in needed:
            raise InputError(
                Text("{name} must have no fields but its own", name=name),
                repr(field),
                "The file may be newer than glassnet",
            )
    for field in needed:
        if needed[field] and field not in rest:
            raise InputError(
                Text("{name} must have the field `{field}`", name=name, field=field),
                Text("only {names}", names=sorted(rest)),
                "The file may be damaged",
            )
    if kind is Residual and isinstance(rest["layers"], (list, tuple)):
        rest["layers"] = [_from_dict(inner, depth - 1) for inner in rest["layers"]]
    try:
        return kind(**rest)
    except (InputError, InputTypeError):
        raise
    except Exception as error:  # any failure on a damaged file is an input error
        raise InputError(
            Text("The fields of {name} must be valid", name=name), f"{rest} ({error})", "The file may be damaged"
        ) from error

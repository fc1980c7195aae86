"""Short spellings of layers, for lists such as ``[64, "gelu:32", Dropout(0.2)]``, and their form in files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.formula import Formula
from glassnet.layers.base import Layer
from glassnet.layers.dense import Activate, Dense
from glassnet.layers.dropout import Dropout
from glassnet.layers.normalization import BatchNorm, LayerNorm, Scale
from glassnet.layers.residual import Residual

__all__ = ["LAYERS", "layer_from_dict", "layer_to_dict", "parse_layers"]

LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind for kind in (Activate, BatchNorm, Dense, Dropout, LayerNorm, Residual, Scale)
}
"""The layers that a file may name; no other is ever made from a file."""

SPELLINGS = {"batch_norm": BatchNorm, "layer_norm": LayerNorm, "scale": Scale}
REMEDY = 'Use 64, "gelu:64", "dropout:0.2", "batch_norm", "layer_norm", "scale", or a layer such as Dense(64, "relu")'


def parse_layers(spellings: Iterable[int | str | Layer], activation: str | Activation) -> list[Layer]:
    """Layers from a list of short spellings.

    Parameters
    ----------
    spellings : iterable of int, str or Layer
        64: a dense layer of 64 units with the given activation; "gelu:32": one with an activation of its own;
        "dropout:0.2", "batch_norm", "layer_norm", "scale"; or a layer.
    activation : str or Activation
        For the entries that name none.

    Raises
    ------
    InputError, InputTypeError
        If an entry is none of these.

    Examples
    --------
    >>> parse_layers([64, "dropout:0.2", "gelu:32"], "relu")
    [Dense(64, 'relu'), Dropout(0.2), Dense(32, 'gelu')]
    """
    return [_parse(entry, activation) for entry in spellings]


def _parse(entry: int | str | Layer, activation: str | Activation) -> Layer:
    if isinstance(entry, Layer):
        return entry
    if isinstance(entry, str):
        return _parse_text(entry, activation)
    if not isinstance(entry, bool) and hasattr(entry, "__index__"):
        return Dense(int(entry), activation)
    raise InputTypeError("A layer must be a number of units, a spelling or a layer", entry, REMEDY)


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
            "A layer's spelling must be activation:units or one of the known words", repr(entry), REMEDY
        ) from None
    return Dense(units, ACTIVATIONS.get(name) if name else activation)


def layer_to_dict(layer: Layer) -> dict[str, Any]:
    """A layer as plain data: its type, and the fields that differ from their defaults; formulas as spellings.

    Raises
    ------
    InputTypeError
        If it is a layer of your own, which no file can name.

    Examples
    --------
    >>> layer_to_dict(Dense(3, "relu"))
    {'type': 'Dense', 'units': 3, 'activation': 'relu', 'initializer': 'he_normal'}
    """
    kind = type(layer)
    if LAYERS.get(kind.__name__) is not kind:
        raise InputTypeError("Only glassnet's own layers can be written to a file", layer, "Compose it of those")
    result: dict[str, Any] = {"type": kind.__name__}
    for field in fields(layer):  # type: ignore[arg-type]
        value = getattr(layer, field.name)
        if isinstance(value, Formula):
            value = str(value)
        elif field.name == "layers":
            value = [layer_to_dict(inner) for inner in value]
        if value != field.default:
            result[field.name] = value
    return result


def layer_from_dict(data: Any) -> Layer:
    """The layer that :func:`layer_to_dict` wrote.

    Raises
    ------
    InputError
        If the type or a field is unknown or a value does not fit.
    """
    rest = dict(data) if isinstance(data, dict) else {}
    name = rest.pop("type", None)
    kind = LAYERS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise InputError(f"The type of a layer must be one of: {', '.join(LAYERS)}", repr(name), "Is the file damaged?")
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if not set(rest) <= known:
        raise InputError(
            f"{name} has no field {sorted(set(rest) - known)[0]!r}", None, "Is the file newer than glassnet?"
        )
    if "layers" in rest:
        rest["layers"] = [layer_from_dict(inner) for inner in rest["layers"]]
    return kind(**rest)

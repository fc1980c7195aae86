"""From settings to the layers of a network for an encoded table, and the monotonic constraints of its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.formulas.loss import Loss
from glassnet.layers import (
    Activate,
    BatchNorm,
    Blend,
    Copies,
    Dense,
    Dropout,
    Embedding,
    Layer,
    MemberDense,
    NgramLinear,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Scale,
    parse_layers,
)
from glassnet.layers.base import changed
from glassnet.layers.output_activation import last_activation, without_response
from glassnet.support.coercion import listed, plain_dict
from glassnet.support.language import Text
from glassnet.support.options import DIRECTION, RATE, Each
from glassnet.tables import TableEncoder
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.column_values import NUMBER_KINDS

RATES = ("bias", "scale", "activation", "embedding", "text")
"""Whose learning rates the setting `rates` multiplies."""
TEXT_RATE = 0.025
"""The default learning rate of n-grams, independent of the network's: in batches of 256, 0.01 was too slow."""
APART = (BatchNorm, Blend, Dropout, Scale)
"""Layers that treat each number by itself, so that members do not meet in them."""
EMBEDDINGS: Mapping[str, PeriodicEmbedding | PiecewiseLinearEmbedding] = {
    "periodic": PeriodicEmbedding(),
    "periodic_relu": PeriodicEmbedding(frequencies=48, size=24, keep=False, rectify=True),
    "piecewise_linear": PiecewiseLinearEmbedding(),
    "piecewise_linear_tree": PiecewiseLinearEmbedding(bins=48, rectify=True, edges="tree"),
}
"""PBLD with the sizes of its source, PLR with the usual ones of its own, and piecewise linear ones."""
OF_EMBEDDING: Mapping[str, str] = {"spread": "spread", "frequencies": "frequencies", "numeric_size": "size"}
"""The settings of embeddings of numbers, and the fields of the layer; None: what it has above."""
MonotoneOption = Mapping[str, int] | Sequence[int]


@dataclass(frozen=True)
class Inputs:
    """The properties of an encoded table that the first layers depend on."""

    numbers: int = 0  # columns that are numbers, the first ones
    levels: tuple[int, ...] = ()  # for each column of codes, the last ones, how many codes it has beside 0
    ngrams: int = 0  # of the columns of text, which are no part of the matrix

    @classmethod
    def of(cls, encoder: TableEncoder) -> Inputs:
        """The inputs of an encoder; a sparse table has only columns of one kind."""
        return cls(encoder.numbers if encoder.plan.centred else 0, tuple(encoder.coded_levels), encoder.ngrams)


def network_layers(settings: Mapping[str, Any], loss: Loss, outputs: int, inputs: Inputs) -> list[Layer]:
    """The layers of the network, embeddings, dropout and the output among them.

    Examples
    --------
    >>> from glassnet.estimators.presets import TableSize, resolve
    >>> from glassnet.formulas.losses import LOSSES
    >>> settings = resolve("mlp", {"hidden_layers": (8, "tanh:4"), "dropout": 0.1}, TableSize(5000, 3))
    >>> network_layers(settings, LOSSES.get("cross_entropy"), 3, Inputs(3))
    [Dense(8, 'relu'), Dropout(0.1), Dense(4, 'tanh'), Dropout(0.1), Dense(3, 'identity')]
    >>> settings = resolve("realmlp", {"hidden_layers": 8, "dropout": 0}, TableSize(5000, 3))
    >>> [type(layer).__name__ for layer in network_layers(settings, LOSSES.get("cross_entropy"), 3, Inputs(3))]
    ['PeriodicEmbedding', 'Scale', 'Dense', 'Blend', 'Dense']
    """
    hidden, last = _parted(hidden_layers(settings), loss, outputs)
    front, rates, members = _front(settings, inputs), settings["rates"], settings["shared_members"]
    layers = [*_hidden(hidden, settings, rates), _as_set(last, settings, rates)]
    return [*front, *(layers if members == 1 else _of_members(layers, members)), *_texts(settings, inputs)]


def _parted(spelled: Sequence[Layer], loss: Loss, outputs: int) -> tuple[Sequence[Layer], Dense]:
    """The hidden layers, and the layer of the outputs: one of ours, or the last hidden one if it is that already.

    Who writes "sigmoid:1" at the end before binary cross-entropy, or "softmax:3" before cross-entropy of three classes,
    has written the outputs. Several sigmoids may well be hidden units, so they stay.
    """
    ended = without_response(spelled, loss)
    last = ended[-1] if ended != tuple(spelled) else None
    if isinstance(last, Dense) and last.units == outputs and (outputs == 1 or loss.response == "softmax"):
        return ended[:-1], last
    return spelled, Dense(outputs, last_activation(loss))


def hidden_layers(settings: Mapping[str, Any]) -> list[Layer]:
    """The hidden layers as they are spelled."""
    spellings = settings["hidden_layers"]
    single = isinstance(spellings, (int, np.integer, str, Layer))
    return parse_layers([spellings] if single else spellings, settings["activation"])


def _of_members(layers: Sequence[Layer], members: int) -> list[Layer]:
    """The same layers for several members, which share every matrix except that of the outputs.

    They part before the first dense layer, whose adapters make them different.

    Source: Gorishniy, Kotelnikov, Babenko (2025), *TabM*, section 3.4, with the same batches for all members.
    """
    result: list[Layer] = []
    for layer in layers:
        if isinstance(layer, Dense):
            parted = any(isinstance(earlier, MemberDense) for earlier in result)
            own = {name: getattr(layer, name) for name in changed(layer)}
            for name in own.keys() - {field.name for field in fields(MemberDense)}:
                rule = Text("With `shared_members`, a dense layer must keep the default `{name}`", name=name)
                raise InputError(rule, repr(layer), "Omit it, or set shared_members=1")
            shared = layer is not layers[-1]
            first: dict[str, Any] = {"adapter_initializer": "signs"} if shared and not parted else {}
            result += [] if parted else [Copies(members)]
            result.append(MemberDense(**own, members=members, shared=shared, **first))
        elif isinstance(layer, APART) or (isinstance(layer, Activate) and layer.f.elementwise):
            result.append(layer)
        else:
            rule = Text("With `shared_members`, a layer must not mix the values of different members")
            raise InputError(rule, repr(layer), "Remove it, or set shared_members=1")
    return result


def _front(settings: Mapping[str, Any], inputs: Inputs) -> Iterator[Layer]:
    rates: Mapping[str, float] = settings["rates"]
    if inputs.levels:
        yield Embedding(inputs.levels, size=settings["category_embedding"], rate=rates.get("embedding", 1.0))
    kind = settings["numeric_embedding"]
    if inputs.numbers and kind != "none":
        plain = EMBEDDINGS[kind]
        own = {field: settings[name] for name, field in own_fields(kind).items() if settings[name] is not None}
        if own.get("size", plain.size) <= plain.kept:
            rule = Text(
                "`numeric_size` must be at least {count} with the embedding {name!r}", count=plain.kept + 1, name=kind
            )
            raise InputError(rule, own["size"], "The first number is the column itself")
        yield replace(plain, columns=inputs.numbers, rate=rates.get("embedding", 1.0), **own)
    if settings["input_scale"]:
        yield Scale(rate=rates.get("scale", 1.0))


def _texts(settings: Mapping[str, Any], inputs: Inputs) -> Iterator[Layer]:
    if inputs.ngrams:
        rate = settings["rates"].get("text", TEXT_RATE / (settings["learning_rate"] or TEXT_RATE))
        yield NgramLinear(inputs.ngrams, rate=rate)


def own_fields(embedding: str) -> dict[str, str]:
    """The settings that an embedding of this name has, and its fields.

    Examples
    --------
    >>> own_fields("piecewise_linear"), own_fields("none")
    ({'numeric_size': 'size'}, {})
    """
    plain = EMBEDDINGS.get(embedding)
    return {name: field for name, field in OF_EMBEDDING.items() if hasattr(plain, field)}


def _hidden(layers: Sequence[Layer], settings: Mapping[str, Any], rates: Mapping[str, float]) -> Iterator[Layer]:
    for layer in layers:
        if not isinstance(layer, Dense):
            yield layer
            continue
        dense = _as_set(layer, settings, rates)
        if settings["parametric"] and dense.f.elementwise and dense.f.name != "identity":
            yield replace(dense, activation="identity")
            yield Blend(dense.f, rate=rates.get("activation", 1.0))
        else:
            yield dense
        if settings["dropout"]:
            yield Dropout(settings["dropout"])


def _as_set(layer: Dense, settings: Mapping[str, Any], rates: Mapping[str, float]) -> Dense:
    """Return a dense layer with the settings' defaults for the fields that it does not set itself."""
    overrides = {
        "parametrization": settings["parametrization"],
        "start": settings["start"],
        "bias_rate": rates.get("bias", 1.0),
    }
    plain = Dense(1)
    return replace(layer, **{n: value for n, value in overrides.items() if getattr(layer, n) == getattr(plain, n)})


class LearningRates:
    """A learning rate for each kind of parameter, as a multiple of the network's learning rate."""

    def taken(self, name: str, value: Any) -> dict[str, float]:
        rule, remedy = (
            Text("{name} must be a dict with some of: {choices}", name=name, choices=", ".join(RATES)),
            Text('For example {"bias": 0.1}'),
        )
        rates = plain_dict(value)
        if rates is None:
            raise InputTypeError(rule, shown(value), remedy)
        unknown = [kind for kind in rates if not isinstance(kind, str) or kind not in RATES]
        if unknown:
            raise InputError(rule, shown(unknown[0]), remedy)
        return {kind: RATE.taken(f"{name} for {kind}", rate) for kind, rate in rates.items()}


class HiddenLayersRule:
    """One layer or a list of them, as they are spelled: they become layers when the activation is known."""

    def taken(self, name: str, value: Any) -> Any:
        single = isinstance(value, (int, np.integer, str, Layer)) and not isinstance(value, (bool, np.bool_))
        entries = [value] if single else listed(name, value, 'For example (64, "dropout:0.2", "gelu:32")')
        parse_layers(entries, "relu")
        return value if single else tuple(entries)


class Monotone:
    """As a rule of an option: 1, -1 or 0 by the name of a column, or for each column of the table in order."""

    def taken(self, name: str, value: Any) -> dict[str, int] | tuple[int, ...]:
        named = plain_dict(value)
        if named is None:
            return Each(DIRECTION, 'For example {"age": 1, "price": -1}').taken(name, value)
        wrong = [column for column in named if not isinstance(column, str)]
        if wrong:
            raise InputError(
                Text("{name} must name columns", name=name), shown(wrong[0]), 'For example {"age": 1, "price": -1}'
            )
        return {str.__str__(column): DIRECTION.taken(f"{name} of {column!r}", one) for column, one in named.items()}


def directions_of_inputs(monotone: MonotoneOption | None, encoder: TableEncoder) -> tuple[int, ...] | None:
    """Return a direction for each column of the encoded table, or None if no constraint is set.

    Missing indicators have none: a missing value is neither greater nor less than a number.

    Raises
    ------
    InputError
        If a column is not there, or its values have no order that the encoding keeps.

    Examples
    --------
    >>> import pandas as pd
    >>> encoder = TableEncoder().fit(pd.DataFrame({"age": [20, None, 40], "sex": ["f", "m", "m"]}))
    >>> directions_of_inputs({"age": -1}, encoder)
    (-1, 0, 0)
    >>> directions_of_inputs({"sex": 1}, encoder)
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: Columns of `monotone` must be numbers, or categories that have an order. Received: \
'sex', a category. Omit it, or convert it.
    """
    if monotone is None:
        return None
    by_source, plan, names = np.zeros(encoder.n_features_in, int), encoder.plan, encoder.feature_names_in
    if isinstance(monotone, Mapping):
        for name, direction in monotone.items():
            if name not in names:
                remedy = Text("Available: {some}", some=", ".join(names[:20]))
                raise InputError("`monotone` must name columns of the table", repr(name), remedy)
            by_source[names.index(name)] = direction
    elif len(monotone) == len(by_source):
        by_source[:] = monotone
    else:
        rule = Text("`monotone` must name columns, or have 1, -1 or 0 for each of {count}", count=len(by_source))
        raise InputError(rule, Text("{count} of them", count=len(monotone)), "Give 0 for unconstrained inputs")
    directions = np.zeros(plan.width, int)
    directions[: plan.numbers.values] = by_source[plan.numbers.sources[: plan.numbers.values]]
    ordered: list[int] = []
    for column, start, _ in plan.parts:
        if isinstance(column, CategoryColumn) and column.ordered and by_source[column.source]:
            ordered.append(column.source)
            if column.coded or column.other:
                rule = Text("An ordered category in `monotone` must keep all its levels in order")
                received = f"{column.name!r}, of which {'some are one' if column.other else 'each is a code'}"
                raise InputError(rule, received, "Set a larger `max_one_hot`, or convert it to a number")
            directions[start : start + len(column.first) - 1] = by_source[column.source]
    for source in np.flatnonzero(by_source).tolist():
        if plan.kinds[source] not in NUMBER_KINDS and source not in ordered and source not in plan.skipped:
            rule = Text("Columns of `monotone` must be numbers, or categories that have an order")
            raise InputError(rule, f"{names[source]!r}, a {plan.kinds[source]}", "Omit it, or convert it")
    return tuple(directions.tolist()) if directions.any() else None

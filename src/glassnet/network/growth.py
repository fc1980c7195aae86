"""A network with more inputs or outputs than it was trained with, which keeps all that it has learned.

Further inputs begin without an effect, and each further level of an embedding as the numbers of unseen levels, so
predictions stay as they are (up to rounding, where sums are divided by the root of the number of inputs). A further
output begins as the average of the others, so no class that was the most probable one ceases to be. The optimizer keeps
its state; that of what is new begins at zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.engines import Updater
from glassnet.errors import InputError
from glassnet.formulas.loss import Loss
from glassnet.layers import BatchNorm, Copies, Dense, Dropout, Embedding, Layer, MemberDense, Scale
from glassnet.layers.base import Array
from glassnet.layers.layout import Layout
from glassnet.layers.numeric_embedding import OfNumbers
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text

Index = tuple[Any, ...]


def same_but_for_size(layer: Layer, other: Layer) -> bool:
    """Return whether a layer is another one, but for the number of its units or levels."""
    if isinstance(layer, Embedding) and isinstance(other, Embedding):
        return replace(layer, levels=other.levels) == other
    if isinstance(layer, Dense | MemberDense) and type(layer) is type(other):
        return replace(layer, units=other.units) == other
    return layer == other


def with_inputs(
    network: NeuralNetwork,
    updater: Updater | None,
    layers: Sequence[Layer],
    kept: Array,
    inputs: int,
    monotone: Sequence[int] | None,
) -> tuple[NeuralNetwork, Updater | None]:
    """Return a network with more inputs or levels of embeddings, and its updater.

    Parameters
    ----------
    network : NeuralNetwork
    updater : Updater or None
    layers : sequence of Layer
        Those of the new network: the same, but that embeddings may have more levels.
    kept : array of int of shape (inputs,)
        The new position of each input that there was.
    inputs : int
        Their number now.
    monotone : sequence of int or None
        The direction of each input now.

    Raises
    ------
    InputError
        If a layer before the first dense one mixes its inputs, such as LayerNorm.
    """
    grown = _remade(network, layers, network.loss, inputs, monotone)
    index: dict[tuple[int, str], Index] = {}
    factors: dict[str, float] = {}
    before, old_values = network.inputs, network.layout.named(network.parameters)
    values, after = grown.layout.named(grown.parameters), inputs
    for number, (layer, new) in enumerate(zip(network.layers, grown.layers, strict=True), 1):
        each = kept[: layer.inputs_each(before)] if isinstance(layer, MemberDense) else kept
        for one, other in zip(layer.parameters(before), new.parameters(after), strict=True):
            index[number, one.name] = _axes(one.shape, other.shape, each)
        for one, other in zip(layer.statistics(before), new.statistics(after), strict=True):
            index[number, one.name] = _axes(one.shape, other.shape, each)
        if isinstance(layer, Embedding) and isinstance(new, Embedding):
            ranges = zip(layer.starts.tolist(), new.starts.tolist(), layer.levels, new.levels, strict=True)
            rows = []
            for start, there, levels, more in ranges:
                values[f"{number}.W"][there : there + more + 1] = old_values[f"{number}.W"][start]
                rows.append(there + np.arange(levels + 1))
            index[number, "W"] = (np.concatenate(rows),)
        if isinstance(layer, Dense | MemberDense) and isinstance(new, Dense | MemberDense):
            values[f"{number}.W"][...] = 0
            factors[f"{number}.W"] = layer.share(before) / new.share(after)
            break
        kept = _behind(layer, kept, before, after)
        before, after = layer.outputs(before), new.outputs(after)
    _carry(network.layout, grown.layout, index, network.parameters, grown.parameters)
    _carry(network.layout, grown.layout, index, network.statistics, grown.statistics, statistics=True)
    for name, factor in factors.items():
        values[name][...] *= factor
    return grown, _updater(updater, network.layout, grown.layout, index)


def with_outputs(
    network: NeuralNetwork, updater: Updater | None, layers: Sequence[Layer], loss: Loss, known: Array
) -> tuple[NeuralNetwork, Updater | None]:
    """Return a network with more classes as outputs, and its updater.

    Parameters
    ----------
    network : NeuralNetwork
        With an output for each class, or one for two classes.
    updater : Updater or None
    layers : sequence of Layer
        Those of the new network: the same, but for the number of outputs.
    loss : Loss
    known : array of int
        The new position of each class that there was.
    """
    grown = _remade(network, layers, loss, network.inputs, network.monotone)
    kept = known if len(known) == network.layout.widths[-1] // network.members else known[1:]
    index = {}
    pairs = list(zip(network.layout.parameters, grown.layout.parameters, strict=True))
    for old, new in pairs:
        if old.parameter.shape != new.parameter.shape:
            index[old.layer, old.parameter.name] = (..., kept)
            new.view(grown.parameters)[...] = 0
    _carry(network.layout, grown.layout, index, network.parameters, grown.parameters)
    _carry(network.layout, grown.layout, index, network.statistics, grown.statistics, statistics=True)
    for old, new in pairs:
        if (old.layer, old.parameter.name) in index:
            numbers = new.view(grown.parameters)
            fresh = np.setdiff1d(np.arange(numbers.shape[-1]), known)
            numbers[..., fresh] = numbers[..., known].mean(axis=-1, keepdims=True)
    return grown, _updater(updater, network.layout, grown.layout, index)


def _remade(
    network: NeuralNetwork, layers: Sequence[Layer], loss: Loss, inputs: int, monotone: Sequence[int] | None
) -> NeuralNetwork:
    """Return a new network with the other settings of one."""
    return NeuralNetwork(
        *(inputs, layers, loss),
        members=network.members,
        monotone=monotone,
        seed=network.seed,
        dtype=network.dtype,
        engine=network.engine,
    )


def _axes(shape: tuple[int, ...], new: tuple[int, ...], kept: Array) -> Index:
    """Return where the numbers of an array lie in a larger one: along axes that differ, at the kept positions."""
    return np.ix_(*(np.arange(one) if one == other else kept for one, other in zip(shape, new, strict=True)))


def _behind(layer: Layer, kept: Array, before: int, after: int) -> Array:
    """Return the kept positions among the outputs of a layer, given those among its inputs."""
    if isinstance(layer, Embedding):
        plain = kept[: before - layer.columns]
        embedded = after - layer.columns + np.arange(layer.columns * layer.size)
        return np.concatenate([plain, embedded])
    if isinstance(layer, OfNumbers) and layer.columns is not None:
        numbers, more = layer.columns, layer.outputs(before) - before
        return np.concatenate([np.arange(numbers + more), kept[numbers:] + more])
    if isinstance(layer, Copies):
        return (after * np.arange(layer.members)[:, None] + kept).ravel()
    if isinstance(layer, BatchNorm | Dropout | Scale):
        return kept
    rule = Text("With `grow`, only layers that treat each input by itself may stand before the first dense layer")
    raise InputError(rule, repr(layer), "Put a dense layer before it, or set grow=False")


def _carry(
    old: Layout,
    new: Layout,
    index: Mapping[tuple[int, str], Index],
    source: Array,
    target: Array,
    *,
    statistics: bool = False,
) -> None:
    """Copy the numbers of one flat vector into a larger one."""
    pairs = zip(*((one.statistics if statistics else one.parameters) for one in (old, new)), strict=True)
    for slot, there in pairs:
        there.view(target)[index.get((slot.layer, slot.parameter.name), ...)] = slot.view(source)


def _updater(updater: Updater | None, old: Layout, new: Layout, index: dict[tuple[int, str], Index]) -> Updater | None:
    """Return the updater of the larger network."""
    if updater is None:
        return None
    grown = replace(updater, layout=new)
    grown.t, grown.coefficients = updater.t, updater.coefficients
    for name, state in updater.slots.items():
        _carry(old, new, index, state, grown.slots[name])
    return grown

"""Networks and optimizers as plain data and arrays, and back, validated as untrusted input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

import numpy as np

from glassnet.engines import Updater
from glassnet.errors import InputError
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.formula import Registry
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.layers import Layout, layer_from_dict, layer_to_dict
from glassnet.layers.base import Array
from glassnet.layers.output_activation import without_response
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.options import SEED
from glassnet.support.saved_state import refuse

FORMULAS: Final[Mapping[str, Registry[Any]]] = {
    "activation": ACTIVATIONS,
    "initializer": INITIALIZERS,
    "bias_initializer": INITIALIZERS,
    "adapter_initializer": INITIALIZERS,
}
"""The fields of layers that name formulas."""
BEFORE_TEXTS: Final = "parameters before texts"
"""The array of a member whose weights of n-grams, its last parameters, are those of the first member."""
OF_UPDATER: Final = ("rule", "weight_decay", "step", "coefficients")
"""The entries of an optimizer."""
MOST_INPUTS: Final = 2**31
MOST_LAYERS: Final = 10_000
"""The most layers of a network in a file, so that a short text cannot become many objects."""


def network_to_state(network: NeuralNetwork) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return a network as plain data and arrays.

    Raises
    ------
    InputError, InputTypeError
        If a number is not finite, or a layer or a formula has no form in a file.
    """
    if not (np.isfinite(network.parameters).all() and np.isfinite(network.statistics).all()):
        raise InputError("The numbers of a model to save must be finite", "NaN or infinity", "Train it again")
    description = {
        "inputs": network.inputs,
        "layers": layers_to_state(network),
        "loss": LOSSES.written(network.loss),
        "members": network.members,
        "monotone": None if network.monotone is None else list(network.monotone),
        "seed": network.seed,
        "dtype": network.dtype.name,
        "engine": network.engine.name,
    }
    return description, {"parameters": network.parameters, "statistics": network.statistics}


def member_to_state(first: NeuralNetwork, member: NeuralNetwork) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return a further network as :func:`network_to_state` does, without weights of n-grams that the first has, too."""
    description, arrays = network_to_state(member)
    shared, own = first.layout.text_weights, member.layout.text_weights
    if shared is not None and own is not None and own.stop == member.layout.size:
        head, texts = np.split(member.parameters, [own.start])
        if np.array_equal(texts, shared.view(first.parameters).ravel()):
            return description, {BEFORE_TEXTS: head, "statistics": arrays["statistics"]}
    return description, arrays


def layers_to_state(network: NeuralNetwork) -> list[dict[str, Any]]:
    """Return the layers of a network as plain data."""
    return [layer_to_dict(layer) for layer in network.layers]


def network_from_state(state: Any, arrays: Mapping[str, Array]) -> NeuralNetwork:
    """Restore a network from :func:`network_to_state`."""
    names = ("inputs", "layers", "loss", "members", "monotone", "seed", "dtype", "engine")
    if not isinstance(state, dict) or set(state) != set(names):
        refuse("network", state)
    inputs, described, loss, members, monotone, seed, dtype, engine = (state[name] for name in names)
    if type(inputs) is not int or not 1 <= inputs <= MOST_INPUTS or not isinstance(described, list):
        refuse("network", state)
    if sum(map(_check_registered, described)) > MOST_LAYERS:
        refuse("network", Text("more than {most_layers} layers", most_layers=MOST_LAYERS))
    _check_name(loss, LOSSES)
    layers = [layer_from_dict(layer) for layer in described]
    if without_response(layers, LOSSES.get(loss)) != tuple(layers):
        raise InputError(
            "The layers of a model must not end with the activation that its loss applies itself",
            Text(
                "{value!r} before {loss}: an early glassnet trained it with the activation twice",
                value=layers[-1],
                loss=loss,
            ),
            "Train it again",
        )
    layout = Layout(layers, inputs)
    if max(layout.widths) > MOST_INPUTS:  # copies of a row need no parameters that would have to be there
        refuse("width of the network", max(layout.widths))
    parameters, statistics = _numbers(arrays, layout, dtype)
    return NeuralNetwork.with_numbers(
        *(inputs, layers, loss, parameters, statistics), members=members, monotone=monotone, seed=seed, engine=engine
    )


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
            Text("{what} must be registered before a model that has it is loaded", what=registry.kind.capitalize()),
            repr(name),
            "Register it under this name; if there is no such formula, the file may be damaged",
        )


def member_from_state(first: NeuralNetwork, seed: Any, layers: Any, arrays: Mapping[str, Array]) -> NeuralNetwork:
    """Return a further network, with layers of its own or, where there are none, with those of the first."""
    if (head := arrays.get(BEFORE_TEXTS)) is not None:
        shared = first.layout.text_weights
        if shared is None or head.ndim != 1 or head.dtype != first.dtype:
            refuse(BEFORE_TEXTS, Text("shape {shape}, {dtype}", shape=head.shape, dtype=head.dtype))
        arrays = {**arrays, "parameters": np.concatenate([head, shared.view(first.parameters).ravel()])}
    if layers is not None:
        member = network_from_state(network_to_state(first)[0] | {"layers": layers, "seed": seed}, arrays)
        if member.outputs != first.outputs:
            refuse("outputs of a member", member.outputs)
        return member
    member = first.copy()
    member.seed = SEED.taken("`seed`", seed)
    member.parameters, member.statistics = map(np.copy, _numbers(arrays, first.layout, first.dtype.name))
    return member


def _numbers(arrays: Mapping[str, Array], layout: Layout, dtype: Any) -> tuple[Array, Array]:
    """Return the parameters and statistics of a network, after validation."""
    for name, size in (("parameters", layout.size), ("statistics", layout.statistics_size)):
        array = arrays.get(name)
        if array is None or array.shape != (size,) or array.dtype.name != dtype:
            refuse(
                name,
                Text("none", context="received")
                if array is None
                else Text(
                    "shape {shape} instead of {value}, {dtype}", shape=array.shape, value=(size,), dtype=array.dtype
                ),
            )
        if not np.isfinite(array).all():
            refuse(name, "NaN or infinity")
    layout.check_statistics(arrays["statistics"])
    return arrays["parameters"], arrays["statistics"]


def updaters_to_state(updaters: Sequence[Updater]) -> tuple[list[dict[str, Any]], dict[str, Array]]:
    """Return the updaters of all members as plain data, and their state as arrays.

    Raises
    ------
    InputError
        If an optimizer of your own is not registered, or a memory is not finite.
    """
    described, arrays = [], {}
    for member, updater in enumerate(updaters, 1):
        text, memories = updater_to_state(updater)
        described.append(text)
        for name, memory in memories.items():
            if not np.isfinite(memory).all():
                rule = Text("The optimizer's state of a model to save must be finite")
                raise InputError(rule, "NaN or infinity", "Save it with optimizer=False")
            arrays[f"{member}.{name}"] = memory
    return described, arrays


def updater_to_state(updater: Updater) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return one updater as plain data, and its state.

    Raises
    ------
    InputError
        If the optimizer is one of your own that is not registered.
    """
    coefficients = updater.coefficients
    described = {
        "rule": OPTIMIZERS.written(updater.rule),
        "weight_decay": updater.weight_decay,
        "step": updater.t,
        "coefficients": None if coefficients is None else [float(value) for value in coefficients],
    }
    return described, updater.slots | ({} if updater.ema is None else {"ema": updater.ema})


def updaters_from_state(state: Any, arrays: Mapping[str, Array], networks: Sequence[NeuralNetwork]) -> list[Updater]:
    """Restore updaters from :func:`updaters_to_state`, validated like untrusted input.

    Raises
    ------
    InputError
        If it does not fit the networks.
    """
    if not isinstance(state, list) or len(state) != len(networks):
        _refuse_updater("no state for each member")
    return [
        _updater(described, {name: arrays.get(f"{member}.{name}") for name in _slots(described)}, network)
        for member, (described, network) in enumerate(zip(state, networks, strict=True), 1)
    ]


def _slots(described: Any) -> tuple[str, ...]:
    if not isinstance(described, dict) or tuple(described) != OF_UPDATER or not isinstance(described["rule"], str):
        _refuse_updater(repr(described))
    return OPTIMIZERS.get(described["rule"]).slots


def _updater(described: Mapping[str, Any], slots: Mapping[str, Array | None], network: NeuralNetwork) -> Updater:
    updater = Updater(network.layout, described["rule"], weight_decay=described["weight_decay"], dtype=network.dtype)
    if not all(slot is None or np.isfinite(slot).all() for slot in slots.values()):
        _refuse_updater("NaN or infinity")
    restore_updater(updater, described, slots)
    return updater


def restore_updater(updater: Updater, described: Mapping[str, Any], memories: Mapping[str, Array | None]) -> None:
    """Restore an updater of the same kind to the state of :func:`updater_to_state`.

    Raises
    ------
    InputError
        If it does not fit.
    """
    step, coefficients = described["step"], described["coefficients"]
    if type(step) is not int or not 0 <= step < 2**63:
        _refuse_updater(Text("step {step!r}", step=step))
    if coefficients is not None and not (
        isinstance(coefficients, list) and all(type(value) is float and np.isfinite(value) for value in coefficients)
    ):
        _refuse_updater(Text("coefficients {coefficients!r}", coefficients=coefficients))
    for name, own in updater_to_state(updater)[1].items():
        memory = memories.get(name)
        if memory is None or memory.shape != own.shape or memory.dtype != own.dtype:
            _refuse_updater(
                "no memory"
                if memory is None
                else Text("a memory of shape {shape}, {dtype}", shape=memory.shape, dtype=memory.dtype)
            )
        own[...] = memory
    updater.t = step
    updater.coefficients = None if coefficients is None else tuple(coefficients)
    if coefficients is not None and len(coefficients) != len(updater.rule.at_step(max(1, step), updater.coefficients)):
        _refuse_updater(Text("coefficients {coefficients!r}", coefficients=coefficients))


def _refuse_updater(received: str) -> NoReturn:
    raise InputError("The optimizer's state of a model must match the rest", received, "The file may be damaged")

"""Optimizer state as plain data and arrays, for files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from glassnet.engines import Updater
from glassnet.errors import InputError
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text

NAMES = ("rule", "weight_decay", "step", "coefficients")


def updaters_to_state(updaters: Sequence[Updater]) -> tuple[list[dict[str, Any]], dict[str, Array]]:
    """The updaters of all members as plain data, and their state as arrays.

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
    """One updater as plain data, and its state.

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
        _refuse("no state for each member")
    return [
        _updater(described, {name: arrays.get(f"{member}.{name}") for name in _slots(described)}, network)
        for member, (described, network) in enumerate(zip(state, networks, strict=True), 1)
    ]


def _slots(described: Any) -> tuple[str, ...]:
    if not isinstance(described, dict) or tuple(described) != NAMES or not isinstance(described["rule"], str):
        _refuse(repr(described))
    return OPTIMIZERS.get(described["rule"]).slots


def _updater(described: Mapping[str, Any], slots: Mapping[str, Array | None], network: NeuralNetwork) -> Updater:
    updater = Updater(network.layout, described["rule"], weight_decay=described["weight_decay"], dtype=network.dtype)
    if not all(slot is None or np.isfinite(slot).all() for slot in slots.values()):
        _refuse("NaN or infinity")
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
        _refuse(f"step {step!r}")
    if coefficients is not None and not (
        isinstance(coefficients, list) and all(type(value) is float and np.isfinite(value) for value in coefficients)
    ):
        _refuse(f"coefficients {coefficients!r}")
    for name, own in updater_to_state(updater)[1].items():
        memory = memories.get(name)
        if memory is None or memory.shape != own.shape or memory.dtype != own.dtype:
            _refuse("no memory" if memory is None else f"a memory of shape {memory.shape}, {memory.dtype}")
        own[...] = memory
    updater.t = step
    updater.coefficients = None if coefficients is None else tuple(coefficients)
    if coefficients is not None and len(coefficients) != len(updater.rule.at_step(max(1, step), updater.coefficients)):
        _refuse(f"coefficients {coefficients!r}")


def _refuse(received: str) -> NoReturn:
    raise InputError("The optimizer's state of a model must match the rest", received, "The file may be damaged")

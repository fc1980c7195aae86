"""State dicts of PyTorch: the numbers of a module by name, read without PyTorch and never from a pickled file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from glassnet.errors import InputError
from glassnet.exchange.assembly import Part, unsupported_layer
from glassnet.layers import BatchNorm, Dense, Layer, LayerNorm, RMSNorm
from glassnet.layers.base import Array


def state_in_file(path: Path) -> dict[str, Any]:
    """The arrays in a safetensors file."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(2, "there is no such file", os.fspath(path))
    try:
        with safe_open(path, "numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no dict
    except (SafetensorError, TypeError, KeyError, AttributeError) as error:
        rule = "A state dict must be a safetensors file of float16, float32 or float64: pickled files can run code"
        remedy = "In PyTorch: safetensors.torch.save_file(module.float().state_dict(), path)"
        raise InputError(rule, f"{path.name} ({error})", remedy) from error


def parts_of_state(state: Mapping[str, Any], layers: Iterable[Layer]) -> Iterator[Part]:
    groups = iter(_groups(state).items())
    for layer in layers:
        if not layer.parameters(1):
            yield Part(layer)
            continue
        place, group = next(groups, (None, None))
        if group is None:
            raise InputError(
                "A state dict must have parameters for every layer", f"none for {layer!r}", "A part may be missing"
            )
        yield _part_of_state(
            layer, f"part {place} for {layer!r}", {name: as_array(value) for name, value in group.items()}
        )
    left = next(groups, None)
    if left is not None:
        raise InputError(
            "Every part of a state dict must belong to a layer", f"part {left[0]} is left", "Add its layer to `layers`"
        )


NAMES: Final[Mapping[type, Mapping[str, str]]] = {
    Dense: {"weight": "W", "bias": "b"},
    BatchNorm: {"weight": "gain", "bias": "shift", "running_mean": "mean", "running_var": "variance"},
    LayerNorm: {"weight": "gain", "bias": "shift"},
    RMSNorm: {"weight": "gain"},
}
"""What PyTorch's names for the numbers of a layer are called here."""


def _part_of_state(layer: Layer, where: str, group: dict[str, Array]) -> Part:
    group.pop("num_batches_tracked", None)
    if type(layer) not in NAMES:
        raise unsupported_layer("A layer of a state dict", where, "PyTorch has no such module")
    names = dict(NAMES[type(layer)])
    if isinstance(layer, Dense) and not layer.bias:
        del names["bias"]
    if set(group) != set(names):
        raise InputError(
            f"A state dict must have the {sorted(names)} of each layer",
            f"{where}: {sorted(group)}",
            "Check `layers`",
        )
    values = {names[name]: value for name, value in group.items()}
    return dense_part(layer, values) if isinstance(layer, Dense) else Part(layer, values)


def _groups(state: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The arrays of each numbered part, in the order of the numbers: "2" before "10"."""
    groups: dict[str, dict[str, Any]] = {}
    for name, value in state.items():
        part, _, leaf = str(name).rpartition(".")
        groups.setdefault(part, {})[leaf] = value
    numbers = {part: part.split(".") for part in groups}
    while len({tuple(steps[:1]) for steps in numbers.values()}) == 1 and min(map(len, numbers.values())) > 1:
        numbers = {part: steps[1:] for part, steps in numbers.items()}  # what all are called in front
    for part, steps in numbers.items():
        if not steps or not all(step.isdecimal() and step.isascii() for step in steps):
            rule = "The parts of a state dict must be numbered, so that their order is known"
            raise InputError(rule, repr(part), 'Rename them in order: "0.weight", "0.bias", "1.weight", ...')
    return {part: groups[part] for part in sorted(groups, key=lambda part: [int(step) for step in numbers[part]])}


def as_array(tensor: Any) -> Array:
    """A tensor as an array of float32, or of float64 where that is what it takes to hold it.

    Raises
    ------
    InputError
        If its numbers are not there, or are complex.
    """
    kind = str(getattr(tensor, "dtype", ""))
    if "complex" in kind:
        raise InputError("The parameters of a network must be real numbers", kind, "Use the real part")
    if hasattr(tensor, "detach"):
        try:
            tensor = tensor.detach().cpu()
            tensor = (tensor.double() if "float64" in kind else tensor.float()).numpy()
        except (RuntimeError, NotImplementedError, TypeError) as error:  # a tensor on the device "meta", or quantized
            raise InputError("A tensor must contain numbers", f"{error}", "Load its weights first") from error
    array = np.asarray(tensor)
    if array.dtype == np.float64 or array.dtype.itemsize <= 2:  # halves fit into float32
        return array if array.dtype == np.float64 else array.astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # an infinity is refused with the place where it stands
        single, double = array.astype(np.float32), array.astype(np.float64)
    return single if np.array_equal(single, double, equal_nan=True) else double


def dense_part(layer: Dense, values: Mapping[str, Array | None]) -> Part:
    """PyTorch's weights are (out, in), those of a textbook (in, out)."""
    W, b = values.get("W"), values.get("b")
    if W is None or W.ndim != 2:
        raise InputError("A dense layer must have a matrix of weights", None if W is None else W.shape, "Provide it")
    return Part(layer, {"W": W.T} | ({} if b is None else {"b": b}))

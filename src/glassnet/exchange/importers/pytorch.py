"""Convert networks from PyTorch and to it. A pickled file is never opened: numbers come as safetensors, or as a module.

Only `to_torch` imports PyTorch; state dicts are read without it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from glassnet.errors import InputError, InputTypeError, MissingExtraError
from glassnet.exchange.importers.assembly import (
    LayerArrays,
    assembled,
    clipped,
    foreign_name,
    leaky,
    names_in,
    normalization,
    parts_of,
    rounded_dense,
    unsupported_layer,
)
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Activate, BatchNorm, Dense, Dropout, Layer, LayerNorm, RMSNorm, parse_layers
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text

LINEAR: Final = 20
"""From here on softplus(z) is z, to 2e-9."""
MODULES: Final = "torch.nn.modules."
"""Where PyTorch's own modules are; a third-party module may do anything under a known name."""
ROUNDED: Final = "glassnet.exchange.importers.rounded_linear"
"""Where the one is that `to_torch` adds to them."""
SPELLINGS: Final = names_in("torch") | {"LogSigmoid": "sigmoid", "LogSoftmax": "softmax", "PReLU": "leaky_relu"}
"""The activations of PyTorch by their names here; logarithms of probabilities as the probabilities themselves."""
LOGARITHMS: Final = {"LogSigmoid": "binary_cross_entropy", "LogSoftmax": "cross_entropy"}
"""What NLLLoss and the like want at the end, and the usual loss with which it may stand there."""
FUNCTIONS: Final = frozenset(("forward", "_call_impl", "_wrapped_call_impl", "_slow_forward"))
"""What computes a module; as an attribute of one it has been replaced."""
NAMES: Final[Mapping[type, Mapping[str, str]]] = {
    Dense: {"weight": "W", "bias": "b"},
    BatchNorm: {"weight": "gain", "bias": "shift", "running_mean": "mean", "running_var": "variance"},
    LayerNorm: {"weight": "gain", "bias": "shift"},
    RMSNorm: {"weight": "gain"},
}
"""What PyTorch's names for the numbers of a layer are called here."""


def _softplus(module: Any) -> str:
    if module.beta != 1:
        raise InputError("`beta` of Softplus must be 1", module.beta, "Use another activation")
    if module.threshold < LINEAR:
        rule = Text(
            "`threshold` of Softplus, from which on it is a straight line, must be {least} or more", least=LINEAR
        )
        raise InputError(rule, module.threshold, "Leave it unchanged")
    return "softplus"


def _flatten(module: Any) -> None:
    if module.start_dim != 1:
        raise InputError("`start_dim` of Flatten must be 1", module.start_dim, "The batch dimension must not change")


def _softmax(module: Any) -> str:
    if module.dim not in (1, -1):
        raise InputError("`dim` of Softmax must be 1 or -1", module.dim, "It must act along the outputs of each row")
    return "softmax"


WITH_SETTINGS: Final[Mapping[str, Callable[[Any], str]]] = {
    "ELU": lambda module: f"elu(alpha={module.alpha})",
    "GELU": lambda module: "gelu" if module.approximate == "none" else "gelu_tanh",
    "Hardtanh": lambda module: clipped(module.min_val, module.max_val),
    "LogSoftmax": _softmax,
    "LeakyReLU": lambda module: f"leaky_relu(slope={module.negative_slope})",
    "PReLU": lambda module: leaky(as_array(module.weight)),
    "Softmax": _softmax,
    "Softplus": _softplus,
}
"""How those are spelled that have settings there."""
WITHOUT_EFFECT: Final[Mapping[str, Callable[[Any], None]]] = {"Identity": lambda _: None, "Flatten": _flatten}
"""On rows of numbers these do nothing, if they pass the check."""


def from_torch(
    source: Any, layers: Iterable[int | str | Layer] | None = None, *, loss: str | Loss = "mse"
) -> NeuralNetwork:
    """Return the network equivalent to a PyTorch module, or to a state dict.

    Parameters
    ----------
    source : torch.nn.Sequential, path or mapping from str to array
        A module of Linear, BatchNorm1d, LayerNorm, RMSNorm, Dropout, activations and Sequential. Or its state dict: a
        file that ``safetensors.torch.save_file(module.state_dict(), path)`` wrote, or the dict. Its parts must be
        numbered, as those of Sequential are.
    layers : list of int, str or Layer, optional
        To a state dict: the layers that the numbers belong to, as :class:`glassnet.NeuralNetwork` takes them.
    loss : str or Loss
        What the outputs mean, which a module does not know. With "mse" ``predict`` gives what the module gives; with
        "cross_entropy" or "binary_cross_entropy" the probabilities of its scores. If the module ends with the softmax
        or sigmoid that belongs to this loss, ``predict`` still gives what the module gives, and ``forward`` the scores;
        if it ends with the logarithm of one, LogSoftmax or LogSigmoid, ``predict`` gives the probabilities.

    Returns
    -------
    NeuralNetwork
        Its ``forward`` (but see `loss`) gives what the module gives in evaluation, to rounding.

    Raises
    ------
    InputError, InputTypeError
        If something cannot be taken over; the error names it, and where it is.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> state = {"0.weight": np.array([[1.0, 2.0]]), "0.bias": np.array([3.0])}
    >>> from_torch(state, ["relu:1"]).forward([[1.0, 1.0]])
    array([[6.]])
    """
    if hasattr(source, "named_children") and hasattr(source, "state_dict"):
        if layers is not None:
            raise InputTypeError("`layers` belong to a state dict", type(source).__name__, "Omit them")
        parts = list(_parts(source))  # no other attribute is read before the module is known to be PyTorch's own
        logarithms = _ends_with_logarithms(source, loss)
        return assembled(parts, loss, "A module of PyTorch", partial(_answers, source, logarithms))
    if layers is None or not isinstance(source, (str, os.PathLike, Mapping)):
        rule = Text("`source` must be a torch.nn.Sequential, or a state dict with its `layers`")
        raise InputTypeError(rule, type(source).__name__, 'For example from_torch("net.safetensors", ["relu:64", 1])')
    state = source if isinstance(source, Mapping) else state_in_file(Path(source))
    described = parse_layers(layers, "relu", last="identity")
    return assembled(parts_of_state(state, described), loss, "A state dict of PyTorch")


def _parts(module: Any, place: str = "") -> Iterator[LayerArrays]:
    """Return the layers of a module, with those of nested modules in place."""
    kind, home = type(module).__name__, type(module).__module__
    where = f"module {place or 'itself'}, {kind}"
    if not home.startswith(MODULES) and home != ROUNDED:
        raise unsupported_layer("A module", where, f"it is not PyTorch's own but of {home}")
    if module._forward_hooks or module._forward_pre_hooks:
        raise unsupported_layer("A module", where, "hooks change what it computes")
    replaced = sorted(FUNCTIONS & vars(module).keys())
    if replaced:
        raise unsupported_layer("A module", where, f"its `{replaced[0]}` is not PyTorch's own but was replaced")
    if kind == "Sequential":
        for name, inner in module._modules.items():  # named_children leaves out a module that comes twice
            yield from _parts(inner, f"{place}.{name}" if place else name)
    else:
        try:
            if kind in WITHOUT_EFFECT:
                WITHOUT_EFFECT[kind](module)
            else:
                yield _part(kind, module)
        except InputError as error:
            raise unsupported_layer("A module", where, str(error)) from error


def _ends_with_logarithms(module: Any, loss: str | Loss) -> bool:
    """Whether a module gives logarithms of the probabilities that the loss makes of scores.

    Raises
    ------
    InputError
        If it takes such logarithms anywhere else, or the loss makes others.
    """
    *_, last = module.modules()
    response = LOSSES.get(loss).response
    found = [(place, inner) for place, inner in module.named_modules() if type(inner).__name__ in LOGARITHMS]
    for place, inner in found:
        kind = type(inner).__name__
        if inner is not last or response != SPELLINGS[kind]:
            rule = Text(
                '{name} must come last, and belong to the loss, such as loss="{loss}"', name=kind, loss=LOGARITHMS[kind]
            )
            remedy = Text("Then `predict` returns the probabilities whose logarithms the module returns")
            raise InputError(
                rule, Text("module {value}, loss={other!r}", value=place or "itself", other=str(loss)), remedy
            )
    return bool(found)


def _answers(module: Any, logarithms: bool, rows: Array) -> Array:
    """Return the outputs of a module in evaluation mode, without its logarithm on request; the mode is restored."""
    torch = sys.modules["torch"]
    modes = [(inner, inner.training) for inner in module.modules()]
    numbers = next(module.parameters())
    try:
        module.eval()
        with torch.no_grad():
            answers: Array = module(torch.from_numpy(rows).to(numbers.device, numbers.dtype)).double().cpu().numpy()
    except Exception as error:  # a third-party module may raise anything
        raise InputError(
            "A PyTorch module must be able to predict", f"{error}", "Check that it runs in PyTorch"
        ) from error
    finally:
        for inner, training in modes:
            inner.training = training
    return np.exp(answers) if logarithms else answers


def _part(kind: str, module: Any) -> LayerArrays:
    if kind in SPELLINGS:
        return LayerArrays(Activate(WITH_SETTINGS[kind](module) if kind in WITH_SETTINGS else SPELLINGS[kind]))
    if kind == "Dropout":
        return LayerArrays(Dropout(module.p))
    if kind == "Linear":
        return dense_part(Dense(module.out_features, bias=module.bias is not None), _numbers(module, Dense))
    if kind == "RoundedLinear":
        layer = rounded_dense(module.out_features, module.bias is not None, module.share)
        return dense_part(layer, _numbers(module, Dense))
    if kind == "BatchNorm1d":
        if module.running_mean is None:
            raise InputError("It must keep running statistics", None, "Set track_running_stats=True")
        settings = {"momentum": 0.1 if module.momentum is None else module.momentum, "epsilon": module.eps}
        return normalization(BatchNorm, module.num_features, _numbers(module, BatchNorm), **settings)
    if kind == "LayerNorm":
        return normalization(LayerNorm, _width_of_row(module), _numbers(module, LayerNorm), epsilon=module.eps)
    if kind == "RMSNorm":
        gain = _numbers(module, RMSNorm)["gain"]
        usual = np.finfo(np.float32 if gain is None else gain.dtype).eps
        epsilon = float(usual if module.eps is None else module.eps)
        return normalization(RMSNorm, _width_of_row(module), {"gain": gain}, epsilon=epsilon)
    raise InputError("Unsupported layer")


def _width_of_row(module: Any) -> int:
    if len(module.normalized_shape) != 1:
        raise InputError("It must act along the features of each row", module.normalized_shape, "Give it a single size")
    return module.normalized_shape[0]


def _numbers(module: Any, kind: type[Layer]) -> dict[str, Array | None]:
    """Return the parameters of a module by their names in a layer of this kind."""
    tensors = {here: getattr(module, there) for there, here in NAMES[kind].items()}
    return {name: None if tensor is None else as_array(tensor) for name, tensor in tensors.items()}


# ------------------------------------------------------------------- to PyTorch


def to_torch(network: NeuralNetwork) -> Any:
    """Return a torch.nn.Sequential that equals the network's ``forward`` up to rounding, in evaluation mode.

    Parameters
    ----------
    network : NeuralNetwork
        Of Dense, Activate, Dropout, BatchNorm, LayerNorm and RMSNorm; of an estimator its ``network_``, which takes
        encoded rows. A Dense that rounds to bfloat16 becomes a Linear that rounds the same operands; sums have
        PyTorch's own order, so outputs agree to about three digits.

    Returns
    -------
    torch.nn.Sequential

    Raises
    ------
    InputError, InputTypeError
        If a layer has no counterpart; the error names it, and where it is.
    MissingExtraError
        If PyTorch is not installed.
    """
    parts = list(parts_of(network))
    try:
        import torch
    except ImportError:
        raise MissingExtraError("A network for PyTorch", "torch", "torch") from None
    precision = getattr(torch, network.dtype.name)
    modules, width = [], network.inputs
    for place, part in parts:
        module = _module(torch.nn, place, part, width)
        names = NAMES.get(type(part.layer), {})
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if name in names:
                array = part.values[names[name]]
                tensor.data = torch.from_numpy(np.array(array.T if array.ndim == 2 else array, order="C")).to(precision)
        modules.append(module)
        width = part.layer.outputs(width)
    return torch.nn.Sequential(*modules).eval()


def _module(nn: Any, place: str, part: LayerArrays, width: int) -> Any:
    layer = part.layer
    if isinstance(layer, Dense):
        if layer.products == "full":
            return nn.Linear(width, layer.units, bias=layer.bias)
        from glassnet.exchange.importers.rounded_linear import RoundedLinear

        return RoundedLinear(width, layer.units, layer.bias, layer.share(width))
    if isinstance(layer, BatchNorm):
        return nn.BatchNorm1d(width, eps=layer.epsilon, momentum=layer.momentum)
    if isinstance(layer, LayerNorm):
        return nn.LayerNorm(width, eps=layer.epsilon)
    if isinstance(layer, RMSNorm):
        return nn.RMSNorm(width, eps=layer.epsilon)
    if isinstance(layer, Dropout):
        return nn.Dropout(layer.rate)
    assert isinstance(layer, Activate)
    return _activation(nn, place, layer.f)


def _activation(nn: Any, place: str, f: Activation) -> Any:
    there = foreign_name("torch", "PyTorch", place, f)
    if f.name == "selu" and f != ACTIVATIONS.get("selu"):
        raise unsupported_layer("An activation to hand over", place, "PyTorch's selu has no parameters")
    settings = {"gelu_tanh": ("tanh",), "selu": (), "softmax": (-1,)}.get(f.name, f.values)
    return getattr(nn, there)(*settings)


def state_in_file(path: Path) -> dict[str, Any]:
    """Return the arrays in a safetensors file."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(2, "there is no such file", os.fspath(path))
    try:
        with safe_open(path, "numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no dict
    except (SafetensorError, TypeError, KeyError, AttributeError) as error:
        rule = Text(
            "A state dict must be a safetensors file of float16, float32 or float64: pickled files can run code"
        )
        remedy = Text("In PyTorch: safetensors.torch.save_file(module.float().state_dict(), path)")
        raise InputError(rule, f"{path.name} ({error})", remedy) from error


def parts_of_state(state: Mapping[str, Any], layers: Iterable[Layer]) -> Iterator[LayerArrays]:
    groups = iter(_groups(state).items())
    for layer in layers:
        if not layer.parameters(1):
            yield LayerArrays(layer)
            continue
        place, group = next(groups, (None, None))
        if group is None:
            raise InputError(
                "A state dict must have parameters for every layer",
                Text("none for {layer!r}", layer=layer),
                "A part may be missing",
            )
        yield _part_of_state(
            layer, f"part {place} for {layer!r}", {name: as_array(value) for name, value in group.items()}
        )
    left = next(groups, None)
    if left is not None:
        raise InputError(
            "Every part of a state dict must belong to a layer",
            Text("part {value} is left", value=left[0]),
            "Add its layer to `layers`",
        )


def _part_of_state(layer: Layer, where: str, group: dict[str, Array]) -> LayerArrays:
    group.pop("num_batches_tracked", None)
    if type(layer) not in NAMES:
        raise unsupported_layer("A layer of a state dict", where, "PyTorch has no such module")
    names = dict(NAMES[type(layer)])
    if isinstance(layer, Dense) and not layer.bias:
        del names["bias"]
    if set(group) != set(names):
        raise InputError(
            Text("A state dict must have the {numbers} of each layer", numbers=sorted(names)),
            f"{where}: {sorted(group)}",
            "Check `layers`",
        )
    values = {names[name]: value for name, value in group.items()}
    return dense_part(layer, values) if isinstance(layer, Dense) else LayerArrays(layer, values)


def _groups(state: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the arrays of each numbered part, in numerical order: "2" before "10"."""
    groups: dict[str, dict[str, Any]] = {}
    for name, value in state.items():
        part, _, leaf = str(name).rpartition(".")
        groups.setdefault(part, {})[leaf] = value
    numbers = {part: part.split(".") for part in groups}
    while len({tuple(steps[:1]) for steps in numbers.values()}) == 1 and min(map(len, numbers.values())) > 1:
        numbers = {part: steps[1:] for part, steps in numbers.items()}  # what all are called in front
    for part, steps in numbers.items():
        if not steps or not all(step.isdecimal() and step.isascii() for step in steps):
            rule = Text("The parts of a state dict must be numbered, so that their order is known")
            raise InputError(rule, repr(part), 'Rename them in order: "0.weight", "0.bias", "1.weight", ...')
    return {part: groups[part] for part in sorted(groups, key=lambda part: [int(step) for step in numbers[part]])}


def as_array(tensor: Any) -> Array:
    """Return a tensor as an array of float32, or of float64 if it needs that precision.

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


def dense_part(layer: Dense, values: Mapping[str, Array | None]) -> LayerArrays:
    """Return a dense layer of PyTorch's weights, which are transposed: (out, in) there, (in, out) here."""
    W, b = values.get("W"), values.get("b")
    if W is None or W.ndim != 2:
        raise InputError("A dense layer must have a matrix of weights", None if W is None else W.shape, "Provide it")
    return LayerArrays(layer, {"W": W.T} | ({} if b is None else {"b": b}))

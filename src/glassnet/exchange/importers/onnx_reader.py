"""Networks from ONNX files: chains of dense layers, activations and normalizations, as every library exports them.

Other graphs are refused by the name of the node. Nothing in a file is executed but arithmetic from a closed
list, and no other file is opened for it.
"""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from glassnet.errors import InputError
from glassnet.exchange.importers.assembly import LayerArrays, assembled, in_precision, normalization, unsupported_layer
from glassnet.exchange.importers.onnx_nodes import (
    CALCULATIONS,
    activation_of_nodes,
    activation_of_one,
    root_mean_square,
)
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Activate, BatchNorm, Dense, Dropout, LayerNorm, RMSNorm
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.lazy_import import LazyModule, require
from glassnet.support.messages import of_shape
from glassnet.support.options import File, checked

onnx = LazyModule("onnx")

WITHOUT_EFFECT: Final = ("Identity", "Flatten", "Cast")
"""On rows of numbers these do nothing, if :func:`_check_effect` finds nothing."""
ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "BatchNormalization": frozenset(("epsilon", "momentum", "training_mode")),
    "Cast": frozenset(("to", "saturate")),
    "Clip": frozenset(("min", "max")),
    "Dropout": frozenset(("ratio", "seed")),
    "Elu": frozenset(("alpha",)),
    "Flatten": frozenset(("axis",)),
    "Gelu": frozenset(("approximate",)),
    "Gemm": frozenset(("alpha", "beta", "transA", "transB")),
    "HardSigmoid": frozenset(("alpha", "beta")),
    "LayerNormalization": frozenset(("axis", "epsilon", "stash_type")),
    "LeakyRelu": frozenset(("alpha",)),
    "RMSNormalization": frozenset(("axis", "epsilon", "stash_type")),
    "Selu": frozenset(("alpha", "gamma")),
    "Softmax": frozenset(("axis",)),
}
"""The settings of nodes that are understood; any other could change what a node computes."""


NORMALIZATIONS: Final[Mapping[str, type[LayerNorm | RMSNorm]]] = {
    "LayerNormalization": LayerNorm,
    "RMSNormalization": RMSNorm,
}
"""The layers that normalize each row by itself."""


@checked(path=File('For example "model.onnx"'), loss=LOSSES)
def from_onnx(path: str | os.PathLike[str], *, loss: str | Loss = "mse") -> NeuralNetwork:
    """Return the network in an ONNX file.

    Parameters
    ----------
    path : str or path
        A file with one input of shape (rows, columns), one output, and between them a chain of Gemm, MatMul and Add,
        activations, Softmax, BatchNormalization, LayerNormalization, RMSNormalization and Dropout; its numbers are in
        the file itself.
    loss : str or Loss
        What the outputs mean; see :func:`glassnet.from_torch`.

    Returns
    -------
    NeuralNetwork
        Its ``forward`` (but see `loss`) gives what the graph gives, to rounding.

    Raises
    ------
    InputError
        If something cannot be taken over; the error names the node.
    MissingExtraError
        If the package onnx is not installed.
    OSError
        If the file cannot be read.
    """
    require("onnx", "Reading ONNX files", "onnx")
    contents = Path(path).read_bytes()
    try:
        graph = onnx.load_model_from_string(contents).graph
    except Exception as error:  # a damaged file may raise anything
        raise InputError(
            "An ONNX file must contain a model", f"{Path(path).name} ({error})", "Export it again"
        ) from error
    return assembled(_NodeChain(graph).parts(), loss, "An ONNX graph")


class _NodeChain:
    """The nodes of a graph, taken one after the other from its input on."""

    def __init__(self, graph: Any) -> None:
        self.constants = {tensor.name: _constant(tensor) for tensor in graph.initializer}
        self.nodes: list[Any] = []
        self.users: defaultdict[str, list[Any]] = defaultdict(list)
        _check_nodes(graph)
        for node in graph.node:
            if node.op_type == "Constant":
                self.constants[node.output[0]] = _constant_of_node(node)
            else:
                self.nodes.append(node)
                for name in dict.fromkeys(node.input):
                    self.users[name].append(node)
        inputs = [value.name for value in graph.input if value.name not in self.constants]
        outputs = [value.name for value in graph.output]
        if len(inputs) != 1 or len(outputs) != 1:
            rule = Text("An ONNX graph must have one input and one output")
            raise InputError(
                rule, Text("{count} and {other}", count=len(inputs), other=len(outputs)), "Export only the network"
            )
        self.at, self.end = inputs[0], outputs[0]

    def parts(self) -> Iterator[LayerArrays]:
        """Return the layers."""
        while self.at != self.end:
            users = self.users[self.at]
            if not users:
                rule = Text("The output of an ONNX graph must be computed from its input")
                raise InputError(rule, Text("it ends at {at!r}", at=self.at), "Export only the network")
            try:
                yield from self._next(users)
            except InputError as error:
                raise unsupported_layer("A node of an ONNX graph", _where(users[0]), str(error)) from error

    def _next(self, users: list[Any]) -> Iterator[LayerArrays]:
        """Return the node that reads the current value, and make its result the current value."""
        node = users[0]
        for user in users:
            _check_attributes(user)
        if any(user.domain not in ("", "ai.onnx") for user in users):
            raise InputError(
                "It must be one of ONNX's own",
                Text("the domain {domain!r}", domain=node.domain),
                "Export it with standard nodes",
            )
        if len(users) > 1:
            found = root_mean_square(self.at, self.users, self.constants)
            if found:
                part, self.at = found
                yield part
            else:
                yield LayerArrays(Activate(self._woven()))
        elif node.op_type in ("MatMul", "Gemm"):
            yield self._dense(node)
        else:
            self._step(node)
            if node.op_type in WITHOUT_EFFECT:
                _check_effect(node)
            else:
                yield self._layer(node)

    def _step(self, node: Any) -> None:
        if node.input[0] != self.at and node.op_type not in CALCULATIONS:
            raise InputError("The value before it is not its first input")
        self.at = node.output[0]

    def _dense(self, node: Any) -> LayerArrays:
        """Return the layer of a matrix product and the sum after it."""
        settings = _attributes(node)
        self._step(node)
        W = self._number(node, 1, "weights")
        if W.ndim != 2 or settings.get("transA"):
            rule = Text("Its weights must be a matrix, and its input must have one example per row")
            raise InputError(rule, of_shape(W.shape), "Export it again")
        with np.errstate(invalid="ignore"):  # NaN is refused where the network is assembled
            W = in_precision(
                (W.T if settings.get("transB") else W).astype(np.float64) * settings.get("alpha", 1.0), W.dtype
            )
        bias = None
        if len(node.input) > 2 and node.input[2]:
            bias = self._number(node, 2, "biases")
            bias = in_precision(bias.astype(np.float64) * settings.get("beta", 1.0), bias.dtype)
        behind = self.users[self.at]
        if bias is None and len(behind) == 1 and _is_plain_sum(behind[0]) and self.at != self.end:
            place = 1 if behind[0].input[0] == self.at else 0
            if behind[0].input[place] in self.constants:
                bias, self.at = self._number(behind[0], place, "biases"), behind[0].output[0]
        if bias is None:
            return LayerArrays(Dense(W.shape[1], bias=False), {"W": W})
        if bias.size not in (1, W.shape[1]) or bias.shape[-1] != bias.size:
            raise InputError("Its biases must be one for each output", of_shape(bias.shape), "Export it again")
        return LayerArrays(Dense(W.shape[1]), {"W": W, "b": np.broadcast_to(np.ravel(bias), (W.shape[1],))})

    def _layer(self, node: Any) -> LayerArrays:
        """Return the layer of one node."""
        settings = _attributes(node)
        if settings.get("training_mode") or (node.op_type == "Dropout" and self._trains(node)):
            raise InputError("It must be in evaluation mode", "training_mode", "Export it in evaluation mode")
        if node.op_type == "Dropout":
            stored = len(node.input) > 1 and node.input[1] in self.constants
            rate = self._single(node, 1, "ratios").item() if stored else settings.get("ratio", 0.5)
            return LayerArrays(Dropout(float(rate)))
        if node.op_type == "BatchNormalization":
            names = ("gain", "shift", "mean", "variance")
            values = {name: self._number(node, place, name) for place, name in enumerate(names, 1)}
            epsilon, momentum = settings.get("epsilon", 1e-5), 1 - settings.get("momentum", 0.9)
            return normalization(BatchNorm, len(values["gain"]), values, epsilon=epsilon, momentum=momentum)
        if node.op_type in NORMALIZATIONS:
            if settings.get("axis", -1) not in (-1, 1):
                raise InputError(
                    "It must act along the features of each row", Text("axis {value}", value=settings["axis"]), "Use -1"
                )
            gain = self._number(node, 1, "gain")
            shift = {"shift": self._number(node, 2, "shift")} if len(node.input) > 2 and node.input[2] else {}
            epsilon = settings.get("epsilon", 1e-5)
            return normalization(NORMALIZATIONS[node.op_type], len(gain), {"gain": gain} | shift, epsilon=epsilon)
        limits: list[Array | None] = []
        if node.op_type == "Clip":
            limits = [self._single(node, at, "limits") if name else None for at, name in enumerate(node.input[1:], 1)]
        elif node.op_type == "PRelu":
            limits = [self._number(node, 1, "slopes")]
        return LayerArrays(Activate(activation_of_one(node.op_type, settings, limits)))

    def _trains(self, node: Any) -> bool:
        """Return whether the training mode of a dropout node is on, or unknown."""
        training_mode = node.input[2] if len(node.input) > 2 else ""
        return bool(training_mode) and bool(np.any(self.constants.get(training_mode, True)))

    def _woven(self) -> str:
        """Return an activation that is spelled as several nodes, such as x · sigmoid(x)."""
        known, taken = {self.at}, []
        refusal = InputError("The graph branches before it, and the branches do not join again")
        for node in self.nodes:
            read = [name for name in node.input if name and name not in self.constants]
            if not read or not set(read) <= known:
                continue
            if node.op_type not in CALCULATIONS:
                break
            taken.append(node)
            known.add(last := node.output[0])
            if {name for name in known for user in self.users[name] if user not in taken} - {last}:
                continue
            read_by_it = {name for each in taken for name in each.input}
            constants = {name: array for name, array in self.constants.items() if name in read_by_it}
            try:
                spelling = activation_of_nodes(taken, self.at, last, constants)
            except InputError as error:  # a factor may follow
                refusal = error
                continue
            self.at = last
            return spelling
        raise refusal

    def _number(self, node: Any, place: int, what: str) -> Array:
        """Return an input that must be stored in the file."""
        name = node.input[place] if len(node.input) > place else ""
        if name not in self.constants:
            raise InputError(
                Text("Its {name} must be numbers in the file", name=what), repr(name), "Export it with its weights"
            )
        array = np.atleast_1d(self.constants[name])
        if array.dtype.kind != "f":
            raise InputError(
                Text("Its {name} must be floating-point numbers", name=what),
                f"{array.dtype}",
                "Export it without quantization",
            )
        return array

    def _single(self, node: Any, place: int, what: str) -> Array:
        """Return an input of one number."""
        array = self._number(node, place, what)
        if array.size != 1:
            raise InputError(
                Text("Its {name} must be single numbers", name=what), of_shape(array.shape), "Export it again"
            )
        return array


def _check_nodes(graph: Any) -> None:
    """Refuse a malformed graph: a node without its minimal inputs, and a value that two nodes compute."""
    known = {value.name for value in graph.input}
    for node in graph.node:
        least = (
            onnx.defs.get_schema(node.op_type).min_input
            if node.op_type.isascii() and onnx.defs.has(node.op_type)
            else 0
        )
        if not node.output or len(node.input) < least:
            rule = Text("A node of an ONNX graph must have all of its inputs, and an output")
            raise InputError(rule, f"{node.op_type} {node.name!r}", "Export it again")
        for name in filter(None, node.output):
            if name in known:
                raise InputError("A value of an ONNX graph must be computed once", repr(name), "Export it again")
            known.add(name)


def _where(node: Any) -> str:
    return f"{node.op_type} {node.name or node.output[0]!r}"


def _is_plain_sum(node: Any) -> bool:
    """Whether a node adds, row by row: before opset 7 its settings said along what."""
    return node.op_type == "Add" and not node.attribute


def _check_attributes(node: Any) -> None:
    """Refuse a setting that is not understood."""
    unknown = {attribute.name for attribute in node.attribute} - ATTRIBUTES.get(node.op_type, frozenset())
    if unknown:
        raise InputError("Its settings must be supported", sorted(unknown)[0], "Export it with a newer opset")


def _check_effect(node: Any) -> None:
    """Refuse what would change a row of numbers after all."""
    settings = _attributes(node)
    if node.op_type == "Flatten" and settings.get("axis", 1) != 1:
        raise InputError("It must not change rows", Text("axis {value}", value=settings["axis"]), "Use 1")
    floats = {getattr(onnx.TensorProto, name) for name in ("FLOAT16", "BFLOAT16", "FLOAT", "DOUBLE")}
    if node.op_type == "Cast" and settings.get("to") not in floats:
        raise InputError("It must not change values", Text("type {value}", value=settings.get("to")), "Cast to a float")


def _attributes(node: Any) -> dict[str, Any]:
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def _constant(tensor: Any) -> Array:
    """Return a tensor of the file, after a check of its claimed size."""
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        rule = Text("The tensors of an ONNX graph must be in the file itself")
        raise InputError(
            rule, Text("{name!r} is in another file", name=tensor.name), "Save it with save_as_external_data=False"
        )
    if math.prod(tensor.dims) > max(1, tensor.ByteSize()):  # of each number at least a byte is there
        raise InputError("A tensor of an ONNX graph must be complete", f"{tensor.name!r}", "Export it again")
    try:
        return np.asarray(onnx.numpy_helper.to_array(tensor))
    except Exception as error:  # a damaged file may raise anything
        raise InputError(
            "A tensor of an ONNX graph must be complete", f"{tensor.name!r} ({error})", "Export it again"
        ) from error


def _constant_of_node(node: Any) -> Array:
    settings: Mapping[str, Any] = _attributes(node)
    if "value" in settings:
        return _constant(settings["value"])
    kinds = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
    for name, kind in kinds.items():
        if name in settings:
            return np.asarray(settings[name], kind)
    raise unsupported_layer("A node of an ONNX graph", _where(node), "a constant that is no number")

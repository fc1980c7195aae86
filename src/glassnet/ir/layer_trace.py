"""Tracing of layers: `forward`, `backward` and `update_statistics` are called once with symbols.

A layer of glassnet's own is captured for all numbers that it has and for all widths: counts are symbolic dimensions,
other numbers leaves; only flags, words and formulas are in the graph. A user's layer may test its own numbers, so it is
captured with them, for one width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import Field, dataclass, field, fields
from typing import Any

import numpy as np

from glassnet.formulas.activations import Activation
from glassnet.ir.dims import SymbolicDim
from glassnet.ir.symbolic_array import UntraceableError
from glassnet.ir.tensor import LEAVES, TAPE, Tensor, TraceNode, record
from glassnet.layers.base import Layer, Pass
from glassnet.support.language import Text

BATCH, INPUTS, NGRAMS = "batch", "inputs", "ngrams"
"""The names of three dimensions: rows, input columns, and n-grams of texts, a count of the layer that reads them."""

SHARES = (None, 1.0)
"""The weights of a batch in running statistics: the layer's own, or 1."""

COUNT, NUMBER, LIST = ("count",), ("number",), ("list",)
"""Placeholders in a layer's structure."""


@dataclass
class Structure:
    """A layer without its numbers.

    Parameters
    ----------
    text : tuple
        The layer's class with its flags, words and formulas; or a user's layer, its width and function.
    counts, numbers : list
        The values that the text leaves open, in the order of its fields; a tuple of counts is its length and its sum
        among the counts, and its counts behind all other numbers.
    """

    text: tuple[Any, ...]
    counts: list[int] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    ours: bool = True


def structure(layer: Layer, width: int) -> Structure:
    """Return the structure of a layer with an input of some width."""
    if not type(layer).__module__.startswith("glassnet."):
        # the function distinguishes classes of the same name
        return Structure((layer, width, type(layer).forward), ours=False)
    found = Structure(())
    lists: list[float] = []

    def part(value: Any) -> Any:
        if isinstance(value, Activation):
            found.numbers += map(float, value.values)  # type: ignore[arg-type]
            return (value.function, value.derivative, value.elementwise, len(value.values))
        if isinstance(value, (bool, str)) or value is None:
            return value
        if isinstance(value, int):
            found.counts.append(value)
            return COUNT
        if isinstance(value, float):
            found.numbers.append(value)
            return NUMBER
        if isinstance(value, tuple) and not lists:
            found.counts += len(value), sum(value)
            lists.extend(value)
            return LIST
        raise TypeError(f"{value!r} as a part of a layer")

    found.text = (type(layer), *(part(getattr(layer, one.name)) for one in _fields(type(layer))))
    found.numbers += lists
    return found


def _fields(kind: type[Layer]) -> list[Field[Any]]:
    """Return the fields of a layer on which a step depends."""
    return [one for one in fields(kind) if "beside" not in one.metadata]  # type: ignore[arg-type]


@dataclass
class LayerTrace:
    """The graph of a layer for a batch of any size.

    Attributes
    ----------
    layer : Layer
        With symbols for the numbers that are open.
    counts : list of str
        The names of dimensions that stand for the layer's counts, in their order.
    leaves : list of TraceNode
        But for `d_y`, and the gradients.
    x, output, d_y, d_x : TraceNode
    parameters, statistics : dict of str to TraceNode
    forward, backward : list of TraceNode
        In the order in which they were made.
    gradients : dict of str to TraceNode
        The gradient of each parameter.
    record : dict of str to TraceNode
        The layer's records of a step, by name.
    after : dict of (float or None) to (list of TraceNode, dict of str to TraceNode)
        The statistics after a step; by the `share` of ``Layer.update_statistics``.
    ours : bool
        Whether the layer is one of glassnet's own, which looks up no rows of a parameter that are not there.
    """

    layer: Layer
    counts: list[str]
    leaves: list[TraceNode]
    x: TraceNode
    parameters: dict[str, TraceNode]
    statistics: dict[str, TraceNode]
    output: TraceNode
    forward: list[TraceNode]
    d_y: TraceNode | None = None
    d_x: TraceNode | None = None
    backward: list[TraceNode] = field(default_factory=list)
    gradients: dict[str, TraceNode] = field(default_factory=dict)
    record: dict[str, TraceNode] = field(default_factory=dict)
    after: dict[float | None, tuple[list[TraceNode], dict[str, TraceNode]]] = field(default_factory=dict)
    ours: bool = True


def trace(text: Sequence[Any], precision: str, training: bool, run: Pass | None = None) -> LayerTrace:
    """Capture the layer of a structure; with a pass of its own, where numbers that it keys decide nothing.

    Raises
    ------
    UntraceableError
        If it uses an operation that cannot be traced.
    """
    dtype = np.dtype(precision)
    counts: list[str] = []
    tape: list[TraceNode] = []
    TAPE.set(tape)

    @contextmanager
    def nodes(into: list[TraceNode]) -> Iterator[None]:
        start = len(tape)
        yield
        into += tape[start:]

    ours = isinstance(text[0], type)
    layer: Any = _symbolic(text, counts) if ours else text[0]
    width = SymbolicDim(INPUTS) if ours else text[1]
    x = _leaf("input", (SymbolicDim(BATCH), width), dtype, name="x")
    parameters = {
        one.name: _leaf("parameter", one.shape, dtype, place=i) for i, one in enumerate(layer.parameters(width))
    }
    statistics = {
        one.name: _leaf("statistic", one.shape, dtype, place=i) for i, one in enumerate(layer.statistics(width))
    }
    leaves, forward = [node for node in tape if node.op in LEAVES], list[TraceNode]()
    with nodes(forward):
        y, kept = layer.forward(parameters | statistics, x, run or _Pass(training))
    outputs = y.shape[-1] if ours else layer.outputs(width)
    _check(y, (SymbolicDim(BATCH), outputs), Text("an output of another shape than `outputs` says"))
    found = LayerTrace(
        layer, counts, leaves, x.node, _nodes(parameters), _nodes(statistics), y.node, forward, ours=ours
    )
    if not training:
        return found
    d_y = _leaf("input", y.shape, dtype, name="d_y")
    into = {name: _leaf("gradient", one.shape, dtype) for name, one in parameters.items()}
    with nodes(found.backward):
        d_x = layer.backward(parameters | statistics, kept, d_y, into)
    _check(d_x, x.shape, Text("a gradient of the input of another shape than the input"))
    if any(one.node.op == "gradient" for one in into.values()):
        raise UntraceableError("a gradient that is not written once")
    found.d_y, found.d_x, found.gradients = d_y.node, d_x.node, _nodes(into)
    found.record = _nodes({name: one for name, one in kept.items() if isinstance(one, Tensor)})
    for share in SHARES:
        new = {name: Tensor(one.node) for name, one in statistics.items()}
        made: list[TraceNode] = []
        with nodes(made):
            layer.update_statistics(parameters | new, kept, share)
        changed = {name: one.node for name, one in new.items() if one.node is not statistics[name].node}
        found.after[share] = made, changed
    return found


def _leaf(op: str, shape: Sequence[Any], dtype: Any, /, **attributes: Any) -> Tensor:
    return record(op, (), shape, dtype, **attributes)


def _nodes(tensors: dict[str, Tensor]) -> dict[str, TraceNode]:
    return {name: one.node for name, one in tensors.items()}


def _check(tensor: Any, shape: tuple[Any, ...], reason: Text) -> None:
    if not isinstance(tensor, Tensor) or tensor.shape != shape:
        raise UntraceableError(reason)


class _Pass:
    """The pass of a trace: it says whether it is training, and records dropout masks and n-grams."""

    def __init__(self, training: bool) -> None:
        self.training = training

    def dropout_mask(self, x: Any, rate: Any) -> Any:
        """See :meth:`glassnet.layers.base.Pass.dropout_mask`."""
        return record("dropout_mask", (x, rate), x.shape, x.dtype) if self.training else None

    @property
    def ngrams(self) -> Tensor:
        """The n-grams of the batch."""
        return _leaf("ngrams", (SymbolicDim(BATCH), SymbolicDim(NGRAMS)), np.float32)

    def __getattr__(self, name: str) -> Any:
        raise UntraceableError("`{name}` of the pass", name=name)


def _symbolic(text: Sequence[Any], counts: list[str]) -> Layer:
    """Return a layer of glassnet's own with symbols in place of its numbers."""
    kind, *parts = text
    layer: Layer = object.__new__(kind)
    numbers = 0
    lists = []

    def dimension(name: str) -> SymbolicDim:
        counts.append(name)
        return SymbolicDim(name)

    def number(name: str = "") -> Tensor:
        nonlocal numbers
        numbers += 1
        return _leaf("number", (), float, place=numbers - 1, name=name)

    for one, part in zip(_fields(kind), parts, strict=True):
        value: Any = part
        if part == COUNT:
            value = dimension(one.name)
        elif part == NUMBER:
            value = number(one.name)
        elif part == LIST:
            value = _leaf(
                "counts", (dimension(f"len {one.name}"),), int, total=dimension(f"sum {one.name}"), name=one.name
            )
            lists.append(value)
        elif isinstance(part, tuple):
            function, derivative, elementwise, count = part
            value = _activation(function, derivative, elementwise, [number() for _ in range(count)])
        object.__setattr__(layer, one.name, value)
    for counted in lists:
        counted.node.attributes["place"] = numbers  # behind all other numbers
    return layer


def _activation(function: Any, derivative: Any, elementwise: bool, values: list[Tensor]) -> Activation:
    """Return an activation whose formulas are recorded as single nodes, calls."""

    def called(formula: Any, is_derivative: bool) -> Any:
        return lambda *of: record(
            "call",
            of,
            of[0].shape,
            of[0].node.dtype,
            formula=formula,
            elementwise=elementwise,
            derivative=is_derivative,
        )

    activation: Activation = object.__new__(Activation)
    for name, value in (
        ("function", called(function, False)),
        ("derivative", called(derivative, True)),
        ("elementwise", elementwise),
        ("parameters", tuple((str(place), one) for place, one in enumerate(values))),
    ):
        object.__setattr__(activation, name, value)
    return activation

"""A trace: every number of one training step on one batch, by name, in the order in which it comes into being."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glassnet.engines import Step
from glassnet.layers.base import Array, Layer, Record, Values

if TYPE_CHECKING:
    from glassnet.network import NeuralNetwork

__all__ = ["Entry", "Trace"]

FORWARD = ("mask", "mean", "variance", "x_hat", "z", "inside", "a")
BACKWARD = ("d_a", "d_x_hat", "d_inside", "d_z")


@dataclass(frozen=True)
class Entry:
    """One named array of a step.

    Parameters
    ----------
    name : str
        Such as "1.z", "d_1.W", "loss".
    equation : str
        How it comes about, in the names of the same layer.
    value : array
    part : {"forward", "loss", "backward", "update"}
    """

    name: str
    equation: str
    value: Array
    part: str


class Trace:
    """The numbers of one step: read one by its name, all as a table, or iterate.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> network = NeuralNetwork(1, [1], loss="mse")
    >>> network["1.W"][...] = 2.0
    >>> trace = network.trace([[3.0]], [7.0], learning_rate=0.1)
    >>> float(trace["output"][0, 0]), float(trace["loss"]), float(trace["d_1.W"][0, 0])
    (6.0, 1.0, -6.0)
    >>> print(trace)
    one step of sgd, learning rate 0.1, on 1 row
    forward
      x           the input                       (1, 1)  [[3.]]
      1.W         parameter                       (1, 1)  [[2.]]
      1.b         parameter                       (1,)    [0.]
      1.z         x W + b                         (1, 1)  [[6.]]
      1.a         identity(z)                     (1, 1)  [[6.]]
    loss
      output      the last layer's a              (1, 1)  [[6.]]
      y           the target                      (1,)    [7.]
      row losses  mse(output, y)                  (1,)    [1.]
      loss        mean of the row losses          ()      1.
    backward
      d_output    gradient of mse, over the rows  (1, 1)  [[-2.]]
      d_1.a       d_output                        (1, 1)  [[-2.]]
      d_1.z       d_a · f'(z)                     (1, 1)  [[-2.]]
      d_1.W       xᵀ d_z                          (1, 1)  [[-6.]]
      d_1.b       sum of d_z over the rows        (1,)    [-2.]
      d_1.x       d_z Wᵀ                          (1, 1)  [[-4.]]
    update
      1.W after   1.W updated by sgd              (1, 1)  [[2.6]]
      1.b after   1.b updated by sgd              (1,)    [0.2]
    """

    def __init__(self, title: str, entries: list[Entry]) -> None:
        self.title = title
        self.entries = entries

    @classmethod
    def of_step(
        cls, network: NeuralNetwork, X: Array, y: Array, step: Step, after: Array, optimizer: str, rate: float
    ) -> Trace:
        """Put the numbers of a step in order."""
        parameters, gradients = network.named_parameters, network.layout.named(step.gradient)
        updated = network.layout.named(after)
        entries = [Entry("x", "the input", X, "forward")]
        entries += _forward(network.layers, step.records, "", parameters)
        entries += [
            Entry("output", "the last layer's a", step.output, "loss"),
            Entry("y", "the target", y, "loss"),
            Entry("row losses", f"{network.loss}(output, y)", step.row_losses, "loss"),
            Entry("loss", "mean of the row losses", np.asarray(step.loss), "loss"),
        ]
        if step.penalty:
            entries.append(Entry("penalty", "L1 and L2 of the weights", np.asarray(step.penalty), "loss"))
        entries.append(Entry("d_output", f"gradient of {network.loss}, over the rows", step.d_output, "backward"))
        entries += _backward(network.layers, step.records, "", gradients, source="d_output")
        entries += [
            Entry(f"{name} after", f"{name} updated by {optimizer.partition('(')[0]}", value, "update")
            for name, value in updated.items()
        ]
        rows = "1 row" if len(X) == 1 else f"{len(X)} rows"
        return cls(f"one step of {optimizer}, learning rate {rate:g}, on {rows}", entries)

    def __getitem__(self, name: str) -> Array:
        """The array of that name."""
        for entry in self.entries:
            if entry.name == name:
                return entry.value
        raise KeyError(f"The trace has no {name!r}; it has: {', '.join(entry.name for entry in self.entries)}")

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __str__(self) -> str:
        names = max(len(entry.name) for entry in self.entries)
        equations = max(len(entry.equation) for entry in self.entries)
        shapes = max(len(str(entry.value.shape)) for entry in self.entries)
        lines, part = [self.title], ""
        for entry in self.entries:
            if entry.part != part:
                part = entry.part
                lines.append(part)
            head = f"  {entry.name:<{names}}  {entry.equation:<{equations}}  {entry.value.shape!s:<{shapes}}  "
            lines += _numbers(entry.value, head)
        return "\n".join(lines)

    __repr__ = __str__


def _forward(layers: Sequence[Layer], records: Sequence[Record], prefix: str, parameters: Values) -> Iterator[Entry]:
    """The way forward, layer by layer; the inside of a block before what the block makes of it."""
    for number, (layer, record) in enumerate(zip(layers, records, strict=True), 1):
        path = f"{prefix}{number}."
        if "_records" in record:
            yield from _forward(layer.layers, record["_records"], path, parameters)  # type: ignore[attr-defined]
        else:
            for name, value in parameters.items():
                if name.startswith(path):
                    yield Entry(name, "parameter", value, "forward")
        for name in FORWARD:
            if isinstance(record.get(name), np.ndarray):
                yield Entry(f"{path}{name}", layer.equations().get(name, ""), record[name], "forward")


def _backward(
    layers: Sequence[Layer], records: Sequence[Record], prefix: str, gradients: Values, source: str
) -> Iterator[Entry]:
    """The way back, last layer first; `source` names where the last one's d_a comes from."""
    for number, (layer, record) in reversed(list(enumerate(zip(layers, records, strict=True), 1))):
        path = f"{prefix}{number}."
        equations = {"d_a": source} | layer.equations()
        for name in BACKWARD:
            if name in record:
                yield Entry(f"d_{path}{name[2:]}", equations.get(name, ""), record[name], "backward")
        if "_records" in record:
            inside = f"d_{path}inside"
            yield from _backward(layer.layers, record["_records"], path, gradients, inside)  # type: ignore[attr-defined]
        else:
            for name, value in gradients.items():
                if name.startswith(path):
                    equation = equations.get(f"d_{name.removeprefix(path)}", "by the chain rule")
                    yield Entry(f"d_{name}", equation, value, "backward")
        yield Entry(f"d_{path}x", equations.get("d_x", ""), record["d_x"], "backward")
        source = f"d_{path}x"


def _numbers(value: Array, head: str) -> list[str]:
    """The numbers of an array beside its description; large arrays are abbreviated, all rows aligned."""
    text = np.array2string(value, precision=4, suppress_small=True, threshold=60, edgeitems=2, max_line_width=90)
    first, *rest = text.splitlines()
    return [head + first, *(" " * len(head) + line for line in rest)]

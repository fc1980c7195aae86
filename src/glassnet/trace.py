"""A trace: every number of one training step on one batch, by name, in the order in which it comes into being."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glassnet.engines import Step, Updater
from glassnet.layers import Layer, Layout, Residual
from glassnet.layers.base import Array, Record, Values

if TYPE_CHECKING:
    from glassnet.network import NeuralNetwork

__all__ = ["Entry", "Trace"]


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

    @property
    def numbers(self) -> str:
        """The array as text: four digits that count, large arrays abbreviated."""
        return "\n".join(_numbers(self.value, ""))


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
      x           the input                       (1, 1)  [[3]]
      1.W         parameter                       (1, 1)  [[2]]
      1.b         parameter                       (1,)    [0]
      1.z         x W + b                         (1, 1)  [[6]]
      1.a         identity(z)                     (1, 1)  [[6]]
    loss
      output      the last layer's a              (1, 1)  [[6]]
      y           the target                      (1,)    [7]
      row losses  mse(output, y)                  (1,)    [1]
      loss        mean of the row losses          ()      1
    backward
      d_output    gradient of mse, over the rows  (1, 1)  [[-2]]
      d_1.a       d_output                        (1, 1)  [[-2]]
      d_1.z       d_a · f'(z)                     (1, 1)  [[-2]]
      d_1.W       xᵀ d_z                          (1, 1)  [[-6]]
      d_1.b       sum of d_z over the rows        (1,)    [-2]
      d_1.x       d_z Wᵀ                          (1, 1)  [[-4]]
    update
      1.W after   1.W updated by sgd              (1, 1)  [[2.6]]
      1.b after   1.b updated by sgd              (1,)    [0.2]
    """

    def __init__(self, title: str, entries: list[Entry]) -> None:
        self.title = title
        self.entries = entries

    @classmethod
    def of_step(
        cls,
        before: NeuralNetwork,
        after: NeuralNetwork,
        step: Step,
        x: Array,
        y: Array,
        weight: Array | None,
        updater: Updater,
        rate: float,
    ) -> Trace:
        """Put the numbers of a step in order; `before` and `after` it the network has numbers of its own."""
        loss, rule = before.loss, updater.rule
        entries = [
            Entry("x", "the input", x, "forward"),
            *_forward(before.layers, step.records, "", before.named_parameters),
            *_loss(before, step, y, weight),
            Entry("d_output", f"gradient of {loss}, over the rows", step.d_output, "backward"),
            *_backward(before.layers, step.records, "", before.layout, step.gradient, source="d_output"),
        ]
        memories = {name: before.layout.named(slot) for name, slot in updater.slots.items()}
        for name, value in after.named_parameters.items():
            entries += [
                Entry(f"{name} {slot}", f"what {rule.name} remembers", memory[name], "update")
                for slot, memory in memories.items()
            ]
            entries.append(Entry(f"{name} after", f"{name} updated by {rule.name}", value, "update"))
        entries += [
            Entry(f"running {slot.name} after", f"moved towards {slot.name}", slot.view(after.statistics), "update")
            for slot in before.layout.statistics
        ]
        rows = "1 row" if len(step.output) == 1 else f"{len(step.output)} rows"
        return cls(f"one step of {rule}, learning rate {rate:g}, on {rows}", entries)

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

    def _repr_html_(self) -> str:
        """In a notebook: a table for each part of the step, drawn on a floor above."""
        from glassnet.insight.display import trace_html

        return trace_html(self)


def _forward(layers: Sequence[Layer], records: Sequence[Record], prefix: str, parameters: Values) -> Iterator[Entry]:
    """The way forward, layer by layer; the inside of a block before what the block makes of it."""
    for number, (layer, record) in enumerate(zip(layers, records, strict=True), 1):
        path = f"{prefix}{number}."
        if isinstance(layer, Residual):
            yield from _forward(layer.layers, record["_records"], path, parameters)
        else:
            for name, value in parameters.items():
                if name.startswith(path):
                    yield Entry(name, "parameter", value, "forward")
        for name in _shown(record):
            if name != "x" and not name.startswith("d_"):  # x is what the layer before it has as a
                yield Entry(f"{path}{name}", layer.equations().get(name, ""), record[name], "forward")


def _shown(record: Record) -> list[str]:
    """All that a layer computed, as it came into being; names that begin with an underscore are its own business."""
    return [name for name, value in record.items() if name[0] != "_" and isinstance(value, np.ndarray)]


def _loss(network: NeuralNetwork, step: Step, y: Array, weight: Array | None) -> Iterator[Entry]:
    """From the output to the one number that training makes small."""
    loss = network.loss
    target = loss.prepare(y, network.outputs, network.dtype)
    yield Entry("output", "the last layer's a", step.output, "loss")
    if loss.response != "identity":
        of_each = loss.predict(step.output.reshape(-1, network.outputs)).reshape(step.output.shape)
        yield Entry("predicted", f"{loss.response}(output), inside the loss", of_each, "loss")
    yield Entry("y", "the target", y, "loss")
    as_it_came = np.array_equal(np.ravel(target), np.ravel(y))
    if not as_it_came:
        yield Entry("target", f"y as {loss.name} takes it", target, "loss")
    of_members = "" if network.members == 1 else ", mean over the members"
    equation = f"{loss}(output, {'y' if as_it_came else 'target'}){of_members}"
    yield Entry("row losses", equation, step.row_losses, "loss")
    if weight is not None:
        yield Entry("weight", "of each row, brought to mean 1", weight, "loss")
    mean = "mean of the row losses" if weight is None else "mean of weight · row losses"
    yield Entry("loss", mean, np.asarray(step.loss), "loss")
    if step.penalty:
        yield Entry("penalty", "L1 and L2 of the weights", np.asarray(step.penalty), "loss")


def _backward(
    layers: Sequence[Layer], records: Sequence[Record], prefix: str, layout: Layout, gradient: Array, source: str
) -> Iterator[Entry]:
    """The way back, last layer first; `source` names where the last one's d_a comes from."""
    for number, (layer, record) in reversed(list(enumerate(zip(layers, records, strict=True), 1))):
        path = f"{prefix}{number}."
        equations = {"d_a": source} | layer.equations()
        on_the_way = [name for name in _shown(record) if name.startswith("d_") and name not in ("d_a", "d_x")]
        for name in ("d_a", *on_the_way):
            yield Entry(f"d_{path}{name[2:]}", equations.get(name, ""), record[name], "backward")
        if isinstance(layer, Residual):
            yield from _backward(layer.layers, record["_records"], path, layout, gradient, f"d_{path}inside")
        else:
            for slot in layout.parameters:
                if slot.name.startswith(path):
                    parameter, name = slot.parameter, slot.name.removeprefix(path)
                    equation = equations.get(f"d_{name}", "by the chain rule")
                    equation += f" + l1 · sign({name})" if parameter.l1 else ""
                    equation += f" + l2 · {name}" if parameter.l2 else ""
                    yield Entry(f"d_{slot.name}", equation, slot.view(gradient), "backward")
        yield Entry(f"d_{path}x", equations.get("d_x", ""), record["d_x"], "backward")
        source = f"d_{path}x"


def _numbers(value: Array, head: str) -> list[str]:
    """The numbers of an array beside its description; large arrays are abbreviated, all rows aligned.

    Four digits that count, however small the number: a gradient that has almost vanished must not print as 0.
    """

    def text(width: int) -> str:
        number = {"float_kind": lambda number: f"{number + 0.0:.4g}".rjust(width)}
        return np.array2string(value, threshold=60, edgeitems=2, max_line_width=90, formatter=number)  # type: ignore[arg-type]

    widest = max(map(len, re.findall(r"[^\s\[\],]+", text(0))), default=0)
    first, *rest = text(widest).splitlines() or ["[]"]
    return [head + first, *(" " * len(head) + line for line in rest)]

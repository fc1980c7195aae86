"""A trace: every array of one training step on one batch, by name, in the order of computation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from glassnet.display.numbers import plain
from glassnet.display.result import Result
from glassnet.engines import Step, Updater
from glassnet.ir.equations import written
from glassnet.ir.layer_equations import Equation, Equations, equations
from glassnet.layers import Layer, Residual
from glassnet.layers.base import Array, Record, Values
from glassnet.support.language import LANGUAGES, Composed, Language, Text

if TYPE_CHECKING:
    from glassnet.display.blocks import Block
    from glassnet.network import NeuralNetwork

TEXTS: Final = {
    "trace.title": Text("one step of {rule}, learning rate {rate:g}, on {rows}"),
    "trace.one_row": Text("1 row"),
    "trace.rows": Text("{count} rows"),
    "trace.first": Text("first: "),
    "column.name": Text("name"),
    "column.equation": Text("equation"),
    "column.shape": Text("shape"),
    "column.value": Text("value", context="trace"),
    "part.forward": Text("forward"),
    "part.loss": Text("loss"),
    "part.backward": Text("backward"),
    "part.update": Text("update"),
    "array.input": Text("the input"),
    "array.parameter": Text("parameter"),
    "array.output": Text("a of the last layer"),
    "array.predicted": Text("{response}(output), inside the loss"),
    "array.target": Text("the target"),
    "array.taken": Text("y in the form that {loss} takes"),
    "array.of_members": Text("{equation}, mean over the members"),
    "array.weight": Text("row weights, normalized to mean 1"),
    "array.mean": Text("mean of the row losses"),
    "array.weighted": Text("mean of weight · row losses"),
    "array.penalty": Text("L1 and L2 of the weights"),
    "array.gradient": Text("loss gradient / rows"),
    "array.remembered": Text("state of {rule}"),
    "array.updated": Text("{name} updated by {rule}"),
    "array.downhill": Text("{name} - learning rate · d_{name}"),
    "array.moved": Text("moved towards {name}"),
}
PARTS: Final = {part: TEXTS[f"part.{part}"] for part in ("forward", "loss", "backward", "update")}
"""The parts of a step."""
NARROW = 44
"""So many letters a telephone shows."""


def _nothing() -> str:
    return ""


@dataclass(frozen=True)
class Entry:
    """One named array of a step.

    Parameters
    ----------
    name : str
        Such as "1.z", "d_1.W", "loss".
    told : Text
        The equation of the array, in the names of the same layer.
    value : array
    part : {"forward", "loss", "backward", "update"}
    filled : callable
        Computes `first`, on first access.
    """

    name: str
    told: Text
    value: Array
    part: str
    filled: Callable[[], str] = _nothing

    @cached_property
    def first(self) -> str:
        """The equation with the numbers of the first element filled in, where there are few."""
        return self.filled()

    @property
    def equation(self) -> str:
        """The equation of the array, in the current language."""
        return self.told.say()

    @property
    def numbers(self) -> str:
        """The array as text: four digits that count, large arrays abbreviated."""
        return "\n".join(_numbers(self.value, ""))


@dataclass(eq=False, repr=False)
class Trace(Result):
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
    <BLANKLINE>
    forward
      x (1, 1) = the input
        [[3]]
      1.W (1, 1) = parameter
        [[2]]
      1.b (1,) = parameter
        [0]
      1.z (1, 1) = x W + b
        [[6]]
        first: 3 · 2 + 0 = 6
      1.a (1, 1) = identity(z)
        [[6]]
    <BLANKLINE>
    loss
      output (1, 1) = a of the last layer
        [[6]]
      y (1,) = the target
        [7]
      row losses (1,) = mse(output, y)
        [1]
        first: (6 - 7) · (6 - 7) = 1
      loss = mean of the row losses
        1
    <BLANKLINE>
    backward
      d_output (1, 1) = loss gradient / rows
        [[-2]]
        first: 2 · (6 - 7) = -2
      d_1.a (1, 1) = d_output
        [[-2]]
      1.f'(z) (1, 1) = identity'(z)
        [[1]]
      d_1.z (1, 1) = d_a · f'(z)
        [[-2]]
        first: (-2) · 1 = -2
      d_1.W (1, 1) = xᵀ d_z
        [[-6]]
        first: 3 · (-2) = -6
      d_1.b (1,) = sum of d_z over the rows
        [-2]
      d_1.x (1, 1) = d_z Wᵀ
        [[-4]]
        first: (-2) · 2 = -4
    <BLANKLINE>
    update
      1.W after (1, 1)
        = 1.W - learning rate · d_1.W
        [[2.6]]
        first: 2 - 0.1 · (-6) = 2.6
      1.b after (1,)
        = 1.b - learning rate · d_1.b
        [0.2]
        first: 0 - 0.1 · (-2) = 0.2
    """

    title: Text
    entries: list[Entry]

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
        rule = updater.rule
        by_path: dict[str, Equations] = {}
        entries = [
            Entry("x", TEXTS["array.input"], x, "forward"),
            *_forward(before.layers, step.records, "", before.named_parameters, by_path),
            *_loss(before, step, y, weight),
            *_backward(before.layers, step.records, "", before, step.gradient, by_path, source="d_output"),
        ]
        memories = {name: before.layout.named(slot) for name, slot in updater.slots.items()}
        gradients = before.layout.named(step.gradient)
        for name, value in after.named_parameters.items():
            entries += [
                Entry(f"{name} {slot}", TEXTS["array.remembered"].filled(rule=rule.name), memory[name], "update")
                for slot, memory in memories.items()
            ]
            text, filled = TEXTS["array.updated"].filled(name=name, rule=rule.name), _nothing
            was, slope = before.named_parameters[name], gradients[name]
            if value.size and np.allclose(value, was - rate * slope, rtol=1e-6, atol=0):
                text = TEXTS["array.downhill"].filled(name=name)
                numbers = {"w": was.flat[0], "rate": rate, "d_w": slope.flat[0]}
                filled = partial(_filled, lambda w, rate, d_w: w - rate * d_w, numbers)
            entries.append(Entry(f"{name} after", text, value, "update", filled))
        entries += [
            Entry(
                f"running {slot.name} after",
                TEXTS["array.moved"].filled(name=slot.name),
                slot.view(after.statistics),
                "update",
            )
            for slot in before.layout.statistics
        ]
        rows = TEXTS["trace.one_row" if len(step.output) == 1 else "trace.rows"].filled(count=len(step.output))
        return cls(TEXTS["trace.title"].filled(rule=rule, rate=rate, rows=rows), entries)

    def __getitem__(self, name: str) -> Array:
        """Return the array of that name."""
        for entry in self.entries:
            if entry.name == name:
                return entry.value
        raise KeyError(f"The trace has no {name!r}; it has: {', '.join(entry.name for entry in self.entries)}")

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: the current one."""
        lines, part = [*wrap(self.title.say(language), NARROW)], ""
        for entry in self.entries:
            if entry.part != part:
                part = entry.part
                lines += ["", PARTS[part].say(language)]
            head, text = f"  {entry.name} {entry.value.shape}".replace(" ()", ""), entry.told.say(language)
            lines += [f"{head} = {text}"] if len(head) + len(text) + 3 <= NARROW else [head, f"    = {text}"]
            lines += _numbers(entry.value, "    ")
            value = plain(float(entry.value.flat[0])) if entry.first else ""
            if entry.first != value:
                filled = TEXTS["trace.first"].say(language) + f"{entry.first} = {value}"
                lines += wrap(filled, NARROW, initial_indent="    ", subsequent_indent="      ")
        return "\n".join(lines)

    def _blocks(self, language: Language) -> list[Block]:
        """Return a table for each part of the step."""
        from glassnet.display.blocks import Cell, Paragraph, TableBlock

        columns = [TEXTS[f"column.{name}"].say(language) for name in ("name", "equation", "shape", "value")]
        blocks: list[Block] = [Paragraph(self.title.say(language))]
        for part, name in PARTS.items():
            rows: list[list[str | Cell]] = [
                [
                    entry.name,
                    Cell(" = ".join(filter(None, [entry.told.say(language), entry.first])), look="code"),
                    str(entry.value.shape),
                    Cell(entry.numbers, look="code"),
                ]
                for entry in self
                if entry.part == part
            ]
            if rows:
                blocks.append(TableBlock(name.say(language), columns, rows, (0, 1, 3)))
        return blocks


def _forward(
    layers: Sequence[Layer], records: Sequence[Record], prefix: str, parameters: Values, by_path: dict[str, Equations]
) -> Iterator[Entry]:
    """Yield the arrays of the forward pass, layer by layer; those inside a block before the output of the block.

    Adds the equations of each layer to `by_path`, for the backward pass.
    """
    for place, (layer, record) in enumerate(zip(layers, records, strict=True), 1):
        path = f"{prefix}{place}."
        if isinstance(layer, Residual):
            yield from _forward(layer.layers, record["_records"], path, parameters, by_path)
        else:
            for name, value in parameters.items():
                if name.startswith(path):
                    yield Entry(name, TEXTS["array.parameter"], value, "forward")
        own = {name.removeprefix(path): value for name, value in parameters.items() if name.startswith(path)}
        by_path[path] = equations(layer, record["d_x"].shape[1])
        known = _shown(record) | own
        for name in _shown(record):
            if name != "x" and not name.startswith("d_"):  # x is the previous layer's a
                equation = by_path[path][name]
                yield Entry(f"{path}{name}", equation.told, record[name], "forward", partial(equation.first, known))


def _shown(record: Record) -> dict[str, Array]:
    """Return the arrays that a layer recorded, in order of computation, without private ones (with an underscore)."""
    return {name: value for name, value in record.items() if name[0] != "_" and isinstance(value, np.ndarray)}


def _loss(network: NeuralNetwork, step: Step, y: Array, weight: Array | None) -> Iterator[Entry]:
    """Yield the arrays from the output to the loss."""
    loss = network.loss
    target = loss.prepare(y, network.outputs, network.dtype)
    yield Entry("output", TEXTS["array.output"], step.output, "loss")
    if loss.response != "identity":
        of_each = loss.predict(step.output.reshape(-1, network.outputs)).reshape(step.output.shape)
        yield Entry("predicted", TEXTS["array.predicted"].filled(response=loss.response), of_each, "loss")
    yield Entry("y", TEXTS["array.target"], y, "loss")
    as_it_came = np.array_equal(np.ravel(target), np.ravel(y))
    if not as_it_came:
        yield Entry("target", TEXTS["array.taken"].filled(loss=loss.name), target, "loss")
    equation = f"{loss}(output, {'y' if as_it_came else 'target'})"
    text: Text = Composed(dict.fromkeys(LANGUAGES, equation))
    if network.members > 1:
        text = TEXTS["array.of_members"].filled(equation=equation)
    numbers = {"a": step.output.flat[0], "y": target.flat[0]}
    simple = step.output.ndim == 2 and network.outputs == 1 and loss.link == "identity"
    value, slope = (partial(_filled, f, numbers, loss.values) for f in (loss.function, loss.derivative))
    yield Entry("row losses", text, step.row_losses, "loss", value if simple else _nothing)
    if weight is not None:
        yield Entry("weight", TEXTS["array.weight"], weight, "loss")
    yield Entry("loss", TEXTS["array.mean" if weight is None else "array.weighted"], np.asarray(step.loss), "loss")
    if step.penalty:
        yield Entry("penalty", TEXTS["array.penalty"], np.asarray(step.penalty), "loss")

    def share() -> str:
        over = "" if len(step.output) == 1 else f" / {len(step.output)}"
        return f"({slope()}){over}" if over and " " in slope() else f"{slope()}{over}" if slope() else ""

    yield Entry(
        "d_output", TEXTS["array.gradient"], step.d_output, "backward", share if simple and weight is None else _nothing
    )


def _filled(formula: Callable[..., Any], numbers: Mapping[str, float], values: tuple[Any, ...] = ()) -> str:
    return written(formula, numbers, values, filled=True) or ""


def _backward(
    layers: Sequence[Layer],
    records: Sequence[Record],
    prefix: str,
    network: NeuralNetwork,
    gradient: Array,
    by_path: dict[str, Equations],
    source: str,
) -> Iterator[Entry]:
    """Yield the arrays of the backward pass, last layer first; `source` is the equation of the last layer's d_a."""
    layout = network.layout
    for place, (layer, record) in reversed(list(enumerate(zip(layers, records, strict=True), 1))):
        path = f"{prefix}{place}."
        slots = [slot for slot in layout.parameters if slot.name.startswith(path)]
        known = _shown(record) | {slot.name.removeprefix(path): slot.view(network.parameters) for slot in slots}
        yield Entry(f"d_{path}a", Composed(dict.fromkeys(LANGUAGES, source)), record["d_a"], "backward")

        for name in _shown(record):
            if name.startswith("d_") and name not in ("d_a", "d_x"):
                yield from _entry(path, by_path[path], known, name, record[name])
        if isinstance(layer, Residual):
            yield from _backward(layer.layers, record["_records"], path, network, gradient, by_path, f"d_{path}inside")
        else:
            for slot in slots:
                parameter, name = slot.parameter, slot.name.removeprefix(path)
                penalties = f" + l1 · sign({name})" if parameter.l1 else ""
                penalties += f" + l2 · {name}" if parameter.l2 else ""
                yield from _entry(path, by_path[path], known, f"d_{name}", slot.view(gradient), penalties)
        yield from _entry(path, by_path[path], known, "d_x", record["d_x"])
        source = f"d_{path}x"


def _entry(
    path: str, of_layer: Equations, known: dict[str, Array], name: str, value: Array, penalties: str = ""
) -> Iterator[Entry]:
    """Yield a gradient of the layer, and before it the slope of the activation, if this is the first that reads it."""
    equation = of_layer[name]
    for slope in (equation.reads & of_layer.keys()) - known.keys():
        of = of_layer[slope]
        assert isinstance(of, Equation)
        known[slope] = of.slope(known)
        yield Entry(f"{path}{slope}", of.told, known[slope], "backward", partial(of.first, known))
    text = equation.told
    if penalties:
        text = Composed({language: equation.told.say(language) + penalties for language in LANGUAGES})
    yield Entry(
        f"d_{path}{name[2:]}", text, value, "backward", _nothing if penalties else partial(equation.first, known)
    )


def _numbers(value: Array, head: str) -> list[str]:
    """Return the numbers of an array below its description; large arrays are abbreviated, all rows aligned.

    Four digits that count, however small the number: a gradient that has almost vanished must not print as 0.
    """

    def text(width: int) -> str:
        spelled = {"float_kind": lambda number: plain(number).rjust(width)}
        return np.array2string(value, threshold=60, edgeitems=2, max_line_width=74, formatter=spelled)  # type: ignore[arg-type]

    widest = max(map(len, re.findall(r"[^\s\[\],]+", text(0))), default=0)
    return [head + line for line in text(widest).splitlines() or ["[]"]]

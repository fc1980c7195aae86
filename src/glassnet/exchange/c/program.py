"""A whole model in C: which functions there are, in which order they are called, and where their results lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from glassnet.exchange.c.function import Function, write_function
from glassnet.exchange.c.literals import C_TYPES
from glassnet.exchange.c.names import identifier, identifiers
from glassnet.exchange.c.operations import MOVEMENTS
from glassnet.exchange.c.parts import Part, parts_of, shape_of, size_of
from glassnet.exchange.graph import Graph, Node, Scope

__all__ = ["Call", "Program", "Table", "write_program"]

TABLE, LABEL = "constant", "label"


@dataclass(frozen=True)
class Table:
    """Numbers, or texts with their numbers, that are written into the file.

    Attributes
    ----------
    name : str
    kind : {"constant", "int8", "scale", "levels"}
    node : Node
    """

    name: str
    kind: str
    node: Node


@dataclass(frozen=True)
class Call:
    """One line of the prediction."""

    function: str
    arguments: tuple[str, ...]
    part: Part
    result: Node | None


@dataclass
class Program:
    """A model, ready to be written.

    Attributes
    ----------
    prefix : str
        What every public name begins with.
    graph : Graph
    fields : dict from Node to str
        The names of the inputs and outputs of the graph, as fields of structures.
    functions : dict from str to (Function, Part)
        By name, in the order of the file.
    tables : dict from str to Table
    calls : list of Call
        In order; those of the encoder first.
    row : Node or None
        What the encoder gives and the network takes; None: there is no encoder.
    places : dict from Node to str
        Where the result of each call lies, in the words of the function that makes the calls.
    buffers : list of (type, name, size)
        The arrays of the prediction, each for several results one after the other.
    """

    prefix: str
    graph: Graph
    fields: dict[Node, str]
    functions: dict[str, tuple[Function, Part]] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    row: Node | None = None
    places: dict[Node, str] = field(default_factory=dict)
    buffers: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def used(self) -> set[str]:
        """Everything that the functions call."""
        return {name for function, _ in self.functions.values() for name in function.used}

    @property
    def constants(self) -> int:
        """Bytes of all tables of numbers."""
        return sum(_bytes(table) for table in self.tables.values())

    @property
    def stack(self) -> int:
        """Bytes of arrays that are there at the same time, at most."""
        own = sum(size * np.dtype(_DTYPES[kind]).itemsize for kind, _, size in self.buffers)
        row = 0 if self.row is None else size_of(self.row) * self.row.dtype.itemsize
        return row + own + max((function.stack for function, _ in self.functions.values()), default=0)


_DTYPES = {c: dtype for dtype, c in C_TYPES.items()}


def _bytes(table: Table) -> int:
    if table.kind == "levels":
        return sum(len(text.encode()) + 1 + 16 for text in table.node.attributes["keys"])
    value = table.node.value
    assert value is not None
    if table.kind == "int8":
        return value.size
    return value.itemsize * (value.shape[-1] if table.kind == "scale" else value.size)


def write_program(graph: Graph, prefix: str, quantized: set[Node]) -> Program:
    """A graph as functions, tables and calls.

    Parameters
    ----------
    graph : Graph
    prefix : str
    quantized : set of Node
        Constants that are weights of one byte.
    """
    graph = _with_places_of_labels(graph)
    fields = dict(zip((one.node for one in graph.inputs), identifiers(one.name for one in graph.inputs), strict=True))
    fields |= {node: identifier(name, name) for name, node in graph.outputs.items()}
    program = Program(prefix, graph, fields)
    parts = parts_of(graph)
    inside = [part for part in parts if part.scope.part in ("column", "encoder")]
    behind = [part for part in parts if part not in inside]
    crossing = {node for part in behind for node in part.inputs if any(node in other.outputs for other in inside)}
    if len(crossing) == 1 and inside:
        (program.row,) = crossing
    _call_parts(program, [*inside, *behind], quantized)
    _place_results(program)
    return program


def _with_places_of_labels(graph: Graph) -> Graph:
    """The label as the place of its class in the table of classes."""
    outputs = dict(graph.outputs)
    if LABEL in outputs:
        node = outputs[LABEL]
        while node.operation in MOVEMENTS:
            node = node.inputs[0]
        if node.operation == "gather" and node.inputs[0].operation == "constant":
            outputs[LABEL] = node.inputs[1]
    return Graph(graph.inputs, outputs, graph.about)


def _call_parts(program: Program, parts: Sequence[Part], quantized: set[Node]) -> None:
    known: dict[tuple[str, ...], str] = {}
    table_names: dict[tuple[Node, str], str] = {}
    networks = {part.scope.name.partition(".")[0] for part in parts if part.scope.part == "layer"}
    for part in parts:
        function = write_function(part, program.fields, quantized)
        wanted = _function_name(part.scope)
        name = known.get(function.key)
        if name is None:
            name = known[function.key] = _unused(wanted, program.functions)
            program.functions[name] = function, part
        arguments = []
        for parameter in function.parameters:
            if parameter.kind in ("input", "output"):
                arguments.append("")  # known once the results have their places
                continue
            key = parameter.node, parameter.kind
            if key not in table_names:
                own = parameter.declared.rpartition("*")[2].removeprefix("restrict").strip()
                whole = f"{_table_prefix(part.scope, len(networks) > 1)}_{own}"
                table_names[key] = _unused(whole, program.tables)
                program.tables[table_names[key]] = Table(table_names[key], parameter.kind, parameter.node)
            arguments.append(table_names[key])
        program.calls.append(Call(name, tuple(arguments), part, function.result))


def _function_name(scope: Scope) -> str:
    match scope.part:
        case "column":
            return f"column_{identifier(scope.name, 'x')}"
        case "encoder":
            return identifier(scope.name, "all_columns")
        case "layer":
            return f"layer_{scope.name.rpartition('.')[2]}"
    return "answer"


def _table_prefix(scope: Scope, several: bool) -> str:
    if scope.part == "layer" and several:
        network, _, layer = scope.name.partition(".")
        return f"network_{network}_layer_{layer}"
    return _function_name(scope)


def _unused(wanted: str, names: Mapping[str, object]) -> str:
    name, again = wanted, 1
    while name in names:
        again += 1
        name = f"{wanted}_{again}"
    return name


def _place_results(program: Program) -> None:
    """Give every result a place, and use arrays again whose results are not needed any more."""
    outputs = {node: name for name, node in program.graph.outputs.items()}
    for one in program.graph.inputs:
        program.places[one.node] = f"in->{program.fields[one.node]}"
    last = {node: at for at, call in enumerate(program.calls) for node in call.part.inputs}
    free: list[int] = []
    busy: dict[Node, int] = {}
    numbers: dict[str, int] = {}
    encoder = True
    for at, call in enumerate(program.calls):
        if encoder and call.part.scope.part not in ("column", "encoder"):
            free, busy, encoder = [], {}, False  # the encoder is a function of its own
        function = program.functions[call.function][0]
        for node in call.part.outputs:
            if node in outputs:
                program.places[node] = f"out->{program.fields[node]}"
            elif node is program.row:
                program.places[node] = "row"
            elif node is call.result:
                base = _table_prefix(call.part.scope, True)
                numbers[base] = numbers.get(base, 0) + 1
                program.places[node] = base if numbers[base] == 1 else f"{base}_{numbers[base]}"
            else:
                busy[node] = slot = _slot(program, node, free)
                program.places[node] = program.buffers[slot][1]
        arguments = [
            argument or _argument(program, parameter.node, parameter.kind, outputs)
            for argument, parameter in zip(call.arguments, function.parameters, strict=True)
        ]
        program.calls[at] = Call(call.function, tuple(arguments), call.part, call.result)
        for node in [node for node in busy if last.get(node, at) <= at]:
            free.append(busy.pop(node))


def _argument(program: Program, node: Node, kind: str, outputs: Mapping[Node, str]) -> str:
    place = program.places[node]
    single = kind == "output" and node in outputs and not shape_has_several(node)
    return f"&{place}" if single else place


def shape_has_several(node: Node) -> bool:
    """Whether a row has more than one number there."""
    return size_of(node) > 1


def _slot(program: Program, node: Node, free: list[int]) -> int:
    """An array of the right type that nobody needs any more: the smallest that is large enough, or else a new one."""
    kind, size = C_TYPES[node.dtype.name], size_of(node)
    fitting = [slot for slot in free if program.buffers[slot][0] == kind]
    if fitting:
        slot = min(fitting, key=lambda one: (program.buffers[one][2] < size, abs(program.buffers[one][2] - size)))
        free.remove(slot)
        name = program.buffers[slot][1]
        program.buffers[slot] = kind, name, max(size, program.buffers[slot][2])
        return slot
    program.buffers.append((kind, f"{'abcdefghijklmnopqrstuvwxyz'[len(program.buffers) % 26]}{len(program.buffers) // 26 or ''}", size))
    return len(program.buffers) - 1

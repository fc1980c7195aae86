"""From a graph to a program: a function for each part, the same one where the same is done with other tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from typing import Final

from glassnet.exchange.c.function import write_function
from glassnet.exchange.c.literals import identifier, identifiers
from glassnet.exchange.c.operations import MOVEMENTS
from glassnet.exchange.c.parts import Part, parts_of
from glassnet.exchange.c.program import Call, Program, function_name, lay_out, part_name
from glassnet.exchange.c.tables import Table
from glassnet.exchange.c.values import Parameter
from glassnet.exchange.graph import Graph, Node
from glassnet.ir.naming import free_name

LABEL: Final = "label"


def write_program(graph: Graph, prefix: str, quantized: Set[Node]) -> Program:
    """A graph as functions, tables and calls."""
    graph = _with_places_of_labels(graph)
    fields = dict(zip((one.node for one in graph.inputs), identifiers(one.name for one in graph.inputs), strict=True))
    fields |= {node: identifier(name, name) for name, node in graph.outputs.items()}
    parts = parts_of(graph)
    numbers = {part.scope.name.partition(".")[0] for part in parts if part.scope.part == "layer"}
    program = Program(prefix, graph, fields, several=len(numbers) > 1)
    calls = list(_calls(program, parts, quantized))
    inside = [call for call in calls if call.part.scope.part in ("column", "encoder")]
    behind = [call for call in calls if call not in inside]
    given = {node for call in inside for node in call.part.outputs}
    crossing = given & {node for call in behind for node in call.part.inputs}
    if len(crossing) == 1:
        (program.row,) = crossing
        program.encoder.calls = inside
    else:
        behind = calls
    program.networks = _alike(behind, program.row)
    if program.networks:
        program.network.calls = program.networks[0]
    program.prediction.calls = [call for call in behind if not (program.networks and call.network)]
    lay_out(program)
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
    return replace(graph, outputs=outputs)


def _calls(program: Program, parts: Sequence[Part], quantized: Set[Node]) -> Iterator[Call]:
    """A function for each part, the same one where the same is done with other tables."""
    known: dict[tuple[str, ...], str] = {}
    for part in parts:
        function = write_function(part, program.fields, quantized)
        name = known.get(function.key)
        if name is None:
            name = known[function.key] = free_name(function_name(part.scope), program.functions, program.tables)
            program.functions[name] = function, part
        given = tuple((one, _table(program, part, one)) for one in function.parameters)
        yield Call(name, given, part, function.result)


def _table(program: Program, part: Part, one: Parameter) -> Table | None:
    if one.kind in ("input", "output"):
        return None
    prefix = part_name(part.scope, program.several)
    return program.tables.add(prefix, one.name, one.kind, one.node, program.functions)


def _alike(calls: Sequence[Call], row: Node | None) -> list[list[Call]]:
    """The calls of each network, if there are several and all do the same with tables of their own."""
    networks: dict[str, list[Call]] = {}
    for call in calls:
        if call.network:
            networks.setdefault(call.network, []).append(call)
    several = list(networks.values())
    if len(several) < 2 or any([c.function for c in one] != [c.function for c in several[0]] for one in several):
        return []
    for one in several:
        own = {node for call in one for node in call.part.outputs}
        others = {node for call in calls if call not in one for node in call.part.inputs}
        asked = {node for call in one for node in call.part.inputs} - own
        if own & others != set(one[-1].part.outputs) or asked != {row} or len(one[-1].part.outputs) != 1:
            return []
    return several

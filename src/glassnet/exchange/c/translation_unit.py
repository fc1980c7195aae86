"""A whole model in C: its functions, the order of their calls, and where results lie.

Parts that do the same with other tables share one function.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final

from glassnet.exchange.c.function import CFunction, Subgraph, parts_of, write_function
from glassnet.exchange.c.literals import C_TYPES, identifier, identifiers
from glassnet.exchange.c.operands import CParameter, size_of
from glassnet.exchange.c.scalar_code import MOVEMENTS
from glassnet.exchange.c.tables import ConstantTable, ConstantTables
from glassnet.exchange.graph import Graph, Node, Scope
from glassnet.ir.printing import free_name

LABEL: Final = "label"
BUFFERS: Final = "abcdefghijklmnopqrstuvwxyz"


def write_program(graph: Graph, prefix: str, quantized: Set[Node]) -> TranslationUnit:
    """Return a graph as functions, tables and calls."""
    graph = _with_places_of_labels(graph)
    fields = dict(zip((one.node for one in graph.inputs), identifiers(one.name for one in graph.inputs), strict=True))
    fields |= {node: identifier(name, name) for name, node in graph.outputs.items()}
    parts = parts_of(graph)
    numbers = {part.scope.name.partition(".")[0] for part in parts if part.scope.part == "layer"}
    program = TranslationUnit(prefix, graph, fields, several=len(numbers) > 1)
    calls = list(_calls(program, parts, quantized))
    inside = [call for call in calls if call.part.scope.part not in ("layer", "answer")]
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
    """Return the label as the place of its class in the table of classes."""
    outputs = dict(graph.outputs)
    if LABEL in outputs:
        node = outputs[LABEL]
        while node.operation in MOVEMENTS:
            node = node.inputs[0]
        if node.operation == "gather" and node.inputs[0].operation == "constant":
            outputs[LABEL] = node.inputs[1]
    return replace(graph, outputs=outputs)


def _calls(program: TranslationUnit, parts: Sequence[Subgraph], quantized: Set[Node]) -> Iterator[FunctionCall]:
    """Return a function for each part, the same one where the same is done with other tables."""
    known: dict[tuple[str, ...], str] = {}
    for part in parts:
        function = write_function(part, program.fields, quantized)
        name = known.get(function.key)
        if name is None:
            name = known[function.key] = free_name(function_name(part.scope), program.functions, program.tables)
            program.functions[name] = function, part
        given = tuple((one, _table(program, part, one)) for one in function.parameters)
        yield FunctionCall(name, given, part, function.result)


def _table(program: TranslationUnit, part: Subgraph, one: CParameter) -> ConstantTable | None:
    if one.kind in ("input", "output"):
        return None
    prefix = part_name(part.scope, program.several)
    return program.tables.add(prefix, one.name, one.kind, one.node, program.functions)


def _alike(calls: Sequence[FunctionCall], row: Node | None) -> list[list[FunctionCall]]:
    """Return the calls of each network, if there are several and all do the same with tables of their own."""
    networks: dict[str, list[FunctionCall]] = {}
    for call in calls:
        if call.network:
            networks.setdefault(call.network, []).append(call)
    several = list(networks.values())
    if len(several) < 2 or any([c.function for c in one] != [c.function for c in several[0]] for one in several):
        return []
    for one in several:
        own = {node for call in one for node in call.part.outputs}
        others = {node for call in calls if call not in one for node in call.part.inputs}
        inputs = {node for call in one for node in call.part.inputs} - own
        if own & others != set(one[-1].part.outputs) or inputs != {row} or len(one[-1].part.outputs) != 1:
            return []
    return several


@dataclass(frozen=True)
class FunctionCall:
    """A function of a part with what it is given."""

    function: str
    given: tuple[tuple[CParameter, ConstantTable | None], ...]  # None: an input or output, which depends on the caller
    part: Subgraph
    result: Node | None  # the node whose value is returned

    @property
    def network(self) -> str:
        """The number of the network whose layer it is; "" for everything else."""
        return self.part.scope.name.partition(".")[0] if self.part.scope.part == "layer" else ""


@dataclass
class CallSequence:
    """Calls that stand in one function, and the arrays in which they lay their results."""

    calls: list[FunctionCall] = field(default_factory=list)
    places: dict[Node, str] = field(default_factory=dict)  # in the words of that function
    buffers: list[tuple[str, str, int]] = field(default_factory=list)  # type, name, size; each for several results

    @property
    def declared(self) -> list[str]:
        """The declarations of the arrays."""
        return [f"{kind} {name}[{size}];" for kind, name, size in self.buffers]

    @property
    def stack(self) -> int:
        """Bytes of the arrays."""
        return sum(size * {"float": 4, "double": 8, "int64_t": 8, "bool": 1}[kind] for kind, _, size in self.buffers)


@dataclass
class TranslationUnit:
    """A model, ready to be written."""

    prefix: str
    graph: Graph
    fields: dict[Node, str]  # of the structures, for the inputs and outputs of the graph
    several: bool = False  # whether there are several networks
    functions: dict[str, tuple[CFunction, Subgraph]] = field(default_factory=dict)  # in the order of the file
    tables: ConstantTables = field(default_factory=ConstantTables)
    row: Node | None = None  # what the encoder gives and the network takes; None: there is no encoder
    encoder: CallSequence = field(default_factory=CallSequence)
    network: CallSequence = field(default_factory=CallSequence)  # stands for all, if there are several
    prediction: CallSequence = field(default_factory=CallSequence)
    networks: list[list[FunctionCall]] = field(default_factory=list)  # of several with the same layers; else empty

    @property
    def used(self) -> set[str]:
        """Everything that the functions call."""
        return {name for function, _ in self.functions.values() for name in function.used}

    @property
    def stack(self) -> int:
        """Bytes of arrays that are there at the same time, at most."""
        row = 0 if self.row is None else size_of(self.row) * self.row.dtype.itemsize
        deepest = max(self._needs(section) for section in (self.encoder, self.network, self.prediction))
        answers = sum(size_of(calls[-1].part.outputs[0]) * 4 for calls in self.networks)
        return row + answers + deepest

    def _needs(self, section: CallSequence) -> int:
        return section.stack + max((self.functions[call.function][0].stack for call in section.calls), default=0)


def function_name(scope: Scope) -> str:
    """Return the name of the function of a part."""
    match scope.part:
        case "column" | "codes" | "text":
            return f"{scope.part}_{identifier(scope.name, 'x')}"
        case "encoder":
            return identifier(scope.name, "all_columns")
        case "layer":
            return f"layer_{scope.name.rpartition('.')[2]}"
    return "answer"


def part_name(scope: Scope, several: bool) -> str:
    """Return the same for one of several networks: what its tables and results are called after."""
    if scope.part == "layer" and several:
        network, _, layer = scope.name.partition(".")
        return f"network_{network}_layer_{layer}"
    return function_name(scope)


def lay_out(program: TranslationUnit) -> None:
    """Give every result a place."""
    outside = {one.node: f"in->{program.fields[one.node]}" for one in program.graph.inputs}
    outside |= {node: f"out->{program.fields[node]}" for node in program.graph.outputs.values()}
    if program.row is not None:
        outside[program.row] = _in_array("row", program.row)
    beside = _beside_each_other(program)
    program.encoder.places = outside | beside
    program.network.places = outside | {calls[-1].part.outputs[0]: "output" for calls in program.networks[:1]}
    of_networks = {calls[-1].part.outputs[0]: f"outputs[{at}]" for at, calls in enumerate(program.networks)}
    program.prediction.places = outside | of_networks
    taken = set(program.fields.values()) | {"in", "out", "row", "wrong", "learned", "outputs", *program.functions}
    for section in (program.encoder, program.network, program.prediction):
        _place_results(section, taken, program.several)


def _beside_each_other(program: TranslationUnit) -> dict[Node, str]:
    """Return the places of the columns in the row, if the last step of the encoder only puts them there: it is left
    out.
    """
    calls = program.encoder.calls
    if not calls or calls[-1].part.nodes != [program.row] or calls[-1].part.nodes[0].operation != "concat":
        return {}
    places: dict[Node, str] = {}
    start = 0
    for source in calls[-1].part.nodes[0].inputs:
        node = source
        while node.operation == "reshape":
            node = node.inputs[0]
        if node in places or not any(node in call.part.outputs for call in calls[:-1]):
            return {}
        single = any(node is call.result for call in calls)
        places[node] = f"row[{start}]" if single else f"row + {start}" if start else "row"
        start += size_of(node)
    program.encoder.calls = calls[:-1]
    del program.functions[calls[-1].function]
    return places


def _place_results(section: CallSequence, taken: set[str], several: bool) -> None:
    """Allocate the intermediate arrays: reuse those whose results are not needed any more."""
    last = {node: at for at, call in enumerate(section.calls) for node in call.part.inputs}
    free: list[int] = []
    busy: dict[Node, int] = {}
    for at, call in enumerate(section.calls):
        for node in call.part.outputs:
            if node in section.places:
                continue
            if node is call.result:
                section.places[node] = free_name(f"{part_name(call.part.scope, several)}_result", taken)
                taken.add(section.places[node])
            else:
                busy[node] = slot = _slot(section, node, free, taken)
                section.places[node] = _in_array(section.buffers[slot][1], node)
        free += [busy.pop(node) for node in list(busy) if last.get(node, at) <= at]


def _in_array(name: str, node: Node) -> str:
    """Return the words for the numbers of a node in an array: the array, or its single number."""
    return name if size_of(node) > 1 else f"{name}[0]"


def _slot(section: CallSequence, node: Node, free: list[int], taken: set[str]) -> int:
    """Return an array of the right type that is no longer used: the one nearest in size, or else a new one."""
    kind, size = C_TYPES[node.dtype.name], size_of(node)
    fitting = [slot for slot in free if section.buffers[slot][0] == kind]
    if not fitting:
        used = {name for _, name, _ in section.buffers}
        name = next((letter for letter in BUFFERS if letter not in used | taken), f"buffer_{len(used)}")
        section.buffers.append((kind, name, size))
        return len(section.buffers) - 1
    slot = min(fitting, key=lambda one: (section.buffers[one][2] < size, abs(section.buffers[one][2] - size)))
    free.remove(slot)
    section.buffers[slot] = kind, section.buffers[slot][1], max(size, section.buffers[slot][2])
    return slot

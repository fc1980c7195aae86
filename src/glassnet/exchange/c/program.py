"""A whole model in C: which functions there are, in which order they are called, and where their results lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from glassnet.exchange.c.function import Function, Parameter, write_function
from glassnet.exchange.c.literals import C_TYPES
from glassnet.exchange.c.names import identifier, identifiers
from glassnet.exchange.c.operations import MOVEMENTS
from glassnet.exchange.c.parts import Part, parts_of, shape_of, size_of
from glassnet.exchange.c.tables import Table, Tables
from glassnet.exchange.graph import Graph, Node, Scope

__all__ = ["Call", "Program", "Section", "write_program"]

LABEL = "label"
BUFFERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Call:
    """A function of a part with what it is given.

    Attributes
    ----------
    function : str
    given : tuple of (Parameter, Table or None)
        A table, or None for an input or output, whose place depends on who calls.
    part : Part
    result : Node or None
        What is returned.
    """

    function: str
    given: tuple[tuple[Parameter, Table | None], ...]
    part: Part
    result: Node | None

    @property
    def network(self) -> str:
        """The number of the network whose layer it is; "" for everything else."""
        return self.part.scope.name.partition(".")[0] if self.part.scope.part == "layer" else ""


@dataclass
class Section:
    """Calls that stand in one function, and the arrays in which they lay their results.

    Attributes
    ----------
    calls : list of Call
    places : dict from Node to str
        Where numbers lie, in the words of that function.
    buffers : list of [type, name, size]
        Each for several results, one after the other.
    """

    calls: list[Call] = field(default_factory=list)
    places: dict[Node, str] = field(default_factory=dict)
    buffers: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def stack(self) -> int:
        """Bytes of the arrays."""
        return sum(size * {"float": 4, "double": 8, "int64_t": 8, "bool": 1}[kind] for kind, _, size in self.buffers)


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
    tables : Tables
    row : Node or None
        What the encoder gives and the network takes; None: there is no encoder.
    encoder, network, prediction : Section
        The calls of each of three functions; those of a network stand for all networks, if there are several.
    networks : list of list of Call
        Of several networks with the same layers the calls of each; else empty.
    """

    prefix: str
    graph: Graph
    fields: dict[Node, str]
    functions: dict[str, tuple[Function, Part]] = field(default_factory=dict)
    tables: Tables = field(default_factory=Tables)
    row: Node | None = None
    encoder: Section = field(default_factory=Section)
    network: Section = field(default_factory=Section)
    prediction: Section = field(default_factory=Section)
    networks: list[list[Call]] = field(default_factory=list)

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

    def _needs(self, section: Section) -> int:
        return section.stack + max((self.functions[call.function][0].stack for call in section.calls), default=0)


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
    calls = list(_calls(program, parts_of(graph), quantized))
    inside = [call for call in calls if call.part.scope.part in ("column", "encoder")]
    behind = [call for call in calls if call not in inside]
    given = {node for call in inside for node in call.part.outputs}
    crossing = given & {node for call in behind for node in call.part.inputs}
    if len(crossing) == 1:
        (program.row,) = crossing
        program.encoder.calls, behind = inside, behind
    else:
        behind = calls
    program.networks = _alike(behind, program.row)
    if program.networks:
        program.network.calls = program.networks[0]
    program.prediction.calls = [call for call in behind if not (program.networks and call.network)]
    _lay_out(program)
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


# ------------------------------------------------------------- what is called


def _calls(program: Program, parts: Sequence[Part], quantized: set[Node]) -> Iterator[Call]:
    """A function for each part, the same one where the same is done with other tables."""
    known: dict[tuple[str, ...], str] = {}
    for part in parts:
        function = write_function(part, program.fields, quantized)
        name = known.get(function.key)
        if name is None:
            name = known[function.key] = _unused(_function_name(part.scope), program.functions)
            program.functions[name] = function, part
        prefix = _table_prefix(part.scope)
        given = tuple(
            (one, None if one.kind in ("input", "output") else program.tables.add(prefix, one.name, one.kind, one.node))
            for one in function.parameters
        )
        yield Call(name, given, part, function.result)


def _function_name(scope: Scope) -> str:
    match scope.part:
        case "column":
            return f"column_{identifier(scope.name, 'x')}"
        case "encoder":
            return identifier(scope.name, "all_columns")
        case "layer":
            return f"layer_{scope.name.rpartition('.')[2]}"
    return "answer"


def _table_prefix(scope: Scope) -> str:
    if scope.part == "layer":
        network, _, layer = scope.name.partition(".")
        return f"network_{network}_layer_{layer}"
    return _function_name(scope)


def _unused(wanted: str, names: Mapping[str, object]) -> str:
    name, again = wanted, 1
    while name in names:
        again += 1
        name = f"{wanted}_{again}"
    return name


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


# ---------------------------------------------------------- where results lie


def _lay_out(program: Program) -> None:
    """Give every result a place."""
    outside = {one.node: f"in->{program.fields[one.node]}" for one in program.graph.inputs}
    outside |= {node: f"out->{program.fields[node]}" for node in program.graph.outputs.values()}
    if program.row is not None:
        outside[program.row] = "row"
    beside = _beside_each_other(program)
    program.encoder.places = outside | beside
    program.network.places = outside | {calls[-1].part.outputs[0]: "output" for calls in program.networks[:1]}
    program.prediction.places = outside | _outputs(program)
    taken = set(program.fields.values()) | {"in", "out", "row", "wrong", "learned", "outputs", *program.functions}
    for section in (program.encoder, program.network, program.prediction):
        _place_results(section, taken)


def _beside_each_other(program: Program) -> dict[Node, str]:
    """If the last step of the encoder only puts columns beside each other: their places in the row, without that step."""
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


def _outputs(program: Program) -> dict[Node, str]:
    """The outputs of several networks, in an array of them."""
    return {calls[-1].part.outputs[0]: f"outputs[{at}]" for at, calls in enumerate(program.networks)}


def _place_results(section: Section, taken: set[str]) -> None:
    """The places of what is needed for a while: arrays are used again whose results are not needed any more."""
    last = {node: at for at, call in enumerate(section.calls) for node in call.part.inputs}
    free: list[int] = []
    busy: dict[Node, int] = {}
    for at, call in enumerate(section.calls):
        for node in call.part.outputs:
            if node in section.places:
                continue
            if node is call.result:
                section.places[node] = _own(f"{_table_prefix(call.part.scope)}_result", taken)
            else:
                busy[node] = slot = _slot(section, node, free, taken)
                section.places[node] = section.buffers[slot][1]
        for node in [node for node in busy if last.get(node, at) <= at]:
            free.append(busy.pop(node))


def _slot(section: Section, node: Node, free: list[int], taken: set[str]) -> int:
    """An array of the right type that nobody needs any more: the one nearest in size, or else a new one."""
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


def _own(wanted: str, taken: set[str]) -> str:
    name, again = wanted, 1
    while name in taken:
        again += 1
        name = f"{wanted}_{again}"
    taken.add(name)
    return name

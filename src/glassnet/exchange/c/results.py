"""Where results lie: in the structures of the caller, in the row, or for a while in arrays that are used again."""

from __future__ import annotations

from typing import Final

from glassnet.exchange.c.literals import C_TYPES
from glassnet.exchange.c.names import identifier
from glassnet.exchange.c.parts import size_of
from glassnet.exchange.c.program import Program, Section
from glassnet.exchange.graph import Node, Scope
from glassnet.exchange.graph.naming import free_name

__all__ = ["address", "function_name", "lay_out", "part_name"]

BUFFERS: Final = "abcdefghijklmnopqrstuvwxyz"


def function_name(scope: Scope) -> str:
    """What the function of a part is called."""
    match scope.part:
        case "column":
            return f"column_{identifier(scope.name, 'x')}"
        case "encoder":
            return identifier(scope.name, "all_columns")
        case "layer":
            return f"layer_{scope.name.rpartition('.')[2]}"
    return "answer"


def part_name(scope: Scope, several: bool) -> str:
    """The same for one of several networks: what its tables and results are called after."""
    if scope.part == "layer" and several:
        network, _, layer = scope.name.partition(".")
        return f"network_{network}_layer_{layer}"
    return function_name(scope)


def lay_out(program: Program) -> None:
    """Give every result a place."""
    outside = {one.node: f"in->{program.fields[one.node]}" for one in program.graph.inputs}
    outside |= {node: f"out->{program.fields[node]}" for node in program.graph.outputs.values()}
    if program.row is not None:
        outside[program.row] = _in_array("row", program.row)
    beside = _beside_each_other(program)
    program.encoder.places = outside | beside
    program.network.places = outside | {calls[-1].part.outputs[0]: "output" for calls in program.networks[:1]}
    program.prediction.places = outside | _outputs(program)
    taken = set(program.fields.values()) | {"in", "out", "row", "wrong", "learned", "outputs", *program.functions}
    for section in (program.encoder, program.network, program.prediction):
        _place_results(section, taken, program.several)


def _beside_each_other(program: Program) -> dict[Node, str]:
    """The places of the columns in the row, if the last step of the encoder only puts them there: it is left out."""
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


def _place_results(section: Section, taken: set[str], several: bool) -> None:
    """The places of what is needed for a while: arrays are used again whose results are not needed any more."""
    last = {node: at for at, call in enumerate(section.calls) for node in call.part.inputs}
    free: list[int] = []
    busy: dict[Node, int] = {}
    for at, call in enumerate(section.calls):
        for node in call.part.outputs:
            if node in section.places:
                continue
            if node is call.result:
                section.places[node] = _own(f"{part_name(call.part.scope, several)}_result", taken)
            else:
                busy[node] = slot = _slot(section, node, free, taken)
                section.places[node] = _in_array(section.buffers[slot][1], node)
        free += [busy.pop(node) for node in list(busy) if last.get(node, at) <= at]


def _in_array(name: str, node: Node) -> str:
    """The words for the numbers of a node in an array: the array, or its single number."""
    return name if size_of(node) > 1 else f"{name}[0]"


def address(place: str) -> str:
    """What a function is given that writes a result."""
    return f"&{place}" if place.endswith("]") else place


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
    name = free_name(wanted, taken)
    taken.add(name)
    return name

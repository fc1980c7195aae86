"""Several networks with the same layers: one function for all, and a table of what each has learned."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.exchange.c.literals import C_TYPES, in_parentheses, table
from glassnet.exchange.c.parts import size_of
from glassnet.exchange.c.program import Call, Program
from glassnet.exchange.c.results import address
from glassnet.exchange.c.tables import Table

__all__ = ["loop_over_networks", "networks_source"]


def networks_source(program: Program) -> Iterator[str]:
    """What each of several networks has learned, and what they all do with it."""
    first = program.networks[0]
    tables = [[(one, call) for call in calls for _, one in call.given if one is not None] for calls in program.networks]
    names = [_own(one, call) for one, call in tables[0]]
    kinds = ["int8_t" if one.kind == "int8" else C_TYPES[one.array.dtype.name] for one, _ in tables[0]]
    fields = "\n".join(f"    const {kind} *{name};" for kind, name in zip(kinds, names, strict=True))
    entries = ",\n".join("    {\n" + table((one.name for one, _ in own), " " * 8) + "\n    }" for own in tables)
    yield (
        f"/* What each of the {len(tables)} networks has learned. */\nstatic const struct network {{\n{fields}\n}} "
        f"networks[{len(tables)}] = {{\n{entries}\n}};\n"
    )
    result, row = first[-1].part.outputs[0], program.row
    given = program.graph.inputs[0].node if row is None else row
    takes = [f"const struct network *learned, const {C_TYPES[given.dtype.name]} *restrict row"]
    called = iter(names)
    places = dict(program.network.places)
    if row is None:
        places[given] = "row"
    kind = C_TYPES[result.dtype.name]
    if first[-1].result is None:
        takes.append(f"{kind} *restrict output")
    body = [*program.network.declared]
    for call in first:
        arguments = []
        for parameter, one in call.given:
            place = f"learned->{next(called)}" if one is not None else places[parameter.node]
            arguments.append(address(place) if parameter.kind == "output" else place)
        text = in_parentheses(call.function, arguments, "    ")[4:] + ";"
        if call is first[-1] and call.result is not None:
            body.append(f"return {text}")
        else:
            body.append(
                text
                if call.result is None
                else f"const {C_TYPES[call.result.dtype.name]} {places[call.result]} = {text}"
            )
    head = in_parentheses(f"static {'void' if first[-1].result is None else kind} network", takes)
    yield "\n".join(
        ["/* One network, from the row to its outputs. */", head, "{", *(f"    {line}" for line in body), "}", ""]
    )


def _own(one: Table, call: Call) -> str:
    return f"layer_{call.part.scope.name.partition('.')[2]}_{one.own}"


def loop_over_networks(program: Program) -> list[str]:
    last, count = program.networks[0][-1], len(program.networks)
    result = last.part.outputs[0]
    given = "row" if program.row is not None else f"in->{program.fields[program.graph.inputs[0].node]}"
    kind, size = C_TYPES[result.dtype.name], size_of(result)
    called = f"network(&networks[i], {given}{', outputs[i]' if last.result is None else ''});"
    return [
        f"{kind} outputs[{count}]{f'[{size}]' if last.result is None else ''};",
        f"for (int i = 0; i < {count}; ++i)",
        f"    {called}" if last.result is None else f"    outputs[i] = {called}",
    ]

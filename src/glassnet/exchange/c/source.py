"""The two files: what others include, and the functions and tables behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from glassnet.exchange.c.elementary import ELEMENTARY, elementary_source
from glassnet.exchange.c.literals import C_TYPES, comment, in_parentheses, table, text
from glassnet.exchange.c.operations import HELPERS
from glassnet.exchange.c.parts import size_of
from glassnet.exchange.c.products import LEVEL, products_source
from glassnet.exchange.c.program import Call, Program, Section
from glassnet.exchange.c.tables import Table
from glassnet.exchange.graph import Input, Node

__all__ = ["header_text", "source_text"]

KINDS: Final = {
    "number": "number",
    "boolean": "0 or 1",
    "duration": "seconds",
    "time": "seconds since midnight",
    "date": "days since 1970-01-01",
    "datetime": "microseconds since 1970-01-01 00:00 UTC",
    "category": "text",
    "matrix": "numbers, in the order of the columns",
}
ANSWERS: Final = {
    "label": "the place of the class in {prefix}_classes",
    "probabilities": "of each class, in the order of {prefix}_classes",
    "scores": "of the classes",
    "value": "what is predicted",
    "quantiles": "in the order of the levels",
    "deviation": "the standard deviation of what is predicted",
    "set": "which classes it may well be",
    "lower": "the target lies above it, as promised",
    "upper": "and below it",
    "answer": "what the network gives",
}


def header_text(program: Program, file: str) -> str:
    """What a program that uses the model includes.

    Parameters
    ----------
    program : Program
    file : str
        The name of the file, for its first line.
    """
    prefix, about = program.prefix, program.graph.about
    guard = f"{prefix.upper()}_H"
    inputs = "\n".join(_field(one, program.fields[one.node]) for one in program.graph.inputs)
    answers = "\n".join(_answer(name, node, program) for name, node in program.graph.outputs.items())
    columns = [str(column["name"]) for column in json.loads(about["columns"])]
    dates = any(one.kind in ("date", "datetime") for one in program.graph.inputs)
    lines = [
        f"/* {file}: a neural network in plain C, written by {about['library']} {about['version']}.",
        "",
        f"   {about['model']}, loss {about['loss']}.",
        f"   {program.tables.bytes:,} bytes of tables, {program.stack:,} bytes of arrays on the stack; no other memory.",
        "",
        "   C99; link with the mathematical library:  cc -std=c99 -O3 -march=native -c {}".format(file.replace(".h", ".c")),
        "   Without -ffast-math, which would take liberties with numbers that are counted on. */",
        "",
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
        "#include <stdbool.h>",
        "#include <stdint.h>",
        "",
        "#ifdef __cplusplus",
        'extern "C" {',
        "#endif",
        "",
        comment("One row of the table. Missing: NAN for numbers, NULL for texts" + (f", {prefix.upper()}_NO_DATE for dates." if dates else ".")),
        "typedef struct {",
        inputs,
        f"}} {prefix}_input;",
        "",
        *([f"#define {prefix.upper()}_NO_DATE INT64_MIN", ""] if dates else []),
        "/* What is answered. */",
        "typedef struct {",
        answers,
        f"}} {prefix}_output;",
        "",
        "/* The answer for one row. 0, or the number (from 1) of a column whose value is infinite: then there is none. */",
        f"int {prefix}_predict(const {prefix}_input *in, {prefix}_output *out);",
        "",
    ]
    if program.row is not None:
        kind = C_TYPES[program.row.dtype.name]
        lines += [
            "/* The numbers that the network sees of a row. Returns what the prediction returns. */",
            f"#define {prefix.upper()}_ENCODED {size_of(program.row)}",
            f"int {prefix}_encode(const {prefix}_input *in, {kind} row[{prefix.upper()}_ENCODED]);",
            "",
        ]
    lines += [f"#define {prefix.upper()}_COLUMNS {len(columns)}", f"extern const char *const {prefix}_columns[{len(columns)}];", ""]
    classes = _classes(program)
    if classes:
        lines += [f"#define {prefix.upper()}_CLASSES {len(classes)}", f"extern const char *const {prefix}_classes[{len(classes)}];", ""]
    return "\n".join([*lines, "#ifdef __cplusplus", "}", "#endif", "", "#endif", ""])


def source_text(program: Program, header: str) -> str:
    """The functions and tables.

    Parameters
    ----------
    program : Program
    header : str
        The name of the other file.
    """
    prefix, used = program.prefix, program.used
    columns = [str(column["name"]) for column in json.loads(program.graph.about["columns"])]
    parts = [
        f"/* The model of {header}. The prediction is at the end; the tables of numbers are what was learned. */\n",
        f'#include "{header}"\n\n#include <math.h>\n#include <stddef.h>\n#include <string.h>\n',
        _texts(f"{prefix}_columns", columns),
    ]
    classes = _classes(program)
    if classes:
        parts.append(_texts(f"{prefix}_classes", classes))
    elementary = {name.removesuffix("_f") for name in used if name.removesuffix("_f") in ELEMENTARY or name == "nearest"}
    if elementary:
        parts.append("/* ---------------------------------------------------------------- elementary functions */\n")
        parts.append(elementary_source(elementary))
    parts += _helpers(used)
    if any(one.kind == "levels" for one in program.tables):
        parts.append(LEVEL)
    products = products_source(used)
    parts += [products] if products else []
    parts.append("/* ------------------------------------------------------------------ what was learned */\n")
    parts += [one.text() for one in program.tables]
    parts.append("/* --------------------------------------------------------------- the steps of the model */\n")
    for name, (function, part) in program.functions.items():
        parts.append(f"{comment(_described(part.scope))}\n{function.text(name)}")
    if program.row is not None:
        parts.append(_encode(program))
    if program.networks:
        parts += _networks(program)
    parts.append(_predict(program))
    return "\n".join(parts)


def _described(scope: Any) -> str:
    if scope.part == "layer":
        network, _, layer = scope.name.partition(".")
        return f"Layer {layer}: {scope.note}."
    if scope.part == "column":
        return f"The column {scope.name}: {scope.note}."
    return (scope.note[:1].upper() + scope.note[1:] + ".") if scope.note else "From the outputs of the network to the answer."


def _field(one: Input, name: str) -> str:
    kind = "const char *" if one.kind == "category" else C_TYPES[one.node.dtype.name] + " "
    count = size_of(one.node)
    declared = f"    {kind}{name}{f'[{count}]' if count > 1 else ''};"
    said = KINDS[one.kind] if one.name == name else f"{one.name}: {KINDS[one.kind]}"
    return f"{declared:<40}{comment(said)}"


def _answer(name: str, node: Node, program: Program) -> str:
    count = size_of(node)
    kind = "int" if node.dtype.kind == "i" else C_TYPES[node.dtype.name]
    declared = f"    {kind} {program.fields[node]}{f'[{count}]' if count > 1 else ''};"
    return f"{declared:<40}{comment(ANSWERS[name].format(prefix=program.prefix))}"


def _classes(program: Program) -> list[str]:
    return [str(one) for one in json.loads(program.graph.about.get("classes", "[]"))]


def _texts(name: str, texts: Sequence[str]) -> str:
    return f"const char *const {name}[{len(texts)}] = {{\n{table(map(text, texts))}\n}};\n"


def _helpers(used: set[str]) -> Iterator[str]:
    for name, source in HELPERS.items():
        for dtype, suffix in (("float32", "_f"), ("float64", ""), ("int64", "_i")):
            if f"{name} {dtype}" in used:
                yield source.format(type=C_TYPES[dtype], f=suffix)


def _networks(program: Program) -> Iterator[str]:
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
    body = _buffers(program.network)
    for call in first:
        arguments = [
            f"learned->{next(called)}" if one is not None else places[parameter.node] for parameter, one in call.given
        ]
        text = in_parentheses(call.function, arguments, "    ")[4:] + ";"
        if call is first[-1] and call.result is not None:
            body.append(f"return {text}")
        else:
            body.append(text if call.result is None else f"const {C_TYPES[call.result.dtype.name]} {places[call.result]} = {text}")
    head = in_parentheses(f"static {'void' if first[-1].result is None else kind} network", takes)
    yield "\n".join(["/* One network, from the row to its outputs. */", head, "{", *(f"    {line}" for line in body), "}", ""])


def _own(one: Table, call: Call) -> str:
    return f"layer_{call.part.scope.name.partition('.')[2]}_{one.own}"


def _buffers(section: Section) -> list[str]:
    return [f"{kind} {name}[{size}];" for kind, name, size in section.buffers]


def _encode(program: Program) -> str:
    assert program.row is not None
    prefix = program.prefix
    body = [*_buffers(program.encoder), *_checks(program), *_called(program, program.encoder)]
    head = f"int {prefix}_encode(const {prefix}_input *in, {C_TYPES[program.row.dtype.name]} row[{prefix.upper()}_ENCODED])"
    return "\n".join([head, "{", *(f"    {line}" for line in body), "    return 0;", "}", ""])


def _predict(program: Program) -> str:
    prefix, body = program.prefix, []
    if program.row is not None:
        body += [
            f"{C_TYPES[program.row.dtype.name]} row[{prefix.upper()}_ENCODED];",
            f"const int wrong = {prefix}_encode(in, row);",
            "if (wrong != 0)",
            "    return wrong;",
            *_buffers(program.prediction),
        ]
    else:
        body += [*_buffers(program.prediction), *_checks(program)]
    if program.networks:
        body += _loop_over_networks(program)
    body += _called(program, program.prediction)
    head = f"int {prefix}_predict(const {prefix}_input *in, {prefix}_output *out)"
    return "\n".join([head, "{", *(f"    {line}" for line in body), "    return 0;", "}", ""])


def _loop_over_networks(program: Program) -> list[str]:
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


def _checks(program: Program) -> Iterator[str]:
    """No number may be infinite."""
    for place, one in enumerate(program.graph.inputs, 1):
        name = f"in->{program.fields[one.node]}"
        if one.node.dtype.kind != "f":
            continue
        if size_of(one.node) > 1:
            yield f"for (int i = 0; i < {size_of(one.node)}; ++i)"
            yield f"    if (isinf({name}[i]))"
            yield "        return i + 1;"
        else:
            yield f"if (isinf({name}))"
            yield f"    return {place};"


def _called(program: Program, section: Section) -> Iterator[str]:
    """The calls of a function, one a line."""
    outputs = set(program.graph.outputs.values())
    for call in section.calls:
        arguments = []
        for parameter, one in call.given:
            place = one.name if one is not None else section.places[parameter.node]
            single = parameter.kind == "output" and parameter.node in outputs and size_of(parameter.node) == 1
            arguments.append(f"&{place}" if single else place)
        text = in_parentheses(call.function, arguments, "    ")[4:] + ";"
        if call.result is None:
            yield text
        elif "->" in section.places[call.result] or "[" in section.places[call.result]:
            yield f"{section.places[call.result]} = {text}"
        else:
            yield f"const {C_TYPES[call.result.dtype.name]} {section.places[call.result]} = {text}"

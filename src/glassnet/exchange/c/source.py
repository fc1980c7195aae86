"""The two files: what others include, and the functions and tables behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from glassnet.exchange.c.elementary import ELEMENTARY, elementary_source
from glassnet.exchange.c.literals import C_TYPES, comment, number, table, text
from glassnet.exchange.c.names import identifiers
from glassnet.exchange.c.operations import HELPERS
from glassnet.exchange.c.parts import shape_of, size_of
from glassnet.exchange.c.products import LEVEL, products_source
from glassnet.exchange.c.program import Program, Table
from glassnet.exchange.c.quantize import quantized_table
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
        f"   {program.constants:,} bytes of tables, {program.stack:,} bytes of arrays on the stack; no other memory.",
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
    if any(one.kind == "levels" for one in program.tables.values()):
        parts.append(LEVEL)
    products = products_source(used)
    parts += [products] if products else []
    parts.append("/* ------------------------------------------------------------------ what was learned */\n")
    parts += [_table(one) for one in program.tables.values()]
    parts.append("/* --------------------------------------------------------------- the steps of the model */\n")
    for name, (function, part) in program.functions.items():
        parts.append(f"{comment(_described(part.scope))}\n{function.text(name)}")
    if program.row is not None:
        parts.append(_encode(program))
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


def _table(one: Table) -> str:
    if one.kind == "levels":
        about = one.node.attributes
        pairs = sorted(zip(about["keys"], about["values"], strict=True), key=lambda pair: pair[0].encode())
        entries = table(f"{{{text(key)}, {value}}}" for key, value in pairs)
        return f"static const struct level {one.name}[{len(pairs)}] = {{\n{entries}\n}};\n"
    value = one.node.value
    assert value is not None
    shape = " x ".join(map(str, value.shape))
    if one.kind in ("int8", "scale"):
        whole, scale = quantized_table(value)
        value = whole if one.kind == "int8" else scale
    kind = C_TYPES[value.dtype.name]
    said = f"/* {shape} */\n" if one.kind != "scale" and len([s for s in one.node.value.shape if s > 1]) > 1 else ""  # type: ignore[union-attr]
    entries = table(_numbers(value))
    return f"{said}static const {kind} {one.name}[{value.size}] = {{\n{entries}\n}};\n"


def _numbers(value: np.ndarray[Any, Any]) -> Iterator[str]:
    return (number(one, value.dtype) for one in value.ravel())


def _encode(program: Program) -> str:
    kind = C_TYPES[program.row.dtype.name] if program.row is not None else ""
    prefix = program.prefix
    body = [*_checks(program), *_calls(program, ("column", "encoder"))]
    head = f"int {prefix}_encode(const {prefix}_input *in, {kind} row[{prefix.upper()}_ENCODED])"
    return "\n".join([head, "{", *(f"    {line}" for line in body), "    return 0;", "}", ""])


def _predict(program: Program) -> str:
    prefix, body = program.prefix, []
    if program.row is not None:
        body += [
            f"{C_TYPES[program.row.dtype.name]} row[{prefix.upper()}_ENCODED];",
            f"const int wrong = {prefix}_encode(in, row);",
            "if (wrong != 0)",
            "    return wrong;",
        ]
        body += _calls(program, ("layer", "answer"))
    else:
        body += [*_checks(program), *_calls(program, ("column", "encoder", "layer", "answer"))]
    head = f"int {prefix}_predict(const {prefix}_input *in, {prefix}_output *out)"
    return "\n".join([head, "{", *(f"    {line}" for line in body), "    return 0;", "}", ""])


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


def _calls(program: Program, parts: Sequence[str]) -> Iterator[str]:
    chosen = [call for call in program.calls if call.part.scope.part in parts]
    arguments = {argument for call in chosen for argument in call.arguments}
    declared = [(kind, name, size) for kind, name, size in program.buffers if name in arguments]
    for kind, name, size in declared:
        yield f"{kind} {name}[{size}];"
    network = ""
    for call in chosen:
        if call.part.scope.part == "layer" and call.part.scope.name.partition(".")[0] != network:
            network = call.part.scope.name.partition(".")[0]
            yield from ["", f"/* network {network} */"]
        elif call.part.scope.part == "answer" and network:
            yield ""
            network = ""
        called = f"{call.function}({', '.join(call.arguments)});"
        if call.result is None:
            yield called
        elif program.places[call.result].startswith("out->"):
            yield f"{program.places[call.result]} = {called}"
        else:
            yield f"const {C_TYPES[call.result.dtype.name]} {program.places[call.result]} = {called}"

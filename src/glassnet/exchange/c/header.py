"""The header: what a program that uses the model needs to know."""

from __future__ import annotations

import json

from glassnet.exchange.c.literals import C_TYPES, comment
from glassnet.exchange.c.parts import size_of
from glassnet.exchange.c.program import Program
from glassnet.exchange.graph import Input, Node
from glassnet.exchange.graph.node import ANSWERS, KINDS


def header_text(program: Program, file: str) -> str:
    """What a program that uses the model includes."""
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
        f"   Memory: {program.tables.bytes:,} bytes of tables, {program.stack:,} bytes on the stack, no other.",
        "",
        "   C99; link with the mathematical library:  cc -std=c99 -O3 -march=native -c {}".format(
            file.replace(".h", ".c")
        ),
        "   Without -ffast-math, with which missing numbers would not be noticed: it is refused. */",
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
        comment(
            "One row of the table. Missing: NAN for numbers, NULL for texts"
            + (f", {prefix.upper()}_NO_DATE for dates." if dates else ".")
        ),
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
        "/* The answer for one row. Returns 0, or the number (from 1) of a column that is infinite: no answer then. */",
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
    lines += [
        f"#define {prefix.upper()}_COLUMNS {len(columns)}",
        f"extern const char *const {prefix}_columns[{len(columns)}];",
        "",
    ]
    classes = classes_of(program)
    if classes:
        lines += [
            f"#define {prefix.upper()}_CLASSES {len(classes)}",
            f"extern const char *const {prefix}_classes[{len(classes)}];",
            "",
        ]
    return "\n".join([*lines, "#ifdef __cplusplus", "}", "#endif", "", "#endif", ""])


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
    classes = f"{program.prefix}_classes"
    said = f"the place of the class in {classes}" if name == "label" else ANSWERS[name].format(classes=classes)
    return f"{declared:<40}{comment(said)}"


def classes_of(program: Program) -> list[str]:
    """The names of the classes, if it tells classes apart."""
    return [str(one) for one in json.loads(program.graph.about.get("classes", "[]"))]

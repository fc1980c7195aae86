"""Print the source file (tables, functions of the parts, the two entry points) and the header."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from glassnet.exchange.c.literals import C_TYPES, comment, in_parentheses, table, text
from glassnet.exchange.c.ngram_source import texts_source
from glassnet.exchange.c.operands import size_of
from glassnet.exchange.c.products import CLONED, FUSED, LEVEL, SINGLE_PRODUCTS, products_source
from glassnet.exchange.c.scalar_code import ELEMENTARY, HELPERS, ROUNDINGS, elementary_source
from glassnet.exchange.c.tables import ALIGNED
from glassnet.exchange.c.translation_unit import CallSequence, TranslationUnit
from glassnet.exchange.graph import Input, Node
from glassnet.exchange.graph.dataflow import ANSWERS, KINDS

EXACT: Final = """\
/* Missing numbers are NaN, and the sums keep their order: a compiler that was told that there is no NaN, or that
   numbers may be added in any order, makes another model of this. */
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(_M_FP_FAST) \\
    || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "compile without -ffast-math, -Ofast, -ffinite-math-only, -fassociative-math or /fp:fast"
#endif
/* Nobody waits for floating-point exceptions, so both sides of a choice may be computed: in vectors they must be. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-trapping-math")
#endif
"""


def source_text(program: TranslationUnit, header: str) -> str:
    """Return the functions and tables."""
    prefix, used = program.prefix, program.used
    columns = [str(column["name"]) for column in json.loads(program.graph.about["columns"])]
    parts = [
        f"/* The model of {header}. The prediction is at the end; the tables of numbers are what was learned. */\n",
        EXACT,
        f'#include "{header}"\n\n#include <math.h>\n#include <stddef.h>\n#include <string.h>\n',
        _texts(f"{prefix}_columns", columns),
    ]
    classes = classes_of(program)
    if classes:
        parts.append(_texts(f"{prefix}_classes", classes))
    known = (*ELEMENTARY, *ROUNDINGS, "nearest")
    elementary = {plain for name in used if (plain := name.removesuffix("_f")) in known}
    if elementary or used & {*SINGLE_PRODUCTS}:
        parts.append(FUSED)
    if elementary:
        parts.append("/* ---------------------------------------------------------------- elementary functions */\n")
        parts.append(elementary_source(elementary))
    parts.append(CLONED)
    parts += _helpers(used)
    if any(one.kind == "levels" for one in program.tables):
        parts.append(LEVEL)
    kinds = {"vocabulary": "ngrams of a vocabulary" in used, "hashed": "ngrams by hashes" in used}
    if any(kinds.values()):
        parts.append("/* ---------------------------------------------------------------------------- texts */\n")
        parts.append(texts_source(**kinds))
    products = products_source(used)
    parts += [products] if products else []
    parts.append("/* ------------------------------------------------------------------ what was learned */\n")
    parts += [ALIGNED] if any(one.aligned for one in program.tables) else []
    parts += [one.text() for one in program.tables]
    parts.append("/* --------------------------------------------------------------- the steps of the model */\n")
    for name, (function, part) in program.functions.items():
        cloned = "CLONED\n" if part.scope.part == "layer" and "for (" in function.text(name) else ""
        parts.append(f"{comment(_described(part.scope))}\n{cloned}{function.text(name)}")
    if program.row is not None:
        parts.append(_encode(program))
    if program.networks:
        parts += _networks(program)
    parts.append(_predict(program))
    return "\n".join(parts)


def _described(scope: Any) -> str:
    if scope.part == "layer":
        return f"Layer {scope.name.partition('.')[2]}: {scope.note}."
    if scope.part == "codes":
        return f"Codes of the values of {scope.name}."
    if scope.part in ("column", "text"):
        return f"The column {scope.name}: {scope.note}."
    return (
        (scope.note[:1].upper() + scope.note[1:] + ".")
        if scope.note
        else "From the outputs of the network to the answer."
    )


def _texts(name: str, texts: Sequence[str]) -> str:
    return f"const char *const {name}[{len(texts)}] = {{\n{table(map(text, texts))}\n}};\n"


def _helpers(used: set[str]) -> Iterator[str]:
    for name, source in HELPERS.items():
        for dtype, suffix in (("float32", "_f"), ("float64", ""), ("int64", "_i")):
            if f"{name} {dtype}" in used:
                yield source.format(type=C_TYPES[dtype], f=suffix)


def _encode(program: TranslationUnit) -> str:
    assert program.row is not None
    prefix = program.prefix
    body = [*program.encoder.declared, *_checks(program), *_called(program, program.encoder)]
    kind = C_TYPES[program.row.dtype.name]
    head = f"int {prefix}_encode(const {prefix}_input *in, {kind} row[{prefix.upper()}_ENCODED])"
    return "\n".join([head, "{", *(f"    {line}" for line in body), "    return 0;", "}", ""])


def _predict(program: TranslationUnit) -> str:
    prefix, body = program.prefix, []
    if program.row is not None:
        body += [
            f"{C_TYPES[program.row.dtype.name]} row[{prefix.upper()}_ENCODED];",
            f"const int wrong = {prefix}_encode(in, row);",
            "if (wrong != 0)",
            "    return wrong;",
            *program.prediction.declared,
        ]
    else:
        body += [*program.prediction.declared, *_checks(program)]
    if program.networks:
        body += _loop_over_networks(program)
    body += _called(program, program.prediction)
    head = f"int {prefix}_predict(const {prefix}_input *in, {prefix}_output *out)"
    return "\n".join([head, "{", *(f"    {line}" for line in body), "    return 0;", "}", ""])


def _checks(program: TranslationUnit) -> Iterator[str]:
    """Return the checks that no number is infinite."""
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


def _called(program: TranslationUnit, section: CallSequence, learned: Iterator[str] | None = None) -> Iterator[str]:
    """Return the calls of a function, one a line; `learned` are the names of its tables, if they are not its own."""
    outputs = set(program.graph.outputs.values())
    for call in section.calls:
        arguments = []
        for parameter, one in call.given:
            if one is not None:
                place = one.name if learned is None else next(learned)
            else:
                place = section.places[parameter.node]
            single = parameter.node in outputs and size_of(parameter.node) == 1
            if parameter.kind == "output" and (single or place.endswith("]")):
                place = f"&{place}"
            arguments.append(place)
        text = in_parentheses(call.function, arguments, "    ")[4:] + ";"
        if call.result is None:
            yield text
        elif "->" in section.places[call.result] or "[" in section.places[call.result]:
            narrow = call.result in outputs and call.result.dtype.kind == "i"
            yield f"{section.places[call.result]} = {'(int)' if narrow else ''}{text}"
        else:
            yield f"const {C_TYPES[call.result.dtype.name]} {section.places[call.result]} = {text}"


def _networks(program: TranslationUnit) -> Iterator[str]:
    """Return one function for several networks of the same layers, and a table of the parameters of each."""
    assert program.row is not None
    last = program.networks[0][-1]
    tables = [[(one, call) for call in calls for _, one in call.given if one is not None] for calls in program.networks]
    names = [f"layer_{call.part.scope.name.partition('.')[2]}_{one.own}" for one, call in tables[0]]
    kinds = ["int8_t" if one.kind == "int8" else C_TYPES[one.array.dtype.name] for one, _ in tables[0]]
    fields = "\n".join(f"    const {kind} *{name};" for kind, name in zip(kinds, names, strict=True))
    entries = ",\n".join("    {\n" + table((one.name for one, _ in own), " " * 8) + "\n    }" for own in tables)
    yield (
        f"/* What each of the {len(tables)} networks has learned. */\nstatic const struct network {{\n{fields}\n}} "
        f"networks[{len(tables)}] = {{\n{entries}\n}};\n"
    )
    kind = C_TYPES[last.part.outputs[0].dtype.name]
    takes = [f"const struct network *learned, const {C_TYPES[program.row.dtype.name]} *restrict row"]
    learned = (f"learned->{name}" for name in names)
    body = [*program.network.declared, *_called(program, program.network, learned)]
    if last.result is None:
        takes.append(f"{kind} *restrict output")
    else:
        body[-1] = f"return {body[-1].partition(' = ')[2]}"
    head = in_parentheses(f"static {'void' if last.result is None else kind} network", takes)
    yield "\n".join(
        ["/* One network, from the row to its outputs. */", head, "{", *(f"    {line}" for line in body), "}", ""]
    )


def _loop_over_networks(program: TranslationUnit) -> list[str]:
    last, count = program.networks[0][-1], len(program.networks)
    kind, size = C_TYPES[last.part.outputs[0].dtype.name], size_of(last.part.outputs[0])
    if last.result is None:
        declared, call = f"{kind} outputs[{count}][{size}];", "network(&networks[i], row, outputs[i]);"
    else:
        declared, call = f"{kind} outputs[{count}];", "outputs[i] = network(&networks[i], row);"
    return [declared, f"for (int i = 0; i < {count}; ++i)", f"    {call}"]


def header_text(program: TranslationUnit, file: str) -> str:
    """Return the header that a program with the model includes."""
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
    kind = "const char *" if one.node.dtype.kind == "U" else C_TYPES[one.node.dtype.name] + " "
    count = size_of(one.node)
    declared = f"    {kind}{name}{f'[{count}]' if count > 1 else ''};"
    description = KINDS[one.kind] if one.name == name else f"{one.name}: {KINDS[one.kind]}"
    return f"{declared:<40}{comment(description)}"


def _answer(name: str, node: Node, program: TranslationUnit) -> str:
    count = size_of(node)
    kind = "int" if node.dtype.kind == "i" else C_TYPES[node.dtype.name]
    declared = f"    {kind} {program.fields[node]}{f'[{count}]' if count > 1 else ''};"
    classes = f"{program.prefix}_classes"
    description = f"the place of the class in {classes}" if name == "label" else ANSWERS[name].format(classes=classes)
    return f"{declared:<40}{comment(description)}"


def classes_of(program: TranslationUnit) -> list[str]:
    """Return the names of the classes of a classifier."""
    return [str(one) for one in json.loads(program.graph.about.get("classes", "[]"))]

"""How to get the same again: what to type, and what to run in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from glassnet.apps.again import to_type
from glassnet.apps.commands.reading import Reading
from glassnet.apps.commands.training import Training
from glassnet.apps.names import join_names
from glassnet.apps.stages import Prepared, Request
from glassnet.insight.report.sections.making import constructor
from glassnet.insight.report.subject import Origin
from glassnet.tables.reading import FOUND_OUT, ReadOptions

NOT_AGAIN = ("table", "options", "force", "compare", "report", "no_report", "talk", "watch")
"""What is typed elsewhere, or anew, or not: none of it changes what is trained."""


def command(verb: str, table: Path, told: Training, options: Mapping[str, Any]) -> str:
    """The words to type in the terminal.

    Examples
    --------
    >>> told = Training(target="rent", id=("flat",))
    >>> command("train", Path("our flats.csv"), told, {"epochs": 9, "clamp": False})
    "glassnet train 'our flats.csv' --target rent --id flat --epochs 9 --no-clamp"
    """
    words = ["glassnet", verb, str(table)]
    for name, value in {**_typed(told), **options}.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{option}")
        elif value is not None:
            for each in value if isinstance(value, list) else [value]:
                words += [f"--{option}", str(each)]
    return to_type(words)


def _typed(told: Training | Reading) -> dict[str, Any]:
    """What differs from the defaults, as it is typed."""
    typed: dict[str, Any] = {}
    for each in fields(told):
        value = getattr(told, each.name)
        if isinstance(value, Reading):
            typed |= _typed(value)
        elif each.name == "group_columns":
            typed[each.name] = list(value)
        elif each.name not in NOT_AGAIN and value != each.default:
            spelled = f"{value:g}" if isinstance(value, float) else value
            typed[each.name] = join_names(value) if isinstance(value, tuple) else spelled
    return typed


def code(request: Request, prepared: Prepared, model: Any) -> str:
    """The same training in Python, from the file to the scores of the rows to judge by."""
    if request.memory is not None:
        return _streamed_code(request, model)
    roles, kind = request.roles, type(model).__name__
    left_out = ", ".join(repr(name) for name in dict.fromkeys(roles.not_features))
    share = prepared.share
    tied = {n: column for n, column in (("groups", roles.group or roles.fold), ("times", roles.time)) if column}
    lines = [
        f"from glassnet import {kind}",
        "from glassnet.tables.readers import read_table",
        *(["from glassnet.training import split_rows"] if share else []),
        *(["from sklearn.model_selection import LeaveOneGroupOut"] if roles.fold else []),
        "",
        *_read("", request.table, roles.target, roles.reading, left_out),
        *([f"weight = table[{roles.weight!r}].to_numpy()"] if roles.weight else []),
        *(f"{name} = table[{column!r}].to_numpy()" for name, column in tied.items()),
    ]
    rows = ""
    if share:
        more = ["y"] * (prepared.task == "classification") + [f"{name}={name}" for name in tied]
        arguments = ["len(table)", f"{share:g}", str(prepared.options["random_state"]), *more]
        lines.append(f"train, test = split_rows({', '.join(arguments)})")
        rows = "[train]"
    arguments = [f"X{rows}", f"y{rows}", *([f"weight{rows}"] if roles.weight else [])]
    arguments += [f"{name}={name}{rows}" for name in tied]
    arguments += [] if request.time_limit is None else [f"time_limit={request.time_limit:g}"]
    if request.validation is not None:
        lines += _read("validation_", request.validation, roles.target, roles.reading, left_out)
        arguments.append("validation_data=(validation_X, validation_y)")
    lines += ["", f"model = {constructor(model)}", f"model.fit({', '.join(arguments)})"]
    if share:
        lines.append("print(model.score(X[test], y[test]))")
    elif prepared.test_file is not None:
        lines += _read("test_", prepared.test_file, roles.target, roles.reading, left_out)
        lines.append("print(model.score(test_X, test_y))")
    return "\n".join(lines) + "\n"


def _streamed_code(request: Request, model: Any) -> str:
    """The training of a table that is larger than memory; rows set aside for the test are learned from, too."""
    roles, kind = request.roles, type(model).__name__
    arguments = ["table", repr(roles.target), f"memory={request.memory!r}"]
    arguments += [f"sample_weight={roles.weight!r}"] if roles.weight else []
    left_out = ", ".join(repr(name) for name in (*roles.ids, *roles.drop))
    source, said = repr(str(request.table)), _said(roles.reading)
    if left_out:
        source = f"pl.scan_parquet({source}).drop({left_out})"
    elif said:
        source = f"open_blocks({source}, ReadOptions({said}))"
    lines = [
        *(["import polars as pl", ""] if left_out else []),
        f"from glassnet import {kind}",
        *(["from glassnet.tables import ReadOptions, open_blocks"] if said and not left_out else []),
        "",
        f"table = {source}",
        f"model = {constructor(model)}",
        f"model.fit({', '.join(arguments)})",
    ]
    return "\n".join(lines) + "\n"


def code_of_rows(model_file: Path, table: Path, target: str) -> str:
    """The score of a saved model on a table, in Python."""
    lines = [
        "from glassnet import load",
        "from glassnet.tables.readers import read_table",
        "",
        f"model = load({str(model_file)!r})",
        *_read("", table, target, FOUND_OUT, repr(target)),
        "print(model.score(X, y))",
    ]
    return "\n".join(lines) + "\n"


def _said(reading: ReadOptions) -> str:
    """What was said of the file, as arguments."""
    said = {name: value for name, value in vars(reading).items() if value and value != vars(FOUND_OUT)[name]}
    return ", ".join(f"{name}={value!r}" for name, value in said.items())


def _read(prefix: str, file: Any, target: str, reading: ReadOptions, left_out: str) -> list[str]:
    said, table = _said(reading), f"{prefix}table"
    arguments = f"{str(file)!r}, {said}" if said else repr(str(file))
    return [
        f"{table} = read_table({arguments}).drop_nulls({target!r})",
        f"{prefix}y = {table}[{target!r}].to_numpy()",
        f"{prefix}X = {table}.drop({left_out}, strict=False)",
    ]


def origin(request: Request, prepared: Prepared, model: Any, typed: str) -> Origin:
    """Where a trained model and its rows come from."""
    test = prepared.test
    names = None if test is None or not test.ids.width else [" ".join(map(str, row)) for row in test.ids.rows()]
    return Origin(
        target=request.roles.target,
        table=request.table.name,
        test=None if prepared.test_file is None else prepared.test_file.name,
        validation=None if request.validation is None else request.validation.name,
        share=prepared.share or None,
        group=request.roles.group,
        fold=request.roles.fold,
        time=request.roles.time,
        seed=prepared.options["random_state"],
        dropped=prepared.rows["without target"],
        command=typed,
        code=code(request, prepared, model),
        row_names=names,
    )

"""The reports of the commands: their files and subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.apps.console import Output
from glassnet.apps.estimator_options import as_options
from glassnet.apps.labelled import LabelledTable, Roles
from glassnet.apps.shared_options import DecisionOptions, TableOptions, TrainingOptions
from glassnet.apps.timings import Timings
from glassnet.apps.usage import UsageError, check_output, named_columns, shell_command
from glassnet.errors import join_names
from glassnet.insight.report.making_sections import constructor
from glassnet.insight.report.page import diagnosed, page, with_baselines, write
from glassnet.insight.report.subject import NETWORK, Origin, Subject
from glassnet.insight.report.verdict_section import in_a_sentence, next_step
from glassnet.support.language import LANGUAGES, get_language
from glassnet.tables.reading.sources import DETECT_ALL, ReadOptions

if TYPE_CHECKING:
    from glassnet.apps.commands.evaluate import EvaluateOptions
    from glassnet.apps.commands.train import Request
    from glassnet.apps.training_data import Prepared
    from glassnet.apps.training_result import Trained


NOT_AGAIN = ("table", "options", "force", "compare", "no_report", "printing", "watch", "timings")
"""Options that a repeated command leaves out: none changes the results."""


def report_file(request: Request, inputs: Sequence[Path | None], *, judged: bool) -> Path | None:
    """Where the report of a training goes, if anywhere; a report needs rows to judge by."""
    if request.report is not None and request.no_report:
        raise UsageError("--report and --no-report contradict each other", None, "Omit one of them")
    if request.no_report or (request.report is None and not judged):
        return None
    file = request.report or beside(request.out)
    if not judged:
        raise UsageError("--report needs rows to evaluate on", "--test 0", "Omit one of them")
    if file == request.out:
        raise UsageError("--report and --out must be two files", str(file), "Choose another")
    check_output(file, inputs, force=request.force, option="--report")
    return file


def beside(model_file: Path) -> Path:
    """The report of a model: not the name of a page that the model is exported as.

    Examples
    --------
    >>> beside(Path("flats.safetensors")).name
    'flats.report.html'
    """
    return model_file.with_suffix(".report.html")


def subject_of_training(
    trained: Trained, prepared: Prepared, test: LabelledTable, request: Request, typed: str, *, verbose: bool
) -> Subject:
    """Return the subject of a trained model and its test rows; `typed` is the command, `verbose` shows progress."""
    learned = prepared.training
    return Subject.of(
        *(trained.model, test.X, test.y, test.weight),
        language=get_language(),
        learned=(learned.X, learned.y, learned.weight),
        simple=trained.simple,
        origin=origin(request, prepared, trained.model, typed),
        column_groups=request.column_groups,
        verbose=verbose,
    )


def subject_of_rows(
    model: Any,
    rows: LabelledTable,
    roles: Roles,
    files: tuple[Path, Path],
    judging: EvaluateOptions,
    *,
    verbose: bool,
) -> Subject:
    """A saved model, judged by the rows of a table beside simple models; `files` are those of both."""
    model_file, table = files
    subject = Subject.of(
        *(model, rows.X, rows.y, rows.weight),
        language=get_language(),
        origin=Origin(
            roles.target,
            predict=predicting(model_file),
            table=table.name,
            dropped=rows.dropped,
            command=command("evaluate", files, judging, {}),
            code=code_of_rows(model, model_file, table, roles, judging),
        ),
        column_groups=named_columns(judging.group_columns),
        verbose=verbose,
    )
    return with_baselines(subject)


def write_report(subject: Subject, file: Path, timings: Timings) -> Subject:
    """Write the report; return its subject with the doctor's findings."""
    subject = diagnosed(subject)
    timings.end("diagnose")
    _ = subject.importances  # which the page shows; now, so that its seconds are its own
    timings.end("explain")
    write(page(subject), file)
    timings.end("report")
    return subject


def judged(subject: Subject) -> dict[str, Any]:
    """What a model notes of its report: the intervals of its scores, and the next step in each language."""
    found = {metric.key: subject.resampled.interval(NETWORK, metric.key) for metric in subject.metrics}
    step = next_step(subject)
    return {
        "intervals": {key: [each.low, each.high] for key, each in found.items() if each is not None},
        "next_step": {language: step.say(language) for language in LANGUAGES},
    }


def say_verdict(output: Output, subject: Subject) -> None:
    """Print the use of the model, its limits and the next step: the last lines."""
    if output.shows:
        output.show("")
        output.show_line("verdict", in_a_sentence(subject))
        output.show_line("next", as_options(subject.say(next_step(subject))))


def command(
    verb: str, files: Sequence[Path], chosen: TrainingOptions | EvaluateOptions, options: Mapping[str, Any]
) -> str:
    """The words to type in the terminal; a training writes its report under the usual name.

    Examples
    --------
    >>> from glassnet.apps.commands.evaluate import EvaluateOptions
    >>> chosen = TrainingOptions(target="rent", id=("flat",))
    >>> command("train", [Path("our flats.csv")], chosen, {"epochs": 9, "clamp": False})
    "glassnet train 'our flats.csv' --target rent --id flat --epochs 9 --no-clamp"
    >>> command("evaluate", [Path("m.safetensors"), Path("may.csv")], EvaluateOptions(sample_weight="area"), {})
    'glassnet evaluate m.safetensors may.csv --sample-weight area'
    """
    words = ["glassnet", verb, *map(str, files)]
    for name, value in {**_typed(chosen), **options}.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{option}")
        elif value is not None:
            for each in value if isinstance(value, list) else [value]:
                words += [f"--{option}", str(each)]
    return shell_command(words)


def predicting(model_file: Path) -> Callable[[str | None], str]:
    """The words to type for predictions, as a function of the class to look for; None: that of the model.

    Examples
    --------
    >>> predicting(Path("m.safetensors"))("not paid")
    "glassnet predict m.safetensors new.csv --positive 'not paid'"
    """

    def words(positive: str | None) -> str:
        chosen = [] if positive is None else ["--positive", positive]
        return shell_command(["glassnet", "predict", str(model_file), "new.csv", *chosen])

    return words


def _typed(
    chosen: TrainingOptions | EvaluateOptions | TableOptions | DecisionOptions,
) -> dict[str, Any]:
    """What differs from the defaults, as it is typed."""
    typed: dict[str, Any] = {}
    for each in fields(chosen):
        value = getattr(chosen, each.name)
        if each.name == "report" and isinstance(chosen, TrainingOptions):
            continue
        if isinstance(value, TableOptions | DecisionOptions):
            typed |= _typed(value)
        elif each.name == "group_columns":
            typed[each.name] = list(value)
        elif each.name not in NOT_AGAIN and value != each.default:
            spelled = repr(value).removesuffix(".0") if isinstance(value, float) else value
            typed[each.name] = join_names(value) if isinstance(value, tuple) else spelled
    return typed


def code(request: Request, prepared: Prepared, model: Any) -> str:
    """The same training in Python, from the file to the scores of the rows to judge by."""
    if request.memory is not None:
        return _streamed_code(request, prepared, model)
    roles, kind = request.roles, type(model).__name__
    left_out = ", ".join(repr(name) for name in dict.fromkeys(roles.not_features))
    share = prepared.share
    tied = {n: column for n, column in (("groups", roles.group or roles.fold), ("times", roles.time)) if column}
    lines = [
        f"from glassnet import {kind}",
        "from glassnet.tables.reading.readers import read_table",
        *(["from glassnet.training import split_rows"] if share else []),
        *(["from sklearn.model_selection import LeaveOneGroupOut"] if roles.fold else []),
        "",
        *_read("", request.table, roles, left_out),
        *(f"{name} = table[{column!r}].to_numpy()" for name, column in tied.items()),
    ]
    rows = ""
    if share:
        more = ["y"] * (prepared.task == "classification") + [f"{name}={name}" for name in tied]
        arguments = ["len(table)", repr(share), str(prepared.options["random_state"]), *more]
        lines.append(f"train, test = split_rows({', '.join(arguments)})")
        rows = "[train]"
    arguments = [f"X{rows}", f"y{rows}", *([f"weight{rows}"] if roles.weight else [])]
    arguments += [f"{name}={name}{rows}" for name in tied]
    arguments += [] if request.time_limit is None else [f"time_limit={request.time_limit!r}"]
    if request.validation is not None:
        lines += _read("validation_", request.validation, roles, left_out)
        arguments.append(f"validation_data=({', '.join(_rows('validation_', roles))})")
    lines += ["", f"model = {constructor(model)}", f"model.fit({', '.join(arguments)})"]
    if share:
        lines.append(f"print(model.score({', '.join(f'{name}[test]' for name in _rows('', roles))}))")
    elif prepared.test_file is not None:
        lines += _read("test_", prepared.test_file, roles, left_out)
        lines.append(f"print(model.score({', '.join(_rows('test_', roles))}))")
    return "\n".join(lines) + "\n"


def _streamed_code(request: Request, prepared: Prepared, model: Any) -> str:
    """The training of a table that is larger than memory, without the rows that are set aside for the test."""
    roles, share = request.roles, prepared.share
    left_out = ", ".join(repr(name) for name in dict.fromkeys(roles.not_features))
    arguments = [repr(roles.target)]
    arguments += [f"{name}={value!r}" for name in ("ids", "drop", "weight") if (value := getattr(roles, name))]
    reading = _reading_arguments(roles.reading)
    arguments += [f"reading=ReadOptions({reading})"] if reading else []
    others = [file for file in (request.validation, prepared.test_file) if file is not None]
    seed = prepared.options["random_state"]
    found = f"Path({str(request.table)!r}), Roles({', '.join(arguments)}), {share!r}, {seed}"
    fitted = ["found.rows", repr(roles.target), *([f"sample_weight={roles.weight!r}"] if roles.weight else [])]
    fitted.append(f"memory={request.memory!r}")
    fitted += [] if request.validation is None else [f"validation_data=({', '.join(_rows('validation_', roles))})"]
    lines = [
        "from pathlib import Path",
        "",
        f"from glassnet import {type(model).__name__}",
        "from glassnet.apps.labelled import Roles",
        "from glassnet.apps.training_data import look",
        *(["from glassnet.tables import ReadOptions"] if reading else []),
        *(["from glassnet.tables.reading.readers import read_table"] if others else []),
        "",
        f"found = look({found})",
        *([] if request.validation is None else _read("validation_", request.validation, roles, left_out)),
        f"model = {constructor(model)}",
        f"model.fit({', '.join(fitted)})",
    ]
    if share:
        known = ", model.classes_" if prepared.task == "classification" else ""
        lines.append(f"test = found.test.with_targets({prepared.task!r}{known})")
        lines.append("print(model.score(test.X, test.y, test.weight))")
    elif prepared.test_file is not None:
        lines += _read("test_", prepared.test_file, roles, left_out)
        lines.append(f"print(model.score({', '.join(_rows('test_', roles))}))")
    return "\n".join(lines) + "\n"


def code_of_rows(model: Any, model_file: Path, table: Path, roles: Roles, judging: EvaluateOptions) -> str:
    """The score of a saved model on a table, in Python."""
    decided = [f"{option}_" for option, value in vars(judging.deciding).items() if value is not None]
    decided += ["absent_as_missing_"] if model.absent_as_missing_ else []
    lines = [
        "from glassnet import load",
        "from glassnet.tables.reading.readers import read_table",
        "",
        f"model = load({str(model_file)!r})",
        *(f"model.{name} = {getattr(model, name)!r}" for name in decided),
        *_read("", table, roles, ", ".join(map(repr, roles.not_features))),
        f"print(model.score({', '.join(_rows('', roles))}))",
    ]
    return "\n".join(lines) + "\n"


def _reading_arguments(reading: ReadOptions) -> str:
    """Return the options of reading that differ from the defaults, as arguments."""
    changed = {name: value for name, value in vars(reading).items() if value != vars(DETECT_ALL)[name]}
    return ", ".join(f"{name}={value!r}" for name, value in changed.items())


def _read(prefix: str, file: Path, roles: Roles, left_out: str) -> list[str]:
    """A table from its file, taken apart into what :func:`_rows` names."""
    reading, table = _reading_arguments(roles.reading), f"{prefix}table"
    arguments = f"{str(file)!r}, {reading}" if reading else repr(str(file))
    return [
        f"{table} = read_table({arguments}).drop_nulls({roles.target!r})",
        f"{prefix}y = {table}[{roles.target!r}].to_numpy()",
        f"{prefix}X = {table}.drop({left_out}, strict=False)",
        *([f"{prefix}weight = {table}[{roles.weight!r}].to_numpy()"] if roles.weight else []),
    ]


def _rows(prefix: str, roles: Roles) -> list[str]:
    return [f"{prefix}X", f"{prefix}y", *([f"{prefix}weight"] if roles.weight else [])]


def origin(request: Request, prepared: Prepared, model: Any, typed: str) -> Origin:
    """Where a trained model and its rows come from."""
    test = prepared.test
    names = None if test is None or not test.ids.width else [" ".join(map(str, row)) for row in test.ids.rows()]
    return Origin(
        target=request.roles.target,
        predict=predicting(request.out),
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

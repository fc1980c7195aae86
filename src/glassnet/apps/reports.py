"""Where the reports of the commands go, and what they are of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.apps.console import Output
from glassnet.apps.labelled import Labelled, Roles
from glassnet.apps.recipe import code_of_rows, command, origin, predicting
from glassnet.apps.usage import UsageError, check_output, named_columns
from glassnet.insight.report.page import diagnosed, page, with_baselines, write
from glassnet.insight.report.sections.result import in_a_sentence
from glassnet.insight.report.subject import NETWORK, Origin, Subject
from glassnet.support.language import get_language

if TYPE_CHECKING:
    from glassnet.apps.commands.evaluate import EvaluateOptions
    from glassnet.apps.commands.train import Request
    from glassnet.apps.training_data import Prepared
    from glassnet.apps.training_result import Trained


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
    trained: Trained, prepared: Prepared, test: Labelled, request: Request, typed: str, *, verbose: bool
) -> Subject:
    """What was trained, judged by the test rows; `typed` is the command, `verbose` shows bars while that is done."""
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
    rows: Labelled,
    roles: Roles,
    files: tuple[Path, Path],
    asked: EvaluateOptions,
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
            command=command("evaluate", files, asked, {}),
            code=code_of_rows(model, model_file, table, roles, asked),
        ),
        column_groups=named_columns(asked.group_columns),
        verbose=verbose,
    )
    return with_baselines(subject)


def write_report(subject: Subject, file: Path) -> Subject:
    """Write the report; gives what it is of with what the doctor found."""
    subject = diagnosed(subject)
    write(page(subject), file)
    return subject


def intervals(subject: Subject) -> dict[str, list[float]]:
    """Of each score of the network that has one."""
    found = {metric.key: subject.resampled.interval(NETWORK, metric.key) for metric in subject.metrics}
    return {key: [interval.low, interval.high] for key, interval in found.items() if interval is not None}


def say_verdict(output: Output, subject: Subject) -> None:
    """What the model is good for, and where not to trust it: the last line."""
    if output.shows:
        output.show("")
        output.show_line("verdict", in_a_sentence(subject))

"""Where the reports of the commands go, and what they are of."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.apps.endings import UsageError, check_output
from glassnet.apps.labelled import Labelled
from glassnet.apps.names import join_groups
from glassnet.apps.recipe import code_of_rows, origin
from glassnet.language import get_language
from glassnet.layers.base import Array

if TYPE_CHECKING:
    from glassnet.apps.stages import Prepared, Request, Trained
    from glassnet.insight.doctor import Finding

__all__ = ["report_file", "report_of_rows", "report_of_training"]


def report_file(request: Request, inputs: Sequence[Path | None], *, judged: bool) -> Path | None:
    """Where the report of a training goes, if anywhere; a report needs rows to judge by.

    Raises
    ------
    UsageError, InputError
        If it cannot go there.
    """
    if request.report is not None and request.no_report:
        raise UsageError("--report and --no-report contradict each other", None, "Leave one of the two out")
    if request.no_report or (request.report is None and not judged):
        return None
    file = request.report or request.out.with_suffix(".html")
    if not judged:
        raise UsageError("--report needs rows to judge by", "--test 0", "Leave one of the two out")
    if file == request.out:
        raise UsageError("--report and --out must be two files", str(file), "Name another")
    check_output(file, inputs, force=request.force, option="--report")
    return file


def report_of_training(
    trained: Trained, prepared: Prepared, request: Request, file: Path, typed: str
) -> tuple[dict[str, list[float]], Sequence[Finding]]:
    """Write the report of what was trained, judged by the test rows; `typed` is the command.

    Returns
    -------
    intervals : dict from str to [float, float]
        Of each score of the network that has one.
    findings : sequence of Finding
        What the doctor found.
    """
    from glassnet.insight.report.page import diagnosed, page, write
    from glassnet.insight.report.subject import NETWORK, Subject

    learned, test = prepared.training, prepared.test
    if test is None:
        return {}, []
    subject = Subject.of(
        *(trained.model, test.X, test.y, test.weight),
        language=get_language(),
        learned=(learned.X, learned.y, learned.weight),
        simple=trained.simple,
        origin=origin(request, prepared, trained.model, typed),
        column_groups=request.column_groups,
    )
    subject = diagnosed(subject)
    write(page(subject), file)
    found = {metric.key: subject.resampled.interval(NETWORK, metric.key) for metric in subject.metrics}
    intervals = {key: [interval.low, interval.high] for key, interval in found.items() if interval is not None}
    return intervals, subject.findings or []


def report_of_rows(
    model: Any,
    rows: Labelled,
    truth: Array,
    file: Path,
    read: tuple[Path, Path],
    column_groups: Mapping[str, Sequence[str]],
) -> None:
    """Write the report of a saved model, judged by the rows of a table; `read` are the files of both."""
    from glassnet.insight.report.page import diagnosed, page, with_baselines, write
    from glassnet.insight.report.subject import Origin, Subject

    model_file, table = read
    words = ["glassnet", "evaluate", str(model_file), str(table), "--report", str(file)]
    words += [word for named in join_groups(column_groups) for word in ("--group-columns", named)]
    known = Origin(
        rows.y.name,
        table=table.name,
        dropped=rows.dropped,
        command=shlex.join(words),
        code=code_of_rows(model_file, table, rows.y.name),
    )
    subject = Subject.of(
        model, rows.X, truth, rows.weight, language=get_language(), origin=known, column_groups=column_groups
    )
    write(page(diagnosed(with_baselines(subject))), file)

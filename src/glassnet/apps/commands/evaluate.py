"""``glassnet evaluate``: score a saved model on rows whose target is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from glassnet.apps.commands import app
from glassnet.apps.shared_options import (
    Data,
    DecisionOptions,
    Groups,
    LabelledTableOptions,
    OutputFile,
    Result,
    Table,
)
from glassnet.apps.texts import counted
from glassnet.apps.usage import UsageError, check_output, named_columns

SHOWN_CLASSES = 20
"""A table of confusions with more classes than this is not read by anyone."""


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(LabelledTableOptions):
    """How a model is scored.

    Parameters
    ----------
    sample_weight : str
        The column with sample weights.
    report : Path
        Write a report to this file, a single HTML page (default: no report).
    group_columns : tuple of str
        Columns whose importance is reported jointly: place=lat,lon. For several, repeat the option.
    force : bool
        Overwrite the report if it exists.
    """

    sample_weight: Annotated[str | None, Data] = None
    deciding: DecisionOptions = DecisionOptions()
    report: Annotated[Path | None, OutputFile] = None
    group_columns: Groups = ()
    force: Annotated[bool, Result] = False


@app.command(
    sort_key=4,
    help_epilogue="""\
Examples:
  glassnet evaluate model.safetensors july.csv
  glassnet evaluate model.safetensors july.csv --report july.html
  glassnet evaluate model.safetensors july.csv --json | jq .scores.accuracy""",
)
def evaluate(model: Path, table: Table, /, *, options: EvaluateOptions = EvaluateOptions()) -> None:
    """Evaluate a model on a table with known target values.

    Parameters
    ----------
    model : Path
        The model file.
    table : Path
        The data file.
    """
    from glassnet.apps.reports import say_verdict, subject_of_rows, write_report
    from glassnet.apps.saved_model import chosen, decide, labelled_rows, load_model, recall, task_of, trained_on
    from glassnet.apps.table_messages import (
        confusion_table,
        decision_tables,
        rows_in_words,
        say_columns,
        say_noticed,
        score_table,
    )
    from glassnet.apps.timings import Timings
    from glassnet.insight.doctor.table_checks import RawTable, almost_numbers
    from glassnet.insight.predictions import predict_rows
    from glassnet.insight.scores import score

    output, report = options.printing.output, options.report
    if report is None and options.group_columns:
        raise UsageError("--group-columns needs a report", "no --report", "Specify a file for it")
    if report is not None:
        check_output(report, [model, table], force=options.force, option="--report")
    named_columns(options.group_columns)  # refused now, and not once all is measured
    estimator = load_model(model, absent_as_missing=options.reading.absent_as_missing)
    decide(estimator, options.deciding)
    roles = recall(
        *(estimator, model), target=options.target, weight=options.sample_weight, reading=options.reading.options
    )
    rows = labelled_rows(estimator, table, roles)
    predicted = predict_rows(estimator, rows.X)
    scores = score(rows.y, predicted, rows.weight, getattr(estimator, "positive_", None))
    say_columns(output, table, rows, to_learn=False)
    known = trained_on(estimator, rows)
    noticed = [*known, *almost_numbers(RawTable(rows.X))]
    say_noticed(output, noticed)
    output.say("rows", rows_in_words({"scored": len(rows), "dropped": rows.dropped}))
    output.show("", score_table(counted(len(rows), "row"), {model.name: scores}))
    output.show(*decision_tables(estimator, {model.name: scores}))
    if task_of(estimator) == "classification" and len(estimator.classes_) <= SHOWN_CLASSES:
        output.show("", confusion_table(rows.y, predicted.values, estimator.classes_))
    subject = subject_of_rows(estimator, rows, roles, (model, table), options, verbose=not output.quiet)
    subject = replace(subject, findings=known or None)
    if report is not None:
        subject = write_report(subject, report, Timings())
        output.show_file("report", report)
    say_verdict(output, subject)
    output.record(
        {
            "model": str(model),
            "table": str(table),
            "target": roles.target,
            "rows": {"scored": len(rows), "without target": rows.dropped},
            **chosen(estimator),
            "findings": [finding.to_dict() for finding in noticed],
            "scores": scores,
            "report": None if report is None else str(report),
        }
    )

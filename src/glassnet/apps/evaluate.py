"""``glassnet evaluate``: how good a saved model is on rows of which the answers are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from glassnet.apps.commands.asked import Evaluation
from glassnet.apps.endings import UsageError, check_output
from glassnet.apps.findings import rows_in_words, say_columns, say_noticed
from glassnet.apps.learned_rows import trained_on
from glassnet.apps.names import named_columns
from glassnet.apps.reports import say_verdict, subject_of_rows, write_report
from glassnet.apps.saved import chosen, decide, labelled_rows, load_model, recall, task_of
from glassnet.apps.scores import confusion_table, positive_tables, score_table
from glassnet.apps.texts import counted
from glassnet.insight.doctor.table import GivenTable, almost_numbers
from glassnet.insight.predicted import predict_rows
from glassnet.insight.scores import score

SHOWN_CLASSES = 20
"""A table of confusions with more classes than this is not read by anyone."""


def evaluate(model_file: Path, table: Path, asked: Evaluation) -> None:
    """Score a model on a table, and show the scores."""
    output, report = asked.talk.output, asked.report
    if report is None and asked.group_columns:
        raise UsageError("--group-columns needs a report", "no --report", "Specify a file for it")
    if report is not None:
        check_output(report, [model_file, table], force=asked.force, option="--report")
    named_columns(asked.group_columns)  # refused now, and not once all is measured
    model = load_model(model_file, absent_as_missing=asked.matching.absent_as_missing)
    decide(model, asked.deciding)
    roles = recall(*(model, model_file), target=asked.target, weight=asked.sample_weight, reading=asked.reading.options)
    rows = labelled_rows(model, table, roles)
    predicted = predict_rows(model, rows.X)
    scores = score(rows.y, predicted, rows.weight, getattr(model, "positive_", None))
    say_columns(output, table, rows, to_learn=False)
    known = trained_on(model, rows)
    noticed = [*known, *almost_numbers(GivenTable(rows.X))]
    say_noticed(output, noticed)
    output.say("rows", rows_in_words({"scored": len(rows), "dropped": rows.dropped}))
    output.show("", score_table(counted(len(rows), "row"), {model_file.name: scores}))
    output.show(*positive_tables(model, {model_file.name: scores}))
    if task_of(model) == "classification" and len(model.classes_) <= SHOWN_CLASSES:
        output.show("", confusion_table(rows.y, predicted.values, model.classes_))
    subject = subject_of_rows(model, rows, roles, (model_file, table), asked, verbose=not output.quiet)
    subject = replace(subject, findings=known or None)
    if report is not None:
        subject = write_report(subject, report)
        output.show_file("report", report)
    say_verdict(output, subject)
    output.record(
        {
            "model": str(model_file),
            "table": str(table),
            "target": roles.target,
            "rows": {"scored": len(rows), "without target": rows.dropped},
            **chosen(model),
            "findings": [finding.to_dict() for finding in noticed],
            "scores": scores,
            "report": None if report is None else str(report),
        }
    )

"""``glassnet evaluate``: how good a saved model is on rows of which the answers are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from glassnet.apps.console import Output, counted, size
from glassnet.apps.endings import UsageError, check_output
from glassnet.apps.findings import say_columns
from glassnet.apps.labelled import read_labelled, targets
from glassnet.apps.reports import report_of_rows
from glassnet.apps.saved import learned_columns, load_model, recall, task_of
from glassnet.apps.scores import confusion_table, score_table
from glassnet.insight.predicted import predict_rows
from glassnet.insight.scores import score
from glassnet.tables.reading import FOUND_OUT, ReadOptions

__all__ = ["evaluate"]

NO_GROUPS: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})
SHOWN_CLASSES = 20
"""A table of confusions with more classes than this is not read by anyone."""


def evaluate(
    model_file: Path,
    table: Path,
    output: Output,
    *,
    target: str | None = None,
    weight: str | None = None,
    reading: ReadOptions = FOUND_OUT,
    report: Path | None = None,
    column_groups: Mapping[str, Sequence[str]] = NO_GROUPS,
    force: bool = False,
) -> dict[str, float]:
    """Score a model on a table, and show the scores.

    Parameters
    ----------
    model_file, table : Path
    output : Output
    target, weight : str or None
        The columns of the answers (None: as in training) and of the weights of the rows.
    reading : ReadOptions
        What the file does not say of itself; what is left out is as in training.
    report : Path or None
        The file for a report.
    column_groups : mapping from str to sequence of str
        Columns whose importance the report gives together.
    force : bool
        Whether an existing report may be replaced.

    Returns
    -------
    dict from str to float
        By metric.

    Raises
    ------
    InputError, InputTypeError, OSError
        If the model or the table is not usable, or does not fit the other.
    """
    if report is None and column_groups:
        raise UsageError("--group-columns is of the report", "no --report", "Name a file for it")
    if report is not None:
        check_output(report, [model_file, table], force=force, option="--report")
    model = load_model(model_file)
    roles = recall(model, model_file, target=target, weight=weight, reading=reading)
    rows = read_labelled(table, roles, learned_columns(model))
    task = task_of(model)
    truth = targets(rows.y, task, getattr(model, "classes_", None), rows.notation)
    predicted = predict_rows(model, rows.X)
    scores = score(truth, predicted, rows.weight)
    say_columns(output, table, rows, hints=False)
    output.show(score_table(counted(len(rows), "row"), {model_file.name: scores}))
    if task == "classification" and len(model.classes_) <= SHOWN_CLASSES:
        output.show("", confusion_table(truth, predicted.values, model.classes_))
    if report is not None:
        report_of_rows(model, rows, truth, report, (model_file, table), column_groups)
        output.show_line("report", f"{report} ({size(report.stat().st_size)})")
    output.record(
        {
            "model": str(model_file),
            "table": str(table),
            "target": roles.target,
            "rows": {"scored": len(rows), "without target": rows.dropped},
            "scores": scores,
            "report": None if report is None else str(report),
        }
    )
    return scores

"""``glassnet doctor``: what is wrong with a saved model, its training or its table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.apps.commands.asked import Examination
from glassnet.apps.findings import rows_in_words
from glassnet.apps.labelled import Labelled
from glassnet.apps.learned_rows import parts_of
from glassnet.apps.options import as_options
from glassnet.apps.saved import labelled_rows, load_model, recall, remembered_ties
from glassnet.apps.texts import say
from glassnet.insight.doctor import Diagnosis, diagnose
from glassnet.insight.doctor.targets import first_numbers
from glassnet.layers.base import Array


def doctor(model_file: Path, table: Path, asked: Examination) -> None:
    """Look over a model with the table that it was trained with, and show what is wrong."""
    output = asked.talk.output
    model = load_model(model_file, absent_as_missing=asked.matching.absent_as_missing)
    roles = recall(model, model_file, target=asked.target, reading=asked.reading.options)

    rows = labelled_rows(model, table, replace(roles, **remembered_ties(model)))
    others = None if asked.validation is None else labelled_rows(model, asked.validation, roles)
    chosen, said = (np.arange(len(rows)), "") if others else _training_rows(model, rows)
    if said:
        output.say("rows", said)
    training = rows.take(chosen)
    given = None if others is None else (others.X, others.y)
    diagnosis = diagnose(
        *(model, training.X, training.y),
        groups=training.groups,
        times=training.times,
        validation_data=given,
        verbose=not output.quiet,
    )
    diagnosis = replace(diagnosis, findings=[_with_rows_of_the_table(each, chosen) for each in diagnosis])
    output.show_labelled(as_options(str(diagnosis)))
    output.show_line("verdict", verdict(diagnosis))
    output.record(
        {"model": str(model_file), "table": str(table), "target": roles.target, "rows": len(chosen)}
        | diagnosis.to_dict()
    )


def verdict(diagnosis: Diagnosis) -> str:
    """What the worst finding asks for, in one sentence."""
    worst = next(iter(diagnosis), None)
    return say("doctor.healthy") if worst is None else say(f"doctor.{worst.severity}", what=worst.what)


def _training_rows(model: Any, rows: Labelled) -> tuple[Array, str]:
    """Which rows of a table the model was trained with, as far as that is certain, and how many they are."""
    parts = parts_of(model, rows)
    if parts is None:
        return np.arange(len(rows)), say("rows.not_known")
    kept, tested = map(len, parts)
    counts = {"training": kept, "test": tested, "left_out": len(rows) - kept - tested, "dropped": rows.dropped}
    return parts.learned, rows_in_words(counts) if kept < len(rows) else ""


def _with_rows_of_the_table(finding: Any, chosen: Array) -> Any:
    """A finding whose row numbers are those of the table in the file."""
    if "rows" not in finding.evidence or not isinstance(finding.evidence["rows"], list):
        return finding
    numbers = chosen[finding.evidence["rows"]].tolist()
    return replace(finding, evidence=finding.evidence | {"rows": numbers, "first": first_numbers(numbers)})

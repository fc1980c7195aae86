"""``glassnet doctor``: diagnose a saved model, its training or its table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from glassnet.apps.commands import app
from glassnet.apps.estimator_options import as_options
from glassnet.apps.shared_options import (
    Data,
    LabelledTableOptions,
    Table,
)
from glassnet.apps.texts import say

if TYPE_CHECKING:
    from glassnet.apps.labelled import LabelledTable
    from glassnet.insight.doctor import Diagnosis
    from glassnet.layers.base import Array


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class DoctorOptions:
    """What the doctor looks at.

    Parameters
    ----------
    validation : Path
        A file with validation rows.
    """

    validation: Annotated[Path | None, Data] = None
    shared: LabelledTableOptions = LabelledTableOptions()


@app.command(
    sort_key=9,
    help_epilogue="""\
Examples:
  glassnet doctor model.safetensors customers.csv
  glassnet doctor model.safetensors customers.csv --validation june.csv
  glassnet doctor model.safetensors customers.csv --json | jq .findings""",
)
def doctor(model: Path, table: Table, /, *, options: DoctorOptions = DoctorOptions()) -> None:
    """Find problems with a model, its training or its data, and how to fix them.

    Parameters
    ----------
    model : Path
        The model file.
    table : Path
        The file that the model was trained on.
    """
    import numpy as np

    from glassnet.apps.saved_model import labelled_rows, load_model, recall, remembered_ties
    from glassnet.insight.doctor import diagnose

    output = options.shared.printing.output
    estimator = load_model(model, absent_as_missing=options.shared.reading.absent_as_missing)
    roles = recall(estimator, model, target=options.shared.target, reading=options.shared.reading.options)

    rows = labelled_rows(estimator, table, replace(roles, **remembered_ties(estimator)))
    others = None if options.validation is None else labelled_rows(estimator, options.validation, roles)
    chosen, note = (np.arange(len(rows)), "") if others else _training_rows(estimator, rows)
    if note:
        output.say("rows", note)
    training = rows.take(chosen)
    given = None if others is None else (others.X, others.y)
    diagnosis = diagnose(
        *(estimator, training.X, training.y),
        groups=training.groups,
        times=training.times,
        validation_data=given,
        verbose=not output.quiet,
    )
    diagnosis = replace(diagnosis, findings=[_with_rows_of_the_table(each, chosen) for each in diagnosis])
    output.show_labelled(as_options(str(diagnosis)))
    output.show_line("verdict", verdict(diagnosis))
    output.record(
        {"model": str(model), "table": str(table), "target": roles.target, "rows": len(chosen)} | diagnosis.to_dict()
    )


def verdict(diagnosis: Diagnosis) -> str:
    """Return the worst finding in one sentence."""
    worst = next(iter(diagnosis), None)
    return say("doctor.healthy") if worst is None else say(f"doctor.{worst.severity}", what=worst.what)


def _training_rows(model: Any, rows: LabelledTable) -> tuple[Array, str]:
    """Which rows of a table the model was trained with, as far as that is certain, and how many they are."""
    import numpy as np

    from glassnet.apps.saved_model import parts_of
    from glassnet.apps.table_messages import rows_in_words

    parts = parts_of(model, rows)
    if parts is None:
        return np.arange(len(rows)), say("rows.not_known")
    kept, tested = map(len, parts)
    counts = {"training": kept, "test": tested, "left_out": len(rows) - kept - tested, "dropped": rows.dropped}
    return parts.learned, rows_in_words(counts) if kept < len(rows) else ""


def _with_rows_of_the_table(finding: Any, chosen: Array) -> Any:
    """A finding whose row numbers are those of the table in the file."""
    from glassnet.insight.doctor.target_checks import first_numbers

    if "rows" not in finding.evidence or not isinstance(finding.evidence["rows"], list):
        return finding
    numbers = chosen[finding.evidence["rows"]].tolist()
    return replace(finding, evidence=finding.evidence | {"rows": numbers, "first": first_numbers(numbers)})

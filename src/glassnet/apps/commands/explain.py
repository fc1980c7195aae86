"""``glassnet explain``: explain predictions in words, and measure which columns matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import Parameter

from glassnet.apps.commands import app
from glassnet.apps.console import Output, text_table
from glassnet.apps.shared_options import (
    Groups,
    LabelledTableOptions,
    Names,
    Table,
)
from glassnet.apps.texts import counted, say
from glassnet.apps.usage import UsageError, named_columns
from glassnet.support.language import Text

if TYPE_CHECKING:
    from glassnet.insight.importances import Importances
    from glassnet.tables.reading.notation import Notation
    from glassnet.tables.reading.sources import pl


SHOWN = 5
"""Rows that are explained where none are named."""
ENOUGH = 2_000
"""Rows on which columns are shuffled: more would only take longer."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ExplainOptions:
    """What is explained.

    Parameters
    ----------
    rows : tuple of str
        Rows to explain, counted from 0 (default: the first five). For several: 0,5
    group_columns : tuple of str
        Columns whose importance is measured jointly: place=lat,lon. For several, repeat the option.
    """

    rows: Names = ()
    group_columns: Groups = ()
    shared: LabelledTableOptions = LabelledTableOptions()


@app.command(
    sort_key=6,
    help_epilogue="""\
Examples:
  glassnet explain model.safetensors new.csv
  glassnet explain model.safetensors july.csv --rows 0,5 --language zh
  glassnet explain model.safetensors july.csv --json | jq .importances""",
)
def explain(model: Path, table: Table, /, *, options: ExplainOptions = ExplainOptions()) -> None:
    """Explain predictions in words, and measure the importance of each column.

    Contributions are relative to the baseline: the prediction with all columns unknown. Permutation importances (how
    much the score drops when a column is shuffled) need a table with the target.

    Parameters
    ----------
    model : Path
        The model file.
    table : Path
        The data file.
    """
    from glassnet.apps.labelled import Complement, check_columns
    from glassnet.apps.saved_model import held_kinds, load_model, present_columns
    from glassnet.tables.reading.readers import read_file

    output, target, groups = options.shared.printing.output, options.shared.target, named_columns(options.group_columns)
    estimator = load_model(model, absent_as_missing=options.shared.reading.absent_as_missing)
    remembered = estimator.notes_.get("target")
    text = Complement(name for name in (target, remembered) if isinstance(name, str))
    read = read_file(table, options.shared.reading.options, estimator.notation_, text, kinds=held_kinds(estimator))
    frame, notation = read.frame, read.notation
    known = target or (remembered if isinstance(remembered, str) and remembered in frame.columns else None)
    check_columns([target] if target else [], frame.columns, table)
    features = present_columns(estimator, frame.columns, table) or [n for n in frame.columns if n != known]
    places = _places(options.rows, len(frame))
    explanation = estimator.explain(frame.select(features)[places])
    sentences = [explanation.words(at) for at in range(len(places))]
    for place, words in zip(places, sentences, strict=True):
        output.show_about(say("explain.row", place=place), words)
    output.show_about(say("explain.base"), say("explain.meaning"))
    importances = None if known is None else _importances(estimator, frame, notation, features, known, groups, output)
    if importances is not None:
        head, *lines = importances.cells()
        output.show("", text_table(head, lines))
    output.record(
        {
            "model": str(model),
            "table": str(table),
            "rows": [
                {
                    "row": place,
                    "answer": None if explanation.answers is None else explanation.answers[at],
                    "value": explanation.value[at],
                    "base": explanation.base[at],
                    "gap": explanation.gap[at],
                    "contributions": dict(zip(explanation.columns, explanation.contributions[at], strict=True)),
                    "words": sentences[at],
                }
                for at, place in enumerate(places)
            ],
            "importances": None
            if importances is None
            else {
                "metric": importances.metric,
                "score": importances.score,
                "means": dict(zip(importances.columns, importances.means, strict=True)),
                "deviations": dict(zip(importances.columns, importances.deviations, strict=True)),
            },
        }
    )


def _places(rows: Sequence[str], count: int) -> list[int]:
    if not rows:
        return list(range(min(SHOWN, count)))
    for row in rows:
        if not (row.isascii() and row.isdigit() and int(row) < count):
            raise UsageError(
                Text("A row must be a number from 0 to {last}", last=count - 1), repr(row), "For example --rows 0,5"
            )
    return [int(row) for row in rows]


def _importances(
    model: Any,
    frame: pl.DataFrame,
    notation: Notation,
    features: list[str],
    target: str,
    groups: Mapping[str, Sequence[str]],
    output: Output,
) -> Importances | None:
    """On rows whose answer is known; None if there are too few."""
    from glassnet.apps.labelled import targets
    from glassnet.apps.saved_model import task_of
    from glassnet.insight.scores import FEWEST_ROWS
    from glassnet.tables.target_column import keep_labelled

    labelled = keep_labelled(frame, frame[target]).X
    if len(labelled) < FEWEST_ROWS:
        rows = counted(len(labelled), "row")
        output.say("importances", say("explain.too_few", rows=rows, target=target, fewest=FEWEST_ROWS))
        return None
    truth = targets(labelled[target], task_of(model), getattr(model, "classes_", None), notation)
    rows_of = labelled.select(features)
    found: Importances = model.importances(rows_of, truth, groups=groups, rows=ENOUGH, verbose=not output.quiet)
    return found

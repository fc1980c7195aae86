"""``glassnet explain``: why a saved model answers as it does, in words, and which columns it relies on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from glassnet.apps.commands.asked import Explaining
from glassnet.apps.console import Output, table
from glassnet.apps.endings import UsageError
from glassnet.apps.labelled import Complement, check_columns, targets
from glassnet.apps.names import named_columns
from glassnet.apps.saved import held_kinds, load_model, present_columns, task_of
from glassnet.apps.texts import counted, say
from glassnet.insight.baselines import FEWEST_ROWS
from glassnet.insight.importances import Importances
from glassnet.tables.notation import Notation
from glassnet.tables.readers import read_file
from glassnet.tables.sources import pl
from glassnet.tables.target import keep_labelled

SHOWN = 5
"""Rows that are explained where none are named."""
ENOUGH = 2_000
"""Rows on which columns are shuffled: more would only take longer."""


def explain(model_file: Path, table_file: Path, asked: Explaining) -> None:
    """Explain some rows of a table; where their answers are known, say how important each column is."""
    output, target, groups = asked.talk.output, asked.target, named_columns(asked.group_columns)
    model = load_model(model_file, absent_as_missing=asked.matching.absent_as_missing)
    remembered = model.notes_.get("target")
    text = Complement(name for name in (target, remembered) if isinstance(name, str))
    read = read_file(table_file, asked.reading.options, model.notation_, text, kinds=held_kinds(model))
    frame, notation = read.frame, read.notation
    known = target or (remembered if isinstance(remembered, str) and remembered in frame.columns else None)
    check_columns([target] if target else [], frame.columns, table_file)
    features = present_columns(model, frame.columns, table_file) or [n for n in frame.columns if n != known]
    places = _places(asked.rows, len(frame))
    explanation = model.explain(frame.select(features)[places])
    sentences = [explanation.words(at) for at in range(len(places))]
    for place, words in zip(places, sentences, strict=True):
        output.show_about(say("explain.row", place=place), words)
    output.show_about(say("explain.base"), say("explain.meaning"))
    importances = None if known is None else _importances(model, frame, notation, features, known, groups, output)
    if importances is not None:
        head, *lines = importances.cells()
        output.show("", table(head, lines))
    output.record(
        {
            "model": str(model_file),
            "table": str(table_file),
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
            raise UsageError(f"A row must be a number from 0 to {count - 1}", repr(row), "For example --rows 0,5")
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
    labelled = keep_labelled(frame, frame[target]).X
    if len(labelled) < FEWEST_ROWS:
        rows = counted(len(labelled), "row")
        output.say("importances", say("explain.too_few", rows=rows, target=target, fewest=FEWEST_ROWS))
        return None
    truth = targets(labelled[target], task_of(model), getattr(model, "classes_", None), notation)
    rows_of = labelled.select(features)
    found: Importances = model.importances(rows_of, truth, groups=groups, rows=ENOUGH, verbose=not output.quiet)
    return found

"""``glassnet inspect``: show everything that a model file says of itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.apps.commands import app
from glassnet.apps.console import Output, size, text_table
from glassnet.apps.shared_options import (
    ResultOptions,
)
from glassnet.apps.texts import comma, named, say, semicolon
from glassnet.support.container import read
from glassnet.support.language import get_language

if TYPE_CHECKING:
    from glassnet.training import History


SHOWN_EPOCHS = 12
"""At most so many lines of the history, evenly spread: whole it is in the JSON."""
SHOWN_CLASSES = 10


@app.command(
    sort_key=8,
    name="inspect",
    help_epilogue="""\
Examples:
  glassnet inspect model.safetensors
  glassnet inspect model.safetensors --json | jq .history""",
)
def show_model(model: Path, /, *, printing: ResultOptions = ResultOptions()) -> None:
    """Show the contents of a model: layers, columns, settings, training history.

    Parameters
    ----------
    model : Path
        The model file.
    """
    from glassnet.api.models import load
    from glassnet.layers import layer_to_dict

    output = printing.output
    estimator: Any = load(model)
    versions = read(model)[0].get("versions")
    record: dict[str, Any] = {
        "model": str(model),
        "bytes": model.stat().st_size,
        "kind": type(estimator).__name__,
        "versions": versions if isinstance(versions, dict) else {},
    }
    versions = comma([f"{name} {version}" for name, version in record["versions"].items()])
    output.show_line("file", say("file.written_by", file=model, size=size(record["bytes"]), versions=versions))
    of_table = hasattr(estimator, "encoder_")
    if of_table:
        name = estimator.notes_.get("target", say("target.a_column"))
        output.show_line("target", say("target.line", name=name, answers=_answers(estimator)))
        if len(estimator.networks_) > 1:
            output.show_line("network", say("network.first", count=len(estimator.networks_)))
    network = estimator.network_ if of_table else estimator
    output.show("", network.summary())
    record |= {"layers": [layer_to_dict(layer) for layer in network.layers], "parameters": sum(network.sizes)}
    if of_table:
        record |= _show_estimator(estimator, output)
    output.record(record)


def _show_estimator(model: Any, output: Output) -> dict[str, Any]:
    """Print an estimator's state beyond its network: columns, settings, history, scores."""
    from glassnet.apps.saved_model import chosen, task_of
    from glassnet.apps.table_messages import decision_tables, score_table
    from glassnet.apps.training_result import courses
    from glassnet.tables.columns.column_values import KIND_NAMES
    from glassnet.training.history_display import ending

    lines = [
        [column.name, KIND_NAMES[column.kind].say(), str(column.inputs), column.action.say()]
        for column in model.encoder_.columns
    ]
    output.show("", text_table(say("inspect.columns").split("|"), lines, words=(0, 1, 3)))
    settings = [[name, str(value)] for name, value in sorted(model.settings_.items())]
    output.show("", text_table(say("inspect.settings").split("|"), settings, words=(0, 1)))
    output.show("", _history(model.history_), say("inspect.ended", why=ending(*model.histories_)))
    scores = model.notes_.get("scores")
    if scores:
        output.show("", score_table(say("scores.test_scores"), scores), *decision_tables(model, scores))
    return {
        "task": task_of(model),
        "classes": getattr(model, "classes_", None),
        **chosen(model),
        "notes": model.notes_,
        "columns": [asdict(column) for column in model.encoder_.columns],
        "data": None if model.data_ is None else model.data_.to_plain(),
        "settings": model.settings_,
        "history": model.history_.to_dict(),
        "members": courses(model.histories_),
    }


def _answers(model: Any) -> str:
    from glassnet.apps.saved_model import task_of
    from glassnet.apps.table_messages import costs_in_words, positive_in_words

    if task_of(model) == "regression":
        return say("target.a_number")
    answers = say("target.one_of", names=named([str(name) for name in model.classes_], SHOWN_CLASSES))
    if model.positive_ is None:
        return semicolon([answers, *costs_in_words(model)])
    return say("target.with_positive", answers=answers, positive=positive_in_words(model))


def _history(history: History) -> Any:
    """The first, the last, the best epoch, and some between."""
    from glassnet.training.history_display import column_name, epoch_lines

    lines, best = epoch_lines(history, SHOWN_EPOCHS)
    head = [column_name(name, get_language()) for name in history.columns]
    return text_table(head, lines, words=(), best=[] if best is None else [best])

"""``glassnet card``: a model card beside a model, filled in from what is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glassnet.apps.commands.asked import Carding
from glassnet.apps.console import size
from glassnet.apps.endings import check_output
from glassnet.apps.labelled import read_labelled, targets
from glassnet.apps.saved import learned_columns, load_model, recall, task_of
from glassnet.apps.texts import say
from glassnet.exchange import load
from glassnet.exchange.card import card

__all__ = ["write_card"]


def write_card(model_file: Path, asked: Carding) -> Path:
    """Write the card of a saved model.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError, InputError, InputTypeError, OSError
        If the model, the table or the file is not usable.
    """
    output, test = asked.talk.output, asked.test
    file = asked.out or model_file.with_suffix(".md")
    check_output(file, [model_file, test], force=asked.force)
    model: Any = load(model_file) if test is None else load_model(model_file)
    rows = None
    if test is not None:
        roles = recall(model, model_file, target=asked.target, reading=asked.reading.options)
        labelled = read_labelled(test, roles, learned_columns(model))
        truth = targets(labelled.y, task_of(model), getattr(model, "classes_", None), labelled.notation)
        rows = (labelled.X, truth, labelled.weight)
    written = card(model, file, test_data=rows, name=asked.name or model_file.stem, force=asked.force)
    output.show_line("card", say("file.size", file=written, size=size(written.stat().st_size)))
    output.record({"model": str(model_file), "card": str(written)})
    return written

"""``glassnet card``: a model card beside a model, filled in from what is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glassnet.apps.commands.asked import Carding
from glassnet.apps.endings import check_output
from glassnet.apps.saved import labelled_rows, load_model, recall
from glassnet.exchange import load
from glassnet.exchange.card import card
from glassnet.support.escape_controls import escape_controls


def write_card(model_file: Path, asked: Carding) -> None:
    """Write the card of a saved model."""
    output, test = asked.talk.output, asked.test
    file = asked.out or model_file.with_suffix(".md")
    check_output(file, [model_file, test], force=asked.force)
    model: Any = load(model_file) if test is None else load_model(model_file)
    rows = None
    if test is not None:
        roles = recall(model, model_file, target=asked.target, reading=asked.reading.options)
        labelled = labelled_rows(model, test, roles)
        rows = (labelled.X, labelled.y, labelled.weight)
    name = asked.name or escape_controls(model_file.stem)
    written = card(
        model, file, test_data=rows, name=name, model_file=escape_controls(model_file.name), force=asked.force
    )
    output.show_file("card", written)
    output.record({"model": str(model_file), "card": str(written)})

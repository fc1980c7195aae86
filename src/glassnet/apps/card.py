"""``glassnet card``: a model card beside a model, filled in from what is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glassnet.apps.console import Output, size
from glassnet.apps.endings import check_output
from glassnet.apps.labelled import read_labelled, targets
from glassnet.apps.saved import learned_columns, load_model, recall, task_of
from glassnet.exchange import load
from glassnet.exchange.card import card
from glassnet.tables.reading import FOUND_OUT, ReadOptions

__all__ = ["write_card"]


def write_card(
    model_file: Path,
    output: Output,
    *,
    out: Path | None = None,
    test: Path | None = None,
    target: str | None = None,
    reading: ReadOptions = FOUND_OUT,
    name: str = "",
    force: bool = False,
) -> Path:
    """Write the card of a saved model.

    Parameters
    ----------
    model_file : Path
    output : Output
    out : Path or None
        The file for the card; None: beside the model, under its name.
    test : Path or None
        A table with rows that the model has not learned from, to score it on.
    target : str or None
        The column with the answers in that table; None: as in training.
    reading : ReadOptions
        What the file does not say of itself; what is left out is as in training.
    name : str
        What the model is called; empty: as its file.
    force : bool
        Whether an existing card may be replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError, InputError, InputTypeError, OSError
        If the model, the table or the file is not usable.
    """
    file = model_file.with_suffix(".md") if out is None else out
    check_output(file, [model_file, test], force=force)
    model: Any = load(model_file) if test is None else load_model(model_file)
    rows = None
    if test is not None:
        roles = recall(model, model_file, target=target, reading=reading)
        labelled = read_labelled(test, roles, learned_columns(model))
        truth = targets(labelled.y, task_of(model), getattr(model, "classes_", None), labelled.notation)
        rows = (labelled.X, truth, labelled.weight)
    written = card(model, file, test_data=rows, name=name or model_file.stem, force=force)
    output.show_line("card", f"{written} ({size(written.stat().st_size)})")
    output.record({"model": str(model_file), "card": str(written)})
    return written

"""``glassnet card``: write a model card beside a model, filled in from the model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from glassnet.apps.commands import app
from glassnet.apps.shared_options import (
    Data,
    LabelledTableOptions,
    Out,
    Result,
)
from glassnet.apps.usage import check_output
from glassnet.support.escape_controls import escape_controls


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class CardOptions:
    """What a card says, and where it goes.

    Parameters
    ----------
    test : Path
        A file with test rows to evaluate on (default: use the scores recorded in training).
        Rows that it was trained on are left out.
    out : Path
        The file to write the card to (default: next to the model, with the same name).
    name : str
        The name of the model (default: its file name).
    force : bool
        Overwrite the file if it exists, including everything filled in by hand.
    """

    test: Annotated[Path | None, Data] = None
    out: Annotated[Path | None, Out] = None
    name: Annotated[str, Result] = ""
    force: Annotated[bool, Result] = False
    shared: LabelledTableOptions = LabelledTableOptions()


@app.command(
    sort_key=10,
    help_epilogue="""\
Examples:
  glassnet card model.safetensors
  glassnet card model.safetensors --test june.csv --out README.md
  glassnet card model.safetensors --language zh --force""",
)
def card(model: Path, /, *, options: CardOptions = CardOptions()) -> None:
    """Write a model card: what the model is, what it was trained on, and its scores.

    The format is that of Hugging Face. Fields that only a person can fill in, such as the intended use, are marked.

    Parameters
    ----------
    model : Path
        The model file.
    """
    from glassnet.api.models import load
    from glassnet.apps.saved_model import labelled_rows, load_model, parts_of, recall, trained_on
    from glassnet.apps.table_messages import say_noticed
    from glassnet.exchange.model_card import card as model_card

    output, test, absent = options.shared.printing.output, options.test, options.shared.reading.absent_as_missing
    file = options.out or model.with_suffix(".md")
    check_output(file, [model, test], force=options.force)
    estimator: Any = load(model) if test is None else load_model(model, absent_as_missing=absent)
    rows = None
    if test is not None:
        roles = recall(estimator, model, target=options.shared.target, reading=options.shared.reading.options)
        labelled = labelled_rows(estimator, test, roles)
        if (parts := parts_of(estimator, labelled)) is not None:  # a card tells of new rows only
            say_noticed(output, trained_on(estimator, labelled))
            labelled = labelled.take(parts.tested)
        rows = (labelled.X, labelled.y, labelled.weight) if len(labelled) else None
    name = options.name or escape_controls(model.stem)
    written = model_card(
        estimator, file, test_data=rows, name=name, model_file=escape_controls(model.name), force=options.force
    )
    output.show_file("card", written)
    output.record({"model": str(model), "card": str(written)})

"""``glassnet predict``: predictions for new rows, piece by piece, in memory that does not grow with the table."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from glassnet.apps.commands.asked import Predicting
from glassnet.apps.endings import UsageError, check_output
from glassnet.apps.labelled import check_columns
from glassnet.apps.predictions import prediction_table, without_formulas
from glassnet.apps.saved import (
    as_learned,
    learned_columns,
    load_model,
    remembered_names,
    text_columns,
)
from glassnet.apps.texts import counted, say
from glassnet.insight.predicted import predict_rows

if TYPE_CHECKING:
    from glassnet.tables.reading import ReadOptions

__all__ = ["Form", "predict", "write_predictions"]

PIECE = 20_000
"""Rows at a time: enough to be quick, few enough for any memory."""


class Form(NamedTuple):
    """How predictions are written.

    Attributes
    ----------
    ids : tuple of str
        Columns that are carried along, beside those that the model remembers.
    reading : ReadOptions
    no_formulas : bool
    piece : int
        Rows at a time.
    """

    ids: tuple[str, ...]
    reading: ReadOptions
    no_formulas: bool
    piece: int = PIECE


def predict(model_file: Path, table: Path, asked: Predicting, piece: int = PIECE) -> int:
    """Write a prediction for each row of a table, with so many rows in memory at a time; a folder is many tables.

    Returns
    -------
    int
        How many rows there were.

    Raises
    ------
    UsageError
        If the output is an input, or exists.
    InputError, InputTypeError, OSError
        If the model or the table is not usable, or does not fit the other; the output is then not there.
    """
    output, out, jobs = asked.talk.output, asked.out, asked.jobs
    if jobs is not None and jobs < 1:
        raise UsageError("--jobs must be at least 1", str(jobs), "Leave it out to take all processors")
    form = Form(asked.id, asked.reading.options, asked.no_formulas, piece)
    if table.is_dir():
        from glassnet.apps.predict_folder import check_folder, predict_folder

        files = check_folder(table, out, force=asked.force)
    elif asked.dask is not None:
        raise UsageError("With --dask the table must be a folder", f"{table}, a file", "Give a folder, or leave it out")
    else:
        check_output(out, [table, model_file], force=asked.force)
    started = time.perf_counter()
    model = load_model(model_file)
    if jobs is not None:
        model.set_params(n_jobs=jobs)
    rows = (
        predict_folder(model, files, form, asked.dask) if table.is_dir() else write_predictions(model, table, out, form)
    )
    if str(out) != "-":
        seconds = time.perf_counter() - started
        predictions = counted(rows, "prediction")
        output.say("written", say("predict.written", file=out, predictions=predictions, seconds=seconds))
    return rows


def write_predictions(model: Any, table: Path, out: Path, form: Form) -> int:
    """Write a prediction for each row of one table, and give how many there were."""
    from glassnet.tables.readers import scan_table
    from glassnet.tables.writers import TableWriter

    rows, ids = 0, form.ids
    with TableWriter(out) as writer:
        # names of rows come back as they were written
        text = text_columns(model, *(() if writer.text else (*remembered_names(model), *ids)))
        options, learned = as_learned(model, form.reading), model.notation_
        for frame in scan_table(table, form.piece, options, learned=learned, text=text):
            check_columns([*learned_columns(model), *ids], frame.columns, table)
            names = frame.select(list(dict.fromkeys([*remembered_names(model, frame.columns), *ids])))
            predicted = prediction_table(predict_rows(model, frame), names)
            writer.write(without_formulas(predicted) if form.no_formulas else predicted)
            rows += len(frame)
    return rows

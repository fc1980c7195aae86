"""``glassnet predict``: predictions for new rows, piece by piece, in memory that does not grow with the table.

Each file of a folder is a table, predicted by itself, here or by workers. A file is there whole or not at all; whoever
writes it twice, because a worker died, writes the same.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from glassnet.apps.commands.asked import Predicting
from glassnet.apps.endings import UsageError, check_output
from glassnet.apps.labelled import Complement, check_columns
from glassnet.apps.predictions import prediction_table, without_formulas
from glassnet.apps.saved import decide, held_kinds, load_model, present_columns, remembered_names
from glassnet.apps.texts import counted, say
from glassnet.distributed.clients import connected
from glassnet.distributed.dask_workers import DaskWorkers
from glassnet.distributed.workers import Call, Here, Workers
from glassnet.insight.predicted import predict_rows
from glassnet.support.atomic_write import destination
from glassnet.tables.blocks import files_of
from glassnet.tables.readers import scan_table
from glassnet.tables.reading import ReadOptions, file_format
from glassnet.tables.writers import TableWriter

PIECE = 20_000
"""Rows at a time: enough to be quick, few enough for any memory."""
DEADLINE = 30.0
"""Seconds without a sign of life after which a worker is given up."""
WRITTEN = ("csv", "parquet")
"""Formats that predictions are written in; those of files in others become Parquet."""
READ_ONLY = (".bz2", ".xz", ".zst")
"""Endings of files that are read, but not written."""


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


def predict(model_file: Path, table: Path, asked: Predicting, piece: int = PIECE) -> None:
    """Write a prediction for each row of a table, with so many rows in memory at a time; a folder is many tables.

    Raises
    ------
    UsageError
        If the output is an input, or exists.
    InputError, InputTypeError, OSError
        If the model or the table is not usable, or does not fit the other; the output is then not there.
    """
    output, out, jobs = asked.talk.output, asked.out, asked.jobs
    if jobs is not None and jobs < 1:
        raise UsageError("--jobs must be at least 1", str(jobs), "Omit it to use all processors")
    form = Form(asked.id, asked.reading.options, asked.no_formulas, piece)
    if table.is_dir():
        files = _files(table, out, force=asked.force)
    elif asked.dask is not None:
        raise UsageError("With --dask the table must be a folder", f"{table}, a file", "Give a folder, or omit it")
    else:
        check_output(out, [table, model_file], force=asked.force)
        files = [(table, out)]
    started = time.perf_counter()
    model = load_model(model_file, absent_as_missing=asked.matching.absent_as_missing)
    decide(model, asked.deciding)
    if jobs is not None:
        model.set_params(n_jobs=jobs)
    with connected(asked.dask) as client:
        workers: Workers = Here() if client is None else DaskWorkers(client, DEADLINE)
        rows = sum(workers.results([Call(write_predictions, (model, *pair, form)) for pair in files]))
    if str(out) != "-":
        seconds = time.perf_counter() - started
        predictions = counted(rows, "prediction")
        output.say("written", say("predict.written", file=out, predictions=predictions, seconds=seconds))


def write_predictions(model: Any, table: Path, out: Path, form: Form) -> int:
    """Write a prediction for each row of one table, and give how many there were."""
    rows, ids = 0, form.ids
    with TableWriter(out) as writer:
        # names of rows come back as they were written
        text = Complement(() if writer.text else (*remembered_names(model), *ids))
        kinds, model.notation_ = held_kinds(model), form.reading.over(model.notation_)
        for frame in scan_table(table, form.piece, form.reading, learned=model.notation_, text=text, kinds=kinds):
            check_columns(ids, frame.columns, table)
            present_columns(model, frame.columns, table)
            names = frame.select(list(dict.fromkeys([*remembered_names(model, frame.columns), *ids])))
            predicted = prediction_table(predict_rows(model, frame), names)
            writer.write(without_formulas(predicted) if form.no_formulas else predicted)
            rows += len(frame)
    return rows


def _files(folder: Path, out: Path, *, force: bool) -> Sequence[tuple[Path, Path]]:
    """The files of a folder, each with the file for its predictions, which has the same name; the folder is made.

    Raises
    ------
    UsageError
        If the output is no folder, or is the input, or a file of it exists and may not be replaced.
    InputError
        If there is no table in the folder, or a folder.
    """
    if str(out) == "-" or out.is_file():
        raise UsageError("Predictions of a folder need a folder", str(out), "Specify one with --out")
    if folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise UsageError("--out must not be a folder that is read, nor in it", str(out), "Choose another folder")
    pairs = [(path, out / _written(path)) for path in files_of(folder)]
    there = [written for _, written in pairs if written.exists()]
    if there and not force:
        remedy = "Choose another folder with --out, or overwrite it with --force"
        raise UsageError(f"{there[0]} already exists", None, remedy, again=("--force",))
    destination(out).mkdir(parents=True, exist_ok=True)
    return [(read.resolve(), written.resolve()) for read, written in pairs]  # workers may be in other folders


def _written(table: Path) -> str:
    """The name of the file for its predictions: its own where they can be written in its format, or else Parquet's."""
    same = file_format(table) in WRITTEN and table.suffix.lower() not in READ_ONLY
    return table.name if same else f"{table.name}.parquet"

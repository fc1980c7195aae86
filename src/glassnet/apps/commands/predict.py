"""``glassnet predict``: predictions for new rows, piece by piece, in memory that does not grow with the table.

Each file of a folder is a table, predicted by itself, here or by workers. A file is there whole or not at all; if a
worker dies, another one writes the same file again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from cyclopts import Parameter

from glassnet.apps.commands import app
from glassnet.apps.shared_options import (
    DecisionOptions,
    Names,
    NewTableOptions,
    Out,
    OutputOptions,
    Result,
    Table,
)
from glassnet.apps.texts import counted, say
from glassnet.apps.usage import UsageError, check_output
from glassnet.support.atomic_write import destination
from glassnet.support.language import Text

if TYPE_CHECKING:
    from glassnet.distributed.workers import Workers
    from glassnet.tables.reading.sources import ReadOptions, pl


PIECE = 20_000
"""Rows at a time: enough to be quick, few enough for any memory."""
DEADLINE = 30.0
"""Seconds without a sign of life after which a worker is given up."""
WRITTEN = ("csv", "parquet")
"""Formats that predictions are written in; those of files in others become Parquet."""
READ_ONLY = (".bz2", ".xz", ".zst")
"""Endings of files that are read, but not written."""
FORMULA = r"^[=+\-@\t\r\n]"
"""How text begins that a spreadsheet takes for a formula. Source: OWASP, *CSV Injection*."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PredictOptions:
    """Where predictions go, and in which form.

    Parameters
    ----------
    id : tuple of str
        Columns to copy to the predictions, in addition to those given in training. For several: a,b.
    out : Path
        The file to write predictions to: .csv, .tsv (also with .gz) or .parquet (default: -, the standard output).
        For a folder of tables, this is a folder, too.
    force : bool
        Overwrite the file if it exists.
    no_formulas : bool
        Prefix text that a spreadsheet would read as a formula, such as =1+1, with an apostrophe: for untrusted tables.
    jobs : int
        Number of processors to use (default: all).
    dask : str
        Where to predict the files of a folder: the address of a Dask scheduler, or local:4 for four local processes.
    """

    id: Names = ()
    deciding: DecisionOptions = DecisionOptions()
    reading: NewTableOptions = NewTableOptions()
    out: Annotated[Path, Out] = Path("-")
    force: Annotated[bool, Result] = False
    no_formulas: Annotated[bool, Result] = False
    jobs: Annotated[int | None, Result] = None
    dask: Annotated[str | None, Result] = None
    printing: OutputOptions = OutputOptions()


@app.command(
    sort_key=5,
    help_epilogue="""\
Examples:
  glassnet predict model.safetensors new.csv --out predictions.csv
  glassnet predict model.safetensors new.parquet --id customer -o known.parquet
  glassnet predict model.safetensors new.csv | head
  glassnet predict model.safetensors new.csv --decision-threshold 0.2
  glassnet predict model.safetensors july/ --out predicted/ --dask local:4""",
)
def predict(model: Path, table: Table, /, *, options: PredictOptions = PredictOptions()) -> None:
    """Predict the target of new rows: the class and class probabilities, or the number.

    The table is read in chunks, so it may be larger than memory.

    Parameters
    ----------
    model : Path
        The model file.
    table : Path
        The data file, or a folder of such files. Columns are matched by name, in any order; extra columns are
        ignored.
    """
    from glassnet.apps.saved_model import decide, load_model
    from glassnet.distributed.clients import connected
    from glassnet.distributed.dask_workers import DaskWorkers
    from glassnet.distributed.workers import Call, LocalWorkers

    output, out, jobs = options.printing.output, options.out, options.jobs
    if jobs is not None and jobs < 1:
        raise UsageError("--jobs must be at least 1", str(jobs), "Omit it to use all processors")
    form = Form(options.id, options.reading.options, options.no_formulas, PIECE)
    if table.is_dir():
        files = _files(table, out, force=options.force)
    elif options.dask is not None:
        raise UsageError(
            "With --dask the table must be a folder", Text("{table}, a file", table=table), "Give a folder, or omit it"
        )
    else:
        check_output(out, [table, model], force=options.force, printed=True)
        files = [(table, out)]
    started = time.perf_counter()
    estimator = load_model(model, absent_as_missing=options.reading.absent_as_missing)
    decide(estimator, options.deciding)
    if jobs is not None:
        estimator.set_params(n_jobs=jobs)
    with connected(options.dask) as client:
        workers: Workers = LocalWorkers() if client is None else DaskWorkers(client, DEADLINE)
        rows = sum(workers.results([Call(write_predictions, (estimator, *pair, form)) for pair in files]))
    if str(out) != "-":
        seconds = time.perf_counter() - started
        predictions = counted(rows, "prediction")
        output.say("written", say("predict.written", file=out, predictions=predictions, seconds=seconds))


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
    piece: int


def write_predictions(model: Any, table: Path, out: Path, form: Form) -> int:
    """Write a prediction for each row of one table, and give how many there were."""
    from glassnet.apps.labelled import Complement, check_columns
    from glassnet.apps.saved_model import held_kinds, present_columns, remembered_names
    from glassnet.insight.predictions import predict_rows
    from glassnet.tables.reading.readers import scan_table
    from glassnet.tables.writers import TableWriter

    rows, ids = 0, form.ids
    with TableWriter(out) as writer:
        # names of rows come back as they were written
        text = Complement(() if writer.text else (*remembered_names(model), *ids))
        kinds, model.notation_ = held_kinds(model), form.reading.over(model.notation_)
        for frame in scan_table(table, form.piece, form.reading, learned=model.notation_, text=text, kinds=kinds):
            check_columns(ids, frame.columns, table)
            present_columns(model, frame.columns, table)
            names = frame.select(list(dict.fromkeys([*remembered_names(model, frame.columns), *ids])))
            predicted = predict_rows(model, frame).table(names)
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
    from glassnet.tables.reading.table_blocks import files_of

    if str(out) == "-" or out.is_file():
        raise UsageError("Predictions of a folder need a folder", str(out), "Specify one with --out")
    if folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise UsageError("--out must not be a folder that is read, nor in it", str(out), "Choose another folder")
    pairs = [(path, out / _written(path)) for path in files_of(folder)]
    there = [written for _, written in pairs if written.exists()]
    if there and not force:
        remedy = Text("Choose another folder with --out, or overwrite it with --force")
        raise UsageError(Text("{file} already exists", file=there[0]), None, remedy, again=("--force",))
    destination(out).mkdir(parents=True, exist_ok=True)
    return [(read.resolve(), written.resolve()) for read, written in pairs]  # workers may be in other folders


def _written(table: Path) -> str:
    """The name of the file for its predictions: its own where they can be written in its format, or else Parquet's."""
    from glassnet.tables.reading.sources import file_format

    same = file_format(table) in WRITTEN and table.suffix.lower() not in READ_ONLY
    return table.name if same else f"{table.name}.parquet"


def without_formulas(table: pl.DataFrame) -> pl.DataFrame:
    """The same with an apostrophe before text, and before names of columns, that a spreadsheet would compute.

    Examples
    --------
    >>> import polars as pl
    >>> without_formulas(pl.DataFrame({"name": ["=1+1", "Ann", "-1"], "debt": [-1, 2, 3]})).rows()
    [("'=1+1", -1), ('Ann', 2), ('-1', 3)]
    """
    from glassnet.tables.reading.sources import pl

    def guarded(text: pl.Series) -> pl.Series:
        computed = text.str.contains(FORMULA) & text.cast(pl.Float64, strict=False).is_null()  # -1 is a number
        return text.zip_with(~computed.fill_null(False), "'" + text)

    texts = [guarded(column) for column in table if column.dtype == pl.String]
    return table.with_columns(texts).rename(lambda name: f"'{name}" if re.match(FORMULA, name) else name)

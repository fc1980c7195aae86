"""Commands that ask a model about rows: evaluate, predict, explain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from glassnet.apps.commands.reading import Reading
from glassnet.apps.commands.table import Data, Groups, Names, Out, Result, Table, app
from glassnet.apps.commands.talk import RESULTS, TALK, Results, Talk
from glassnet.apps.endings import DONE
from glassnet.apps.names import named_columns

_FOUND_OUT = Reading()


@app.command(
    sort_key=4,
    help_epilogue="""\
Examples:
  glassnet evaluate model.safetensors july.csv
  glassnet evaluate model.safetensors july.csv --report july.html
  glassnet evaluate model.safetensors july.csv --json | jq .scores.accuracy""",
)
def evaluate(
    model: Path,
    table: Table,
    /,
    *,
    target: Annotated[str | None, Data] = None,
    sample_weight: Annotated[str | None, Data] = None,
    reading: Reading = _FOUND_OUT,
    report: Annotated[Path | None, Result] = None,
    group_columns: Groups = (),
    force: Annotated[bool, Result] = False,
    talk: Results = RESULTS,
) -> int:
    """Score a model on a table whose target values are known.

    Parameters
    ----------
    model : Path
        The model's file.
    table : Path
        The file with the rows.
    target : str
        The target column, if it is named differently than in training.
    sample_weight : str
        A column with the weight of each row.
    report : Path
        The file for a report, one HTML page; none if left out.
    group_columns : tuple of str
        Columns whose importance the report measures together: place=lat,lon. Several: give the option again.
    force : bool
        Replace the report if it exists.
    """
    from glassnet.apps.evaluate import evaluate as run

    run(
        *(model, table, talk.output),
        target=target,
        weight=sample_weight,
        reading=reading.options,
        report=report,
        column_groups=named_columns(group_columns),
        force=force,
    )
    return DONE


@app.command(
    sort_key=5,
    help_epilogue="""\
Examples:
  glassnet predict model.safetensors new.csv --out predictions.csv
  glassnet predict model.safetensors new.parquet --id customer -o known.parquet
  glassnet predict model.safetensors new.csv | head""",
)
def predict(
    model: Path,
    table: Table,
    /,
    *,
    id: Names = (),
    reading: Reading = _FOUND_OUT,
    out: Annotated[Path, Out] = Path("-"),
    force: Annotated[bool, Result] = False,
    no_formulas: Annotated[bool, Result] = False,
    jobs: Annotated[int | None, Result] = None,
    talk: Talk = TALK,
) -> int:
    """Predict the target for new rows: the class and the probability of each, or the number.

    The table is read piece by piece, so it may be larger than memory.

    Parameters
    ----------
    model : Path
        The model's file.
    table : Path
        The file with the rows. Columns are matched by name, in any order; others are ignored.
    id : tuple of str
        Columns to carry along into the predictions, besides those given in training. Several: a,b.
    out : Path
        The file for the predictions: .csv, .tsv (also with .gz) or .parquet; the standard output if left out or "-".
    force : bool
        Replace the file if it exists.
    no_formulas : bool
        Put an apostrophe before text that a spreadsheet would compute, such as =1+1: for tables from strangers.
    jobs : int
        How many processors to use; all if left out.
    """
    from glassnet.apps.predict import predict as run

    run(
        *(model, table, talk.output),
        out=out,
        ids=id,
        reading=reading.options,
        force=force,
        no_formulas=no_formulas,
        jobs=jobs,
    )
    return DONE


@app.command(
    sort_key=6,
    help_epilogue="""\
Examples:
  glassnet explain model.safetensors new.csv
  glassnet explain model.safetensors july.csv --rows 0,5 --language zh
  glassnet explain model.safetensors july.csv --json | jq .importances""",
)
def explain(
    model: Path,
    table: Table,
    /,
    *,
    rows: Names = (),
    target: Annotated[str | None, Data] = None,
    group_columns: Groups = (),
    reading: Reading = _FOUND_OUT,
    talk: Results = RESULTS,
) -> int:
    """Explain predictions in words, and measure how important each column is.

    Contributions are relative to a row in which nothing is known. Importances need a table with the target: how much
    the score drops when a column is shuffled.

    Parameters
    ----------
    model : Path
        The model's file.
    table : Path
        The file with the rows.
    rows : tuple of str
        Which rows to explain, from 0; the first five if left out. Several: 0,5
    target : str
        The target column, if it is named differently than in training.
    group_columns : tuple of str
        Columns whose importance is measured together: place=lat,lon. Several: give the option again.
    """
    from glassnet.apps.explain import explain as run

    run(
        *(model, table, talk.output),
        rows=rows,
        target=target,
        groups=named_columns(group_columns),
        reading=reading.options,
    )
    return DONE

"""Commands that ask a model about rows: evaluate, predict, explain."""

from __future__ import annotations

from pathlib import Path

from glassnet.apps.commands.asked import Evaluation, Explaining, Predicting
from glassnet.apps.commands.table import Table, app


@app.command(
    sort_key=4,
    help_epilogue="""\
Examples:
  glassnet evaluate model.safetensors july.csv
  glassnet evaluate model.safetensors july.csv --report july.html
  glassnet evaluate model.safetensors july.csv --json | jq .scores.accuracy""",
)
def evaluate(model: Path, table: Table, /, *, evaluation: Evaluation = Evaluation()) -> None:
    """Evaluate a model on a table with known target values.

    Parameters
    ----------
    model : Path
        The model file.
    table : Path
        The data file.
    """
    from glassnet.apps.evaluate import evaluate as run

    run(model, table, evaluation)


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
def predict(model: Path, table: Table, /, *, predicting: Predicting = Predicting()) -> None:
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
    from glassnet.apps.predict import predict as run

    run(model, table, predicting)


@app.command(
    sort_key=6,
    help_epilogue="""\
Examples:
  glassnet explain model.safetensors new.csv
  glassnet explain model.safetensors july.csv --rows 0,5 --language zh
  glassnet explain model.safetensors july.csv --json | jq .importances""",
)
def explain(model: Path, table: Table, /, *, explaining: Explaining = Explaining()) -> None:
    """Explain predictions in words, and measure the importance of each column.

    Contributions are relative to the baseline: the prediction with all columns unknown. Permutation importances (how
    much the score drops when a column is shuffled) need a table with the target.

    Parameters
    ----------
    model : Path
        The model file.
    table : Path
        The data file.
    """
    from glassnet.apps.explain import explain as run

    run(model, table, explaining)

"""Commands that learn from a table: demo, train, search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from glassnet.apps.commands.table import Out, Table, app, with_estimator_options
from glassnet.apps.commands.talk import RESULTS, Results
from glassnet.apps.commands.training import OneTraining, Searching
from glassnet.apps.endings import DONE, INTERRUPTED


@app.command(
    sort_key=1,
    help_epilogue="""\
Examples:
  glassnet demo
  glassnet demo --out /tmp/demo""",
)
def demo(*, out: Annotated[Path, Out] = Path("demo"), talk: Results = RESULTS) -> int:
    """Run a demo on a real table: the 1,797 handwritten digits that come with scikit-learn.

    Writes the table, the model, predictions and a report to a folder; files of an earlier demo are overwritten.

    Parameters
    ----------
    out : Path
        The output folder (default: demo).
    """
    from glassnet.apps.demo import demo as run

    return INTERRUPTED if run(out, talk.output).interrupted else DONE


@app.command(
    sort_key=2,
    help_epilogue="""\
Examples:
  glassnet train titanic.csv --target survived
  glassnet train houses.parquet --target price --id number -o houses.safetensors
  glassnet train churn.csv --target churn --scoring roc_auc
  glassnet train t.csv --target y --hidden-layers 256,dropout:0.2,gelu:64
  glassnet train may.csv --target y --test june.csv --json > result.json
  glassnet train large.parquet --target y --checkpoint run-1 --resume
  glassnet train folder/ --target y --memory 1GB""",
)
@with_estimator_options
def train(table: Table, /, *, training: OneTraining, **options: Any) -> int:
    """Train a network on a table, evaluate it on unseen rows, and save it.

    Ctrl-C ends training early: the best weights so far are scored and saved.

    Parameters
    ----------
    table : Path
        The training data file, or a folder of such files.
    """
    from glassnet.apps.stages import Request
    from glassnet.apps.train import train as run

    request = Request(**vars(training), table=table, options=options)
    return INTERRUPTED if run(request, training.talk.output).interrupted else DONE


@app.command(
    sort_key=3,
    help_epilogue="""\
Examples:
  glassnet search titanic.csv --target survived --budget 10m
  glassnet search houses.parquet --target price --resume houses.search
  glassnet search churn.csv --target churn --scoring roc_auc --trials 50
  glassnet search t.csv --target y --activation gelu --epochs 100""",
)
@with_estimator_options
def search(table: Table, /, *, searching: Searching, **options: Any) -> int:
    """Search for the best options for a table, then train, score and save a network with them.

    It starts from the defaults, and never chooses options that score worse on held-out rows. Options given on the
    command line stay fixed.

    Ctrl-C ends the search early: the best options so far are used.

    Parameters
    ----------
    table : Path
        The training data file.
    """
    from glassnet.apps.search import search as run

    return INTERRUPTED if run(table, searching, options, searching.talk.output).interrupted else DONE

"""Commands that learn from a table: demo, train, search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from glassnet.apps.commands.table import (
    DATA,
    RESULT,
    Data,
    Names,
    Out,
    Quiet,
    Result,
    Search,
    app,
    with_estimator_options,
)
from glassnet.apps.endings import DONE, INTERRUPTED


@app.command(
    sort_key=1,
    help_epilogue="""\
Examples:
  glassnet demo
  glassnet demo --out /tmp/demo""",
)
def demo(
    *,
    out: Annotated[Path, Out] = Path("demo"),
    quiet: Quiet = False,
) -> int:
    """See it work on a real table: 1,797 handwritten digits, which come with scikit-learn.

    Writes the table, the model, predictions and a report into a folder; files of an earlier demo are replaced.

    Parameters
    ----------
    out : Path
        The folder (demo if left out).
    quiet : bool
        Print nothing but errors.
    """
    from glassnet.apps.console import Output
    from glassnet.apps.demo import demo as run

    return INTERRUPTED if run(out, Output(quiet)).interrupted else DONE


@app.command(
    sort_key=2,
    help_epilogue="""\
Examples:
  glassnet train titanic.csv --target survived
  glassnet train houses.parquet --target price --id number -o houses.safetensors
  glassnet train churn.csv --target churn --scoring roc_auc
  glassnet train t.csv --target y --hidden-layers 256,dropout:0.2,gelu:64
  glassnet train may.csv --target y --test june.csv --json > result.json""",
)
@with_estimator_options
def train(
    table: Path,
    /,
    *,
    target: Annotated[str, Data],
    task: Annotated[Literal["classification", "regression"] | None, Data] = None,
    test: Annotated[str, Parameter(group=DATA, metavar="FILE|SHARE")] = "0.2",
    validation: Annotated[Path | None, Data] = None,
    id: Names = (),
    drop: Names = (),
    sample_weight: Annotated[str | None, Data] = None,
    missing: Names = (),
    out: Annotated[Path, Out] = Path("model.safetensors"),
    force: Annotated[bool, Result] = False,
    compare: Annotated[bool, Parameter(negative="--no-compare", group=RESULT)] = True,
    report: Annotated[Path | None, Result] = None,
    no_report: Annotated[bool, Result] = False,
    language: Annotated[Literal["en", "zh"], Result] = "en",
    watch: Annotated[bool, Result] = False,
    quiet: Quiet = False,
    json: Annotated[bool, Result] = False,
    **options: Any,
) -> int:
    """Train a network on a table, score it on rows it has not seen, and save it.

    Ctrl-C ends training early: the best weights so far are scored and saved.

    Parameters
    ----------
    table : Path
        The file with the rows to learn from.
    target : str
        The column to predict.
    task : str
        Guessed from the target if left out.
    test : str
        A file with rows to score by, or the share of rows to hold back for it; 0.2 if left out, 0 for none.
    validation : Path
        A file with rows to judge each epoch by, instead of a part of the training rows.
    id : tuple of str
        Columns that only name rows: not learned from; predictions carry them along. Several: a,b.
    drop : tuple of str
        Columns not to learn from. Several: a,b.
    sample_weight : str
        A column that says how much each row counts.
    missing : tuple of str
        Texts that mean a missing value, beside the empty cell. Several: NA,?
    out : Path
        The file for the model (model.safetensors if left out).
    force : bool
        Replace the file if it exists.
    compare : bool
        Score simple models beside it: logistic or ridge regression, the most frequent class or the mean.
    report : Path
        The file for a report, one HTML page; beside the model, with .html at the end, if left out.
    no_report : bool
        Write no report.
    language : str
        Of the report, the curves and the doctor: en (if left out) or zh.
    watch : bool
        Show the curves of loss and validation while it trains, and what the doctor finds below them.
    quiet : bool
        Print nothing but errors (and the JSON, if asked for).
    json : bool
        Print the result as JSON instead of a table.
    """
    from glassnet.apps.console import Output
    from glassnet.apps.labelled import Roles
    from glassnet.apps.reports import wanted_report
    from glassnet.apps.train import Request
    from glassnet.apps.train import train as run

    roles = Roles(target, id, drop, sample_weight, missing)
    reports = wanted_report(report, no_report)
    request = Request(table, roles, task, test, validation, out, force, compare, reports, language, options, watch)
    return INTERRUPTED if run(request, Output(quiet, json)).interrupted else DONE


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
def search(
    table: Path,
    /,
    *,
    target: Annotated[str, Data],
    budget: Annotated[str | None, Search] = None,
    trials: Annotated[int | None, Search] = None,
    jobs: Annotated[int | None, Search] = None,
    resume: Annotated[Path | None, Search] = None,
    task: Annotated[Literal["classification", "regression"] | None, Data] = None,
    test: Annotated[str, Parameter(group=DATA, metavar="FILE|SHARE")] = "0.2",
    validation: Annotated[str | None, Parameter(group=DATA, metavar="FILE|SHARE|FOLDS")] = None,
    id: Names = (),
    drop: Names = (),
    sample_weight: Annotated[str | None, Data] = None,
    missing: Names = (),
    out: Annotated[Path, Out] = Path("model.safetensors"),
    force: Annotated[bool, Result] = False,
    compare: Annotated[bool, Parameter(negative="--no-compare", group=RESULT)] = True,
    report: Annotated[Path | None, Result] = None,
    no_report: Annotated[bool, Result] = False,
    language: Annotated[Literal["en", "zh"], Result] = "en",
    quiet: Quiet = False,
    json: Annotated[bool, Result] = False,
    **options: Any,
) -> int:
    """Search for the options that suit a table best, train a network with them, score it, and save it.

    It begins with the defaults, and never chooses what is worse on rows held back. Options that you give stay.

    Ctrl-C ends the search early: the best options so far are taken.

    Parameters
    ----------
    table : Path
        The file with the rows to learn from.
    target : str
        The column to predict.
    budget : str
        How long to search, 90s, 10m or 1h30m; 10m if both are left out. The final training comes on top.
    trials : int
        How many sets of options to try, those in --resume among them.
    jobs : int
        How many to try at a time; as many as keep the processors busy if left out.
    resume : Path
        A file for what was tried: the same command goes on where it ended.
    task : str
        Guessed from the target if left out.
    test : str
        A file with rows to score by, or the share of rows to hold back for it; 0.2 if left out, 0 for none.
    validation : str
        What judges: a file with rows, a share to hold back, or a number of folds; chosen by size if left out.
    id : tuple of str
        Columns that only name rows: not learned from; predictions carry them along. Several: a,b.
    drop : tuple of str
        Columns not to learn from. Several: a,b.
    sample_weight : str
        A column that says how much each row counts.
    missing : tuple of str
        Texts that mean a missing value, beside the empty cell. Several: NA,?
    out : Path
        The file for the model (model.safetensors if left out).
    force : bool
        Replace the file if it exists.
    compare : bool
        Score simple models beside it: logistic or ridge regression, the most frequent class or the mean.
    report : Path
        The file for a report, one HTML page; beside the model, with .html at the end, if left out.
    no_report : bool
        Write no report.
    language : str
        Of the report: en (if left out) or zh.
    quiet : bool
        Print nothing but errors (and the JSON, if asked for).
    json : bool
        Print the result as JSON instead of a table.
    """
    from glassnet.apps.console import Output
    from glassnet.apps.labelled import Roles
    from glassnet.apps.reports import wanted_report
    from glassnet.apps.search import SearchRequest
    from glassnet.apps.search import search as run
    from glassnet.apps.train import Request

    roles = Roles(target, id, drop, sample_weight, missing)
    reports = wanted_report(report, no_report)
    training = Request(table, roles, task, test, None, out, force, compare, reports, language, options)
    request = SearchRequest(training, budget, trials, jobs, resume, validation)
    return INTERRUPTED if run(request, Output(quiet, json)).interrupted else DONE

"""The command table: what can be typed after ``glassnet``, and the help that is shown for it.

Only words and options are here; each command does its work in the file of its name, which is imported when it runs, so
that help comes at once. To add a command, write its function below, with a `sort_key` for its place in the list.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

# cyclopts rather than typer: it takes its help from numpydoc docstrings, and its options from any signature
from cyclopts import App, Group, Parameter

import glassnet
from glassnet.apps.endings import DONE, INTERRUPTED
from glassnet.apps.options import estimator_options

__all__ = ["app"]

DATA = Group("Data", sort_key=1)
SEARCH = Group("Search", sort_key=2)
RESULT = Group("Result", sort_key=3)
NETWORK = Group("Network and training", help="What you leave out is chosen to suit the table, and shown.", sort_key=4)

HELP = """\
Neural networks that you can see through.

Point it at a table, text and gaps and all, and get a trained, scored, saved
network. Tables are CSV, TSV (also .gz) or Parquet files with a header."""

EXAMPLES = """\
Examples:
  glassnet demo                                see it at work, on digits
  glassnet train customers.csv --target churn  train, score, save the model
  glassnet search customers.csv --target churn the same, with the best options
  glassnet predict model.safetensors new.csv   predictions for new rows
  glassnet train --help                        all options of a command

Exit codes: 0 done, 1 a problem with data, model or machine, 2 wrong usage,
130 interrupted. --debug after any command shows where an error comes from."""

app = App(
    name="glassnet",
    help=HELP,
    help_epilogue=EXAMPLES,
    help_format="plaintext",
    suppress_keyboard_interrupt=False,  # whoever runs the command tells what Ctrl-C left behind
    version=f"glassnet {glassnet.__version__}",
    default_parameter=Parameter(negative=(), show_default=False),
)


def _list(_: Any, tokens: Any) -> tuple[str, ...]:
    """Names from "a,b", or from the option given several times."""
    return tuple(name.strip() for token in tokens for name in token.value.split(",") if name.strip())


Names = Annotated[tuple[str, ...], Parameter(converter=_list, n_tokens=1, group=DATA)]
Data = Parameter(group=DATA)
Search = Parameter(group=SEARCH)
Result = Parameter(group=RESULT)
Quiet = Annotated[bool, Parameter(name=("--quiet", "-q"), group=RESULT)]
Out = Parameter(name=("--out", "-o"), group=RESULT, allow_leading_hyphen=True)  # "-" is the standard output


def _with_estimator_options(command: Callable[..., int]) -> Callable[..., int]:
    """Let a command take every option of the estimators, as its ``**options``."""
    signature = inspect.signature(command, eval_str=True)
    own = [parameter for parameter in signature.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    more = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                option.kind | None,
                Parameter(help=option.help, group=NETWORK, negative=None if option.kind is bool else ()),
            ],
        )
        for option in estimator_options()
    ]
    command.__signature__ = signature.replace(parameters=[*own, *more])  # type: ignore[attr-defined]
    return command


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
@_with_estimator_options
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
        Of the report: en (if left out) or zh.
    watch : bool
        Show the curves of loss and validation while it trains.
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
@_with_estimator_options
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
    table: Path,
    /,
    *,
    target: Annotated[str | None, Data] = None,
    sample_weight: Annotated[str | None, Data] = None,
    missing: Names = (),
    report: Annotated[Path | None, Result] = None,
    force: Annotated[bool, Result] = False,
    language: Annotated[Literal["en", "zh"], Result] = "en",
    quiet: Quiet = False,
    json: Annotated[bool, Result] = False,
) -> int:
    """Score a model on a table of which the answers are known.

    Parameters
    ----------
    model : Path
        The model's file.
    table : Path
        The file with the rows.
    target : str
        The column with the answers, where it is called otherwise than in training.
    sample_weight : str
        A column that says how much each row counts.
    missing : tuple of str
        Texts that mean a missing value; as in training if left out.
    report : Path
        The file for a report, one HTML page; none if left out.
    force : bool
        Replace the report if it exists.
    language : str
        Of the report: en (if left out) or zh.
    quiet : bool
        Print nothing but errors (and the JSON, if asked for).
    json : bool
        Print the scores as JSON instead of a table.
    """
    from glassnet.apps.console import Output
    from glassnet.apps.evaluate import evaluate as run

    run(
        *(model, table, Output(quiet, json)),
        target=target,
        weight=sample_weight,
        missing=missing,
        report=report,
        force=force,
        language=language,
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
    table: Path,
    /,
    *,
    id: Names = (),
    missing: Names = (),
    out: Annotated[Path, Out] = Path("-"),
    force: Annotated[bool, Result] = False,
    quiet: Quiet = False,
) -> int:
    """Predict the target for new rows: the class and the probability of each, or the number.

    The table is read piece by piece, so it may be larger than the memory.

    Parameters
    ----------
    model : Path
        The model's file.
    table : Path
        The file with the rows. Columns are found by name, in any order; further columns do not matter.
    id : tuple of str
        Columns to carry along into the predictions, beside those that training was told of. Several: a,b.
    missing : tuple of str
        Texts that mean a missing value; as in training if left out.
    out : Path
        The file for the predictions: .csv, .tsv (also with .gz) or .parquet; the standard output if left out or "-".
    force : bool
        Replace the file if it exists.
    quiet : bool
        Print nothing but errors and the predictions.
    """
    from glassnet.apps.console import Output
    from glassnet.apps.predict import predict as run

    run(model, table, Output(quiet), out=out, ids=id, missing=missing, force=force)
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
    table: Path,
    /,
    *,
    rows: Names = (),
    target: Annotated[str | None, Data] = None,
    missing: Names = (),
    language: Annotated[Literal["en", "zh"], Result] = "en",
    json: Annotated[bool, Result] = False,
) -> int:
    """Say in words why a model answers as it does, and how important each column is.

    What a column adds is measured from a row of which nothing is known. Importances need a table with the answers:
    how much the score drops when a column is shuffled.

    Parameters
    ----------
    model : Path
        The model's file.
    table : Path
        The file with the rows.
    rows : tuple of str
        Which rows to explain, from 0; the first five if left out. Several: 0,5
    target : str
        The column with the answers, where it is called otherwise than in training.
    missing : tuple of str
        Texts that mean a missing value; as in training if left out.
    language : str
        Of the sentences (en if left out).
    json : bool
        Print everything as JSON instead.
    """
    from glassnet.apps.console import Output
    from glassnet.apps.explain import explain as run

    run(model, table, Output(json=json), rows=rows, language=language, target=target, missing=missing)
    return DONE


@app.command(
    sort_key=7,
    name="inspect",
    help_epilogue="""\
Examples:
  glassnet inspect model.safetensors
  glassnet inspect model.safetensors --json | jq .history""",
)
def show_model(model: Path, /, *, json: Annotated[bool, Result] = False) -> int:
    """Show what is in a model: layers, columns, settings, how training went.

    Parameters
    ----------
    model : Path
        The model's file.
    json : bool
        Print it as JSON, every epoch of the history included.
    """
    from glassnet.apps.console import Output
    from glassnet.apps.inspect import inspect_model

    inspect_model(model, Output(json=json))
    return DONE


@app.command(
    sort_key=8,
    help_epilogue="""\
Examples:
  glassnet doctor model.safetensors customers.csv
  glassnet doctor model.safetensors customers.csv --validation june.csv
  glassnet doctor model.safetensors customers.csv --json | jq .findings""",
)
def doctor(
    model: Path,
    table: Path,
    /,
    *,
    target: Annotated[str | None, Data] = None,
    validation: Annotated[Path | None, Data] = None,
    missing: Names = (),
    language: Annotated[Literal["en", "zh"], Result] = "en",
    quiet: Quiet = False,
    json: Annotated[bool, Result] = False,
) -> int:
    """Find out what is wrong with a model, its training or its table, and what to do about it.

    Parameters
    ----------
    model : Path
        The model's file.
    table : Path
        The file that it was trained with.
    target : str
        The column with the answers, where it is called otherwise than in training.
    validation : Path
        A file with rows that it has not learned from.
    missing : tuple of str
        Texts that mean a missing value; as in training if left out.
    language : str
        Of the findings: en (English, if left out) or zh (Chinese).
    quiet : bool
        Print nothing but errors (and the JSON, if asked for).
    json : bool
        Print the findings as JSON.
    """
    from glassnet.apps.console import Output
    from glassnet.apps.doctor import doctor as run

    run(model, table, Output(quiet, json), target=target, validation=validation, missing=missing, language=language)
    return DONE


@app.command(
    sort_key=7,
    help_epilogue="""\
Examples:
  glassnet warm
  glassnet warm --precision float32""",
)
def warm(
    *,
    precision: Annotated[tuple[Literal["float32", "float64"], ...], Result] = (),
    quiet: Quiet = False,
    json: Annotated[bool, Result] = False,
) -> int:
    """Compile ahead what networks will need, so that the first training need not wait for it.

    The code is kept in a folder: $GLASSNET_CACHE, or glassnet in the user's cache folder. It suits the processor that
    it was compiled on, and no other kind.

    Parameters
    ----------
    precision : tuple of str
        Only for networks of this precision; both if left out.
    quiet : bool
        Print nothing but errors.
    json : bool
        Print the result as JSON.
    """
    from glassnet.apps.console import Output
    from glassnet.apps.warm import warm as run

    run(precision, Output(quiet, json))
    return DONE

"""``glassnet search``: as ``glassnet train``, with the options that suit the table best, as far as time allows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from glassnet.apps.commands import app
from glassnet.apps.commands.train import Request
from glassnet.apps.console import Output, number, text_table
from glassnet.apps.shared_options import (
    DATA,
    Search,
    Table,
    TrainingOptions,
    with_estimator_options,
)
from glassnet.apps.texts import comma, counted, say
from glassnet.apps.usage import DONE, INTERRUPTED, UsageError, as_usage
from glassnet.errors import TableWarning
from glassnet.support.options import Integer

if TYPE_CHECKING:
    from glassnet.tuning import SearchResult


SHOWN = 5
"""Trials that are shown, the best ones."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class SearchOptions(TrainingOptions):
    """A training with options that are searched for.

    Parameters
    ----------
    validation : str
        What trials are scored on: a file with rows, a fraction to hold out, or a number of folds (default: depends on
        the number of rows, or the folds of --fold or --cv).
    budget : str
        How long to search, such as 90s, 10m or 1h30m (default: 10m, unless --trials is given). The final training is
        not included.
    trials : int
        Number of trials, including those in --resume.
    jobs : int
        Number of parallel trials (default: as many as keep all processors busy).
    resume : Path
        A file that records the trials: run the same command again to resume.
    dask : str
        Where to run the trials: the address of a Dask scheduler, or local:4 for four local processes. With the same
        --jobs the trials are the same.
    """

    validation: Annotated[str | None, Parameter(group=DATA, metavar="FILE|SHARE|FOLDS")] = None
    budget: Annotated[str | None, Search] = None
    trials: Annotated[int | None, Search] = None
    jobs: Annotated[int | None, Search] = None
    resume: Annotated[Path | None, Search] = None
    dask: Annotated[str | None, Search] = None


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
def search(table: Table, /, *, searching: SearchOptions, **options: Any) -> int:
    """Search for the best options for a table, then train, score and save a network with them.

    It starts from the defaults, and never chooses options that score worse on held-out rows. Options given on the
    command line stay fixed.

    Ctrl-C ends the search early: the best options so far are used.

    Parameters
    ----------
    table : Path
        The training data file.
    """
    from glassnet import tuning
    from glassnet.apps.reports import command
    from glassnet.apps.table_messages import say_ended, say_network
    from glassnet.apps.timings import Timings, seconds_of_members
    from glassnet.apps.training_data import prepare
    from glassnet.apps.training_result import conclude, finish
    from glassnet.distributed.clients import connected
    from glassnet.tuning.study import require_optuna

    output = searching.printing.output
    require_optuna()
    _check(searching)
    share, file = _judges(searching.validation)
    shared = {each.name: getattr(searching, each.name) for each in fields(TrainingOptions)}
    training = Request(**shared, table=table, options=options, validation=file)
    if training.roles.fold is not None and share is not None:
        raise UsageError("--fold and --validation both choose the validation rows", None, "Omit one of them")
    if searching.resume is not None and searching.resume == training.out:
        raise UsageError("--resume and --out must be two files", str(training.out), "Choose another")
    with connected(searching.dask) as client:  # an address without a scheduler is refused before a long table is read
        timings = Timings()
        prepared = prepare(training, output, timings)
        given = dict(prepared.options)
        rows, own = prepared.training, prepared.validation
        output.say("search", say("search.hint"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TableWarning)  # it has been said
            found = tuning.search(
                rows.X,
                rows.y,
                rows.weight,
                groups=rows.groups,
                times=rows.times,
                task=prepared.task,
                budget=searching.budget,
                trials=searching.trials,
                scoring=given.pop("scoring", None),
                validation=share if own is None else (own.X, own.y, own.weight),
                jobs=searching.jobs,
                storage=searching.resume,
                client=client,
                random_state=given.pop("random_state"),
                verbose=not output.quiet,
                **given,
            )
    timings.end("fit")
    _print_result(output, found, timings.of_training)
    output.show("", _trial_table(found), "")
    model = found.best_estimator
    say_network(output, model)
    say_ended(output, model.histories_, sum(seconds_of_members(model.histories_)))
    compare = training.compare and not found.interrupted
    typed = command("search", [table], searching, options)
    trained = finish(model, prepared, training, output, timings, compare=compare, typed=typed)
    conclude(trained, output, trained.record(training) | {"search": _record(found)})
    return INTERRUPTED if found.interrupted else DONE


def _check(request: SearchOptions) -> None:
    """Refuse numbers that no table could make right, before a long one is read."""
    from glassnet.apps.training_data import check_address
    from glassnet.tuning.loop import budget_seconds

    check_address(request.dask)
    with as_usage():
        for name in ("trials", "jobs"):
            if getattr(request, name) is not None:
                Integer("For example 2").taken(f"`{name}`", getattr(request, name))
        if request.budget is not None:
            budget_seconds(request.budget)


def _judges(text: str | None) -> tuple[float | int | None, Path | None]:
    """The share of the rows or the number of folds that judge, or the file with rows that do."""
    if text is None:
        return None, None
    try:
        value = float(text)
    except ValueError:
        return None, Path(text)
    if value.is_integer() and value > 1:
        return int(value), None
    if not 0 < value < 1:
        raise UsageError("--validation must be a file, a share in (0, 1), or a number of folds", text, "For example 5")
    return value, None


def _print_result(output: Output, found: SearchResult, seconds: float) -> None:
    """How the search went."""
    from glassnet.training.history_display import column_name
    from glassnet.tuning.search import states

    went = {
        "trials": counted(len(found.trials), "trial"),
        "states": comma(states(found.trials)),
        "validation": found.validation.say(),
        "ended": found.ended.say(),
    }
    output.say("searched", say("search.went", seconds=seconds, **went))
    metric, best, default = column_name(found.metric), number(found.best_score), number(found.default_score)
    output.say("best", say("search.best", metric=metric, best=best, default=default))


def _trial_table(found: SearchResult) -> Any:
    """The best trials, the best of all in bold."""
    from glassnet.training.history_display import column_name
    from glassnet.tuning.search import best_first, heading

    known = ("trial", found.metric, "state", "epochs", "seconds", "default")
    rows = []
    for trial in best_first(found.trials, found.metric)[:SHOWN]:
        changed = [(heading(name).say(), trial[name]) for name in trial if name not in known]
        options = comma([f"{name.replace('_', ' ')} {_spelled(value)}" for name, value in changed])
        numbers = [str(trial["trial"]), number(trial[found.metric]), f"{trial['seconds']:.1f}"]
        rows.append([*numbers, say("search.defaults", options=options) if trial["default"] else options])
    first, *others = say("search.head").split("|")
    return text_table([first, column_name(found.metric), *others], rows, words=[3], best=[0])


def _spelled(value: Any) -> str:
    """A value as it could be typed."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return number(value) if isinstance(value, float) else str(value)


def _record(found: SearchResult) -> Mapping[str, Any]:
    """What programs may want to know."""
    return {
        "metric": found.metric,
        "best_score": found.best_score,
        "default_score": found.default_score,
        "best_options": found.best_options,
        "validation": found.validation,
        "ended": found.ended,
        "trials": found.trials,
    }

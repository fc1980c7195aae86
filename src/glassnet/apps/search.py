"""``glassnet search``: as ``glassnet train``, with the options that suit the table best, as far as time allows."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from glassnet import tuning
from glassnet.apps.clusters import check_address
from glassnet.apps.commands.training import Searching, Training
from glassnet.apps.console import Output, number, table
from glassnet.apps.endings import UsageError, as_usage
from glassnet.apps.findings import say_ended, say_network
from glassnet.apps.recipe import command
from glassnet.apps.stages import Request
from glassnet.apps.texts import comma, counted, say
from glassnet.apps.train import conclude, finish, prepare
from glassnet.distributed.clients import connected
from glassnet.errors import TableWarning
from glassnet.support.options import Integer
from glassnet.support.phrases import in_words
from glassnet.training.history_display import column_name
from glassnet.tuning import SearchResult
from glassnet.tuning.budget import budget_seconds
from glassnet.tuning.result import best_first, states
from glassnet.tuning.storage import require_optuna

SHOWN = 5
"""Trials that are shown, the best ones."""


def search(table_file: Path, request: Searching, options: Mapping[str, Any], output: Output) -> SearchResult:
    """Do all that ``glassnet search`` does."""
    require_optuna()
    _check(request)
    share, file = _judges(request.validation)
    shared = {each.name: getattr(request, each.name) for each in fields(Training)}
    training = Request(**shared, table=table_file, options=options, validation=file)
    if training.roles.fold is not None and share is not None:
        raise UsageError("--fold and --validation both choose the validation rows", None, "Omit one of them")
    if request.resume is not None and request.resume == training.out:
        raise UsageError("--resume and --out must be two files", str(training.out), "Choose another")
    with connected(request.dask) as client:  # an address at which nobody answers is told before a long table is read
        prepared = prepare(training, output)
        given = dict(prepared.options)
        rows, own = prepared.training, prepared.validation
        output.say("search", say("search.hint"))
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TableWarning)  # it has been said
            found = tuning.search(
                rows.X,
                rows.y,
                rows.weight,
                groups=rows.groups,
                times=rows.times,
                task=prepared.task,
                budget=request.budget,
                trials=request.trials,
                scoring=given.pop("scoring", None),
                validation=share if own is None else (own.X, own.y, own.weight),
                jobs=request.jobs,
                storage=request.resume,
                client=client,
                random_state=given.pop("random_state"),
                verbose=not output.quiet,
                **given,
            )
    seconds = time.perf_counter() - started
    _say_found(output, found, seconds)
    output.show("", _trial_table(found), "")
    model = found.best_estimator
    say_network(output, model)
    say_ended(output, model.histories_, sum(row.get("seconds", 0.0) for each in model.histories_ for row in each))
    compare = training.compare and not found.interrupted
    typed = command("search", [table_file], request, options)
    trained = finish(model, prepared, training, output, seconds, compare=compare, typed=typed)
    conclude(trained, output, trained.record(training) | {"search": _record(found)})
    return found


def _check(request: Searching) -> None:
    """Refuse numbers that no table could make right, before a long one is read."""
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


def _say_found(output: Output, found: SearchResult, seconds: float) -> None:
    """How the search went."""
    went = {
        "trials": counted(len(found.trials), "trial"),
        "states": comma(states(found.trials)),
        "validation": in_words(found.validation, "validation"),
        "ended": in_words(found.ended, "search"),
    }
    output.say("searched", say("search.went", seconds=seconds, **went))
    metric, best, default = column_name(found.metric), number(found.best_score), number(found.default_score)
    output.say("best", say("search.best", metric=metric, best=best, default=default))


def _trial_table(found: SearchResult) -> Any:
    """The best trials, the best of all in bold."""
    known = ("trial", found.metric, "state", "epochs", "seconds", "default")
    rows = []
    for trial in best_first(found.trials, found.metric)[:SHOWN]:
        changed = [(in_words(name, "hyperparameter"), trial[name]) for name in trial if name not in known]
        options = comma([f"{name.replace('_', ' ')} {_spelled(value)}" for name, value in changed])
        numbers = [str(trial["trial"]), number(trial[found.metric]), f"{trial['seconds']:.1f}"]
        rows.append([*numbers, say("search.defaults", options=options) if trial["default"] else options])
    first, *others = say("search.head").split("|")
    return table([first, column_name(found.metric), *others], rows, words=[3], best=[0])


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

"""``glassnet.search``: try options on a table within a budget, and return the best estimator and all trials."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from glassnet.engines.compiled.workers import cores
from glassnet.errors import InputError
from glassnet.estimators.checks import check_classes, check_numbers, check_rows
from glassnet.estimators.partitions import check_client
from glassnet.support.coercion import rows_of
from glassnet.support.options import VERBOSE, Choice, Each, File, Function, Integer, Optional, checked
from glassnet.tables.opened_table import TableRows
from glassnet.tables.target_column import TaskName
from glassnet.training import Scoring
from glassnet.training.scorers import SCORING
from glassnet.tuning.loop import (
    INTERRUPTED,
    Executor,
    LengthOfTime,
    SearchClock,
    budget_seconds,
    carry_out,
    search_progress,
    threads,
    workers_of,
)
from glassnet.tuning.plan import SearchPlan, make_plan
from glassnet.tuning.study import Trials, check_same, open_study, require_optuna
from glassnet.tuning.trial import Judging, TrialFold, choose_validation, quiet_trials

if TYPE_CHECKING:
    from optuna.study import Study


import math
from collections import Counter
from dataclasses import dataclass

from glassnet.api.estimators import NeuralClassifier, NeuralRegressor
from glassnet.display.blocks import Block, Paragraph, TableBlock
from glassnet.display.numbers import plain
from glassnet.display.result import Result
from glassnet.support.language import Language, Text, aligned, check_language, verbatim
from glassnet.training.history import LOSSES

BUDGET = "10m"
"""The default length of a search."""
SHOWN = 10
"""Trials that are printed."""
COMMA, MORE, STATES = Text(", "), Text("... and {count} more"), Text("{count} {state}")
STATE_NAMES: Final = {
    "complete": Text("complete"),
    "pruned": Text("pruned"),
    "diverged": Text("diverged"),
    "unfinished": Text("unfinished"),
}
CELLS: Final = STATE_NAMES | {"True": Text("True"), "False": Text("False")}
HEADINGS: Final = {
    "trial": Text("trial"),
    "state": Text("state"),
    "epochs": Text("epochs", context="search"),
    "seconds": Text("seconds"),
    "default": Text("default"),
    "validation_loss": Text("validation_loss"),
    "learning_rate": Text("learning_rate"),
    "weight_decay": Text("weight_decay"),
    "activation": Text("activation", context="search"),
    "numeric_embedding": Text("numeric_embedding"),
    "spread": Text("spread"),
    "frequencies": Text("frequencies"),
    "batch_size": Text("batch_size"),
    "hidden_layers": Text("hidden_layers"),
    "label_smoothing": Text("label_smoothing"),
    "depth": Text("depth", context="search"),
    "width": Text("width", context="search"),
}
"""The heads of the columns of trials."""
SUMMARY = Text(
    "{count} trials ({states}) by {validation}; {ended}\nbest {metric} {best}, with the defaults {default}",
)


@checked(
    task=Optional(Choice("classification", "regression")),
    budget=Optional(LengthOfTime()),
    trials=Optional(Integer("Start with 30")),
    scoring=SCORING,
    validation=Optional(Judging()),
    jobs=Optional(Integer("None uses all processors")),
    storage=Optional(File('For example "trials.db"')),
    random_state=Optional(Integer("Any integer works, such as 0", low=0, high=2**32 - 1)),
    callbacks=Each(Function("It is called with the row of each trial"), "Put it in brackets: [...]"),
    verbose=VERBOSE,
)
def search(
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    groups: Any = None,
    times: Any = None,
    task: TaskName | None = None,
    budget: str | float | None = None,
    trials: int | None = None,
    scoring: Scoring | None = None,
    validation: float | int | tuple[Any, ...] | None = None,
    jobs: int | None = None,
    storage: str | Path | None = None,
    client: Any = None,
    random_state: int | None = None,
    callbacks: Sequence[Callable[[dict[str, Any]], object]] = (),
    verbose: bool = False,
    **options: Any,
) -> SearchResult:
    """Search for the options of an estimator that suit a table best.

    The first trial has the defaults, so the result is never worse than these on validation rows. Then Optuna proposes
    options from the ranges of the preset (:data:`glassnet.tuning.SPACES`), learning from the scores so far. A trial
    that is worse than half of the others at the same point is stopped early. Finally an estimator with the
    best options is trained on all rows; that training is not included in the budget. Ctrl-C ends the search like the
    end of the budget, and keeps the best.

    It needs Optuna: ``pip install "glassnet[search]"``; the extra `all` leaves it out, since it requires SQLAlchemy.

    Parameters
    ----------
    X, y, sample_weight, groups, times
        As in the `fit` of the estimators: no group is on both sides of a split, and validation rows are later.
    task : {"classification", "regression"} or None
        None: guessed from y.
    budget : str, float or None
        How long to search: "90s", "10m", "1h30m", or seconds. Trials at work when it is over end at once.
        None: ten minutes, or as long as `trials` take.
    trials : int or None
        How many trials to run, including those in `storage`; None: as many as the budget allows.
    scoring : str, callable or None
        The score that is optimized, and that chooses the epoch of each trial: a scikit-learn scorer; None: the loss.
    validation : float, int, tuple or None
        The validation rows: a share in (0, 1), a number of folds, or separate rows, (X, y) or (X, y, sample_weight).
        None: the folds of `cv` where that is among the options, else three folds for fewer than 1,000 rows, else a
        fifth of them.
    jobs : int or None
        How many trials run at a time. It affects which trials are run, since each follows from the results known when
        it was proposed. None: as many as keep the processors busy (of a cluster its threads), for a trial whose
        estimator has several members keeps several busy itself.
    storage : str, Path or None
        A file for the trials. The same call with the same file continues where the last one ended; trials that were
        cut off are run again first.
    client : distributed.Client, optional
        Of a Dask cluster, whose workers run the trials, and train the members of the final estimator. The same `jobs`
        and `random_state` give the same trials as without it, to the bit, whichever workers die or freeze.
    random_state : int or None
        The seed of everything random. The same number with the same `jobs` gives the same trials.
    callbacks : sequence of callables
        Each is given the row of every trial as it ends: see `trials` of the result.
    verbose : bool
        Whether a bar shows how far it is, in a terminal or a notebook.
    **options
        Options of the estimator that are not to be searched for.

    Returns
    -------
    SearchResult
        With `best_estimator`, `best_options`, and the table of the `trials`.

    Raises
    ------
    MissingExtraError
        If Optuna is not installed.
    InputError, InputTypeError, ValueError
        If an argument or the data are not usable, or the file is not that of the same search.
    DivergenceError
        If no options, the defaults among them, lead to finite numbers.
    KeyboardInterrupt
        If Ctrl-C came before any trial was complete.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> import glassnet
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> found = glassnet.search(X, y, trials=2, epochs=5, validation=0.3, random_state=0)
    >>> [row["state"] for row in found.trials]
    ['complete', 'complete']
    >>> found.best_score <= found.default_score
    True
    >>> found.best_estimator.predict(X[:1])
    array([0])
    """
    require_optuna()
    if budget is None and trials is None:
        budget = BUDGET
    seconds = None if budget is None else budget_seconds(budget)
    clock = SearchClock(seconds)
    if client is not None:
        check_client(client)
    plan = make_plan(X, y, sample_weight, task, scoring, options, groups=groups, times=times)
    if jobs is None:
        at_once = cores() / plan.members if client is None else sum(client.nthreads().values())
        jobs = max(1, round(at_once))
    judges = _judges(validation, plan)
    own = judges if isinstance(judges, TableRows) else None
    with (
        open_study(None if storage is None else Path(storage), plan.metric.maximize) as study,
        quiet_trials() if client is None else contextlib.nullcontext(),
    ):
        seed = _seed(study, random_state)
        judged = choose_validation(plan.table, judges, seed, plan.strata, plan.ties, plan.places)
        if storage is not None:
            check_same(study, plan.identity(judged.described, own))
        tried = Trials(study, plan.space, plan.settings, plan.metric, seed)
        with (
            search_progress(verbose, seconds, trials) as progress,
            _executor(client, judged.parts, jobs, clock.over) as executor,
        ):
            folds = len(judged.parts)
            ended = carry_out(plan, folds, tried, seed, clock, trials, jobs, executor, callbacks, progress)
        changes, best_score = tried.best()
        rows, default_score = tried.rows(), tried.default_score
    if ended == INTERRUPTED and not any(row["state"] == "complete" for row in rows):
        raise KeyboardInterrupt
    best_options = plan.best_options(changes)
    held = own if plan.settings["early_stopping"] and plan.settings["cv"] is None else None
    final = plan.final(best_options, seed, verbose)
    elsewhere = (
        client if plan.members > 1 else None
    )  # one alone is trained here, where Ctrl-C keeps what it has learned
    model = final.fit(X, y, sample_weight, groups=groups, times=times, validation_data=held, client=elsewhere)
    if not len(model.history_):
        raise KeyboardInterrupt  # it came before there was an epoch to keep
    if model.history_.ending == INTERRUPTED:
        ended = INTERRUPTED
    return SearchResult(model, best_options, best_score, default_score, plan.metric.name, rows, judged.described, ended)


def _executor(
    client: Any, parts: Sequence[TrialFold], jobs: int, over: Callable[[], bool]
) -> contextlib.AbstractContextManager[Executor]:
    """Who carries out the trials: threads of this process, or the workers of a cluster."""
    if client is None:
        return threads(parts, jobs, over)
    return workers_of(client, parts, over)


def _judges(validation: float | int | tuple[Any, ...] | None, plan: SearchPlan) -> float | int | TableRows | None:
    """What judges, as it was given; rows of their own are checked."""
    if validation is None:
        return plan.settings["cv"]
    if not isinstance(validation, (tuple, list)):
        return validation
    check = check_classes if plan.task == "classification" else check_numbers
    return TableRows(*check_rows(*rows_of("`validation`", validation), check))


def _seed(study: Study, random_state: int | None) -> int:
    """Return the given seed, else the seed that the search began with, else a random one."""
    known = study.user_attrs.get("random_state")
    if random_state is None:
        seed = int(np.random.default_rng().integers(2**31)) if known is None else int(known)
    else:
        seed = random_state
    if known is None:
        study.set_user_attr("random_state", seed)
    elif seed != known:
        raise InputError(
            "A resumed search must have the same `random_state`",
            Text("{seed}, then {known}", seed=seed, known=known),
            "Omit it",
        )
    return seed


@dataclass(frozen=True, repr=False)
class SearchResult(Result):
    """What :func:`glassnet.search` found; printed, it is a table of the best trials.

    Attributes
    ----------
    best_estimator : NeuralClassifier or NeuralRegressor
        Trained with the best options on all rows.
    best_options : dict from str to object
        What it was made with: the preset, the fixed options, and what the search found; nothing found where nothing
        was better than the defaults.
    best_score, default_score : float
        Of the best trial and of the first one, which has the defaults, on the validation rows.
    metric : str
        What the scores are: "validation_loss", lower being better, or for example "validation_roc_auc", higher being
        better.
    trials : list of dict
        A row for each trial: its number, score (not a number unless it is complete), state, epochs over all folds,
        seconds, whether it had the defaults, and every option that was searched for. The states: "complete"; "pruned",
        ended early as worse than half of the others; "diverged", not one finite number; "unfinished", cut off when the
        search was over.
    validation : Text
        Which rows judged: "3 folds".
    ended : Text
        Why the search ended, as a sentence.
    """

    best_estimator: NeuralClassifier | NeuralRegressor
    best_options: dict[str, Any]
    best_score: float
    default_score: float
    metric: str
    trials: list[dict[str, Any]]
    validation: Text
    ended: Text

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended it."""
        return self.ended == "interrupted"

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: the language that is set."""
        language = check_language(language)
        table = aligned(self._cells(language), left=0)
        return "\n".join([table, *self._more(language), self._summary(language)])

    def _blocks(self, language: Language) -> list[Block]:
        head, *rows = self._cells(language)
        more = [Paragraph(line, "note") for line in self._more(language)]
        return [Paragraph(self._summary(language)), TableBlock("", head, rows), *more]

    def _cells(self, language: Language) -> list[list[str]]:
        """The table as text: its head, then the best trials."""
        shown = best_first(self.trials, self.metric)[:SHOWN]
        head = [heading(name).say(language) for name in shown[0]]
        return [head, *([_cell(value, language) for value in row.values()] for row in shown)]

    def _more(self, language: Language) -> list[str]:
        count = len(self.trials) - SHOWN
        return [MORE.say(language, count=count)] if count > 0 else []

    def _summary(self, language: Language) -> str:
        """How many trials there were, and how much was gained."""
        values = {
            "count": len(self.trials),
            "states": COMMA.say(language).join(states(self.trials, language)),
            "validation": self.validation,
            "ended": self.ended,
            "metric": heading(self.metric),
        }
        return SUMMARY.say(language, **values, best=plain(self.best_score, 6), default=plain(self.default_score, 6))


def states(trials: Sequence[dict[str, Any]], language: Language | None = None) -> list[str]:
    """How many trials ended how, in the reader's language.

    Examples
    --------
    >>> states([{"state": "complete"}, {"state": "pruned"}, {"state": "complete"}])
    ['2 complete', '1 pruned']
    """
    counts = Counter(row["state"] for row in trials)
    return [STATES.say(language, count=count, state=STATE_NAMES[state]) for state, count in counts.items()]


def heading(name: str) -> Text:
    """Return the head of a column of trials.

    Examples
    --------
    >>> heading("learning_rate").say("zh"), heading("validation_accuracy").say("zh"), heading("l2").say("zh")
    ('学习率', '验证集 accuracy', 'l2')
    """
    if name not in HEADINGS and name.startswith("validation_"):
        return Text("validation_{name}", name=name.removeprefix("validation_"))
    return HEADINGS.get(name) or verbatim(name)


def best_first(trials: Sequence[dict[str, Any]], metric: str) -> list[dict[str, Any]]:
    """Complete trials by their score, then the others in the order in which they began.

    Examples
    --------
    >>> rows = [{"trial": n, "validation_loss": n % 3, "state": "complete"} for n in range(4)]
    >>> [row["trial"] for row in best_first(rows, "validation_loss")]
    [0, 3, 1, 2]
    """
    sign = 1 if metric in LOSSES else -1

    def place(row: dict[str, Any]) -> tuple[bool, float]:
        complete = row["state"] == "complete"
        return not complete, sign * row[metric] if complete else 0.0

    return sorted(trials, key=place)


def _cell(value: Any, language: Language) -> str:
    if isinstance(value, float):
        return "-" if math.isnan(value) else plain(value)
    text = "-".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return CELLS[text].say(language) if text in CELLS else text

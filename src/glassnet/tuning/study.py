"""The study of a search: its trials, which one comes next, and the file from which the same search can continue.

The file is a journal of Optuna's, one line of JSON for each event. It is written by one process at a time, which holds
a lock on it, so Optuna's own locks, which a killed process would leave behind, are not needed.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.support.language import Text
from glassnet.training.history_display import column_name
from glassnet.tuning.space import Space, drawn_from, option_names, options_from
from glassnet.tuning.trial import Criterion, Outcome

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial, Trial


import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from glassnet.errors import InputError
from glassnet.support.atomic_write import destination
from glassnet.support.lazy_import import require
from glassnet.support.messages import warn

if TYPE_CHECKING:
    from optuna.study import Study

    from glassnet.tuning.journal import Journal

BEST = Text(", best {metric} {score:.5g}")
DEFAULT = "default"
"""The mark of the trial that changes nothing."""
REPEATED = "repeated"
"""The mark of a proposal that was tried before."""
OUTCOME = "outcome"
"""Under which name a trial keeps its row."""
ATTEMPTS = 50
"""So often a proposal may be one that was tried before; then it is taken that there are no others."""
NAME = "glassnet search"
"""The name of the study, by which a file of ours is known."""
IDENTITY = "search"
"""The attribute of a study that holds the settings which must stay the same."""
LONGEST_LINE = 1000
"""Bytes of the first line of a file of ours, at most."""
RULE = Text("The file of a search must be new, or that of an earlier search")
REMEDY = Text("Choose another file")
LONGEST_EVENT = 100_000
"""Bytes of an event, at most: that of a trial's outcome has some hundred."""


@dataclass(frozen=True)
class Proposal:
    """A trial to be carried out, and what it changes; nothing in the first trial.

    `known` is what the trials that are recorded had reached, by after how many epochs; None: it compares with none.
    """

    trial: Trial
    options: dict[str, Any] = field(default_factory=dict)
    known: dict[int, list[float]] | None = None


class Trials:
    """The trials, in a study of Optuna; the first trial has the `settings`.

    It changes nothing, so that nothing worse than the defaults is ever chosen; those that an earlier search had to
    leave unfinished follow; then the tree of Parzen estimators proposes, from the trials so far. Its random numbers
    follow from the seed and from how many trials there were, but for those that were cut off: a search that goes on
    draws new ones, and one that was killed draws what it would have drawn.

    Source: Bergstra, Bardenet, Bengio, Kégl (2011), *Algorithms for Hyper-Parameter Optimization*.
    """

    def __init__(self, study: Study, space: Space, settings: Mapping[str, Any], metric: Criterion, seed: int) -> None:
        self.study, self.space, self.settings, self.metric, self.seed = study, space, settings, metric, seed
        self.default = drawn_from(settings, space)
        self._enqueue_what_is_left()

    def _enqueue_what_is_left(self) -> None:
        """Enqueue the defaults if they have no score yet, then the unfinished trials of an earlier search."""
        for trial in self._trials():
            if trial.state.name == "RUNNING":  # its process is no more
                self._record(trial.number, trial.user_attrs.get(OUTCOME, {"state": "unfinished"}))
        waiting = [trial for trial in self._trials() if trial.state.name == "WAITING"]
        kept = self._kept
        if not any(DEFAULT in trial.user_attrs for trial in (*waiting, *kept)):
            self.study.enqueue_trial(self.default, user_attrs={DEFAULT: True})
        known = [*(trial.system_attrs["fixed_params"] for trial in waiting), *(trial.params for trial in kept)]
        for trial in self._trials():
            whole = DEFAULT not in trial.user_attrs and set(trial.params) == set(self.space)
            if trial.state.name == "FAIL" and whole and trial.params not in known:
                known.append(trial.params)
                self.study.enqueue_trial(trial.params)

    def _record(self, trial: Trial | int, outcome: Mapping[str, Any]) -> None:
        """Report the outcome of a trial to Optuna."""
        from optuna.trial import TrialState

        if outcome["state"] == "complete":
            self.study.tell(trial, outcome["score"])
        else:
            self.study.tell(trial, state=TrialState.FAIL if outcome["state"] == "unfinished" else TrialState.PRUNED)

    def _trials(self) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False)

    @property
    def _kept(self) -> list[FrozenTrial]:
        """Those with an outcome that stays."""
        return [trial for trial in self._trials() if trial.state.name in ("COMPLETE", "PRUNED")]

    @property
    def done(self) -> int:
        """How many have an outcome that stays."""
        return len(self._kept)

    def propose(self) -> Proposal | None:
        """What to try next; None: everything there is was tried."""
        for _ in range(ATTEMPTS):
            self.study.sampler = self._sampler()
            trial = self.study.ask()
            if DEFAULT in trial.user_attrs:
                for name in self.default:
                    self.space[name].suggest(trial, name)
                return Proposal(trial)
            drawn = {name: range_.suggest(trial, name) for name, range_ in self.space.items()}
            others = (other for other in self._trials() if other.number != trial.number)
            if not any(other.params == drawn and other.state.name != "FAIL" for other in others):
                return Proposal(trial, options_from(drawn), self._known())
            trial.set_user_attr(REPEATED, True)
            self._record(trial, {"state": "unfinished"})
        return None

    def _sampler(self) -> Any:
        from optuna.exceptions import ExperimentalWarning
        from optuna.samplers import TPESampler

        # but for those that ended before they had an outcome, which are tried again
        counted = sum(trial.state.name != "FAIL" or REPEATED in trial.user_attrs for trial in self._trials())
        seed = int(np.random.SeedSequence([self.seed, counted]).generate_state(1)[0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return TPESampler(seed=seed, constant_liar=True)  # trials that run beside each other should differ

    def _known(self) -> dict[int, list[float]]:
        known: dict[int, list[float]] = {}
        for trial in self._kept:
            for step, value in trial.intermediate_values.items():
                known.setdefault(step, []).append(value)
        return known

    def keep(self, proposal: Proposal, outcome: Outcome) -> None:
        """Keep what came out of a trial; proposals know nothing of it before it is recorded."""
        row = outcome._asdict()
        for step, value in row.pop("reported").items():
            proposal.trial.report(value, step)
        row |= {"default": DEFAULT in proposal.trial.user_attrs, "options": self._shown(proposal.options)}
        proposal.trial.set_user_attr(OUTCOME, row)

    def record(self, proposal: Proposal) -> dict[str, Any]:
        """Take a trial that is kept among those that proposals follow from; gives its row."""
        row = proposal.trial.user_attrs[OUTCOME]
        self._record(proposal.trial, row)
        return self._row(proposal.trial.number, row)

    def _shown(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Every option that is searched for, as the trial had it."""
        return {name: options.get(name, self.settings[name]) for name in option_names(self.space)}

    def best(self) -> tuple[dict[str, Any], float]:
        """Return options and score of the best complete trial, the first of ties; the defaults if there is none."""
        changes: dict[str, Any] = {}
        best = self.default_score
        for trial in self._trials():
            outcome = trial.user_attrs.get(OUTCOME, {"state": "unfinished"})
            if outcome["state"] == "complete" and self.metric.best([outcome["score"], best]) != best:
                changes, best = options_from(trial.params), outcome["score"]
        return changes, best

    def so_far(self) -> str:
        """The best score in words; nothing where there is none."""
        _, score = self.best()
        metric = column_name(self.metric.name)
        return "" if math.isnan(score) else BEST.say(metric=metric, score=score)

    @property
    def default_score(self) -> float:
        """Return the score of the defaults; NaN if there is none."""
        outcomes = [t.user_attrs.get(OUTCOME) for t in self._trials() if DEFAULT in t.user_attrs]
        return next((outcome["score"] for outcome in reversed(outcomes) if outcome), math.nan)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each trial, in the order in which they began."""
        return [self._row(t.number, t.user_attrs[OUTCOME]) for t in self._trials() if OUTCOME in t.user_attrs]

    def _row(self, number: int, kept: Mapping[str, Any]) -> dict[str, Any]:
        options = {n: tuple(v) if isinstance(v, list) else v for n, v in kept["options"].items()}
        return {
            "trial": number,
            # that of a part of the folds or of the epochs would be compared with the others
            self.metric.name: kept["score"] if kept["state"] == "complete" else math.nan,
            "state": kept["state"],
            "epochs": kept["epochs"],
            "seconds": kept["seconds"],
            "default": kept["default"],
            **options,
        }


def require_optuna() -> None:
    """Refuse to go on without Optuna."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in a notebook Optuna warns that its own progress bar is missing
        require("optuna", "A search for options", "search")


@contextlib.contextmanager
def open_study(storage: Path | None, maximize: bool) -> Iterator[Study]:
    """A study of Optuna, new or with all trials that are in the file; Optuna itself keeps quiet meanwhile.

    Raises
    ------
    InputError
        If the file is something else, damaged, or in use.
    OSError
        If it cannot be read or written.
    """
    import optuna

    direction: Literal["maximize", "minimize"] = "maximize" if maximize else "minimize"
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        if storage is None:
            yield optuna.create_study(direction=direction)
            return
        with _locked(storage):
            study, journal = _study_in(storage, direction)
            yield study
        if journal.problem is not None:
            warn(
                Text(
                    "{storage} could not be written to the end ({reason}): a search that goes on "
                    "from it will not know of the last trials",
                    storage=storage,
                    reason=journal.problem.strerror,
                )
            )
    finally:
        optuna.logging.set_verbosity(verbosity)


def _study_in(file: Path, direction: Literal["maximize", "minimize"]) -> tuple[Study, Journal]:
    import optuna
    from optuna.storages import JournalStorage

    from glassnet.tuning.journal import Journal

    journal = Journal(str(file), _NoLock())
    try:
        storage = JournalStorage(journal)
    except Exception as error:  # a line that is no event of a search may raise anything
        raise InputError(RULE, Text("{file}, damaged ({error})", file=file, error=error), REMEDY) from error
    if NAME in optuna.get_all_study_names(storage):  # `load_if_exists` would first write that it does not
        return optuna.load_study(study_name=NAME, storage=storage), journal
    return optuna.create_study(study_name=NAME, storage=storage, direction=direction), journal


class _NoLock:
    """In the place of Optuna's lock: the whole file is ours."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None: ...


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Lock the file for this process; it exists, and ends with a whole line."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InputError("The file of a search must be in an existing folder", str(path), REMEDY)
    with destination(path).open("a+b") as file:
        _lock(file, path)
        _check_ours(file, path)
        _drop_unfinished_line(file)
        yield


def _lock(file: IO[bytes], path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # not on Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(
            "A file must be used by one search at a time",
            str(path),
            "Wait for the other search, or choose another file",
        ) from None


def _check_ours(file: IO[bytes], path: Path) -> None:
    """Refuse a file that is something else, before anything is added to it."""
    file.seek(0)
    line = file.readline(LONGEST_LINE)
    if not line:
        return
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        first = None
    if not (isinstance(first, dict) and first.get("study_name") == NAME):
        raise InputError(RULE, Text("{path}, which is something else", path=path), REMEDY)


def _drop_unfinished_line(file: IO[bytes]) -> None:
    """A process that was killed, or a full disk, may have left half a line, to which the next would be glued."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - LONGEST_EVENT))
    tail = file.read()
    if tail and not tail.endswith(b"\n"):
        file.truncate(end - len(tail) + tail.rfind(b"\n") + 1)


def check_same(study: Study, identity: Mapping[str, str]) -> None:
    """Refuse to go on with a search of something else; a new study remembers what it is of.

    `identity` holds the settings that must stay the same, by the name of the argument.
    """
    known = study.user_attrs.get(IDENTITY)
    if known is None:
        study.set_user_attr(IDENTITY, dict(identity))
        return
    for name, value in identity.items():
        if known.get(name, "none") != value:
            raise InputError(
                "A resumed search must be the same as before, so that its trials are comparable",
                Text("another `{name}`", name=name),
                "Use the same settings as before, or choose another file",
            )

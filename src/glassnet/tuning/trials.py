"""The trials of a search: which one comes next, and what came out of those that there were."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.support.language import Text
from glassnet.support.phrases import in_words
from glassnet.tuning.space import Space, drawn_from, option_names, options_from
from glassnet.tuning.trial import Metric, Outcome

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial, Trial

BEST = Text(", best {metric} {score:.5g}")
DEFAULT = "default"
"""The mark of the trial that changes nothing."""
REPEATED = "repeated"
"""The mark of a proposal that was tried before."""
OUTCOME = "outcome"
"""Under which name a trial keeps its row."""
ATTEMPTS = 50
"""So often a proposal may be one that was tried before; then it is taken that there are no others."""


@dataclass(frozen=True)
class Proposal:
    """A trial to be carried out, and what it changes; nothing in the first trial.

    `known` is what the trials that are recorded had reached, by after how many epochs; None: it compares with none.
    """

    trial: Trial
    options: dict[str, Any] = field(default_factory=dict)
    known: dict[int, list[float]] | None = None


class Trials:
    """What was tried, in a study of Optuna; the first trial has the `settings`.

    It changes nothing, so that nothing worse than the defaults is ever chosen; those that an earlier search had to
    leave unfinished follow; then the tree of Parzen estimators proposes, by what is known by then. Its random numbers
    follow from the seed and from how many trials there were, but for those that were cut off: a search that goes on
    draws new ones, and one that was killed draws what it would have drawn.

    Source: Bergstra, Bardenet, Bengio, Kégl (2011), *Algorithms for Hyper-Parameter Optimization*.
    """

    def __init__(self, study: Study, space: Space, settings: Mapping[str, Any], metric: Metric, seed: int) -> None:
        self.study, self.space, self.settings, self.metric, self.seed = study, space, settings, metric, seed
        self.default = drawn_from(settings, space)
        self._enqueue_what_is_left()

    def _enqueue_what_is_left(self) -> None:
        """The defaults if they have no score yet, then what an earlier search left unfinished."""
        for trial in self._trials():
            if trial.state.name == "RUNNING":  # its process is no more
                self._tell(trial.number, trial.user_attrs.get(OUTCOME, {"state": "unfinished"}))
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

    def _tell(self, trial: Trial | int, outcome: Mapping[str, Any]) -> None:
        """Tell Optuna how a trial ended."""
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
            self._tell(trial, {"state": "unfinished"})
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
        self._tell(proposal.trial, row)
        return self._row(proposal.trial.number, row)

    def _shown(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Every option that is searched for, as the trial had it."""
        return {name: options.get(name, self.settings[name]) for name in option_names(self.space)}

    def best(self) -> tuple[dict[str, Any], float]:
        """What the best complete trial changed, the first of equals, and its score; the defaults if there is none."""
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
        metric = in_words(self.metric.name.replace("_", " "), "metric")
        return "" if math.isnan(score) else BEST.say(metric=metric, score=score)

    @property
    def default_score(self) -> float:
        """What the defaults reached; not a number if nothing."""
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

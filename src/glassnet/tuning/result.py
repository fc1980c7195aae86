"""What a search leaves behind: the best estimator, and a table of what was tried."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from glassnet.api.estimators import NeuralClassifier, NeuralRegressor
from glassnet.display.numbers import plain
from glassnet.support.language import Text, aligned
from glassnet.support.phrases import in_words
from glassnet.training.history import LOSSES

SHOWN = 10
"""Trials that are printed."""
COMMA, MORE = Text(", "), Text("... and {count} more")
SUMMARY = Text(
    "{count} trials ({states}) by {validation}; {ended}\nbest {metric} {best}, with the defaults {default}",
)


@dataclass(frozen=True)
class SearchResult:
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
    validation : str
        Which rows judged: "3 folds".
    ended : str
        Why the search ended, as a sentence.
    """

    best_estimator: NeuralClassifier | NeuralRegressor
    best_options: dict[str, Any]
    best_score: float
    default_score: float
    metric: str
    trials: list[dict[str, Any]]
    validation: str
    ended: str

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended it."""
        return self.ended == "interrupted"

    def __str__(self) -> str:
        rows = best_first(self.trials, self.metric)
        shown = rows[:SHOWN]
        head = [in_words(in_words(name, "trial"), "hyperparameter") for name in shown[0]]
        lines = [head, *([in_words(_cell(value), "state") for value in row.values()] for row in shown)]
        more = f"{MORE.say(count=len(rows) - SHOWN)}\n" if len(rows) > SHOWN else ""
        return f"{aligned(lines, left=0)}\n{more}{self._summary()}"

    def _summary(self) -> str:
        """How many trials there were, and how much was gained."""
        told = {
            "count": len(self.trials),
            "states": COMMA.say().join(states(self.trials)),
            "validation": in_words(self.validation, "validation"),
            "ended": in_words(self.ended, "search"),
            "metric": in_words(self.metric, "trial"),
        }
        return SUMMARY.say(**told, best=plain(self.best_score, 6), default=plain(self.default_score, 6))


def states(trials: Sequence[dict[str, Any]]) -> list[str]:
    """How many trials ended how, in the reader's language.

    Examples
    --------
    >>> states([{"state": "complete"}, {"state": "pruned"}, {"state": "complete"}])
    ['2 complete', '1 pruned']
    """
    counts = Counter(row["state"] for row in trials)
    return [in_words(f"{count} {state}", "states") for state, count in counts.items()]


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


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "-" if math.isnan(value) else plain(value)
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value)

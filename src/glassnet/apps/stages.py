"""A training of the command line in three records: what is asked for, what was found before it, what came out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet.apps.commands.training import OneTraining
from glassnet.apps.labelled import Labelled, TaskName
from glassnet.apps.rescue import Place
from glassnet.apps.saved import chosen
from glassnet.insight.doctor import Finding
from glassnet.insight.predicted import Predicted
from glassnet.tables.blocks import Blocks
from glassnet.training import History


@dataclass(frozen=True, kw_only=True)
class Request(OneTraining):
    """What to train, and on what: what was typed, the table, and the estimator's options as they were typed."""

    table: Path
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trained:
    """What came out of a training.

    Attributes
    ----------
    rows : dict from str to int
        How many rows there were for what.
    test : Labelled or None
        The rows that the scores are of; `y` is an array.
    predicted : Predicted or None
        What the network says of them.
    scores : dict from str to dict from str to float
        By model, the network first, and by metric.
    seconds : float
        That training took.
    simple : dict from str to Predicted
        What simple models say of the same rows.
    verdict : list of str
        That it is no better than a constant, or not for certain, and why, in sentences; empty where it is better.
    noticed : sequence of Finding
        What was found in the table before the training.
    """

    model: Any
    task: TaskName
    rows: dict[str, int]
    test: Labelled | None
    predicted: Predicted | None
    scores: dict[str, dict[str, float]]
    seconds: float
    place: Place
    simple: dict[str, Predicted] = field(default_factory=dict)
    report: Path | None = None
    verdict: list[str] = field(default_factory=list)
    noticed: Sequence[Finding] = ()

    @property
    def interrupted(self) -> bool:
        """Whether training was ended by Ctrl-C."""
        return bool(self.model.history_.ending == "interrupted")

    def record(self, request: Request) -> dict[str, Any]:
        """Everything that programs may want to know.

        Epochs, best epoch and why it ended are those of the first member, and of an interrupt the first tells;
        `members` has them for each.
        """
        return {
            "model": str(self.place.file),
            "table": str(request.table),
            "target": request.roles.target,
            "task": self.task,
            "classes": getattr(self.model, "classes_", None),
            **chosen(self.model),
            "rows": self.rows,
            "findings": [finding.to_dict() for finding in self.noticed],
            **_course(self.model.history_),
            "members": courses(self.model.histories_),
            "seconds": round(self.seconds, 3),
            "scores": self.scores,
            "verdict": " ".join(self.verdict) or None,
            "report": None if self.report is None else str(self.report),
            "settings": self.model.settings_,
        }


def courses(histories: Sequence[History]) -> list[dict[str, Any]]:
    """How the training of each member went: its epochs, the one whose weights were kept, why it ended.

    Examples
    --------
    >>> history = History([{"epoch": 1, "loss": 0.5}])
    >>> history.end("one")
    >>> courses([history])
    [{'epochs': 1, 'best_epoch': None, 'ended': 'the only epoch is done'}]
    """
    return [_course(history) for history in histories]


def _course(history: History) -> dict[str, Any]:
    return {"epochs": len(history), "best_epoch": history.best_epoch, "ended": history.ended}


@dataclass(frozen=True)
class Prepared:
    """What was found before anything is trained.

    Attributes
    ----------
    options : dict from str to object
        Those of the estimator.
    rows : dict from str to int
        How many rows there are for what.
    share : float
        The share of the table that was set aside for the test; 0: none.
    streamed : Blocks or None
        The rows to learn from, where they are not in memory; `training` is a sample of them then.
    noticed : sequence of Finding
        What the table itself shows; nothing where nobody is told.
    """

    task: TaskName
    options: dict[str, Any]
    training: Labelled
    test: Labelled | None
    validation: Labelled | None
    rows: dict[str, int]
    share: float
    test_file: Path | None
    report: Path | None
    streamed: Blocks | None = None
    noticed: Sequence[Finding] = ()

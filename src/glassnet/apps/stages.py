"""A training of the command line in three records: what is asked for, what was found before it, what came out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet.apps.labelled import Labelled, Roles, TaskName
from glassnet.apps.rescue import Place
from glassnet.insight.predicted import Predicted

__all__ = ["Prepared", "Request", "Trained"]


@dataclass(frozen=True)
class Request:
    """What to train, and on what.

    Parameters
    ----------
    table : Path
        The file with the training rows.
    roles : Roles
        What its columns are for.
    task : {"classification", "regression"} or None
        None: guessed from the target.
    test : str
        A file with rows to score by, or the share of the table's rows that is held back for it; "0": none.
    validation : Path or None
        A file with rows to judge each epoch by; None: a part of the training rows.
    out : Path
        Where the model goes.
    force : bool
        Whether an existing file may be replaced.
    compare : bool
        Whether simple models are trained for comparison.
    report : Path or bool
        Where the report goes; True: beside the model, if there are rows to score by; False: nowhere.
    options : mapping from str to object
        The estimator's options as they were typed.
    watch : bool
        Whether the curves are shown while it trains.
    time_limit : float or None
        Seconds for the training.
    column_groups : mapping from str to sequence of str
        Columns whose importance the report gives together.
    """

    table: Path
    roles: Roles
    task: TaskName | None = None
    test: str = "0.2"
    validation: Path | None = None
    out: Path = Path("model.safetensors")
    force: bool = False
    compare: bool = True
    report: Path | bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    watch: bool = False
    time_limit: float | None = None
    column_groups: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Trained:
    """What came out of a training.

    Attributes
    ----------
    model : NeuralClassifier or NeuralRegressor
    task : {"classification", "regression"}
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
    place : Place
        Where the model is.
    simple : dict from str to Predicted
        What simple models say of the same rows.
    report : Path or None
        Where the report is.
    verdict : list of str
        That it is no better than a constant, or not for certain, and why, in sentences; empty where it is better.
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

    @property
    def interrupted(self) -> bool:
        """Whether training was ended by Ctrl-C."""
        return bool(self.model.history_.ending == "interrupted")

    def record(self, request: Request) -> dict[str, Any]:
        """Everything that programs may want to know."""
        history = self.model.history_
        return {
            "model": str(self.place.file),
            "table": str(request.table),
            "target": request.roles.target,
            "task": self.task,
            "classes": getattr(self.model, "classes_", None),
            "rows": self.rows,
            "epochs": len(history),
            "best_epoch": history.best_epoch,
            "ended": history.ended,
            "seconds": round(self.seconds, 3),
            "scores": self.scores,
            "verdict": " ".join(self.verdict) or None,
            "report": None if self.report is None else str(self.report),
            "settings": self.model.settings_,
        }


@dataclass(frozen=True)
class Prepared:
    """What was found before anything is trained.

    Attributes
    ----------
    task : {"classification", "regression"}
    options : dict from str to object
        Those of the estimator.
    training : Labelled
    test, validation : Labelled or None
    rows : dict from str to int
        How many rows there are for what.
    share : float
        The share of the table that was set aside for the test; 0: none.
    test_file, report : Path or None
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

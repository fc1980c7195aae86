"""The result of a training: saved, scored beside simple models, reported, recorded for programs.

A model that cannot be written where it should be is written elsewhere: the disk was not full when the training began,
and a training may have taken a day.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.apps.console import Output
from glassnet.apps.estimator_options import as_options
from glassnet.apps.labelled import LabelledTable
from glassnet.apps.reports import beside, judged, say_verdict, subject_of_training, write_report
from glassnet.apps.saved_model import chosen, remember
from glassnet.apps.table_messages import (
    decision_tables,
    score_table,
)
from glassnet.apps.texts import counted, say
from glassnet.apps.timings import Timings, seconds_of_members, timings_table
from glassnet.apps.training_data import Prepared
from glassnet.exchange import save
from glassnet.insight.baselines import deciding_alike, simple_models, verdict, z_scores
from glassnet.insight.doctor import Finding, diagnose
from glassnet.insight.predictions import Predictions, held_out_predictions, predict_rows
from glassnet.insight.scores import score
from glassnet.support.language import get_language
from glassnet.tables.reading.sources import pl
from glassnet.tables.target_column import TaskName
from glassnet.tables.writers import TableWriter
from glassnet.training import History

if TYPE_CHECKING:
    from glassnet.apps.commands.train import Request

FOLDERS = ("", "/var/tmp", "~", ".", "/dev/shm")
"""Where to try: the folder for temporary files first, memory last."""


@dataclass(frozen=True)
class Trained:
    """What came out of a training.

    Attributes
    ----------
    rows : dict from str to int
        How many rows there were for what.
    test : LabelledTable or None
        The rows that the scores are of; `y` is an array.
    predicted : Predictions or None
        The network's predictions for them.
    scores : dict from str to dict from str to float
        By model, the network first, and by metric.
    timings : Timings
        Of all parts so far.
    simple : dict from str to Predictions
        What simple models say of the same rows.
    verdict : list of str
        That it is no better than a constant, or not for certain, and why, in sentences; empty where it is better.
    noticed : sequence of Finding
        The findings on the table before the training.
    """

    model: Any
    task: TaskName
    rows: dict[str, int]
    test: LabelledTable | None
    predicted: Predictions | None
    scores: dict[str, dict[str, float]]
    timings: Timings
    place: ModelFile
    simple: dict[str, Predictions] = field(default_factory=dict)
    report: Path | None = None
    verdict: list[str] = field(default_factory=list)
    noticed: Sequence[Finding] = ()

    @property
    def interrupted(self) -> bool:
        """Whether training was ended by Ctrl-C, SIGTERM or SIGHUP."""
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
            "seconds": round(self.timings.of_training, 3),
            "timings": {part: round(each, 3) for part, each in self.timings.seconds.items()},
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


def finish(
    model: Any, prepared: Prepared, request: Request, output: Output, timings: Timings, *, compare: bool, typed: str
) -> Trained:
    """Save a fitted model, score it (and simple models, to compare), show the scores, and write the report.

    `typed` is the command.
    """
    model.set_params(callbacks=None, verbose=False)
    notation = prepared.training.notation
    model.notation_ = replace(notation, dates=notation.dates or model.notation_.dates)
    place = ModelFile(request.out)
    trained = Trained(
        *(model, prepared.task, prepared.rows, prepared.test, None, {}, timings, place), noticed=prepared.noticed
    )
    _save(trained, request, prepared.share)
    try:
        if prepared.test is not None:
            trained = _scored(trained, prepared.test, prepared.training, compare=compare)
            _save(trained, request, prepared.share)
            output.show("", score_table(counted(len(prepared.test), "test_row"), trained.scores))
            output.show(*decision_tables(model, trained.scores), "")
    finally:  # also for those who do not want to wait for the scores
        output.show_file("model", place.file)
    subject = None
    if prepared.test is not None and (compare or prepared.report is not None):
        subject = subject_of_training(trained, prepared, prepared.test, request, typed, verbose=not output.quiet)
    if prepared.report is not None and subject is not None:
        file = prepared.report if place.problem is None else beside(place.file)
        subject = write_report(subject, file, timings)
        trained.model.notes_ |= judged(subject)
        place.save(trained.model)  # once more, now that it is known how sure the scores are
        trained = replace(trained, report=file)
        output.show_file("report", file)
    found = None if subject is None else subject.findings
    doubts = verdict(
        trained.scores,
        _leads(trained),
        trained.rows["test"],
        lambda: found if found is not None else _diagnosed(trained.model, prepared),
        weighted=getattr(model, "class_weight", None) is not None,
    )
    if doubts is not None:
        trained = replace(trained, verdict=[*map(as_options, doubts.sentences(get_language()))])
        output.show("")
        for topic, sentence in zip_longest(["warning"], trained.verdict, fillvalue="nothing"):
            output.show_line(topic, sentence)
    if subject is not None:
        say_verdict(output, subject)
    return trained


def write_held_out(model: Any, training: LabelledTable, request: Request, output: Output) -> None:
    """Write what networks predict for training rows that they have not seen, behind identifiers and target."""
    assert request.oof is not None
    names = pl.DataFrame([*training.ids.get_columns(), pl.Series(request.roles.target, training.y)])
    predicted = held_out_predictions(model).table(names)
    with TableWriter(request.oof) as writer:
        writer.write(predicted)
    output.show_file("written", request.oof)
    if missing := predicted["prediction"].null_count():
        output.say("warning", say("train.not_held_out", missing=missing, rows=len(names)))


def _leads(trained: Trained) -> dict[str, dict[str, float]] | None:
    """By how many standard errors the network and the simple models beat the constant answer."""
    if trained.test is None or trained.predicted is None:
        return None
    return z_scores(trained.test.y, {"network": trained.predicted, **trained.simple}, trained.test.weight)


def _diagnosed(model: Any, prepared: Prepared) -> Iterable[Finding]:
    """Return the doctor's findings on a training."""
    learned, test = prepared.training, prepared.test
    judged = None if test is None else (test.X, test.y)
    return diagnose(*(model, learned.X, learned.y), groups=learned.groups, times=learned.times, validation_data=judged)


def show_timings(trained: Trained, output: Output) -> None:
    """Print where the seconds went."""
    output.show("", timings_table(trained.timings.seconds, seconds_of_members(trained.model.histories_)))


def conclude(trained: Trained, output: Output, record: Mapping[str, Any]) -> None:
    """Print the results for programs; raise the error if the model could not be saved at its place."""
    output.record(record)
    if trained.place.problem is not None:
        raise trained.place.problem


def _save(trained: Trained, request: Request, share: float) -> None:
    remember(trained.model, request.roles, trained.scores, 0 if trained.test is None else len(trained.test), share)
    trained.place.save(trained.model)


def _scored(trained: Trained, test: LabelledTable, training: LabelledTable, *, compare: bool) -> Trained:
    """The same with the scores of the test rows, and of simple models beside them."""
    model = trained.model
    predicted, positive = predict_rows(model, test.X), getattr(model, "positive_", None)
    scores, simple = {"network": score(test.y, predicted, test.weight, positive)}, {}
    trained.timings.end("evaluate")
    if compare:
        simple = simple_models(
            (training.X, training.y, training.weight),
            test.X,
            classes=trained.task == "classification",
            class_weight=model.get_params().get("class_weight"),
        )
        simple = deciding_alike(simple, model)
        scores |= {name: score(test.y, each, test.weight, positive) for name, each in simple.items()}
        trained.timings.end("compare")
    return replace(trained, predicted=predicted, scores=scores, simple=simple)


class ModelFile:
    """Where a model is kept: `wanted` is where it should be, `file` where it is.

    `problem` is why it is not where it should be; it says where it is.
    """

    def __init__(self, file: Path) -> None:
        self.wanted = self.file = file
        self.problem: OSError | None = None

    def save(self, model: Any) -> None:
        """Write the model, somewhere else if need be.

        Raises
        ------
        OSError
            If it can be written nowhere.
        """
        try:
            save(model, self.file)
        except OSError as error:
            first = self.problem or error
            self.file = _elsewhere(model, self.file.name, error)
            reason = (first.strerror or str(first)).partition(";")[0]
            self.problem = OSError(
                first.errno, say("error.elsewhere", wanted=self.wanted, reason=reason, file=self.file)
            )


def _elsewhere(model: Any, name: str, problem: OSError) -> Path:
    """Write the model elsewhere, on other disks first, in a folder that no other user can enter."""
    for folder in FOLDERS:
        try:
            place = Path(tempfile.mkdtemp(prefix="glassnet-", dir=Path(folder or tempfile.gettempdir()).expanduser()))
        except (OSError, RuntimeError):  # there is no such folder, or no home
            continue
        try:
            save(model, place / name)
        except OSError:
            place.rmdir()
        else:
            return place / name
    raise problem

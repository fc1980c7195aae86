"""How training went: the loss of every epoch, the best one, and why it ended."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glassnet.insight.charts import Chart, Line, lines
from glassnet.insight.epochs import EPOCH, LEARNING_RATE, LOSS
from glassnet.insight.report.blocks import Block, Charts, Table, Words
from glassnet.insight.report.subject import Subject
from glassnet.training import History

__all__ = ["training"]

ENDINGS = {
    "done": r"all (?P<count>\d+) epochs are done",
    "patience": r"no better for (?P<count>\d+) epochs",
    "one": r"the one epoch is done",
    "interrupted": r"interrupted",
    "time": r"time was up in epoch (?P<count>\d+) of (?P<whole>\d+)",
    "left_out": r"(?P<count>\d+) of (?P<whole>\d+) members were left out",
}
"""What a history, and a model file, say of an ending."""


def training(subject: Subject) -> list[Block]:
    """Curves, and a line for each member."""
    histories = subject.model.histories_
    if not any(len(history) for history in histories):
        return []
    rows = []
    for number, history in enumerate(histories, 1):
        seconds = sum(row.get("seconds", 0.0) for row in history)
        best = subject.say("training.last") if history.best_epoch is None else str(history.best_epoch)
        rows.append([str(number), str(len(history)), best, f"{seconds:.1f}", _ending(subject, history.ended)])
    head = [subject.say(f"training.{name}") for name in ("member", "epochs", "best_epoch", "seconds", "ended")]
    return [
        Charts(list(_curves(subject, histories[0]))),
        Words(subject.say("training.plain"), "note"),
        Table(subject.say("training.each"), head, rows, (0, 4)),
    ]


def _curves(subject: Subject, history: History) -> Iterator[Chart]:
    epochs, best = [row["epoch"] for row in history], history.best_epoch
    mark = None if best is None else (float(best), subject.say("training.best", epoch=best))
    curves = [Line(subject.say("training.learned"), epochs, history["loss"])]
    if "validation_loss" in history.columns:
        curves.append(Line(subject.say("training.held"), epochs, history["validation_loss"], "b"))
    notes = [subject.say("training.fell", epochs=len(history), first=history["loss"][0], last=history["loss"][-1])]
    notes += [] if best is None else [subject.say("training.held_best", epoch=best)]
    members = len(subject.model.histories_)
    notes += [subject.say("training.first_of", members=members)] if members > 1 else []
    title, note = subject.say("training.loss"), subject.sentences(notes)
    axis, loss = subject.say(EPOCH), subject.say(LOSS)
    yield lines("loss", title, note, axis, loss, curves, mark=mark, x_whole=True, powers=True)
    for name in history.columns:
        if name.startswith("validation_") and name != "validation_loss":
            score = name.removeprefix("validation_").replace("_", " ")
            title, note = subject.say("training.score", score=score), subject.say("training.score_note")
            yield lines(
                "score", title, note, axis, score, [Line("", epochs, history[name], "b")], mark=mark, x_whole=True
            )
    rates = history["learning_rate"] if "learning_rate" in history.columns else []
    if len(set(rates)) > 1:
        note = subject.say("training.rate_note", schedule=subject.model.settings_["schedule"])
        rate = subject.say(LEARNING_RATE)
        yield lines(
            "rate", subject.say("training.rate"), note, axis, rate, [Line("", epochs, rates, "c")], x_whole=True
        )


def _ending(subject: Subject, ended: str) -> str:
    """Why training ended, in the language of the report where it is known by heart."""
    return subject.say("page.semicolon").join(_said(subject, part) for part in ended.split("; "))


def _said(subject: Subject, part: str) -> str:
    for code, known in ENDINGS.items():
        found = re.fullmatch(known, part)
        if found is not None:
            return subject.say(f"ending.{code}", **found.groupdict())
    return part

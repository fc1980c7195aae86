"""How training went: the loss of every epoch, the best one, and why it ended."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.insight.charts import Chart, Line, lines
from glassnet.insight.epochs import EPOCH, LEARNING_RATE, LOSS
from glassnet.insight.report.blocks import Block, Charts, Table, Words
from glassnet.insight.report.subject import Subject
from glassnet.training import History

__all__ = ["training"]


def training(subject: Subject) -> list[Block]:
    """Curves, and a line for each member."""
    histories = subject.model.histories_
    if not any(len(history) for history in histories):
        return []
    rows = []
    for number, history in enumerate(histories, 1):
        seconds = sum(row.get("seconds", 0.0) for row in history)
        best = subject.say("training.last") if history.best_epoch is None else str(history.best_epoch)
        rows.append([str(number), str(len(history)), best, f"{seconds:.1f}", _ending(subject, history)])
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


def _ending(subject: Subject, history: History) -> str:
    """Why training ended, in the language of the report where the code says it all."""
    said = (str(each) if each.words else subject.say(f"ending.{each.code}", **each.numbers) for each in history.endings)
    return subject.say("page.semicolon").join(said)

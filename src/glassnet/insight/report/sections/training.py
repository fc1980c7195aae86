"""How training went: the loss of every epoch, the best one, why it ended; and what the doctor found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from glassnet.display.blocks import Block, Charts, Own, Table, Words
from glassnet.display.chart import Chart
from glassnet.insight.report.subject import Subject
from glassnet.training import History
from glassnet.training.history import LOSSES
from glassnet.training.history_display import ending
from glassnet.training.history_display import training_chart as curves


def training(subject: Subject) -> list[Block]:
    """Curves, and a line for each member."""
    histories = subject.model.histories_
    if not any(len(history) for history in histories):
        return []
    rows = []
    for number, history in enumerate(histories, 1):
        seconds = sum(row.get("seconds", 0.0) for row in history)
        best = subject.say("training.last") if history.best_epoch is None else str(history.best_epoch)
        rows.append(
            [str(number), str(len(history)), best, f"{seconds:.1f}", ending(history, language=subject.language)]
        )
    head = [subject.say(f"training.{name}") for name in ("member", "epochs", "best_epoch", "seconds", "ended")]
    return [
        Charts(list(_curves(subject, [history for history in histories if len(history)]))),
        Words(subject.say("training.plain"), "note"),
        Table(subject.say("training.each"), head, rows, (0, 4)),
    ]


def _curves(subject: Subject, histories: Sequence[History]) -> Iterator[Chart]:
    """The losses of all members, the scores that judged them, and the learning rate."""
    first, language, many = histories[0], subject.language, len(histories) > 1
    known = [name for name in first.columns if all(name in history.columns for history in histories)]
    notes = [subject.say("training.fell", epochs=len(first), first=first["loss"][0], last=first["loss"][-1])]
    if first.best_epoch is not None:
        notes.append(subject.say("training.held_best", epoch=first.best_epoch))
    losses = [name for name in LOSSES if name in known]
    note = "" if many else subject.sentences(notes)
    yield replace(curves(histories, losses, language), title=subject.say("training.loss"), note=note)
    for name in known:
        if name.startswith("validation_") and name not in LOSSES:
            score = name.removeprefix("validation_").replace("_", " ")
            title, note = subject.say("training.score", score=score), subject.say("training.score_note")
            yield replace(curves(histories, [name], language), title=title, note=note)
    rates = first["learning_rate"] if "learning_rate" in first.columns else []
    if len(set(rates)) > 1:
        note = subject.say("training.rate_note", schedule=subject.model.settings_["schedule"])
        drawn = curves([first], ["learning_rate"], language)
        yield replace(drawn, title=subject.say("training.rate"), note=note)


def findings(subject: Subject) -> list[Block]:
    """An article for each finding; nothing where nobody looked."""
    if subject.findings is None:
        return []
    if not subject.findings:
        return [Words(subject.say("findings.healthy_network" if subject.learned is None else "findings.healthy"))]
    return [Own("findings.html", [found.spoken(subject.language).shown() for found in subject.findings])]

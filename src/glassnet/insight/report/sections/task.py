"""What was asked, and which rows were for what."""

from __future__ import annotations

from glassnet.estimators.kinds import judged_members
from glassnet.insight.blocks import Block, Cell, Facts
from glassnet.insight.report.spelling import cv_spelled
from glassnet.insight.report.subject import Subject

__all__ = ["asked", "split"]

SHOWN_CLASSES = 8


def asked(subject: Subject) -> list[Block]:
    """Task, target, where the rows come from, and the command."""
    origin = subject.origin
    facts: list[tuple[str, str | Cell]] = [
        ("task.target", origin.target or subject.say("task.unknown")),
        ("task.task", _task(subject)),
    ]
    facts += [("task.table", origin.table)] if origin.table else []
    facts.append(("task.model", type(subject.model).__name__))
    facts += [("task.command", Cell(origin.command, look="code"))] if origin.command else []
    return [Facts([(subject.say(name), value) for name, value in facts])]


def _task(subject: Subject) -> str:
    if subject.classes is None:
        return subject.say("task.number")
    names = [str(name) for name in subject.classes]
    shown = subject.say("page.comma").join(names[:SHOWN_CLASSES])
    if len(names) > SHOWN_CLASSES:
        shown = subject.say("task.more", names=shown, count=len(names) - SHOWN_CLASSES)
    return subject.say("task.classes", count=len(names), names=shown)


def split(subject: Subject) -> list[Block]:
    """Which rows were for what, and how they were drawn."""
    origin, count = subject.origin, len(subject.y)
    if origin.share and origin.time:
        tested = subject.say("split.latest", count=count, column=origin.time)
    elif origin.share:
        tested = subject.say("split.drawn", count=count, share=origin.share, seed=origin.seed)
        tested += subject.say("split.stratified") if subject.classes is not None else ""
    elif origin.test:
        tested = subject.say("split.of_file", count=count, file=origin.test)
    else:
        tested = subject.say("split.rows", count=count)
    tested += _together(subject) if origin.share else ""
    learned = subject.say("split.unknown")
    if subject.learned is not None:
        learned = subject.say("split.rows", count=len(subject.learned.y))
    facts = [("split.learned", learned), ("split.validated", _validated(subject)), ("split.test", tested)]
    facts += [("split.left_out", subject.say("split.no_answer", count=origin.dropped))] if origin.dropped else []
    return [Facts([(subject.say(name), value) for name, value in facts])]


def _validated(subject: Subject) -> str:
    settings, origin = subject.model.settings_, subject.origin
    if origin.validation:
        return subject.say("split.of_other_file", file=origin.validation)
    if not settings["early_stopping"]:
        return subject.say("split.none_held")
    if origin.fold:
        return subject.say("split.of_fold", column=origin.fold)
    share = settings["validation_fraction"]
    if settings["cv"] is not None:
        held = subject.say("split.of_cv", members=judged_members(settings), cv=cv_spelled(settings["cv"]))
    elif origin.time:
        held = subject.say("split.latest_held", column=origin.time, share=share)
    elif settings["members"] > 1:
        held = subject.say("split.held_back_each", members=judged_members(settings), share=share)
    else:
        held = subject.say("split.held_back", share=share, seed=subject.model.network_.seed)
    if settings["refits"]:
        held += subject.say("split.refitted", count=settings["refits"])
    return held + _together(subject)


def _together(subject: Subject) -> str:
    column = subject.origin.group or subject.origin.fold
    return subject.say("split.together", column=column) if column else ""

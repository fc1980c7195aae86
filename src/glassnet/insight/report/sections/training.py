"""How training went: the loss of every epoch, the best one, and why it ended."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glassnet.insight.epochs import EPOCH, LEARNING_RATE, LOSS
from glassnet.insight.report.charts import Line, lines
from glassnet.insight.report.markup import Markup, element, join, table
from glassnet.insight.report.subject import Subject
from glassnet.insight.text import Text
from glassnet.training import History

__all__ = ["training"]

LOSS_TITLE = Text("The loss of every epoch", "每一轮的损失")
LEARNED, HELD = Text("rows to learn from", "用于学习的行"), Text("rows held back", "留出的行")
BEST = Text("best epoch: {epoch}", "最好的一轮：{epoch}")
FELL = Text(
    "Over {epochs} epochs the loss went from {first:.4g} to {last:.4g} on the rows to learn from.",
    "{epochs} 轮中，用于学习的行上的损失从 {first:.4g} 变为 {last:.4g}。",
)
HELD_BEST = Text(
    "On the rows held back it was best in epoch {epoch}, whose weights are kept.",
    "在留出的行上，第 {epoch} 轮最好，保留了那一轮的权重。",
)
FIRST_OF = Text("This is the first of {members} members.", "这是 {members} 个成员中的第一个。")
SCORE_TITLE = Text("{score} on the rows held back", "留出的行上的 {score}")
SCORE_NOTE = Text("This score decided which epoch is best.", "由这个得分决定哪一轮最好。")
RATE_TITLE = Text("The learning rate of every epoch", "每一轮的学习率")
RATE_NOTE = Text("The schedule is {schedule}.", "采用的调度是 {schedule}。")
MEMBERS = Text("The trainings", "各次训练")
MEMBER, EPOCHS, BEST_EPOCH = Text("Member", "成员"), Text("Epochs", "轮数"), Text("Best epoch", "最好的一轮")
SECONDS, ENDED = Text("Seconds", "秒"), Text("Why it ended", "为何结束")
NONE = Text("the last", "最后一轮")
PLAIN = Text(
    "The loss on the rows to learn from includes dropout and penalties where there are such, and is a mean over the "
    "epoch while the weights change: it need not be below the other.",
    "用于学习的行上的损失包含随机失活和惩罚项（如果有的话），而且是这一轮中权重不断变化时的平均，"
    "所以不一定低于另一条曲线。",
)
ENDINGS = (
    (re.compile(r"all (\d+) epochs are done"), Text("all {count} epochs are done", "{count} 轮全部完成")),
    (re.compile(r"no better for (\d+) epochs"), Text("no better for {count} epochs", "连续 {count} 轮没有变好")),
    (re.compile(r"the (one) epoch is done"), Text("the one epoch is done", "仅有的一轮已完成")),
    (re.compile(r"(interrupted)"), Text("interrupted", "被中断")),
    (
        re.compile(r"time was up in epoch (\d+) of (\d+)"),
        Text("time was up in epoch {count} of {whole}", "时间用完，停在第 {count} 轮（共 {whole} 轮）"),
    ),
    (
        re.compile(r"(\d+) of (\d+) members were left out"),
        Text("{count} of {whole} members were left out", "{whole} 个成员中有 {count} 个没有训练"),
    ),
)


def training(subject: Subject) -> Markup | None:
    """Curves, and a line for each member."""
    histories = subject.model.histories_
    if not any(len(history) for history in histories):
        return None
    rows = []
    for number, history in enumerate(histories, 1):
        seconds = sum(row.get("seconds", 0.0) for row in history)
        best = subject.say(NONE) if history.best_epoch is None else str(history.best_epoch)
        rows.append([str(number), str(len(history)), best, f"{seconds:.1f}", _ending(subject, history.ended)])
    head = [subject.say(name) for name in (MEMBER, EPOCHS, BEST_EPOCH, SECONDS, ENDED)]
    return join(
        [
            element("div", *_curves(subject, histories[0]), class_="charts"),
            element("p", subject.say(PLAIN), class_="note"),
            table(subject.say(MEMBERS), head, rows, words=(4,)),
        ]
    )


def _curves(subject: Subject, history: History) -> Iterator[Markup]:
    epochs, best = [row["epoch"] for row in history], history.best_epoch
    mark = None if best is None else (float(best), subject.say(BEST, epoch=best))
    curves = [Line(subject.say(LEARNED), epochs, history["loss"])]
    if "validation_loss" in history.columns:
        curves.append(Line(subject.say(HELD), epochs, history["validation_loss"], "b"))
    notes = [subject.say(FELL, epochs=len(history), first=history["loss"][0], last=history["loss"][-1])]
    notes += [] if best is None else [subject.say(HELD_BEST, epoch=best)]
    members = len(subject.model.histories_)
    notes += [subject.say(FIRST_OF, members=members)] if members > 1 else []
    note = subject.sentences(notes)
    axis = subject.say(EPOCH)
    yield lines(
        "loss", subject.say(LOSS_TITLE), note, axis, subject.say(LOSS), curves, mark=mark, x_whole=True, powers=True
    )
    for name in history.columns:
        if name.startswith("validation_") and name != "validation_loss":
            score = name.removeprefix("validation_").replace("_", " ")
            title = subject.say(SCORE_TITLE, score=score)
            curve = [Line("", epochs, history[name], "b")]
            yield lines("score", title, subject.say(SCORE_NOTE), axis, score, curve, mark=mark, x_whole=True)
    rates = history["learning_rate"] if "learning_rate" in history.columns else []
    if len(set(rates)) > 1:
        title, note = subject.say(RATE_TITLE), subject.say(RATE_NOTE, schedule=subject.model.settings_["schedule"])
        yield lines("rate", title, note, axis, subject.say(LEARNING_RATE), [Line("", epochs, rates, "c")], x_whole=True)


def _ending(subject: Subject, ended: str) -> str:
    """Why training ended, in the language of the report where it is known by heart."""
    return ("；" if subject.language == "zh" else "; ").join(_said(subject, part) for part in ended.split("; "))


def _said(subject: Subject, part: str) -> str:
    for known, text in ENDINGS:
        found = known.fullmatch(part)
        if found is not None:
            return subject.say(text, count=found[1], whole=found[found.re.groups])
    return part

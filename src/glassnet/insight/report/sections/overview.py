"""What the report is of, and its result in a few sentences."""

from __future__ import annotations

from glassnet.insight.chance import leads
from glassnet.insight.report.markup import Markup, element, join
from glassnet.insight.report.sections.words import METRICS, difference, model_name, span
from glassnet.insight.report.spelling import cv_spelled
from glassnet.insight.report.subject import NETWORK, Subject
from glassnet.insight.scores import HIGHER_IS_BETTER
from glassnet.insight.text import Text
from glassnet.insight.verdict import verdict

__all__ = ["asked", "at_a_glance", "split"]

CLASSES = Text("a class of {count}: {names}", "分类，共 {count} 类：{names}")
NUMBER = Text("a number", "回归，预测一个数")
MORE = Text("{names} and {count} more", "{names} 等，另有 {count} 类")
SHOWN_CLASSES = 8

JUDGED = Text("Judged by {rows:,} rows that it has not learned from.", "用它没有学过的 {rows:,} 行来评判。")
JUDGED_BY = Text("Judged by {rows:,} rows.", "用 {rows:,} 行来评判。")
BETTER = Text(
    "It is better than {other}: {metric} {ours} against {theirs}. The difference, {difference}, is more than chance: "
    "drawn from these rows again and again, it lies between {low} and {high} in 95 of 100 cases.",
    "它优于{other}：{metric} {ours}，后者为 {theirs}。差距为 {difference}，不是偶然：从这些行里反复抽样，"
    "100 次里有 95 次差距在此范围内：{low}～{high}。",
)
EQUAL = Text(
    "Whether it is better than {other} cannot be told from these rows: {metric} {ours} against {theirs}. The "
    "difference, {difference}, lies between {low} and {high} in 95 of 100 draws from these rows.",
    "它是否优于{other}，从这些行看不出来：{metric} {ours}，后者为 {theirs}。差距为 {difference}；从这些行里反复抽样，"
    "100 次里有 95 次差距在此范围内：{low}～{high}。",
)
WORSE = Text(
    "It is worse than {other}: {metric} {ours} against {theirs}, a difference of {difference}, between {low} and "
    "{high} in 95 of 100 draws from these rows. Take the simple model, or search for better options.",
    "它不如{other}：{metric} {ours}，后者为 {theirs}。差距为 {difference}；从这些行里反复抽样，"
    "100 次里有 95 次差距在此范围内：{low}～{high}。请改用简单的模型，或另找更好的选项。",
)
INTERVAL = Text("95 % confidence interval {span}", "95% 置信区间 {span}")
AGAINST = Text("{model}: {score}", "{model}：{score}")

TASK, TARGET, TABLE = Text("Task", "任务"), Text("Target", "目标"), Text("Table", "表格")
COMMAND, MODEL = Text("Command", "命令"), Text("Model", "模型")
UNKNOWN = Text("y, without a name", "y，没有名字")

LEARNED, TEST, LEFT_OUT = (
    Text("Learned from", "用于学习"),
    Text("Judged by", "用于评判"),
    Text("Left out", "略去"),
)
VALIDATED = Text("Judged the epochs", "用于评判各轮")
ROWS = Text("{count:,} rows", "{count:,} 行")
NO_ANSWER = Text("{count:,} rows without an answer", "{count:,} 行没有答案")
DRAWN = Text(
    "{count:,} rows, a share of {share:g} of the table, drawn by chance with the seed {seed}",
    "{count:,} 行，占表格的 {share:g}，按种子 {seed} 随机抽出",
)
STRATIFIED = Text("; each class keeps its share (stratified)", "；各类别比例不变（分层）")
OF_FILE = Text("{count:,} rows of {file}", "{count:,} 行，来自 {file}")
NOT_KNOWN = Text("not known here", "此处不知道")
HELD_BACK = Text(
    "a share of {share:g} of the rows to learn from, drawn with the seed {seed}",
    "用于学习的行中的 {share:g}，按种子 {seed} 抽出",
)
HELD_BACK_EACH = Text(
    "for each of the {members} members another share of {share:g} of the rows to learn from",
    "{members} 个成员各用学习行中不同的 {share:g}",
)
LATEST = Text("{count:,} rows, the latest by {column}", "按 {column} 最晚的 {count:,} 行")
LATEST_HELD = Text(
    "the latest by {column}, a share of {share:g} of the rows to learn from",
    "学习行中按 {column} 最晚的 {share:g}",
)
TOGETHER = Text("; no {column} is on both sides", "；同一个 {column} 不会分在两边")
OF_FOLD = Text("for each member the rows of another {column}", "各个成员分别用不同 {column} 的行")
OF_CV = Text("for each of the {members} members those of a fold, cv={cv}", "{members} 个成员各用一折，cv={cv}")
OF_OTHER_FILE = Text("rows of {file}", "来自 {file} 的行")
NONE_HELD = Text("none: all epochs were trained, and the last weights kept", "没有：训练完全部轮数，保留最后的权重")


def at_a_glance(subject: Subject) -> Markup:
    """The scores, large, and whether the network is worth it."""
    rows = len(subject.y)
    parts = [element("p", subject.say(JUDGED if subject.learned else JUDGED_BY, rows=rows), class_="lead")]
    scored = {name: subject.scores[name] for name in (NETWORK, *subject.simple)}
    weighted = getattr(subject.model, "class_weight", None) is not None
    lead = leads(subject.y, subject.models, subject.weight)
    useless = verdict(scored, lead, rows, lambda: subject.findings or (), weighted=weighted)
    if useless is not None:
        parts += [element("p", sentence, class_="warning") for sentence in useless.sentences(subject.language)]
    compared = _compared(subject)
    cards = []
    for metric in subject.metrics:
        found = subject.resampled.interval(NETWORK, metric.key)
        notes = [] if found is None else [subject.say(INTERVAL, span=span(metric, found.low, found.high))]
        notes += [
            subject.say(AGAINST, model=model_name(subject, name), score=metric.spell(scores[metric.key]))
            for name, scores in subject.scores.items()
            if name != NETWORK and metric.key in scores
        ]
        cards.append(
            element(
                "div",
                element("dt", subject.say(METRICS[metric.key])),
                element("dd", metric.spell(subject.scores[NETWORK][metric.key]), class_="large"),
                *(element("dd", note.replace(" %", "\u00a0%")) for note in notes),
            )
        )
    return join([*parts, None if compared is None else element("p", compared), element("dl", *cards, class_="cards")])


def _compared(subject: Subject) -> str | None:
    """The network against the first simple model, in the first metric."""
    metric = subject.metrics[0]
    other = next(iter(subject.simple), None)
    found = None if other is None else subject.resampled.difference(NETWORK, other, metric.key)
    if other is None or found is None:
        return None
    ours, theirs = subject.scores[NETWORK][metric.key], subject.scores[other][metric.key]
    up = 1 if metric.key in HIGHER_IS_BETTER else -1
    worst, best = sorted((up * found.low, up * found.high))
    text = BETTER if worst > 0 else WORSE if best < 0 else EQUAL
    return subject.say(
        text,
        other=model_name(subject, other),
        metric=subject.say(METRICS[metric.key]),
        ours=metric.spell(ours),
        theirs=metric.spell(theirs),
        difference=difference(subject, metric, ours - theirs),
        low=difference(subject, metric, found.low),
        high=difference(subject, metric, found.high),
    )


def asked(subject: Subject) -> Markup:
    """Task, target, where the rows come from, and the command."""
    origin = subject.origin
    facts = [(TARGET, origin.target or subject.say(UNKNOWN)), (TASK, _task(subject))]
    facts += [(TABLE, origin.table)] if origin.table else []
    facts.append((MODEL, type(subject.model).__name__))
    command = None if origin.command is None else element("code", origin.command)
    return _facts(subject, [*facts, *([] if command is None else [(COMMAND, command)])])


def _task(subject: Subject) -> str:
    if subject.classes is None:
        return subject.say(NUMBER)
    names = [str(name) for name in subject.classes]
    shown = ", ".join(names[:SHOWN_CLASSES])
    if len(names) > SHOWN_CLASSES:
        shown = subject.say(MORE, names=shown, count=len(names) - SHOWN_CLASSES)
    return subject.say(CLASSES, count=len(names), names=shown)


def split(subject: Subject) -> Markup:
    """Which rows were for what, and how they were drawn."""
    origin, count = subject.origin, len(subject.y)
    if origin.share and origin.time:
        judged = subject.say(LATEST, count=count, column=origin.time)
    elif origin.share:
        judged = subject.say(DRAWN, count=count, share=origin.share, seed=origin.seed)
        judged += subject.say(STRATIFIED) if subject.classes is not None else ""
    elif origin.test:
        judged = subject.say(OF_FILE, count=count, file=origin.test)
    else:
        judged = subject.say(ROWS, count=count)
    judged += _together(subject) if origin.share else ""
    learned = subject.say(NOT_KNOWN) if subject.learned is None else subject.say(ROWS, count=len(subject.learned.y))
    facts = [(LEARNED, learned), (VALIDATED, _validated(subject)), (TEST, judged)]
    facts += [(LEFT_OUT, subject.say(NO_ANSWER, count=origin.dropped))] if origin.dropped else []
    return _facts(subject, facts)


def _validated(subject: Subject) -> str:
    settings, origin = subject.model.settings_, subject.origin
    if origin.validation:
        return subject.say(OF_OTHER_FILE, file=origin.validation)
    if not settings["early_stopping"]:
        return subject.say(NONE_HELD)
    if origin.fold:
        return subject.say(OF_FOLD, column=origin.fold)
    share = settings["validation_fraction"]
    if settings["cv"] is not None:
        held = subject.say(OF_CV, members=settings["members"], cv=cv_spelled(settings["cv"]))
    elif origin.time:
        held = subject.say(LATEST_HELD, column=origin.time, share=share)
    elif settings["members"] > 1:
        held = subject.say(HELD_BACK_EACH, members=settings["members"], share=share)
    else:
        held = subject.say(HELD_BACK, share=share, seed=subject.model.network_.seed)
    return held + _together(subject)


def _together(subject: Subject) -> str:
    column = subject.origin.group or subject.origin.fold
    return subject.say(TOGETHER, column=column) if column else ""


def _facts(subject: Subject, facts: list[tuple[Text, str]]) -> Markup:
    pairs = [element("div", element("dt", subject.say(name)), element("dd", value)) for name, value in facts]
    return element("dl", *pairs, class_="facts")

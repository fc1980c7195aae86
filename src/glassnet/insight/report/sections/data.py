"""The table: its columns in figures, what is odd about them, and the target."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.insight.numbers import number
from glassnet.insight.report.charts import columns as column_chart
from glassnet.insight.report.columns import Column, Columns, spelled_ends
from glassnet.insight.report.markup import Markup, element, join, table
from glassnet.insight.report.sections.words import percent
from glassnet.insight.report.subject import Subject
from glassnet.insight.text import Text
from glassnet.layers.base import Array
from glassnet.tables.almost import AlmostNumbers
from glassnet.tables.values import level_text

__all__ = ["data"]

SHOWN_COLUMNS = 60
MANY_GAPS = 0.5
SHOWN_CLASSES = 12

KINDS = {
    "number": Text("number", "数"),
    "boolean": Text("yes or no", "是非"),
    "duration": Text("duration", "时长"),
    "date": Text("date", "日期"),
    "datetime": Text("date and time", "日期和时间"),
    "time": Text("time of day", "时刻"),
    "category": Text("category", "类别"),
    "empty": Text("empty", "空"),
}
OF_LEARNED = Text("Columns of the {rows:,} rows that were learned from", "用于学习的 {rows:,} 行的各列")
OF_JUDGED = Text("Columns of the {rows:,} rows to judge by", "用于评判的 {rows:,} 行的各列")
COLUMN, KIND = Text("Column", "列"), Text("Kind", "类型")
MISSING, DISTINCT = Text("Missing", "空缺"), Text("Different", "不同的值")
VALUES = Text("Smallest · median · largest, or most frequent", "最小 · 中位数 · 最大，或最常见的值")
MORE_COLUMNS = Text("{count:,} more columns are not shown.", "另有 {count:,} 列没有列出。")
SPARSE = Text(
    "The table is sparse, with {columns:,} columns; they have no names.", "表格是稀疏的，有 {columns:,} 列，没有名字。"
)

TARGET = Text("The target", "目标")
CLASS, LEARNED_ROWS, JUDGED_ROWS = (
    Text("Class", "类别"),
    Text("Learned from", "用于学习"),
    Text("Judged by", "用于评判"),
)
TARGET_NUMBERS = Text(
    "From {low} to {high}, median {median}, mean {mean}.", "从 {low} 到 {high}，中位数 {median}，均值 {mean}。"
)
DISTRIBUTION = Text("How the target is distributed", "目标的分布")
TARGET_AXIS, ROWS_AXIS = Text("target", "目标"), Text("rows", "行数")
MORE_CLASSES = Text("{count:,} classes more are not shown.", "另有 {count:,} 个类别没有列出。")

WARNINGS = Text("Worth a look", "值得留意")
NOTHING_ODD = Text("Nothing odd was found in the columns.", "各列没有发现异常。")
CONSTANT = Text("{name} is the same in every row, and not learned from.", "{name} 每一行都相同，没有用来学习。")
GAPS = Text("{name} is missing in {share} of the rows.", "{name} 有 {share} 的行空缺。")
NAMES = Text(
    "{name} is another text in every row: does it only name the rows?",
    "{name} 每一行的文字都不同：是不是只用来辨认各行？",
)
ALMOST = Text(
    "{name} is text, but {share} of its cells are numbers; it is spoilt by {spoilers}.",
    "{name} 是文字列，但 {share} 的单元格是数字；其余的是 {spoilers}。",
)
MARKED = Text(
    "{name} is text, but {share} of its cells are numbers with something around them: {written}.",
    "{name} 是文字列，但 {share} 的单元格是数字，只是前后带有别的字符：{written}。",
)
ALMOST_DATES = Text(
    "{name} is text, but {share} of its cells are dates, written {written}.",
    "{name} 是文字列，但 {share} 的单元格是日期，写法如 {written}。",
)
SPOILT_DATES = Text(
    "{name} is text, but {share} of its cells are dates; it is spoilt by {spoilers}.",
    "{name} 是文字列，但 {share} 的单元格是日期；其余的是 {spoilers}。",
)
NEW_GAPS = Text(
    "{name} had no gaps in the rows that were learned from, and has {count:,} in those to judge by.",
    "{name} 在用于学习的行里没有空缺，在用于评判的行里有 {count:,} 处。",
)
NEW_LEVELS = Text(
    "{name} has values in {count:,} rows that were never seen in learning, such as {example}.",
    "{name} 有 {count:,} 行的值在学习时从未见过，例如 {example}。",
)


def data(subject: Subject) -> Markup:
    """Columns, oddities, target."""
    shown = subject.learned_columns or subject.columns
    if shown is None:
        return join([
            element("p", subject.say(SPARSE, columns=subject.model.encoder_.n_features_in)), *_target(subject)
        ])  # fmt: skip
    odd = [element("li", line) for line in _oddities(subject, shown)]
    return join(
        [
            _columns(subject, shown),
            element("p", subject.say(MORE_COLUMNS, count=len(shown) - SHOWN_COLUMNS), class_="note")
            if len(shown) > SHOWN_COLUMNS
            else None,
            element("h3", subject.say(WARNINGS)),
            element("ul", *odd) if odd else element("p", subject.say(NOTHING_ODD)),
            *_target(subject),
        ]
    )


def _columns(subject: Subject, shown: Columns) -> Markup:
    rows = []
    for column in shown.each[:SHOWN_COLUMNS]:
        known = column.rows - column.gaps
        values = spelled_ends(column) or ", ".join(
            f"{level} {percent(count / known, 0)}" for level, count in column.levels
        )
        missing = percent(column.gaps / column.rows) if column.gaps else "0"
        rows.append([column.name, subject.say(KINDS[column.kind]), missing, f"{column.distinct:,}", values])
    caption = OF_JUDGED if subject.learned_columns is None else OF_LEARNED
    count = shown.each[0].rows
    head = [subject.say(name) for name in (COLUMN, KIND, MISSING, DISTINCT, VALUES)]
    return table(subject.say(caption, rows=count), head, rows, words=(0, 1, 4))


def _oddities(subject: Subject, shown: Columns) -> Iterator[str]:
    judged = subject.columns if subject.learned_columns is not None else None
    for place, column in enumerate(shown):
        if column.distinct <= 1:
            yield subject.say(CONSTANT, name=column.name)
        elif column.gaps / column.rows >= MANY_GAPS:
            yield subject.say(GAPS, name=column.name, share=percent(column.gaps / column.rows))
        elif (almost := column.almost_numbers) is not None:
            yield _almost(subject, almost)
        elif column.names_rows:
            yield subject.say(NAMES, name=column.name)
        if judged is not None:
            yield from _drift(subject, column, judged.each[place])


def _almost(subject: Subject, column: AlmostNumbers) -> str:
    """Why a column is text though numbers or dates are meant."""
    share = percent(column.share)
    if column.forms:
        said = ALMOST_DATES if column.dates else MARKED
        return subject.say(said, name=column.name, share=share, written=column.written)
    said = SPOILT_DATES if column.dates else ALMOST
    return subject.say(said, name=column.name, share=share, spoilers=column.spoilt_by)


def _drift(subject: Subject, learned: Column, judged: Column) -> Iterator[str]:
    """What the rows to judge by have that the others had not."""
    if judged.gaps and not learned.gaps:
        yield subject.say(NEW_GAPS, name=learned.name, count=judged.gaps)
    if learned.kind == "category" and not learned.names_rows:
        known = set(map(level_text, learned.cells))
        new = [text for text in map(level_text, judged.cells) if text is not None and text not in known]
        if new:
            yield subject.say(NEW_LEVELS, name=learned.name, count=len(new), example=repr(new[0]))


def _target(subject: Subject) -> list[Markup | None]:
    heading = element("h3", subject.say(TARGET))
    if subject.classes is None:
        return [heading, *_numbers(subject, subject.y if subject.learned is None else subject.learned.y)]
    parts = [(JUDGED_ROWS, subject.y)]
    if subject.learned is not None:
        parts.insert(0, (LEARNED_ROWS, subject.learned.y))
    shares = [{name: np.mean(y == name) for name in subject.classes} for _, y in parts]
    order = sorted(subject.classes, key=lambda name: -shares[0][name])
    rows = [[str(name), *(percent(share[name]) for share in shares)] for name in order[:SHOWN_CLASSES]]
    head = [subject.say(CLASS), *(subject.say(name) for name, _ in parts)]
    more = len(order) - SHOWN_CLASSES
    note = element("p", subject.say(MORE_CLASSES, count=more), class_="note") if more > 0 else None
    return [heading, table(subject.say(DISTRIBUTION), head, rows), note]


def _numbers(subject: Subject, y: Array) -> list[Markup | None]:
    figures = subject.say(
        TARGET_NUMBERS,
        low=number(y.min()), high=number(y.max()), median=number(float(np.median(y))), mean=number(y.mean()),
    )  # fmt: skip
    if len(np.unique(y)) < 2:
        return [element("p", figures)]
    return [
        column_chart("target", subject.say(DISTRIBUTION), figures, subject.say(TARGET_AXIS), subject.say(ROWS_AXIS), y)
    ]

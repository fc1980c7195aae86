"""The rows that the network is furthest off for: the place to look for wrong answers in the table, and for ideas."""

from __future__ import annotations

import numpy as np

from glassnet.insight.importances.together import shuffled_columns
from glassnet.insight.report.markup import Markup, element, join, table
from glassnet.insight.report.sections.words import error, percent, truth
from glassnet.insight.report.subject import Subject
from glassnet.insight.text import Text

__all__ = ["worst_rows"]

SHOWN_ROWS, SHOWN_COLUMNS = 10, 6

CAPTION = Text("The {count} rows with the largest loss", "损失最大的 {count} 行")
ROW, TRUE, PREDICTED = Text("Row", "行"), Text("True", "真实"), Text("Predicted", "预测")
PROBABILITY, ERROR = Text("Probability of what is true", "真实类别的概率"), Text("Off by", "误差")
MISSING = Text("missing", "空缺")
NOTE = Text(
    "Is the answer in the table right? If so, what does the network not know that would tell? Rows are counted from 1 "
    "among the rows to judge by, or called by their names; the columns are those that matter most.",
    "表格里的答案对吗？如果对，网络还缺什么信息才能判断？行号是在用于评判的行里从 1 数起，或者是各行的名字；"
    "所列的是最重要的几列。",
)
NOTE_PLAIN = Text(
    "Is the answer in the table right? If so, what does the network not know that would tell? Rows are counted from 1 "
    "among the rows to judge by, or called by their names.",
    "表格里的答案对吗？如果对，网络还缺什么信息才能判断？行号是在用于评判的行里从 1 数起，或者是各行的名字。",
)


def worst_rows(subject: Subject) -> Markup | None:
    """The rows with the largest loss, with their values."""
    order = np.argsort(-subject.errors, kind="stable")[:SHOWN_ROWS]
    order = order[subject.errors[order] > 0]
    if not len(order):
        return None
    columns = _columns(subject)
    sure = subject.classes is not None and subject.predicted.probabilities is not None
    head = [subject.say(ROW), subject.say(TRUE), subject.say(PREDICTED)]
    if sure or subject.classes is None:
        head.append(subject.say(PROBABILITY if sure else ERROR))
    each = [] if subject.columns is None else [subject.columns.each[place] for place in columns]
    rows = []
    for row in order.tolist():
        cells: list[str] = [
            subject.names[row],
            truth(subject, subject.y, row),
            truth(subject, subject.predicted.values, row),
        ]
        if sure:
            cells.append(percent(float(np.exp(-subject.errors[row])), 2))
        elif subject.classes is None:
            cells.append(error(subject, row))
        for column in each:
            cell = column.cell(row)
            cells.append(element("i", subject.say(MISSING)) if cell is None else cell)
        rows.append(cells)
    words = [0, *([] if subject.classes is None else [1, 2])]
    words += [place for place, column in enumerate(each, len(head)) if column.ends is None]
    head += [column.name for column in each]
    note = NOTE if each and subject.importances is not None else NOTE_PLAIN
    return join(
        [
            element("p", subject.say(note)),
            table(subject.say(CAPTION, count=len(order)), head, rows, words=words),
        ]
    )


def _columns(subject: Subject) -> list[int]:
    """The places of the columns to show: those that matter most, or else the first."""
    names, found = subject.model.encoder_.feature_names_in, subject.importances
    if found is not None:
        together = dict(shuffled_columns(names, subject.column_groups or {}))
        ordered = [int(at) for place in found.order for at in together[found.columns[place]]]
        return list(dict.fromkeys(ordered))[:SHOWN_COLUMNS]  # a column may be in two groups
    return list(range(min(SHOWN_COLUMNS, len(names))))

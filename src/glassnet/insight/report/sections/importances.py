"""Which columns the network goes by."""

from __future__ import annotations

import math

from glassnet.insight.report.importances import MOST_COLUMNS, MOST_ROWS, REPEATS
from glassnet.insight.report.markup import Markup, element, join, table
from glassnet.insight.report.subject import NETWORK, Subject
from glassnet.insight.text import Text

__all__ = ["importance"]

CAPTION = Text("By how much the {loss} grows when a column is shuffled", "打乱一列之后，{loss}增加多少")
LOG_LOSS, WRONG, RMSE = (
    Text("log loss", "对数损失"),
    Text("share of wrong rows", "判错的比例"),
    Text("RMSE", "均方根误差"),
)
COLUMN, GROWS, AGAIN = Text("Column", "列"), Text("Grows by", "增加"), Text("± over {count} times", "{count} 次的 ±")
SHARE = Text("Share of the largest", "与最大者之比")
NOTE = Text(
    "Measured on {rows:,} rows. A column whose shuffling changes nothing is not needed, or says what another one says, "
    "too: of two alike, each looks unimportant. Important for the prediction does not mean that it is a cause.",
    "在 {rows:,} 行上测得。打乱之后毫无变化的列，要么用不着，要么别的列也说了同样的事：两列相似时，各自都显得不重要。"
    "对预测重要，不等于就是原因。",
)
ONLY_SOME = Text("Shown are the {count} that matter most.", "只列出最重要的 {count} 列。")


def importance(subject: Subject) -> Markup | None:
    """A bar for each column."""
    found = subject.importances
    if found is None:
        return None
    most = max(found.means.max(), 1e-12)
    digits = max(0, 2 - math.floor(math.log10(most)))  # the largest has three that mean something
    rows = []
    for place in found.order:
        grows, deviation = found.means[place], found.deviations[place]
        share = max(0.0, grows / most)
        bar = element("span", "", class_="bar", style=f"--share: {share:.3f}", role="img", aria_label=f"{share:.0%}")
        rows.append([found.columns[place], bar, *(f"{value:,.{digits}f}" for value in (grows, deviation))])
    scores = subject.scores[NETWORK]
    loss = subject.say(RMSE if subject.classes is None else LOG_LOSS if "log_loss" in scores else WRONG)
    head = [subject.say(COLUMN), subject.say(SHARE), subject.say(GROWS), subject.say(AGAIN, count=REPEATS)]
    notes = [subject.say(NOTE, rows=min(len(subject.y), MOST_ROWS))]
    if len(found.columns) == MOST_COLUMNS:
        notes.append(subject.say(ONLY_SOME, count=MOST_COLUMNS))
    return join(
        [
            table(subject.say(CAPTION, loss=loss), head, rows, words=(0, 1)),
            element("p", subject.sentences(notes), class_="note"),
        ]
    )

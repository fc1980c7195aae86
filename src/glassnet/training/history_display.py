"""A history for people: names of its columns, why training ended, curves, and the HTML that a notebook shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from glassnet.display.blocks import Block, Charts, Paragraph, TableBlock
from glassnet.display.chart import Array, Axis, Chart, Dots, Ink, Line, Mark, ReferenceLine, color
from glassnet.display.numbers import short
from glassnet.support.language import Language, Text
from glassnet.training.history import ENDINGS, LOSSES

if TYPE_CHECKING:
    from glassnet.training import History

EPOCH = Text("epoch")
LOSS = Text("loss")
LEARNING_RATE = Text("learning rate")
COLUMNS = {
    "epoch": EPOCH,
    "loss": Text("training loss"),
    "validation_loss": Text("validation loss"),
    "validation_score": Text("validation score"),
    "learning_rate": LEARNING_RATE,
    "seconds": Text("seconds"),
}
SEMICOLON = Text("; ")
SPAN = Text("{least} to {most}")
SCORE = Text("validation {name}")
CHART = Text("Training")
MEMBER_MEAN = Text("{name}, mean of {count}")
BEST_EPOCH = Text("best epoch: {epoch}")
BEST_EPOCHS = Text("best epoch of each")
VALUE = Text("value", context="history display")
SUMMARY = Text("{count:,} epochs: {why}.")
SHOWN_EPOCHS = 8
"""At most so many lines of a history, evenly spread, the best epoch among them."""


def column_name(column: str, language: Language | None = None) -> str:
    """Return a column of a history in the reader's words; scores keep the names that scikit-learn gave them.

    Examples
    --------
    >>> column_name("validation_loss", "zh"), column_name("validation_roc_auc", "en"), column_name("mine", "en")
    ('验证损失', 'validation roc auc', 'mine')
    """
    if column in COLUMNS:
        return COLUMNS[column].say(language)
    if column.startswith("validation_"):
        return SCORE.say(language, name=column.removeprefix("validation_").replace("_", " "))
    return column


def span(numbers: Sequence[int], language: Language | None = None) -> str:
    """Return the range of some numbers as text.

    Examples
    --------
    >>> span([9, 3, 4], "en"), span([5, 5], "en")
    ('3 to 9', '5')
    """
    least, most = min(numbers), max(numbers)
    return str(most) if least == most else SPAN.say(language, least=least, most=most)


def ending(*histories: History, language: Language | None = None) -> str:
    """Why training ended, in the reader's language where the code says it all; of several members each reason once.

    Examples
    --------
    >>> from glassnet.training import History
    >>> histories = [History(), History(), History()]
    >>> for history, code, count in zip(histories, ["patience", "done", "done"], [3, 7, 8]):
    ...     history.end(code, count=count)
    >>> ending(*histories, language="en")
    'no improvement for 3 epochs; all epochs are done'
    """
    reasons: dict[tuple[str, str], list[Mapping[str, int]]] = {}
    for one in (one for history in histories for one in history.endings):
        reasons.setdefault((one.code, one.words), []).append(one.numbers)
    return SEMICOLON.say(language).join(
        words or _in_words(code, each, language) for (code, words), each in reasons.items()
    )


def _in_words(code: str, each: Sequence[Mapping[str, int]], language: Language | None) -> str:
    """Return one reason, and the numbers that those have who ended for it."""
    spans = {name: span([numbers[name] for numbers in each], language) for name in each[0]}
    apart = any(numbers != each[0] for numbers in each)
    return ENDINGS["done_each" if code == "done" and apart else f"{code}"].say(language, **spans)


def epoch_lines(history: History, most: int) -> tuple[list[list[str]], int | None]:
    """Return a table of at most so many epochs, evenly spread, with the best, and the number of its line.

    Examples
    --------
    >>> from glassnet.training import History
    >>> epoch_lines(History([{"epoch": epoch, "loss": 1 / epoch} for epoch in range(1, 6)]), 3)
    ([['1', '1'], ['3', '0.3333'], ['5', '0.2']], None)
    """
    last = len(history) - 1
    places = {round(step * last / max(1, most - 1)) for step in range(most)} if len(history) else set()
    best = None if history.best_epoch is None else history.best_epoch - 1
    if best is not None and best <= last:
        places.add(best)
    shown = sorted(places)
    rows = [history.rows[place] for place in shown]
    lines = [[short(row[name]) if name in row else "" for name in history.columns] for row in rows]
    return lines, shown.index(best) if best in places else None


def training_chart(histories: Sequence[History], names: Sequence[str], language: Language) -> Chart:
    """Some columns of histories: of several members each is a thin line, and their mean a thick one."""
    marks: list[Mark] = []
    for number, name in enumerate(names):
        lines = [(np.array(history["epoch"]), np.array(history[name])) for history in histories]
        marks += _curves(lines, column_name(name, language), color(number), language)
        if name == names[-1]:  # it decided which epoch was best
            marks += _best(histories, lines, color(number), language)
    losses, alone = all(name in LOSSES for name in names), len(names) == 1
    label = LOSS.say(language) if losses else column_name(names[0], language) if alone else VALUE.say(language)
    return Chart(CHART.say(language), Axis(EPOCH.say(language), whole=True), Axis(label, "either"), marks)


def _curves(lines: Sequence[tuple[Array, Array]], name: str, look: Ink, language: Language) -> list[Mark]:
    if len(lines) == 1:
        return [Line(name, *lines[0], look)]
    together = min(len(values) for _, values in lines)
    mean = np.mean([values[:together] for _, values in lines], axis=0)
    named = MEMBER_MEAN.say(language, name=name, count=len(lines))
    each = [Line("", *line, look, weight="thin") for line in lines]
    return [*each, Line(named, lines[0][0][:together], mean, look, weight="thick")]


def _best(
    histories: Sequence[History], lines: Sequence[tuple[Array, Array]], look: Ink, language: Language
) -> list[Mark]:
    best = [
        (float(history.best_epoch), float(values[epochs == history.best_epoch][0]))
        for history, (epochs, values) in zip(histories, lines, strict=True)
        if history.best_epoch is not None and history.best_epoch in epochs
    ]
    if not best:
        return []
    epochs, values = zip(*best, strict=True)
    if len(histories) > 1:
        return [Dots(BEST_EPOCHS.say(language), epochs, values, look, large=True)]
    name = BEST_EPOCH.say(language, epoch=histories[0].best_epoch)
    return [ReferenceLine("", epochs[0]), Dots(name, epochs, values, look, large=True)]


def history_blocks(history: History, language: Language) -> list[Block]:
    """Return a history for a notebook: its curves, the reason of its end, and some of its epochs."""
    if not len(history):
        return [Paragraph(repr(history))]
    scores = [name for name in history.columns if name.startswith("validation_") and name not in LOSSES]
    losses: list[str] = [name for name in LOSSES if name in history.columns]
    drawn: list[list[str]] = [losses, *([name] for name in scores)]
    charts = Charts([training_chart([history], names, language) for names in drawn if names])
    why = ending(history, language=language)
    summary = [Paragraph(SUMMARY.say(language, count=len(history), why=why))] if history.endings else []
    lines, best = epoch_lines(history, SHOWN_EPOCHS)
    head = [column_name(name, language) for name in history.columns]
    return [*summary, charts, TableBlock("", head, lines, words=(), best=best)]

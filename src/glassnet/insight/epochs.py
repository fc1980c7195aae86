"""What the columns of a history are called, and why it ended, wherever that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from glassnet.insight.numbers import short
from glassnet.support.language import Language, Text
from glassnet.training.history import ENDINGS

if TYPE_CHECKING:
    from glassnet.training import History

EPOCH = Text("epoch", "轮次")
LOSS = Text("loss", "损失")
LEARNING_RATE = Text("learning rate", "学习率")
COLUMNS = {
    "epoch": EPOCH,
    "loss": Text("training loss", "训练损失"),
    "validation_loss": Text("validation loss", "验证损失"),
    "validation_score": Text("validation score", "验证评分"),
    "learning_rate": LEARNING_RATE,
    "seconds": Text("seconds", "秒"),
}
SEMICOLON = Text("; ", "；")
SPAN = Text("{least} to {most}", "{least} 至 {most}")
SCORE = Text("validation {name}", "验证集 {name}")


def column_name(column: str, language: Language | None = None) -> str:
    """A column of a history in the reader's words; scores keep the names that scikit-learn gave them.

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
    """From the least of some numbers to the largest.

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
    """One reason, and the numbers that those have who ended for it."""
    spans = {name: span([numbers[name] for numbers in each], language) for name in each[0]}
    apart = any(numbers != each[0] for numbers in each)
    return ENDINGS["ending.done_each" if code == "done" and apart else f"ending.{code}"].say(language, **spans)


def epoch_lines(history: History, most: int) -> tuple[list[list[str]], int | None]:
    """Lines of a table: at most so many epochs, evenly spread, and the best among them; which line that is.

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

"""An explanation in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glassnet.insight.values import cell_text
from glassnet.language import Language, Text, close_up
from glassnet.layers.base import Array

if TYPE_CHECKING:
    from glassnet.insight.explanations.explanation import Explanation

__all__ = ["answer_text", "change_text", "largest", "sentence"]

NEGLIGIBLE = 0.005
"""A smaller contribution is not spoken of: as a probability, or in deviations of the target."""

ANSWERS = {
    "probability": Text("{answer} with probability {value}", "{answer}，概率 {value}"),
    "score": Text("{answer} with a score of {value}", "{answer}，得分 {value}"),
    "number": Text("{value} rather than {base}", "{value}，而不是 {base}"),
}
NAMED = Text("{target}: {answer}", "{target}：{answer}")
BECAUSE = Text("{answer}, mostly because {reasons}", "{answer}，主要因为 {reasons}")
ALTHOUGH = Text("{answer}, although {reasons}", "{answer}；起相反作用的是 {reasons}")
UNCHANGED = Text("{answer}; no column changes much", "{answer}；没有哪一列起多大作用")
REASON = Text("{column} is {cell} ({change})", "{column} 为 {cell}（{change}）")
MISSING_REASON = Text("{column} is missing ({change})", "{column} 缺失（{change}）")
COMMA, AND = Text(", ", "、"), Text(" and ", "、")


def sentence(explanation: Explanation, row: int, language: Language, most: int) -> str:
    """The answer for a row, what speaks for it, what against: the `most` largest contributions at most."""
    contributions = explanation.contributions[row]
    counted = [p for p in largest(contributions, most) if abs(contributions[p]) >= NEGLIGIBLE * explanation.scale[row]]
    # a class is argued for; a number is higher or lower than it would be
    lower = explanation.kind == "number" and explanation.value[row] < explanation.base[row]
    speaks_for = [place for place in counted if (contributions[place] > 0) != lower]
    against = [place for place in counted if place not in speaks_for]
    text = answer_text(explanation, row, language)
    if speaks_for:
        text = BECAUSE.say(language, answer=text, reasons=_listed(explanation, row, speaks_for, language))
    if against:
        text = ALTHOUGH.say(language, answer=text, reasons=_listed(explanation, row, against, language))
    if not counted:
        text = UNCHANGED.say(language, answer=text)
    return close_up(text) if language == "zh" else text


def answer_text(explanation: Explanation, row: int, language: Language) -> str:
    """The answer alone."""
    text = ANSWERS[explanation.kind].say(
        language,
        answer="" if explanation.answers is None else explanation.answers[row],
        value=_amount(explanation, row, explanation.value[row]),
        base=_amount(explanation, row, explanation.base[row]),
    )
    return text if explanation.target is None else NAMED.say(language, target=explanation.target, answer=text)


def change_text(explanation: Explanation, row: int, change: float) -> str:
    """A contribution with its sign."""
    amount = _amount(explanation, row, change)
    return amount if change < 0 or not amount.strip("0.") else f"+{amount}"


def largest(contributions: Array, most: int) -> list[int]:
    """The places of the largest contributions, whatever their sign; the largest first, of equals the first."""
    return [int(place) for place in np.argsort(-np.abs(contributions), kind="stable")[:most]]


def _listed(explanation: Explanation, row: int, places: list[int], language: Language) -> str:
    reasons = []
    for place in places:
        cell = explanation.cells[place][row]
        change = change_text(explanation, row, explanation.contributions[row, place])
        text = MISSING_REASON if cell is None else REASON
        reasons.append(text.say(language, column=explanation.columns[place], cell=cell_text(cell), change=change))
    *first, last = reasons
    return AND.say(language).join([COMMA.say(language).join(first), last]) if first else last


def _amount(explanation: Explanation, row: int, amount: float) -> str:
    """A value to two digits behind the point, or to the hundredth part of the target's deviation."""
    digits = 2
    if explanation.kind == "number":
        digits = int(np.clip(np.ceil(2 - np.log10(explanation.scale[row])), 0, 12))
    text = f"{abs(amount):,.{digits}f}"
    if abs(amount) < 10_000:
        text = text.replace(",", "")
    return f"−{text}" if amount < 0 and float(text.replace(",", "")) != 0 else text

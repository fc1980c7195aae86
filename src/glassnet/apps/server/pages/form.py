"""The form: a field for each column of a row, and above it the answer with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from glassnet.apps.server.card import columns
from glassnet.apps.server.model import Served
from glassnet.apps.server.pages.frame import framed
from glassnet.insight.explanations import Explanation
from glassnet.insight.explanations.words import change_text, largest
from glassnet.insight.values import cell_text, number_text
from glassnet.language import Language, Text
from glassnet.markup import Markup, element, join, table

__all__ = ["Told", "form_page"]

Told = tuple[Mapping[str, Any], Explanation | None, str]
"""The answer; the explanation, where there is one; and either in words."""

CHOICES = 40
"""More levels than this are typed, with proposals, and not picked."""
MOST = 200
"""More fields than this nobody fills in."""
REASONS = 8
INPUTS: Final[Mapping[str, Mapping[str, str]]] = {
    "number": {"type": "text", "inputmode": "decimal"},
    "date": {"type": "date"},
    "datetime": {"type": "datetime-local", "step": "1"},
    "time": {"type": "time", "step": "1"},
}

TITLE = Text("Ask the model: {target}", "询问模型：{target}")
NO_TARGET = Text("Ask the model", "询问模型")
LEAD = Text(
    "Fill in what you know of one row; what you leave empty counts as missing. Model {digest}, loaded {loaded}.",
    "填写这一行已知的内容，留空即视为缺失。模型 {digest}，加载于 {loaded}。",
)
ROW, PREDICT, ANSWER = Text("The row", "这一行"), Text("Predict", "预测"), Text("The answer", "回答")
UNKNOWN, TRUE, FALSE = Text("not known", "未知"), Text("true", "是"), Text("false", "否")
USUAL, LEVELS = Text("usually {number}", "通常为 {number}"), Text("{count:,} are known", "已知 {count:,} 种")
WRONG = Text("This row cannot be predicted: {words}", "无法预测这一行：{words}")
CLASS, PROBABILITY = Text("class", "类别"), Text("probability", "概率")
COLUMN, VALUE, ADDS = Text("column", "列"), Text("value", "值"), Text("adds", "贡献")
CLASSES, REASON = Text("How probable each class is", "各类别的概率"), Text("What each column adds", "各列的贡献")
TOO_MANY = Text(
    "A row of this model has {count:,} columns: too many to fill in by hand. Programs can ask it, see “For programs”.",
    "该模型的一行有 {count:,} 列，不便手工填写。可由程序调用，见“供程序调用”。",
)


def form_page(
    served: Served, language: Language, typed: Mapping[str, str], told: Told | None = None, problem: str | None = None
) -> str:
    """The page.

    Parameters
    ----------
    served : Served
    language : {"en", "zh"}, optional
    typed : mapping from str to str
        What is in the fields.
    told : Told, optional
        What the model says of it.
    problem : str, optional
        Why it says nothing.
    """
    target = served.model.notes_.get("target")
    title = TITLE.say(language, target=target) if isinstance(target, str) else NO_TARGET.say(language)
    loaded = served.loaded.strftime("%Y-%m-%d %H:%M UTC")
    parts = [_problem(problem, language), _answer(served, told, language), _form(served, typed, language)]
    return framed(title, LEAD.say(language, digest=served.digest, loaded=loaded), parts, language, "/")


def _form(served: Served, typed: Mapping[str, str], language: Language) -> Markup:
    described = columns(served)
    if len(described) > MOST:
        return element("p", TOO_MANY.say(language, count=len(described)), class_="lead")
    fields = [_field(place, column, typed.get(column["name"], ""), language) for place, column in enumerate(described)]
    return element(
        "section",
        element("h2", ROW.say(language), id="row-heading"),
        element(
            "form",
            element("div", *fields, class_="fields"),
            element("button", PREDICT.say(language), type="submit"),
            method="post",
            action=f"/?language={language}#main",
            autocomplete="off",
        ),
        aria_labelledby="row-heading",
    )


def _field(place: int, column: Mapping[str, Any], value: str, language: Language) -> Markup:
    name, kind, levels = column["name"], column["kind"], column.get("levels", ())
    own: dict[str, Any] = {"id": f"field-{place}", "name": name}
    hint, proposals = "", None
    if kind == "boolean":
        control = _select(own, {"true": TRUE.say(language), "false": FALSE.say(language)}, value, language)
    elif levels and len(levels) <= CHOICES:
        control = _select(own, {level: level for level in levels}, value, language)
    else:
        if levels:
            own["list"] = f"levels-{place}"
            proposals = element("datalist", *(element("option", value=level) for level in levels), id=own["list"])
        if levels or "level_count" in column:
            hint = LEVELS.say(language, count=len(levels) or column["level_count"])
        if "usual" in column:
            hint = USUAL.say(language, number=number_text(column["usual"]))
        own |= INPUTS.get(kind, {"type": "text"})
        described = f"hint-{place}" if hint else None
        control = element("input", value=value, aria_describedby=described, **own)
    return element(
        "div",
        element("label", name, for_=own["id"]),
        control,
        proposals,
        element("span", hint, class_="hint", id=f"hint-{place}") if hint else None,
        class_="field",
    )


def _select(own: Mapping[str, Any], choices: Mapping[str, str], value: str, language: Language) -> Markup:
    options = [element("option", UNKNOWN.say(language), value="")]
    options += [
        element("option", words, value=choice, selected="selected" if choice == value else None)
        for choice, words in choices.items()
    ]
    return element("select", *options, **own)


def _problem(problem: str | None, language: Language) -> Markup | None:
    if problem is None:
        return None
    return element("p", WRONG.say(language, words=problem), class_="warning", role="alert")


def _answer(served: Served, told: Told | None, language: Language) -> Markup | None:
    if told is None:
        return None
    answer, explanation, words = told
    classes = []
    for name in served.empty.columns:
        if name.startswith("probability_") and answer[name] is not None:
            share = f"{answer[name]:.4f}"
            bar = element("meter", share, min=0, max=1, value=share, aria_label=name.removeprefix("probability_"))
            classes.append((name.removeprefix("probability_"), join([bar, f" {share}"])))
    likely = sorted(classes, key=lambda pair: -answer[f"probability_{pair[0]}"])[:REASONS]
    head = [CLASS.say(language), PROBABILITY.say(language)]
    columns = [COLUMN.say(language), VALUE.say(language), ADDS.say(language)]
    reasons = [] if explanation is None else _reasons(explanation, language)
    return element(
        "section",
        element("h2", ANSWER.say(language), id="answer-heading"),
        element("p", words, class_="lead"),
        table(CLASSES.say(language), head, likely, words=(0, 1)) if likely else None,
        table(REASON.say(language), columns, reasons, words=(0, 1)) if reasons else None,
        class_="answer",
        role="status",
        aria_labelledby="answer-heading",
    )


def _reasons(explanation: Explanation, language: Language) -> list[list[str]]:
    """What adds most: its column, its value and what it adds."""
    return [
        [
            explanation.columns[place],
            cell_text(explanation.cells[place][0], language),
            change_text(explanation, 0, float(explanation.contributions[0][place])),
        ]
        for place in largest(explanation.contributions[0], REASONS)
    ]

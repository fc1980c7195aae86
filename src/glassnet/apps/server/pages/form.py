"""The form: a field for each column of a row, and above it the answer with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from glassnet.apps.server.card import columns
from glassnet.apps.server.model import LoadedModel
from glassnet.apps.server.pages.frame import page, say
from glassnet.display.blocks import Table
from glassnet.display.markup import element, join
from glassnet.display.numbers import number_text
from glassnet.insight.cells import cell_text
from glassnet.insight.explanations import Explanation
from glassnet.insight.explanations.explanation import change_text, largest
from glassnet.support.language import Language

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


class Field(NamedTuple):
    """What one column is asked for with: its element's attributes, what can be picked and how it is shown.

    Levels are proposals for what is typed.
    """

    name: str
    typed: str
    attributes: Mapping[str, str | None]
    choices: Mapping[str, str] | None = None
    levels: Sequence[str] = ()
    hint: str = ""


def form_page(
    served: LoadedModel,
    language: Language,
    typed: Mapping[str, str],
    told: Told | None = None,
    problem: str | None = None,
) -> str:
    """The page with what is typed in the fields, and what the model says of it, or why it says nothing."""
    target, described = served.model.notes_.get("target"), columns(served)
    named = isinstance(target, str)
    loaded = served.loaded.strftime("%Y-%m-%d %H:%M UTC")
    return page(
        "form",
        say(language, "form.title", target=target) if named else say(language, "form.untitled"),
        say(language, "form.lead", digest=served.digest, loaded=loaded),
        language,
        problem=problem,
        answer=None if told is None else told[2],
        tables=[] if told is None else _tables(served, *told[:2], language),
        count=len(described),
        fields=None
        if len(described) > MOST
        else [_field(n, column, typed.get(column["name"], ""), language) for n, column in enumerate(described)],
    )


def _field(place: int, column: Mapping[str, Any], typed: str, language: Language) -> Field:
    name, kind, levels = column["name"], column["kind"], column.get("levels", ())
    own = {"id": f"field-{place}", "name": name}
    if kind == "boolean":
        return Field(name, typed, own, {truth: say(language, f"form.{truth}") for truth in ("true", "false")})
    if levels and len(levels) <= CHOICES:
        return Field(name, typed, own, {level: level for level in levels})
    hint = ""
    if levels or "level_count" in column:
        hint = say(language, "form.levels", count=len(levels) or column["level_count"])
    if "usual" in column:
        hint = say(language, "form.usual", number=number_text(column["usual"]))
    attributes = {
        **own,
        "value": typed,
        "list": f"levels-{place}" if levels else None,
        "aria-describedby": f"hint-{place}" if hint else None,
        **INPUTS.get(kind, {"type": "text"}),
    }
    return Field(name, typed, attributes, levels=levels, hint=hint)


def _tables(
    served: LoadedModel, answer: Mapping[str, Any], explanation: Explanation | None, language: Language
) -> list[Table]:
    """How probable the likeliest classes are, and what adds most: its column, its value and what it adds."""
    tables = []
    shares = {name: answer[name] for name in served.empty.columns if name.startswith("probability_")}
    known = [name for name, share in shares.items() if share is not None]
    if known:
        classes = []
        for name in sorted(known, key=lambda name: -shares[name])[:REASONS]:
            label, share = name.removeprefix("probability_"), f"{shares[name]:.4f}"
            bar = element("meter", share, min=0, max=1, value=share, aria_label=label)
            classes.append([label, join([bar, f" {share}"])])
        caption, *head = (say(language, f"answer.{name}") for name in ("classes", "class", "probability"))
        tables.append(Table(caption, head, classes, words=(0, 1)))
    if explanation is not None:
        reasons = [
            [
                explanation.columns[place],
                cell_text(explanation.cells[place][0], language),
                change_text(explanation, 0, float(explanation.contributions[0][place])),
            ]
            for place in largest(explanation.contributions[0], REASONS)
        ]
        caption, *head = (say(language, f"answer.{name}") for name in ("reasons", "column", "value", "adds"))
        tables.append(Table(caption, head, reasons, words=(0, 1)))
    return tables

"""The pages in a browser: a form to predict a row, and the API documentation. No script, nothing loaded.

To add a page, write its function and its template, and give it an address in ``ADDRESSES`` and ``Pages.routes``; its
words are in ``apps/texts.py``.
"""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

import glassnet
from glassnet.apps.server.formats import ARROW, CSV, ERROR, JSON, json_bytes
from glassnet.apps.server.limits import Limits, RefusalError, in_time, receive
from glassnet.apps.server.model import LoadedModel, ModelReloader, columns
from glassnet.apps.server.openapi import example_row, openapi
from glassnet.apps.texts import TEXTS
from glassnet.display.blocks import TableBlock
from glassnet.display.markup import Markup, element, join
from glassnet.display.numbers import number_text
from glassnet.display.templating import STYLE, environment, fingerprint
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.cells import cell_text
from glassnet.insight.explanation import Explanation, change_text, largest
from glassnet.support.language import HTML_LANGUAGE, Language, asked_language
from glassnet.support.messages import error_in_words

ADDRESSES: Final = {"form": "/", "docs": "/docs"}
OTHER: Final[dict[Language, tuple[Language, str]]] = {"en": ("zh", "中文"), "zh": ("en", "English")}
TEMPLATES: Final = Path(__file__).with_name("templates")
SHEET: Final = STYLE + (TEMPLATES / "pages.css").read_text(encoding="utf-8")
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{fingerprint(SHEET)}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}
"""A page runs no scripts and loads nothing, also if a model file or a row injects markup."""

FormAnswer = tuple[Mapping[str, Any], Explanation, str]
"""The answer, and the explanation: as numbers and in words."""
CHOICES = 40
"""More levels than this are typed, with proposals, and not picked."""
MOST = 200
"""The most fields that a person fills in."""
REASONS = 8
INPUTS: Final[Mapping[str, Mapping[str, str]]] = {
    "number": {"type": "text", "inputmode": "decimal"},
    "date": {"type": "date"},
    "datetime": {"type": "datetime-local", "step": "1"},
    "time": {"type": "time", "step": "1"},
}
SHOWN = 100
"""Columns that are listed."""
SHORT = 40
"""Columns of a row in the examples; /openapi.json has it whole."""
FORMS = (
    (JSON, '{"rows": [{"column": value, ...}, ...]}'),
    (CSV, "column,column,...\\nvalue,value,...\\n"),
    (ARROW, "pyarrow.ipc.new_stream(...)"),
)
FORM = "application/x-www-form-urlencoded"
LARGEST = 1_000_000
"""Bytes of a form that was filled in."""


def language_of(requested: str | None, accepted: str) -> Language:
    """Return the language of a page: that of its address, else the server's, else the browser's preference.

    Examples
    --------
    >>> language_of(None, "zh-CN,zh;q=0.9,en;q=0.8"), language_of(None, "de"), language_of("zh", "en")
    ('zh', 'en', 'zh')
    """
    if requested is not None:
        return "zh" if requested == "zh" else "en"
    return asked_language() or ("zh" if accepted.strip().lower().startswith("zh") else "en")


def say(language: Language, name: str, /, **values: Any) -> str:
    """A text of the catalogue, filled in."""
    return TEXTS[name].say(language, **values)


def page(name: str, title: str, lead: str, language: Language, **data: Any) -> str:
    """Render a whole page from its template."""
    other, other_name = OTHER[language]
    return (
        environment(TEMPLATES)
        .get_template(f"{name}.html")
        .render(
            title=title,
            lead=lead,
            path=ADDRESSES[name],
            addresses=ADDRESSES,
            language=language,
            html_language=HTML_LANGUAGE[language],
            other=other,
            other_name=other_name,
            html_other=HTML_LANGUAGE[other],
            say=partial(say, language),
            style=Markup(SHEET),
            version=glassnet.__version__,
            **data,
        )
    )


class Field(NamedTuple):
    """The form field of one column: its element's attributes, its choices and how they are shown.

    Levels are suggestions for typed values.
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
    answer: FormAnswer | None = None,
    problem: str | None = None,
) -> str:
    """Return the page with the values typed in the fields, and the model's answer, or the reason for none."""
    target, described = served.model.notes_.get("target"), columns(served)
    named = isinstance(target, str)
    loaded = served.loaded.strftime("%Y-%m-%d %H:%M UTC")
    return page(
        "form",
        say(language, "form.title", target=target) if named else say(language, "form.untitled"),
        say(language, "form.lead", digest=served.digest, loaded=loaded),
        language,
        problem=problem,
        answer=None if answer is None else answer[2],
        tables=[] if answer is None else _tables(served, *answer[:2], language),
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
    served: LoadedModel, answer: Mapping[str, Any], explanation: Explanation, language: Language
) -> list[TableBlock]:
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
        tables.append(TableBlock(caption, head, classes, words=(0, 1)))
    reasons = [
        [
            explanation.columns[place],
            cell_text(explanation.cells[place][0], language),
            change_text(explanation, 0, float(explanation.contributions[0][place])),
        ]
        for place in largest(explanation.contributions[0], REASONS)
    ]
    caption, *head = (say(language, f"answer.{name}") for name in ("reasons", "column", "value", "adds"))
    return [*tables, TableBlock(caption, head, reasons, words=(0, 1))]


def docs_page(served: LoadedModel, guarded: bool, base: str, language: Language) -> str:
    """The page of a server at `base`, such as "http://localhost:8000/"; `guarded`: requests need a key."""
    text = partial(say, language)
    row = dict(list(example_row(served).items())[:SHORT])
    cut = len(served.columns) > SHORT
    return page(
        "docs",
        text("page.docs"),
        text("docs.lead"),
        language,
        base=base,
        key=' -H "Authorization: Bearer $GLASSNET_API_KEY"' if guarded else "",
        json=JSON,
        csv=CSV,
        rows=_quoted({"rows": [row]}, cut),
        row=_quoted({"row": row, "language": language}, cut),
        forms=TableBlock(text("docs.forms"), ["Content-Type", text("docs.looks")], FORMS, words=(0, 1)),
        columns=_columns(served, language),
    )


def _quoted(value: Any, cut: bool) -> str:
    """JSON as a shell takes it."""
    text = json.dumps(value, ensure_ascii=False)
    return shlex.quote(text.replace("}", ", ...}", 1) if cut else text)


def _columns(served: LoadedModel, language: Language) -> TableBlock:
    described = columns(served)
    rows = [
        [
            column["name"],
            say(language, f"kind.{column['kind']}"),
            ", ".join(column.get("levels", ())[:5]) or (number_text(column["usual"]) if "usual" in column else ""),
        ]
        for column in described[:SHOWN]
    ]
    if len(described) > SHOWN:
        rows.append([say(language, "docs.more", count=len(described) - SHOWN), "", ""])
    caption, *head = (say(language, f"docs.{name}") for name in ("columns", "column", "holds", "levels"))
    return TableBlock(caption, head, rows, words=(0, 1, 2))


@dataclass(frozen=True)
class Pages:
    """The pages for people; `guarded`: requests need a key."""

    reloader: ModelReloader
    limits: Limits
    pool: Executor
    guarded: bool

    @property
    def routes(self) -> list[Route]:
        """Return which address leads to which page."""
        return [
            Route("/openapi.json", self.openapi),
            Route(ADDRESSES["docs"], self.docs),
            Route(ADDRESSES["form"], self.form, methods=["GET", "POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """Return the form, empty or filled in and with its answer."""
        served, language = self.reloader.served, _language(request)
        typed: dict[str, str] = {}
        answer, problem = None, None
        if request.method == "POST":
            typed = await self._typed(request)
            row = {name: typed.get(name, "") for name in served.columns}
            busy = RefusalError(504, f"Timeout: no response within {self.limits.seconds:g} seconds.")
            try:
                async with in_time(self.limits.seconds, busy):
                    loop = asyncio.get_running_loop()
                    answer = await loop.run_in_executor(self.pool, _answer, served, row, language)
            except (InputError, InputTypeError) as error:
                problem = error_in_words(error, language)
        page = form_page(served, language, typed, answer, problem)
        return HTMLResponse(page, 200 if problem is None else 422, HEADERS)

    async def docs(self, request: Request) -> Response:
        """Return the page of the API documentation."""
        page = docs_page(self.reloader.served, self.guarded, str(request.base_url), _language(request))
        return HTMLResponse(page, headers=HEADERS)

    async def openapi(self, request: Request) -> Response:
        """The same for programs."""
        return Response(json_bytes(openapi(self.reloader.served, self.limits, self.guarded)), media_type=JSON)

    async def _typed(self, request: Request) -> dict[str, str]:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            raise RefusalError(415, f"Content-Type must be {FORM}. Programs should use /predict.")
        pieces: list[bytes] = []
        await receive(request, replace(self.limits, body=min(self.limits.body, LARGEST)), pieces.append)
        try:
            return dict(parse_qsl(b"".join(pieces).decode("ascii"), keep_blank_values=True, errors="strict"))
        except ValueError:
            raise RefusalError(422, "The form must be filled in with text in UTF-8.") from None


def _language(request: Request) -> Language:
    return language_of(request.query_params.get("language"), request.headers.get("accept-language", ""))


def _answer(served: LoadedModel, row: dict[str, str], language: Language) -> FormAnswer:
    answer = served.answer([served.read(row)])[0]
    if ERROR in answer:
        raise InputError(answer[ERROR])
    return answer, *served.explain(row, language)

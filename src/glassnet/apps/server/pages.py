"""The pages in a browser: the model as ``to_html`` writes it, with a form to predict a row; the API documentation.

To add a page, write its function and its template, and give it an address in ``ADDRESSES`` and ``Pages.routes``; its
words are in ``apps/texts.py``.
"""

from __future__ import annotations

import asyncio
import json
import shlex
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

import glassnet
from glassnet.apps.server.formats import ARROW, CSV, JSON, json_bytes
from glassnet.apps.server.limits import Limits, RefusalError, in_time
from glassnet.apps.server.model import LoadedModel, ModelReloader, columns
from glassnet.apps.server.openapi import example_row, openapi
from glassnet.apps.texts import TEXTS
from glassnet.display.blocks import TableBlock
from glassnet.display.markup import Markup
from glassnet.display.numbers import number_text
from glassnet.display.templating import STYLE, environment, fingerprint
from glassnet.errors import InputError
from glassnet.support.language import HTML_LANGUAGE, Language, asked_language, opened_in
from glassnet.support.messages import error_in_words

ADDRESSES: Final = {"form": "/", "docs": "/docs"}
OTHER: Final[dict[Language, tuple[Language, str]]] = {"en": ("zh", "中文"), "zh": ("en", "English")}
TEMPLATES: Final = Path(__file__).with_name("templates")
SHEET: Final = STYLE + (TEMPLATES / "pages.css").read_text(encoding="utf-8")
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{fingerprint(SHEET)}'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}
"""The documentation runs no scripts and loads nothing, also if a model file injects markup."""

SHOWN = 100
"""Columns that are listed."""
SHORT = 40
"""Columns of a row in the examples; /openapi.json has it whole."""
FORMS = (
    (JSON, '{"rows": [{"column": value, ...}, ...]}'),
    (CSV, "column,column,...\\nvalue,value,...\\n"),
    (ARROW, "pyarrow.ipc.new_stream(...)"),
)


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


def docs_page(served: LoadedModel, guarded: bool, base: str, language: Language, problem: str = "") -> str:
    """The page of a server at `base`, such as "http://localhost:8000/"; `guarded`: requests need a key.

    `problem` is why there is no form.
    """
    text = partial(say, language)
    row = dict(list(example_row(served).items())[:SHORT])
    cut = len(served.columns) > SHORT
    return page(
        "docs",
        text("page.docs"),
        text("docs.lead"),
        language,
        base=base,
        problem=problem,
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
            Route(ADDRESSES["form"], self.form),
        ]

    async def form(self, request: Request) -> Response:
        """Return the model as a page; of a model that none can be made of the API documentation, which says why."""
        served, language = self.reloader.served, _language(request)
        late = RefusalError(504, f"Timeout: no response within {self.limits.seconds:g} seconds.")
        try:
            async with in_time(self.limits.seconds, late):
                make = partial(served.page, private=self.guarded)
                page = await asyncio.get_running_loop().run_in_executor(self.pool, make)
        except InputError as error:
            return self._docs(request, error_in_words(error, language))
        policy = f"{page.policy}; frame-ancestors 'none'"
        return HTMLResponse(opened_in(page.text, language), headers={"Content-Security-Policy": policy})

    async def docs(self, request: Request) -> Response:
        """Return the page of the API documentation."""
        return self._docs(request)

    async def openapi(self, request: Request) -> Response:
        """The same for programs."""
        return Response(json_bytes(openapi(self.reloader.served, self.limits, self.guarded)), media_type=JSON)

    def _docs(self, request: Request, problem: str = "") -> Response:
        page = docs_page(self.reloader.served, self.guarded, str(request.base_url), _language(request), problem)
        return HTMLResponse(page, headers=HEADERS)


def _language(request: Request) -> Language:
    return language_of(request.query_params.get("language"), request.headers.get("accept-language", ""))

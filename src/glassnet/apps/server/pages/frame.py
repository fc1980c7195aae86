"""What both pages have in common: the templates they are made of, their words, what a browser may do with them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

import glassnet
from glassnet.apps.server.pages.texts import TEXTS
from glassnet.display.markup import Markup
from glassnet.display.templating import STYLE, environment, fingerprint
from glassnet.support.language import HTML_LANGUAGE, Language, asked_language

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
"""A page runs nothing and loads nothing, whatever a model file or a row should smuggle into it."""


def language_of(asked: str | None, accepted: str) -> Language:
    """The language of a page: as its address asks, else as whoever started the server did, else as the browser prefers.

    Examples
    --------
    >>> language_of(None, "zh-CN,zh;q=0.9,en;q=0.8"), language_of(None, "de"), language_of("zh", "en")
    ('zh', 'en', 'zh')
    """
    if asked is not None:
        return "zh" if asked == "zh" else "en"
    return asked_language() or ("zh" if accepted.strip().lower().startswith("zh") else "en")


def say(language: Language, name: str, /, **values: Any) -> str:
    """A text of the catalogue, filled in."""
    return TEXTS[name].say(language, **values)


def page(name: str, title: str, lead: str, language: Language, **data: Any) -> str:
    """A whole page as text: its template, filled in with the data that it asks for."""
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

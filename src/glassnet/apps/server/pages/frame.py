"""What both pages have in common: the head, the way to the other page and the other language, the style."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

import glassnet
from glassnet.insight.style import STYLE
from glassnet.language import HTML_LANGUAGE, Language, Text
from glassnet.markup import Markup, element

__all__ = ["HEADERS", "framed", "language_of"]

OTHER: Final[dict[Language, tuple[Language, str]]] = {"en": ("zh", "中文"), "zh": ("en", "English")}

SKIP = Text("Skip to the content", "跳到正文")
TRY, ASK = Text("Try a row", "试一行"), Text("For programs", "供程序调用")
WAYS = Text("Pages", "页面")
WRITTEN = Text(
    "glassnet {version}. This page loads nothing from elsewhere, and has no script.",
    "glassnet {version}。本页不加载任何外部内容，也不含脚本。",
)

FORM_STYLE: Final = """
form { margin: 1rem 0; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 0.9rem 1.2rem; }
.field { min-width: 0; }
label { display: block; font-weight: 600; }
input, select, button { font: inherit; color: inherit; }
input, select {
  width: 100%; padding: 0.45rem 0.6rem; margin-top: 0.2rem; background: var(--page);
  border: 1px solid var(--quiet); border-radius: 0.35rem; min-height: 2.6rem;
}
.hint { display: block; color: var(--quiet); font-size: 0.86rem; min-height: 1.3em; }
button {
  margin-top: 1.2rem; padding: 0.6rem 1.6rem; border: 0; border-radius: 0.35rem; font-weight: 600; cursor: pointer;
  background: var(--link); color: var(--page); min-height: 2.8rem;
}
main:focus { outline: none; }
.answer {
  margin-top: 1.2rem; padding: 0 1rem 0.4rem; background: var(--panel); border: 1px solid var(--edge);
  border-radius: 0.5rem;
}
.answer h2 { margin-top: 1rem; border: 0; padding: 0; }
pre { white-space: pre-wrap; }
meter { width: 9rem; max-width: 40vw; height: 0.9rem; vertical-align: middle; }
"""
SHEET: Final = STYLE + FORM_STYLE


def _fingerprint(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_fingerprint(SHEET)}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}
"""A page runs nothing and loads nothing, whatever a model file or a row should smuggle into it."""


def language_of(asked: str | None, accepted: str) -> Language:
    """The language of a page: as asked for, else as the browser prefers.

    Examples
    --------
    >>> language_of(None, "zh-CN,zh;q=0.9,en;q=0.8"), language_of(None, "de"), language_of("zh", "en")
    ('zh', 'en', 'zh')
    """
    if asked == "zh":
        return "zh"
    if asked is None and accepted.strip().lower().startswith("zh"):
        return "zh"
    return "en"


def framed(title: str, lead: str, parts: list[Markup | None], language: Language, path: str) -> str:
    """A whole page as text.

    Parameters
    ----------
    title, lead : str
    parts : list of Markup
    language : {"en", "zh"}, optional
    path : str
        Where the page is.
    """
    other, name = OTHER[language]
    ways = [
        element(
            "a",
            words.say(language),
            href=f"{where}?language={language}",
            aria_current="page" if where == path else None,
        )
        for where, words in (("/", TRY), ("/docs", ASK))
    ]
    ways.append(
        element("a", name, href=f"{path}?language={other}", lang=HTML_LANGUAGE[other], hreflang=HTML_LANGUAGE[other])
    )
    body = [
        element("a", SKIP.say(language), href="#main", class_="skip"),
        element("header", element("div", element("h1", title), element("p", lead), class_="wide")),
        element(
            "nav", element("ul", *(element("li", way) for way in ways), class_="wide"), aria_label=WAYS.say(language)
        ),
        element("main", *parts, id="main", class_="wide", tabindex="-1"),
        element("footer", element("div", WRITTEN.say(language, version=glassnet.__version__), class_="wide")),
    ]
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="robots", content="noindex"),
        element("title", title),
        Markup(f"<style>{SHEET}</style>"),
    ]
    whole = element("html", element("head", *head), element("body", *body), lang=HTML_LANGUAGE[language])
    return f"<!DOCTYPE html>\n{whole}\n"

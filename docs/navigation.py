"""Finding one's way: each page with the contents of its own language, and a search that finds Chinese words."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise
from typing import Any

from docutils import nodes
from furo.navigation import get_navigation_tree
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.search import SearchEnglish

CHINESE = r"[\u3400-\u9fff]+"


class BothLanguages(SearchEnglish):
    """English words, and of Chinese ones every character and every two that stand beside each other.

    Chinese is written without spaces, so no rule finds its words. A query is cut into pairs as well, all of which a
    page must have; that finds every word without a dictionary.

    Examples
    --------
    >>> BothLanguages({}).split("用softmax防止过拟合")
    ['用', 'softmax', '防', '止', '过', '拟', '合', '防止', '止过', '过拟', '拟合']
    """

    lang = "both"
    js_splitter_code = """
function splitQuery(query) {
  return query
    .split(/[^\\p{Letter}\\p{Number}_\\p{Emoji_Presentation}]+/gu)
    .flatMap((word) => word.split(/([\\u3400-\\u9fff]+)/u))
    .flatMap((part) =>
      /^[\\u3400-\\u9fff]{2}/u.test(part)
        ? Array.from({ length: part.length - 1 }, (_, first) => part.slice(first, first + 2))
        : [part],
    )
    .filter((term) => term);
}
"""

    def split(self, input: str) -> list[str]:
        """The words of a text, to be looked up by."""
        parts = [part for word in super().split(input) for part in re.split(f"({CHINESE})", word) if part]
        found: list[str] = []
        for part in parts:
            found += [*part, *map("".join, pairwise(part))] if re.match(CHINESE, part) else [part]
        return found


def contents(app: Sphinx, page: str, language: str) -> str:
    """The parts of a language's start page with their pages, as the theme's sidebar wants them."""
    fragments = []
    for toctree in app.env.get_doctree(f"{language}/index").findall(addnodes.toctree):
        tree = app.env.resolve_toctree(
            page, app.builder, toctree, prune=False, titles_only=True, includehidden=True, maxdepth=-1
        )
        if tree is not None:
            fragments.append(app.builder.render_partial(tree)["fragment"])
    tree = str(get_navigation_tree("".join(fragments)))
    return tree.replace('class="caption" role="heading"', 'class="caption" role="heading" aria-level="2"')


def leaves_language(page: str, link: str) -> bool:
    """Whether a page's link, relative to it, leads to the other language or to the page above both.

    Examples
    --------
    >>> leaves_language("en/glossary", "../zh/index.html"), leaves_language("zh/index", "../en/glossary.html")
    (True, True)
    >>> leaves_language("en/benchmarks", "../architecture.html"), leaves_language("en/book/index", "../playground.html")
    (False, False)
    """
    there = posixpath.normpath(posixpath.join(posixpath.dirname(page), link))
    other = "zh" if page.startswith("en/") else "en"
    return there.startswith(f"{other}/") or there == "index.html"


def keep_to_language(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """The sidebar and the way home in the language of the page."""
    language = page.partition("/")[0]
    if app.builder.name != "html" or language not in ("en", "zh") or doctree is None:
        return
    context["furo_navigation_tree"] = contents(app, page, language)
    context["master_doc"] = f"{language}/index"
    for side in ("prev", "next"):
        if context.get(side) and leaves_language(page, context[side]["link"]):
            context[side] = None


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_search_language(BothLanguages)
    app.connect("html-page-context", keep_to_language, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Elements of a page: whatever comes from a model or a row is escaped; only what was made here is taken as it is."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from glassnet.visible import visible_html

__all__ = ["Markup", "element", "join", "table"]

VOID = frozenset({"meta", "br", "path", "line", "rect", "circle", "input"})
"""Elements without content."""
SENT_BACK = frozenset({"name", "value"})
"""Attributes that a browser sends back, and that must therefore be what they were."""


class Markup(str):
    """Text that is markup already: Jinja writes it as it is, and a notebook shows it."""

    __slots__ = ()

    def __html__(self) -> str:
        return self

    def _repr_html_(self) -> str:
        return str(self)


def element(name: str, /, *children: str | None, **attributes: str | float | None) -> Markup:
    """An element with its children; None is left out.

    Parameters
    ----------
    name : str
    *children : str, Markup or None
        Plain text is escaped.
    **attributes : str, float or None
        An underscore stands for a hyphen, one at the end is dropped.

    Examples
    --------
    >>> element("p", "1 < 2 ", element("b", "true"), class_="note")
    '<p class="note">1 &lt; 2 <b>true</b></p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{(html.escape if key in SENT_BACK else visible_html)(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(parts: Iterable[str | None], between: str = "") -> Markup:
    """Texts and markup one after the other, plain text escaped.

    Examples
    --------
    >>> join(["a&b", Markup("<br/>"), None])
    'a&amp;b<br/>'
    """
    written = (part if isinstance(part, Markup) else visible_html(part) for part in parts if part is not None)
    return Markup(visible_html(between).join(written))


def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    words: Iterable[int] = (0,),
    named: bool = True,
    best: int | None = None,
) -> Markup:
    """A table that can be scrolled where the screen is narrow.

    Parameters
    ----------
    caption : str
    head : sequence of str
        Names of the columns.
    rows : iterable of sequences of str
    words : iterable of int
        The columns of text; the others hold numbers, and keep to the right.
    named : bool
        Whether the first cell of a row is its name.
    best : int, optional
        A row that stands out.
    """
    left = frozenset(words)
    sides = ["words" if place in left else "numbers" for place in range(len(head))]
    heads = [
        element("th", name, scope="col", class_=side) if name else element("td")
        for name, side in zip(head, sides, strict=True)
    ]
    lines = []
    for number, row in enumerate(rows):
        cells = [
            element("th", cell, scope="row", class_=side) if named and not place else element("td", cell, class_=side)
            for place, (cell, side) in enumerate(zip(row, sides, strict=True))
        ]
        lines.append(element("tr", *cells, class_="best" if number == best else None))
    title = element("caption", element("span", caption))
    drawn = element("table", title, element("thead", element("tr", *heads)), element("tbody", *lines))
    return element("div", drawn, class_="scroll", role="group", aria_label=caption, tabindex="0")

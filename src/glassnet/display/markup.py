"""HTML and SVG elements, with all text escaped that is not markup made here."""

from __future__ import annotations

from collections.abc import Iterable

from glassnet.support.escape_controls import escape_controls_in_html

VOID = frozenset({"path", "line", "rect", "circle"})
"""Elements without content."""


class Markup(str):
    """Text that is markup already: Jinja writes it as it is, and a notebook shows it."""

    __slots__ = ()

    def __html__(self) -> str:
        return self

    def _repr_html_(self) -> str:
        return str(self)


def element(name: str, /, *children: str | None, **attributes: str | float | None) -> Markup:
    """Return an element with its children, plain text escaped; in attributes "_" becomes "-", or nothing at the end.

    Examples
    --------
    >>> element("p", "1 < 2 ", element("b", "true"), class_="note")
    '<p class="note">1 &lt; 2 <b>true</b></p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape_controls_in_html(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(parts: Iterable[str | None]) -> Markup:
    """Join texts and markup, with plain text escaped.

    Examples
    --------
    >>> join(["a&b", Markup("<br/>"), None])
    'a&amp;b<br/>'
    """
    written = (
        part if isinstance(part, Markup) else escape_controls_in_html(part) for part in parts if part is not None
    )
    return Markup("".join(written))

"""How pages are made, and how they and the displays of a notebook look: Jinja's templates, in which nothing is obeyed.

Jinja escapes everything that is not marked as markup; control characters and marks that set the direction of writing,
which it would let through, are spelled out before.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from glassnet.display.theme import THEMES
from glassnet.support.escape_controls import escape_controls

if TYPE_CHECKING:
    from jinja2 import Environment


TEMPLATES = Path(__file__).parent / "templates"


@functools.cache
def environment(*folders: Path) -> Environment:
    r"""Return the templates, ready to be filled in; those of other folders come before the ones that all pages share.

    Examples
    --------
    >>> environment().from_string("<b>{{ name }}</b>").render(name="1 < 2\u202e")
    '<b>1 &lt; 2\\u202e</b>'
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        autoescape=True,
        finalize=_finalized,
        loader=FileSystemLoader([*folders, TEMPLATES]),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )


def fingerprint(text: str) -> str:
    """Return a script or a style sheet as a content security policy names it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _finalized(value: Any) -> Any:
    """Return the text of a value: markup unchanged, anything else with control characters escaped."""
    if value is None:
        return ""
    return value if hasattr(value, "__html__") else escape_controls(str(value))


BESIDE: Final = {
    "light": {
        "quiet": "#566070",
        "edge": "#d5dae1",
        "panel": "#f4f6f9",
        "link": "#0b57a4",
        "warn": "#8a4b00",
        "warn-panel": "#fff4e0",
    },
    "dark": {
        "quiet": "#a3adba",
        "edge": "#38414d",
        "panel": "#1d232c",
        "link": "#7db8f5",
        "warn": "#ffc676",
        "warn-panel": "#33291a",
    },
}
"""The colours of pages beside those that they share with the pictures; secondary text is small."""
THEME_OF_NOTEBOOK: Final = {
    "light": (
        '[data-jp-theme-light="true"]',
        '[data-theme="light"]',
        ".vscode-light",
        ".vscode-high-contrast-light",
        'html[theme="light"]',
        "body.light",
    ),
    "dark": (
        '[data-jp-theme-light="false"]',
        '[data-theme="dark"]',
        ".vscode-dark",
        ".vscode-high-contrast:not(.vscode-high-contrast-light)",
        'html[theme="dark"]',
        "body.dark",
    ),
}
"""How JupyterLab, Sphinx, Visual Studio Code, Colab and marimo say which theme was chosen; elsewhere that of the system
counts."""


def _colors(theme: str) -> str:
    look = THEMES[theme]
    shared = {"page": look.paper, "text": look.ink, **dict(zip("abcdefgh", look.colors, strict=True))}
    return " ".join(f"--{name}: {color};" for name, color in (shared | BESIDE[theme]).items())


def _sheets(*names: str) -> str:
    return "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def _within_a_page(sheets: str) -> str:
    """Return style sheets whose lengths are multiples of the display's own letters: the page's may have any size."""
    return re.sub(r"(?<=\d)rem\b", "em", sheets)


STYLE: Final = f"""
:root {{ {_colors("light")} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_colors("dark")} }} }}
@media print {{ :root {{ {_colors("light")} }} }}
{_sheets("chart.css", "blocks.css", "style.css")}"""
"""Of a whole page."""

DISPLAY: Final = f"""
.glassnet {{ {_colors("light")} color-scheme: light; }}
@media (prefers-color-scheme: dark) {{ .glassnet {{ {_colors("dark")} color-scheme: dark; }} }}
{
    "".join(
        f"{', '.join(f'{chosen} .glassnet' for chosen in known)} {{ {_colors(theme)} color-scheme: {theme}; }}"
        for theme, known in THEME_OF_NOTEBOOK.items()
    )
}
.glassnet.glassnet.glassnet {{ {_within_a_page(_sheets("chart.css", "blocks.css", "display.css"))} }}"""
"""The styles of displays within another page: no rule applies outside of them. The class counts three times, so that
those which notebooks have for all tables, headings and code do not win over them."""

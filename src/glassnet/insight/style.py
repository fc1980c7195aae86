"""How pages and the displays of a notebook look: dark and light, on any width, and pages on paper."""

from __future__ import annotations

from typing import Final

from glassnet.insight.templating import TEMPLATES
from glassnet.insight.theme import THEMES

__all__ = ["DISPLAY", "STYLE"]

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
"""The colours of pages beside those that they share with the pictures; what is quiet here has small letters."""
THEME_OF_NOTEBOOK: Final = {
    "light": ('[data-jp-theme-light="true"]', '[data-theme="light"]', ".vscode-light"),
    "dark": ('[data-jp-theme-light="false"]', '[data-theme="dark"]', ".vscode-dark"),
}
"""How JupyterLab, Sphinx and Visual Studio Code say which theme was chosen; elsewhere that of the system counts."""


def _colors(theme: str) -> str:
    look = THEMES[theme]
    shared = {"page": look.paper, "text": look.ink, **dict(zip("abcdefgh", look.colors, strict=True))}
    return " ".join(f"--{name}: {color};" for name, color in (shared | BESIDE[theme]).items())


def _sheets(*names: str) -> str:
    return "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


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
.glassnet {{ {_sheets("chart.css", "blocks.css", "display.css")} }}"""
"""Of what stands in somebody else's page: no rule reaches beyond it."""

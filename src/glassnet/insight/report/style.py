"""How the page looks: dark and light as the reader's system has it, on any width, and on paper."""

from __future__ import annotations

from typing import Final

from glassnet.insight.templating import TEMPLATES
from glassnet.insight.theme import THEMES

__all__ = ["STYLE"]


def _colors(theme: str) -> str:
    """The colours that the page shares with the pictures; what is quiet here has small letters, and is darker."""
    look = THEMES[theme]
    shared = {"page": look.paper, "text": look.ink, **dict(zip("abcdefgh", look.colors, strict=True))}
    return f":root {{ {' '.join(f'--{name}: {color};' for name, color in shared.items())} }}"


COLORS: Final = f"""
{_colors("light")}
@media (prefers-color-scheme: dark) {{ {_colors("dark")} }}
@media print {{ {_colors("light")} }}
"""

STYLE: Final = COLORS + "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("chart.css", "style.css"))

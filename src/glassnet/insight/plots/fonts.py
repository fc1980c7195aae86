"""Which font has Chinese characters, and what is said where none has."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Iterable

__all__ = ["NO_FONT", "chinese_font", "have_bold", "warn_of_font"]

CHINESE_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK JP"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei"),
)
"""Fonts with simplified Chinese, the best first."""

BOLD = 600
"""From this weight on letters are bold, on the scale of CSS."""

NO_FONT = (
    "No font with Chinese characters was found, so the picture speaks English. On Debian and Ubuntu: "
    "apt install fonts-noto-cjk; elsewhere install Noto Sans SC"
)


@functools.cache
def chinese_font(fresh: bool) -> str | None:
    """The best font with Chinese characters on this machine; `fresh`: also one that was installed a minute ago."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    if fresh:  # matplotlib remembers the fonts of yesterday
        remembered = {font.fname for font in manager.ttflist}
        for file in font_manager.findSystemFonts():
            if file not in remembered and file.lower().endswith((".otf", ".ttf", ".ttc")):
                with contextlib.suppress(RuntimeError, OSError):  # some files only look like fonts
                    manager.addfont(file)
    known = {font.name for font in manager.ttflist}
    return next((name for name in CHINESE_FONTS if name in known), None)


def have_bold(families: Iterable[str]) -> bool:
    """Whether each of these fonts that is known has bold letters; matplotlib says at every drawing that one has not."""
    from matplotlib import font_manager

    def weight(font: font_manager.FontEntry) -> int:
        return font.weight if isinstance(font.weight, int) else font_manager.weight_dict.get(font.weight, 400)

    fonts = font_manager.fontManager.ttflist
    weights = [[weight(font) for font in fonts if font.name == name] for name in families]
    return all(max(found) >= BOLD for found in weights if found)


@functools.lru_cache(maxsize=1)
def warn_of_font() -> None:
    """Say once that there is no font for Chinese."""
    warnings.warn(NO_FONT, UserWarning, stacklevel=7)

"""The words of a trace, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from glassnet.language import catalogue

TEXTS: Final = catalogue(Path(__file__).with_suffix(".toml"))
PARTS: Final = {part: TEXTS[f"part.{part}"] for part in ("forward", "loss", "backward", "update")}

"""Runs a script of examples/gallery as it is: its picture and what it prints appear on the page, and its text below."""

from __future__ import annotations

import runpy
from pathlib import Path

from IPython.display import Code, display

SCRIPTS = Path(__file__).resolve().parents[1] / "examples" / "gallery"


def run(name: str) -> None:
    """Run one; then show its text."""
    script = SCRIPTS / f"{name}.py"
    runpy.run_path(str(script), run_name="__main__")
    display(Code(filename=str(script), language="python"))

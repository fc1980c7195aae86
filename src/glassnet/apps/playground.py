"""The files of the playground: a page on which networks train by the engine itself, in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import glassnet
from glassnet.errors import InputError
from glassnet.scripts import engine, parts

__all__ = ["ENTRY", "files", "write"]

WEB = Path(glassnet.__file__).parent / "web"
ENTRY = "playground/index.html"
ENGINE = ("engine.js", "engine.wasm", "network.js", "recipes.json")
SCRIPTS = {"parts.js": parts, "parts-engine.js": engine}
"""Small pieces of the playground for other pages, which work from a file, too."""


def files() -> dict[str, Path]:
    """Those of the page and of the engine, by their places beside each other."""
    pages = sorted(path for path in (WEB / "playground").iterdir() if path.is_file())
    return {path.relative_to(WEB).as_posix(): path for path in [*(WEB / name for name in ENGINE), *pages]}


def write(folder: Path) -> Iterator[Path]:
    """Write all files into a folder, for any server of files; and the parts for other pages, each of them as a script.

    Raises
    ------
    InputError
        If the folder has anything in it.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        remedy = "Name a new folder, or empty this one"
        raise InputError("The playground is written into an empty folder", f"{folder}, which is not", remedy)
    for name, source in files().items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        yield target
    for name, text in SCRIPTS.items():
        (folder / name).write_text(text(), encoding="utf-8")
        yield folder / name

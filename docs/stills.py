"""Photographs the parts in the pages: python docs/stills.py, once the pages are built. Writes docs/images/parts/*.png.

Needs Chromium and what `make browser` installs. A part whose picture is there is left alone; a picture that no part of
the pages asks for any more is removed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from PIL import Image

DOCS = Path(__file__).parent
BUILT, STILLS = DOCS / "_build" / "html", DOCS / "images" / "parts"
MODULES = DOCS.parent / "build" / "browser" / "node_modules"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Modules are loaded from a server alone: the address of one for this folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def drive(script: str, *arguments: str | Path) -> str:
    """What a script of these docs prints that drives Chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("Install Chromium first")
    environment = os.environ | {"NODE_PATH": str(MODULES), "CHROMIUM": chromium}
    run = subprocess.run(
        ["node", DOCS / script, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return run.stdout


def keep(picture: Path, file: Path) -> None:
    """A photograph in 256 colours, which is a third of the size and looks the same."""
    image = Image.open(picture).convert("RGB").quantize(256, kmeans=12, dither=Image.Dither.NONE)
    image.save(file, optimize=True)
    print(f"{file.name}  {image.width} × {image.height}  {file.stat().st_size / 1000:.0f} kB")


def photograph(pages: list[str], target: Path) -> set[str]:
    """Photographs what has no picture yet; the names of all parts on these pages."""
    with served(BUILT) as address:
        return set(drive("stills.js", target, STILLS, *(f"{address}/{page}" for page in pages)).split())


def main() -> None:
    """All parts of the built pages."""
    built = [page for page in BUILT.glob("[ez][nh]/**/*.html") if "data-still" in page.read_text(encoding="utf-8")]
    pages = sorted(str(page.relative_to(BUILT)) for page in built)
    STILLS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wanted = photograph(pages, Path(folder))
        for picture in sorted(Path(folder).glob("*.png")):
            keep(picture, STILLS / picture.name)
    for old in STILLS.glob("*.png"):
        if old.name not in wanted:
            old.unlink()
            print(f"{old.name} removed")


if __name__ == "__main__":
    main()

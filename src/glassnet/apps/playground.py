"""The files of the playground: a page on which networks train by the engine itself, in the browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import glassnet
from glassnet.apps.folders import fill
from glassnet.display.templating import fingerprint
from glassnet.support.language import asked_language, opened_in
from glassnet.support.scripts import engine, joined, parts

WEB = Path(glassnet.__file__).parent / "web"
ENTRY, ROOT = "playground/index.html", "index.html"
ENGINE = ("engine.js", "engine.wasm", "engine-scalar.wasm", "loading.js", "network.js", "recipes.json")
FORMULAS = ("parts/formulas.js", "model/erf.js")
MODULE = '<script type="module" src="main.js"></script>\n'
STYLE = re.compile(r'<link rel="stylesheet" href="([\w.]+)">\n')
POLICY = re.compile(r'(?<=<meta http-equiv="Content-Security-Policy" content=")[^"]*')


def files() -> dict[str, Path]:
    """Those of the page, of the engine, and the formulas, by their places beside each other."""
    pages = sorted(path for path in (WEB / "playground").iterdir() if path.is_file())
    return {path.relative_to(WEB).as_posix(): path for path in [*(WEB / name for name in ENGINE + FORMULAS), *pages]}


def page() -> str:
    """The whole playground as a single file, which opens from a disk, where browsers load no modules."""
    text = (WEB / ENTRY).read_text(encoding="utf-8")
    folder = (WEB / ENTRY).parent
    style = "\n".join((folder / name).read_text(encoding="utf-8") for name in STYLE.findall(text))
    worker = json.dumps(f"{engine()}{joined('playground/worker.js')};").replace("<", "\\u003c")
    script = f"globalThis.glassnetWorker = {worker};\n{joined('playground/main.js')};\n"
    policy = (
        f"default-src 'none'; script-src 'sha256-{fingerprint(script)}' 'wasm-unsafe-eval'; worker-src blob:; "
        f"style-src 'sha256-{fingerprint(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    text = POLICY.sub(lambda _: policy, STYLE.sub("", text.replace(MODULE, f"<style>{style}</style>\n")))
    return text.replace("</body>", f"<script>{script}</script>\n</body>")


JOINED = {ROOT: page, "parts.js": parts, "parts-engine.js": engine}
"""What works from a file, too: the page as a single file, and small pieces of it for other pages."""


def write(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Write all files into a new or empty folder, for any server of files; and what works without one.

    With `force`, into any folder.
    """
    contents = {name: source.read_bytes() for name, source in files().items()}
    contents |= {name: text().encode() for name, text in JOINED.items()}
    contents |= {name: opened_in(contents[name].decode(), asked_language()).encode() for name in (ENTRY, ROOT)}
    return fill(folder, contents, "The playground must be written to an empty folder", force=force)

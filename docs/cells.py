"""When the cells of a page are run again: when a file has changed that they used the last time, and only then.

Results are kept by what the cells say. So each page gets a first cell that nobody sees and that says the state of what
the page uses: modules of the library and of these docs that its kernel had loaded, the data, versions of what is
underneath. Which modules these are, each kernel writes down as it runs. Pages that start processes of their own or read
the source use everything.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from docutils import nodes
from jupyter_cache.cache.db import create_db
from sphinx.application import Sphinx

import glassnet

HERE = Path(__file__).parent.resolve()
LIBRARY = Path(glassnet.__file__).parent.resolve()
BELOW = ("llvmlite", "matplotlib", "numpy", "onnxruntime", "pandas", "scikit-learn", "scipy")
BESIDE = (
    "benchmarks/faults.py",
    "benchmarks/results/*.json",
    "docs/data/*.csv",
    "docs/*.toml",
    "examples/gallery/*.py",
)
"""What pages read without importing it."""
VARIABLE = "GLASSNET_DOCS_USED"
"""Where a kernel writes what it uses: a file."""

STARTUP = f'''
import json, os, sys

def _note_what_is_used(result=None):
    files = {{getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}}
    used = sorted(file for file in files if file.startswith(({str(LIBRARY)!r}, {str(HERE)!r})) and file.endswith(".py"))
    if os.environ.get("{VARIABLE}"):
        open(os.environ["{VARIABLE}"], "w").write(json.dumps(used))

get_ipython().events.register("post_run_cell", _note_what_is_used)
'''


def everything() -> list[str]:
    """All that any page may use."""
    return [str(file) for file in (*LIBRARY.rglob("*.py"), *HERE.glob("*.py"))]


def state(files: Iterable[str]) -> str:
    """A digest of these files, of texts of the library and beside the docs, and of the versions underneath."""
    texts = [file for file in LIBRARY.rglob("*.*") if file.suffix in (".toml", ".html", ".css", ".j2")]
    told = [f"{name} {metadata.version(name)}" for name in BELOW] + [sys.version]
    digest = hashlib.sha256(json.dumps(told).encode())
    beside = [file for pattern in BESIDE for file in HERE.parent.glob(pattern)]
    for file in sorted({*map(Path, files), *texts, *beside}):
        digest.update(str(file).encode() + (file.read_bytes() if file.exists() else b""))
    return digest.hexdigest()[:16]


def record_of(app: Sphinx, page: str) -> Path:
    """Where the state of a page stands with the files that it is a state of."""
    folder = Path(app.config.nb_execution_cache_path, "used")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{page.replace('/', '.')}.json"


def begin_with_state(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the cell in front that says the state; it stays what it was while no used file has changed."""
    head, found, rest = source[0].partition("```{code-cell}")
    if not found or "file_format: mystnb" not in head:
        return
    record, now = record_of(app, page), state(everything())
    if record.exists() and not uses_everything(source[0]):
        known = json.loads(record.read_text())
        now = known["said"] if state(known["files"]) == known["state"] else now
    app.env.temp_data["cells"] = now
    os.environ[VARIABLE] = str(record.with_suffix(".now"))
    cell = f"```{{code-cell}} ipython3\n:tags: [remove-cell, page]\n# {now}\n```\n\n"
    source[0] = f"{head}{cell}{found}{rest}"


def uses_everything(text: str) -> bool:
    """Whether its cells start processes or read the source, which no kernel sees."""
    return "subprocess" in text or "measured()" in text or "from house import" in text


def note_state(app: Sphinx, doctree: nodes.document) -> None:
    """Keep what the kernel wrote down, if one has run; when such a file changes, Sphinx reads the page again."""
    said, record = app.env.temp_data.get("cells"), record_of(app, app.env.docname)
    if said is None:
        return
    used = record.with_suffix(".now")
    if used.exists():
        files = json.loads(used.read_text())
        record.write_text(json.dumps({"said": said, "files": files, "state": state(files)}))
        used.unlink()
    known = json.loads(record.read_text())["files"] if record.exists() else everything()
    for file in known:
        app.env.note_dependency(file)


def make_database(app: Sphinx) -> None:
    """Make the file of results before two processes that read pages do so at the same time, which fails."""
    Path(app.config.nb_execution_cache_path).mkdir(parents=True, exist_ok=True)
    create_db(app.config.nb_execution_cache_path)


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("builder-inited", make_database)
    app.connect("source-read", begin_with_state)
    app.connect("doctree-read", note_state)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

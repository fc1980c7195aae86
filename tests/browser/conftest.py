"""What the tests of pages share: Node.js that drives Chromium, and a server in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.forks import PATIENCE

SOURCE = Path(__file__).parents[2] / "src"
MODULES = Path(__file__).parents[2] / "build" / "browser" / "node_modules"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

WHOLE = 6 * PATIENCE
"""Seconds for a script, which may use everything that there is, in several ways."""

Browse = Callable[..., Any]
Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def browse() -> Browse:
    """``browse("look.js", *pages)``: what a script beside this file prints of these pages, read as JSON."""
    if CHROMIUM is None or shutil.which("node") is None or not (MODULES / "axe-core").is_dir():
        pytest.skip("needs Chromium, Node.js and axe-core: make browser")
    environment = os.environ | {"NODE_PATH": str(MODULES), "CHROMIUM": CHROMIUM}

    def browse(script: str, *pages: Path | str) -> Any:
        command = ["node", Path(__file__).with_name(script), *pages]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=WHOLE)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    return browse


@pytest.fixture(scope="session")
def serve() -> Serve:
    """``with serve("playground") as line``: a subcommand on a free port; the line in which it says where it is."""

    @contextmanager
    def serve(*words: Path | str) -> Iterator[str]:
        environment = os.environ | {"PYTHONPATH": str(SOURCE), "NO_COLOR": "1"}
        command = [
            sys.executable,
            "-m",
            "glassnet",
            *words,
            "--port",
            "0",
            *(["--no-browser"] if "playground" in words else []),
        ]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        assert server.stderr is not None
        try:
            yield server.stderr.readline()
        finally:
            server.terminate()
            server.communicate(timeout=PATIENCE)

    return serve

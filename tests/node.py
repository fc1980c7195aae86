"""JavaScript in node: what it is given and what it answers, both as JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def run_node(*arguments: object, given: Any = None, folder: Path | None = None) -> Any:
    """Return what node prints; None if that is nothing. Without node the test is skipped."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    command, text = ["node", *map(str, arguments)], json.dumps(given)
    done = subprocess.run(command, input=text, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


def run_program(program: str, given: Any = None) -> Any:
    """Return what a module of JavaScript prints."""
    return run_node("--input-type=module", "--eval", program, given=given)

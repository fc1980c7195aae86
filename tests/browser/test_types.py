"""The types that comments in the playground's code state, checked by TypeScript; nothing is built from it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import glassnet

HERE = Path(__file__).parent
WEB = Path(glassnet.__file__).parent / "web"
COMPILER = HERE.parents[1] / "build" / "browser" / "node_modules" / "typescript" / "bin" / "tsc"
WAY = ["--noEmit", "--allowJs", "--checkJs", "--skipLibCheck", "--target", "es2022", "--lib", "es2023,dom,dom.iterable"]
WAY += ["--module", "esnext", "--moduleResolution", "bundler"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not COMPILER.is_file(), reason="needs TypeScript: make browser")]


@pytest.mark.parametrize("entry", ["main.js", "worker.js"])
def test_types_are_what_comments_say(entry):
    command = ["node", COMPILER, *WAY, HERE / "page.d.ts", WEB / "playground" / entry]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.stdout == ""
    assert done.returncode == 0

"""The pages of a server in a real browser: filled in, sent, and looked at for faults, in both languages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps.conftest import classifier, tables  # noqa: F401

pytestmark = pytest.mark.browser

SOURCE = Path(__file__).parents[2] / "src"
MODULES = Path(__file__).parents[2] / "build" / "browser" / "node_modules"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
VIEWS = 4
"""Phone and desktop, light and dark."""


@pytest.fixture(scope="module")
def seen(classifier):  # noqa: F811
    """What the browser says of each page: the form, with an answer, with an error, and the page for programs."""
    if CHROMIUM is None or shutil.which("node") is None or not (MODULES / "axe-core").is_dir():
        pytest.skip("needs Chromium, Node.js and axe-core: make browser")
    environment = os.environ | {"PYTHONPATH": str(SOURCE), "NO_COLOR": "1"}
    words = [sys.executable, "-m", "glassnet", "serve", classifier, "--port", "0"]
    server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        base = server.stderr.readline().partition(", model")[0].split()[-1]
        pages = [f"{base}{path}?language={language}" for language in ("en", "zh") for path in ("/", "/docs")]
        script = Path(__file__).with_name("serve.js")
        run = subprocess.run(
            ["node", script, *pages],
            env=os.environ | {"NODE_PATH": str(MODULES), "CHROMIUM": CHROMIUM},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)
    finally:
        server.terminate()
        server.communicate(timeout=60)


def test_every_page_was_seen_in_every_way(seen):
    """Two forms empty, answered and with an error, and two pages for programs."""
    assert len(seen) == 8 * VIEWS


def test_axe_finds_no_fault(seen):
    assert [(view["page"], view["state"], view["width"], fault) for view in seen for fault in view["faults"]] == []


def test_no_page_scrolls_sideways(seen):
    assert {view["overflow"] for view in seen} == {0}


def test_nothing_is_loaded_and_nothing_complained_of(seen):
    """No icon either; a complaint would be one of the content security policy."""
    assert [view["loaded"] + view["complaints"] for view in seen] == [[]] * len(seen)


def test_the_first_key_leads_to_the_skip_link(seen):
    assert {view["first"] for view in seen} == {"#main"}


def test_a_row_that_was_filled_in_by_keyboard_is_answered(seen):
    answers = [view["said"] for view in seen if view["state"] == "answered"]
    assert len(answers) == 2 * VIEWS
    assert all("yes" in said or "no" in said for said in answers)


def test_what_is_wrong_with_a_row_is_said_to_who_hears_it(seen):
    assert all("held numbers" in view["said"] for view in seen if view["state"] == "wrong")

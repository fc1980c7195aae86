"""A report in a real browser: no fault that axe-core knows of, no scrolling sideways, nothing loaded from elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import glassnet
from tests.insight.report.conftest import answers, answers_of, judged, learned, models  # noqa: F401

pytestmark = pytest.mark.browser

MODULES = Path(__file__).parents[2] / "build" / "browser" / "node_modules"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
KINDS = ("binary", "multiclass", "regression", "quantiles")


@pytest.fixture(scope="module")
def seen(models, learned, judged, answers_of, tmp_path_factory):  # noqa: F811
    """What the browser says of each page."""
    if CHROMIUM is None or shutil.which("node") is None or not (MODULES / "axe-core").is_dir():
        pytest.skip("needs Chromium, Node.js and axe-core: make browser")
    folder = tmp_path_factory.mktemp("pages")
    pages = []
    for kind in KINDS:
        training = (learned[0], answers(learned[1], {"quantiles": "regression"}.get(kind, kind)))
        for language in ("en", "zh"):
            page = folder / f"{kind}.{language}.html"
            options = {"training_data": training, "target": "back?", "language": language}
            pages.append(str(glassnet.report(models[kind], judged[0], answers_of(kind), page, **options)))
    environment = os.environ | {"NODE_PATH": str(MODULES), "CHROMIUM": CHROMIUM}
    script = Path(__file__).with_name("axe.js")
    run = subprocess.run(["node", script, *pages], env=environment, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_every_page_was_seen_in_every_way(seen):
    assert len(seen) == 2 * len(KINDS) * 4


def test_axe_finds_no_fault(seen):
    faults = [
        (Path(view["page"]).name, view["width"], view["colorScheme"], fault)
        for view in seen
        for fault in view["faults"]
    ]
    assert faults == []


def test_no_page_scrolls_sideways(seen):
    assert {view["overflow"] for view in seen} == {0}


def test_nothing_is_loaded_and_nothing_complained_of(seen):
    assert [view["loaded"] + view["complaints"] for view in seen] == [[]] * len(seen)


def test_the_first_key_leads_to_the_skip_link(seen):
    assert {view["first"] for view in seen} == {"#main"}

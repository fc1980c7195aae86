"""What the check of a release notices."""

from __future__ import annotations

import shutil
import sys

import pytest

from benchmarks import release
from glassnet.apps.commands import app


def test_every_command_is_tried():
    tried = {"serve", *(command.split()[0] for command in release.COMMANDS)}
    assert tried == {name for name in app if not name.startswith("-")}


def test_versions_that_differ_are_found(monkeypatch, tmp_path):
    for place in ("src/glassnet/__init__.py", "CITATION.cff", "CHANGELOG.md"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(release.ROOT / place, tmp_path / place)
    monkeypatch.setattr(release, "ROOT", tmp_path)
    assert release.one_version()
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(changelog.read_text("utf-8").replace("## [Unreleased]", "## [9.9.9]", 1), "utf-8")
    with pytest.raises(release.FailedError, match=r"9\.9\.9"):
        release.one_version()


def test_a_failed_program_is_a_failed_release(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(release, "FOLDER", tmp_path / "release")

    def build():
        return release.run([sys.executable, "-c", "import sys; print('why'); sys.exit(3)"])

    monkeypatch.setattr(release, "build", build)
    assert release.main() == 1
    assert "FAILED: build" in (said := capsys.readouterr().out)
    assert "ended with 3\nwhy" in said

"""The playground's files: all that are needed, and what is written of them into a folder."""

from __future__ import annotations

import re

from glassnet.apps.cli import main
from glassnet.apps.playground_server import ENTRY, ROOT, WEB, files

MOST_BYTES = 1_500_000
SOURCES = [path for path in files().values() if path.suffix in (".js", ".css", ".html")]


def test_the_files_are_written_into_a_new_folder(tmp_path, capsys):
    assert main(["playground", "--out", str(tmp_path / "new")]) == 0
    assert '"glassnet-neuron"' in (tmp_path / "new" / "parts.js").read_text(encoding="utf-8")
    assert "<style>" in (tmp_path / "new" / "index.html").read_text(encoding="utf-8")  # where servers begin
    assert (tmp_path / "new" / "parts-engine.js").stat().st_size < MOST_BYTES / 2
    assert str(tmp_path / "new" / "index.html") in capsys.readouterr().err.replace("\n", "")


def test_a_folder_with_something_in_it_stays_as_it_is(tmp_path, capsys):
    (tmp_path / "mine").touch()
    assert main(["playground", "--out", str(tmp_path)]) != 0
    assert "empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_whatever_the_files_name_is_among_them():
    known = {path.resolve() for path in files().values()}
    for path in SOURCES:
        for name in re.findall(r'(?:from |import\(|new URL\(|href=|src=)"(\.?\.?/?[\w./-]+\.\w+)"', path.read_text()):
            assert (path.parent / name).resolve() in known, f"{path}: {name}"


def test_nothing_is_loaded_from_elsewhere_and_nothing_evaluated():
    for path in SOURCES:
        text = path.read_text().replace("http://www.w3.org/", "")  # the names of SVG and MathML
        assert not re.search(r"https?://|\beval\(|new Function|innerHTML|document\.write", text), path


def test_page_and_engine_are_small():
    assert sum(path.stat().st_size for path in files().values()) < MOST_BYTES


def test_whatever_has_a_question_mark_is_explained():
    explained = set(
        re.findall(r"^  (\w+): phrase\(", (WEB / "playground/dialogs/explanations.js").read_text(), re.MULTILINE)
    )
    assert set(re.findall(r'data-explain="(\w+)"', (WEB / ENTRY).read_text())) == explained


def test_chinese_stands_in_the_catalogue_alone():
    """What is beside it no translator finds."""
    own = ["中", "文"]  # the button that switches
    for path in SOURCES:
        if path.name != "chinese.js":
            assert re.findall("[\u4e00-\u9fff]", path.read_text(encoding="utf-8")) in ([], own), path


def test_every_word_of_the_page_is_marked_to_be_translated():
    """Others would stay English."""
    text = re.sub(r"<(title|script|style)[^>]*>.*?</\1>", "", (WEB / ENTRY).read_text(), flags=re.DOTALL)
    text = re.sub(r"(<[^<>]* data-say[ >][^<]*)", "", text)
    visible = re.sub(r"<[^>]*>", " ", text)
    assert visible.split() == ["glassnet", "0", "◐", "⟳"]


def test_a_language_that_was_asked_for_is_what_the_written_pages_open_in(tmp_path):
    assert main(["playground", "--language", "zh", "--out", str(tmp_path / "new")]) == 0
    for page in (ENTRY, ROOT):
        assert '<html data-language="zh"' in (tmp_path / "new" / page).read_text(encoding="utf-8")


def test_where_nobody_asked_for_a_language_the_browser_decides(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSNET_LANGUAGE", "zh")
    assert main(["playground", "--out", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new" / ENTRY).read_bytes() == (WEB / ENTRY).read_bytes()

"""What a kill leaves beside a file is cleared away by whoever writes there next, and nothing else is."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import polars as pl
import pytest

from glassnet.replacing import LEFT, replacing
from glassnet.tables.writers import TableWriter

LONG_AGO = time.time() - 10 * LEFT


def write(path):
    if path.suffix == ".csv":
        with TableWriter(path) as writer:
            writer.write(pl.DataFrame({"a": [1]}))
    else:
        with replacing(path) as file:
            file.write(b"whole")


def left(path, folder, since):
    """Something as a kill leaves it."""
    place = path.with_name(f".{path.name}.{'0123456789abcdef'}.part")
    if folder:
        place.mkdir()
        (place / "table").write_text("half")
    else:
        place.write_text("half")
    os.utime(place, (since, since))
    return place


@pytest.mark.parametrize(("name", "folder"), [("model.safetensors", False), ("rows.csv", True)])
def test_what_a_kill_left_is_cleared_away(tmp_path, name, folder):
    path = tmp_path / name
    place = left(path, folder, LONG_AGO)
    write(path)
    assert not place.exists()
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_what_may_be_somebodys_stays(tmp_path):
    path = tmp_path / "model"
    place = left(path, False, time.time())
    write(path)
    assert place.exists()


def test_what_somebody_writes_stays_however_long_it_takes(tmp_path):
    path = tmp_path / "model"
    place = left(path, False, LONG_AGO)
    with place.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write(path)
        assert place.exists()


def test_two_who_write_the_same_file_do_not_take_it_from_each_other(tmp_path):
    path = tmp_path / "model"
    with replacing(path) as first:
        (place,) = tmp_path.iterdir()
        os.utime(place, (LONG_AGO, LONG_AGO))
        write(path)
        first.write(b"later")
    assert path.read_bytes() == b"later"


def test_whoever_takes_the_old_file_away_meanwhile_is_in_nobodys_way(tmp_path, monkeypatch):
    path, exists = tmp_path / "model", Path.exists

    def exists_no_more(found):
        there = exists(found)
        if found == path:
            found.unlink()
        return there

    monkeypatch.setattr(Path, "exists", exists_no_more)
    path.write_bytes(b"old")
    write(path)
    assert path.read_bytes() == b"whole"


def test_a_file_that_was_private_stays_so(tmp_path):
    path = tmp_path / "model"
    path.touch(mode=0o600)
    write(path)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["model.part", ".model.part", ".other.0123456789abcdef.part", ".model.0123.part"])
def test_what_is_called_almost_so_stays(tmp_path, name):
    other = tmp_path / name
    other.write_text("mine")
    os.utime(other, (LONG_AGO, LONG_AGO))
    write(tmp_path / "model")
    assert other.read_text() == "mine"


@pytest.mark.parametrize("name", ["模" * 80 + ".safetensors", "m" * 247 + ".csv", "é" * 120 + ".csv"])
def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path, name):
    write(tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == [name]

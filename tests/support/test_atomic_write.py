"""What a kill leaves beside a file is cleared away by whoever writes there next, and nothing else is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path

import polars as pl
import pytest

from glassnet.apps.usage import check_output, fill
from glassnet.errors import InputError
from glassnet.support.atomic_write import LEFT, atomic_write, destination
from glassnet.tables.writers import TableWriter
from glassnet.training.checkpoint import Checkpoint
from glassnet.tuning.study import open_study

LONG_AGO = time.time() - 10 * LEFT


def write(path):
    if path.suffix == ".csv":
        with TableWriter(path) as writer:
            writer.write(pl.DataFrame({"a": [1]}))
    else:
        with atomic_write(path) as file:
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
    with atomic_write(path) as first:
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


# ------------------------------------------------------------ links of strangers

STRANGER = 54_321
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what is somebody else's")
NOT_FOLLOWED = "link or pipe that another user created in a shared folder"


@pytest.fixture
def for_all(tmp_path):
    """A folder like /tmp."""
    folder = tmp_path / "for all"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


def link(place, target, owner):
    place.symlink_to(target)
    os.chown(place, owner, owner, follow_symlinks=False)
    return place


@AS_ROOT
@pytest.mark.parametrize("name", ["model.safetensors", "rows.csv"])
def test_a_link_of_somebody_else_in_a_folder_for_all_is_not_written_through(tmp_path, for_all, name):
    (tmp_path / "mine").write_text("precious")
    link(for_all / name, tmp_path / "mine", STRANGER)
    with pytest.raises(InputError, match=NOT_FOLLOWED):
        write(for_all / name)
    assert (tmp_path / "mine").read_text() == "precious"


@AS_ROOT
def test_nor_is_one_to_a_folder_on_the_way_nor_one_behind_another(tmp_path, for_all):
    (tmp_path / "mine").mkdir()
    link(for_all / "out", tmp_path / "mine", STRANGER)
    link(tmp_path / "own", for_all / "out", 0)
    for place in (for_all / "out", tmp_path / "own", for_all / ".." / "own"):
        with pytest.raises(InputError, match=NOT_FOLLOWED):
            write(place / "model")
    assert [*(tmp_path / "mine").iterdir()] == []


@AS_ROOT
@pytest.mark.parametrize("looks", range(8))
def test_a_link_that_a_stranger_puts_there_meanwhile_is_not_written_through(tmp_path, for_all, monkeypatch, looks):
    """A file of the stranger becomes a link after so many looks at it."""
    (tmp_path / "mine").write_text("precious")
    out, seen = for_all / "out", []
    out.touch()
    os.chown(out, STRANGER, STRANGER)

    def looking(whole):
        def look(path, *more, **options):
            if os.fspath(path) == str(out):
                seen.append(path)
                if len(seen) == looks + 1:
                    out.unlink()
                    link(out, tmp_path / "mine", STRANGER)
            return whole(path, *more, **options)

        return look

    for name in ("stat", "lstat"):
        monkeypatch.setattr(os, name, looking(getattr(os, name)))
    with contextlib.suppress(InputError):
        assert destination(out) == out


@AS_ROOT
@pytest.mark.parametrize(("owner", "mode"), [(0, 0o1777), (STRANGER, 0o755)])
def test_a_link_of_ours_or_where_strangers_make_none_is_followed(tmp_path, for_all, owner, mode):
    for_all.chmod(mode)
    (tmp_path / "mine").write_text("before")
    link(for_all / "model", "../mine", owner)
    write(for_all / "model")
    assert (tmp_path / "mine").read_text() == "whole"
    assert (for_all / "model").is_symlink()


@AS_ROOT
def test_a_pipe_of_somebody_else_in_a_folder_for_all_is_not_written_to(for_all):
    os.mkfifo(for_all / "rows.csv")
    os.chown(for_all / "rows.csv", STRANGER, STRANGER)
    with pytest.raises(InputError, match=NOT_FOLLOWED):
        write(for_all / "rows.csv")


@AS_ROOT
def test_a_file_of_somebody_else_does_not_open_what_takes_its_place(for_all):
    before = os.umask(0o077)
    try:
        (for_all / "model").touch()
        os.chown(for_all / "model", STRANGER, STRANGER)
        (for_all / "model").chmod(0o666)
        write(for_all / "model")
    finally:
        os.umask(before)
    assert (for_all / "model").stat().st_mode & 0o777 == 0o600


@AS_ROOT
def test_whatever_is_written_asks_where_it_goes(tmp_path, for_all):
    """Folders of checkpoints and of files for people, the file of a search, what a command is told to write."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "search").write_bytes(b"")
    folder, file = link(for_all / "folder", tmp_path / "mine", STRANGER), for_all / "file"
    link(file, tmp_path / "search", STRANGER)

    def search():
        with open_study(file, maximize=True):
            pass

    def checkpoints():
        with Checkpoint(folder).claimed():
            pass

    for work in (
        search,
        checkpoints,
        lambda: list(fill(folder, {"a": b"a"}, "rule")),
        lambda: check_output(file, [], force=True),
    ):
        with pytest.raises(InputError, match=NOT_FOLLOWED):
            work()
    assert [*(tmp_path / "mine").iterdir()] == []
    assert (tmp_path / "search").read_bytes() == b""

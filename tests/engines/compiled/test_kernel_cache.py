"""The folder of compiled kernels: kept whole, found again, never trusted too far, never a reason to stop."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from glassnet import NeuralNetwork
from glassnet.engines.compiled import kernel_cache
from glassnet.errors import TrainingWarning
from tests.kernels import fresh_folder

KEY, CODE = "dense_forward_0123", b"object code"
SOURCE = Path(__file__).parents[3] / "src"

needs_owners = pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no such owners here")


def forget():
    for function in (kernel_cache.cache_folder, kernel_cache._remove_unused, kernel_cache._tell):
        function.cache_clear()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A fresh folder of kernels."""
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path / "kernels"))
    forget()
    yield tmp_path / "kernels"
    forget()


def file_in(folder):
    return folder / f"{KEY}.kernel"


# ------------------------------------------------------------------- and back


def test_what_was_kept_is_found(folder):
    assert kernel_cache.load(KEY) is None
    kernel_cache.save(KEY, CODE)
    assert kernel_cache.load(KEY) == CODE
    assert kernel_cache.load("another") is None
    assert kernel_cache.kept() == 1
    assert [file.name for file in folder.iterdir()] == [f"{KEY}.kernel"]


def test_what_is_kept_is_replaced(folder):
    kernel_cache.save(KEY, CODE)
    kernel_cache.save(KEY, b"newer")
    assert kernel_cache.load(KEY) == b"newer"
    assert kernel_cache.kept() == 1


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, -1])
def test_a_truncated_file_counts_as_none_and_is_replaced(folder, length):
    kernel_cache.save(KEY, CODE)
    content = file_in(folder).read_bytes()
    file_in(folder).write_bytes(content[:length])
    assert kernel_cache.load(KEY) is None
    kernel_cache.save(KEY, CODE)
    assert kernel_cache.load(KEY) == CODE


@pytest.mark.parametrize("place", [0, 31, 32, -1])
def test_a_damaged_file_counts_as_none(folder, place):
    kernel_cache.save(KEY, CODE)
    content = bytearray(file_in(folder).read_bytes())
    content[place] ^= 1
    file_in(folder).write_bytes(content)
    assert kernel_cache.load(KEY) is None


def test_a_kernel_under_another_s_name_counts_as_none(folder):
    kernel_cache.save(KEY, CODE)
    file_in(folder).rename(folder / "another.kernel")
    assert kernel_cache.load("another") is None


def test_a_folder_in_the_place_of_a_file_is_no_reason_to_stop(folder):
    file_in(folder).mkdir(parents=True)
    assert kernel_cache.load(KEY) is None
    kernel_cache.save(KEY, CODE)


def test_a_folder_that_was_removed_meanwhile_is_made_again(folder):
    kernel_cache.save(KEY, CODE)
    file_in(folder).unlink()
    folder.rmdir()
    kernel_cache.save(KEY, CODE)
    assert kernel_cache.load(KEY) == CODE


# ------------------------------------------------------------------ which one


def test_the_variable_may_begin_at_home_or_here(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("GLASSNET_CACHE", "~/mine")
    assert kernel_cache.cache_folder() == tmp_path / "mine"
    forget()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GLASSNET_CACHE", "here")
    assert kernel_cache.cache_folder() == tmp_path / "here"


@pytest.mark.skipif(sys.platform == "win32", reason="has a place of its own for such files")
def test_without_the_variable_it_is_in_the_user_s_cache_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("GLASSNET_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert kernel_cache.cache_folder() == tmp_path / "xdg" / "glassnet"
    for value in ("", "relative/does/not/count"):
        forget()
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert kernel_cache.cache_folder() == tmp_path / ".cache" / "glassnet"


def test_on_windows_it_is_with_the_application_data(monkeypatch, tmp_path):
    monkeypatch.delenv("GLASSNET_CACHE")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert kernel_cache.cache_folder() == tmp_path / "glassnet"


@needs_owners
def test_a_user_without_a_home_has_no_folder(monkeypatch):
    def homeless(path):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", homeless)
    monkeypatch.setenv("GLASSNET_CACHE", "~/mine")
    with pytest.warns(TrainingWarning, match="Could not determine home"):
        assert kernel_cache.cache_folder() is None


# --------------------------------------------------------------- whom to trust


@needs_owners
@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(folder, mode):
    kernel_cache.save(KEY, CODE)
    folder.chmod(mode)
    forget()
    with pytest.warns(TrainingWarning, match="others may write to it.*chmod go-w.*every process compiles"):
        assert kernel_cache.load(KEY) is None
    kernel_cache.save(KEY, b"our own")
    assert kernel_cache.load(KEY) is None


@needs_owners
@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_file_that_others_may_write_to_is_refused(folder, mode):
    kernel_cache.save(KEY, CODE)
    file_in(folder).chmod(mode)
    assert kernel_cache.load(KEY) is None
    kernel_cache.save(KEY, CODE)
    assert kernel_cache.load(KEY) == CODE


@needs_owners
def test_somebody_else_s_folder_is_refused_and_root_s_is_not(folder, monkeypatch):
    kernel_cache.save(KEY, CODE)
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    forget()
    if owner == 0:
        assert kernel_cache.load(KEY) == CODE
    else:
        with pytest.warns(TrainingWarning, match="others may write"):
            assert kernel_cache.load(KEY) is None


@needs_owners
def test_others_can_read_what_is_kept_whatever_the_umask(folder):
    before = os.umask(0o002)
    try:
        kernel_cache.save(KEY, CODE)
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert file_in(folder).stat().st_mode & 0o777 == 0o644


# ---------------------------------------------------------- where it cannot be


def test_a_file_in_the_place_of_the_folder_gives_one_warning(folder):
    folder.write_text("in the way")
    with pytest.warns(TrainingWarning, match="Set GLASSNET_CACHE to a folder that can be written") as caught:
        kernel_cache.save(KEY, CODE)
    assert len(caught) == 1
    assert kernel_cache.load(KEY) is None
    kernel_cache.save("another", CODE)  # a second warning would be an error
    assert folder.read_text() == "in the way"


def read_only(monkeypatch, folder):
    """As a read-only file system is, to root as well."""
    access, write = os.access, kernel_cache._write

    def no_access(path, mode, **options):
        return access(path, mode, **options) and not (Path(path) == folder and mode & os.W_OK)

    def no_write(where, key, code):
        if where == folder:
            raise OSError(errno.EROFS, "Read-only file system")
        write(where, key, code)

    monkeypatch.setattr(os, "access", no_access)
    monkeypatch.setattr(kernel_cache, "_write", no_write)
    forget()


def test_a_read_only_folder_that_is_filled_is_used_without_complaint(folder, monkeypatch):
    kernel_cache.save(KEY, CODE)
    read_only(monkeypatch, folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kernel_cache.load(KEY) == CODE
        kernel_cache.save("more", CODE)
        assert kernel_cache.load("more") is None
    assert kernel_cache.cache_folder() == folder


def test_a_read_only_folder_that_is_empty_is_of_no_use(folder, monkeypatch):
    folder.mkdir()
    read_only(monkeypatch, folder)
    with pytest.warns(TrainingWarning, match="it cannot be written to"):
        assert kernel_cache.cache_folder() is None


@pytest.mark.parametrize("fails", ["write", "replace"])
def test_a_full_disk_gives_one_warning_and_leaves_nothing_behind(folder, monkeypatch, fails):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    if fails == "write":
        monkeypatch.setattr(os, "fdopen", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.warns(TrainingWarning, match=r"\(No space left on device\): every process") as caught:
        kernel_cache.save(KEY, CODE)
    assert len(caught) == 1
    kernel_cache.save("another", CODE)  # a second warning would be an error
    assert kernel_cache.load(KEY) is None
    assert [*folder.iterdir()] == []


def test_another_process_that_has_the_file_open_is_no_reason_to_complain(folder, monkeypatch):
    """As on Windows, where an open file cannot be replaced."""

    def busy(*_):
        raise PermissionError(errno.EACCES, "Access is denied")

    kernel_cache.save(KEY, CODE)
    monkeypatch.setattr(Path, "replace", busy)
    kernel_cache.save(KEY, CODE)
    assert kernel_cache.load(KEY) == CODE
    assert kernel_cache.kept() == 1
    assert len([*folder.iterdir()]) == 1


# ---------------------------------------------------------------- what is old


def grow_old(file, days):
    then = time.time() - days * 24 * 60 * 60
    os.utime(file, (then, then))


def test_what_nobody_reads_is_removed_when_something_new_is_kept(folder):
    for name, days in (("old", 91), ("read", 91), ("young", 89)):
        kernel_cache.save(name, CODE)
        grow_old(folder / f"{name}.kernel", days)
    (folder / "killed.kernel.new").write_bytes(b"half of")
    (folder / "theirs.o").write_bytes(b"not ours")
    for name in ("killed.kernel.new", "theirs.o"):
        grow_old(folder / name, 91)
    forget()
    assert kernel_cache.load("read") == CODE
    kernel_cache.save("new", CODE)
    assert sorted(file.name for file in folder.iterdir()) == ["new.kernel", "read.kernel", "theirs.o", "young.kernel"]


def test_that_nothing_can_be_removed_is_no_reason_to_stop(folder, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    kernel_cache.save("old", CODE)
    grow_old(folder / "old.kernel", 100)
    forget()
    monkeypatch.setattr(Path, "unlink", refuse)
    monkeypatch.setattr(os, "utime", refuse)
    assert kernel_cache.load("old") == CODE
    kernel_cache.save("new", CODE)
    assert kernel_cache.load("new") == CODE


# ------------------------------------------------------------ two at one time

TRAINING = """
import sys
import numpy as np
from glassnet import NeuralNetwork
X = np.random.default_rng(0).normal(size=(8, 3))
network = NeuralNetwork(3, [1])
network.train(X, X[:, 0], optimizer="sgd", epochs=2)
sys.stdout.write(network.parameters.tobytes().hex())
"""


@pytest.mark.slow
def test_processes_may_start_together_on_one_folder(folder, tmp_path, monkeypatch):
    """Most of what they need is there, so that it does not take long until both compile the same and write it."""
    with fresh_folder(folder, monkeypatch):
        X = np.random.default_rng(0).normal(size=(8, 3))
        NeuralNetwork(3, [1]).train(X, X[:, 0], optimizer="sgd", epochs=2)
    kept = {file.name for file in folder.iterdir()}
    missing = [file for file in folder.iterdir() if file.name.startswith(("layer_", "update_"))]
    assert len(missing) > 2
    for file in missing:
        file.unlink()
    environment = os.environ | {"PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error::glassnet.errors.TrainingWarning", "-c", TRAINING]
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [process.communicate(timeout=300) for process in running]
    assert [said for _, said in ended] == ["", ""]
    assert [process.returncode for process in running] == [0, 0]
    assert len({result for result, _ in ended}) == 1
    assert {file.name for file in folder.iterdir()} == kept

"""``--dask``, ``--shards``, folders: the same results, whoever does the work."""

from __future__ import annotations

import bz2
import contextlib
import gc
import shutil
import socket
import threading

import polars as pl
import pytest

import glassnet
from glassnet.apps.cli import main
from glassnet.distributed import clients
from glassnet.errors import ClusterError
from glassnet.tables import read_table
from tests.apps.conftest import QUICK
from tests.forks import forked_workers

SETTINGS = [word for pair in QUICK.items() for word in pair]


@pytest.fixture
def folder(tables, tmp_path):
    """Two tables of new rows."""
    for name in ("july.csv", "august.csv"):
        (tmp_path / "new").mkdir(exist_ok=True)
        shutil.copy(tables / "new.csv", tmp_path / "new" / name)
    (tmp_path / "new" / "_SUCCESS").touch()
    return tmp_path / "new"


def test_each_file_of_a_folder_has_predictions_of_its_own(classifier, tables, folder, tmp_path):
    assert main(["predict", f"{classifier}", f"{tables}/new.csv", "--out", f"{tmp_path}/one.csv"]) == 0
    assert main(["predict", f"{classifier}", f"{folder}", "--out", f"{tmp_path}/out", "--quiet"]) == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["august.csv", "july.csv"]
    assert (tmp_path / "out/july.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "-"], "Predictions of a folder need a folder"),
        (["--out", "{folder}"], "must not be a folder that is read"),
        (["--out", "{folder}/predicted"], "nor in it"),
    ],
)
def test_folders_that_cannot_be_written_are_refused(classifier, folder, capsys, words, said):
    words = [word.format(folder=folder) for word in words]
    assert main(["predict", f"{classifier}", f"{folder}", *words]) == 2
    assert said in capsys.readouterr().err


def test_predictions_that_are_there_are_replaced_only_if_asked(classifier, folder, tmp_path, capsys):
    command = ["predict", f"{classifier}", f"{folder}", "--out", f"{tmp_path}/out"]
    assert [main(command), main(command), main([*command, "--force"])] == [0, 2, 0]
    assert "already exists" in capsys.readouterr().err


def predicted(classifier, tables, folder, out, words):
    assert main(["predict", f"{classifier}", f"{folder}", "--out", f"{out}", *words]) == 0
    return [(out / name).read_bytes() for name in ("july.csv", "august.csv")]


def trained(classifier, tables, folder, out, words):
    more = ["--shards", "2", "--local-steps", "3", "--out", f"{out}.safetensors", "--no-report", *words]
    assert main(["train", f"{tables}/people.csv", "--target", "came back", *SETTINGS, *more]) == 0
    return glassnet.load(f"{out}.safetensors").network_.parameters.tolist()


def trained_members(classifier, tables, folder, out, words):
    more = ["--preset", "bagged", "--hidden-layers", "4", "--members", "2", "--epochs", "2", "--no-report", *words]
    assert main(["train", f"{tables}/people.csv", "--target", "came back", *more, "--out", f"{out}.safetensors"]) == 0
    return [network.parameters.tolist() for network in glassnet.load(f"{out}.safetensors").networks_]


def searched(classifier, tables, folder, out, words):
    more = ["--trials", "4", "--jobs", "2", "--validation", "0.3", "--no-report", "--out", f"{out}.safetensors", *words]
    assert main(["search", f"{tables}/people.csv", "--target", "came back", *SETTINGS, *more]) == 0
    return glassnet.load(f"{out}.safetensors").network_.parameters.tolist()


@pytest.mark.slow
@pytest.mark.sample(1)  # each starts processes
@pytest.mark.parametrize("done", [predicted, trained, trained_members, searched])
def test_workers_do_what_one_process_does(done, classifier, tables, folder, tmp_path, monkeypatch, capsys):
    given = classifier, tables, folder
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with forked_workers():
        monkeypatch.setattr("tempfile.tempdir", f"{temporary}")
        assert done(*given, tmp_path / "here", []) == done(*given, tmp_path / "there", ["--dask", "local:2"])
    assert list(temporary.iterdir()) == []
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith(("network", "training"))]
    assert said[: len(said) // 2] == said[len(said) // 2 :]
    assert len(said) == {predicted: 0}.get(done, 4)


def test_a_folder_in_the_folder_is_not_passed_over(classifier, folder, tmp_path, capsys):
    (folder / "older").mkdir()
    assert main(["predict", f"{classifier}", f"{folder}", "--out", f"{tmp_path}/out"]) == 1
    assert "the folder older in" in capsys.readouterr().err
    (folder / "older").rmdir()
    (folder / "gone.csv").symlink_to("nowhere")
    assert main(["predict", f"{classifier}", f"{folder}", "--out", f"{tmp_path}/out"]) == 1
    assert "the broken link gone.csv in" in capsys.readouterr().err


def test_what_can_only_be_read_is_predicted_into_parquet(classifier, tables, folder, tmp_path):
    (folder / "may.csv.bz2").write_bytes(bz2.compress((tables / "new.csv").read_bytes()))
    assert main(["predict", f"{classifier}", f"{folder}", "--out", f"{tmp_path}/out", "--quiet"]) == 0
    predicted = pl.read_parquet(tmp_path / "out" / "may.csv.bz2.parquet")
    july = read_table(tmp_path / "out" / "july.csv")
    assert predicted["prediction"].to_list() == july["prediction"].to_list()


@pytest.mark.slow
def test_an_address_of_somebody_else_is_told_and_not_waited_for(monkeypatch):
    from distributed import Client

    monkeypatch.setattr(clients, "CONNECT", 2)
    waited = []
    with socket.create_server(("127.0.0.1", 0)) as web, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen

        def answer():
            with contextlib.suppress(OSError):
                asked, _ = web.accept()
                with asked:
                    asked.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: somebody\r\n\r\n" * 5)

        threading.Thread(target=answer, daemon=True).start()
        for there in (web, nobody):
            address = f"tcp://127.0.0.1:{there.getsockname()[1]}"
            with pytest.raises(ClusterError, match="must answer at its address") as error, clients.connected(address):
                pass
            with monkeypatch.context() as patch:
                patch.setattr(Client, "_close", lambda client, **_: waited.append(client))
                del error
                gc.collect()
    assert waited == []

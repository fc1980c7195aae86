"""``glassnet train folder/ --memory 1GB``: tables that are larger than memory, and folders."""

from __future__ import annotations

import shutil

import pytest

import glassnet
from glassnet.apps.cli import main


@pytest.fixture
def folder(tables, tmp_path):
    """The people in two files."""
    place = tmp_path / "people"
    place.mkdir()
    shutil.copy(tables / "people.csv", place / "1.csv")
    shutil.copy(tables / "later.csv", place / "2.csv")
    return place


@pytest.fixture
def streamed(monkeypatch):
    monkeypatch.setattr("glassnet.estimators.out_of_core.FITS", 10**9)


@pytest.mark.slow
def test_a_folder_is_a_table(train, folder):
    code, _, said = train(folder, "--id", "customer_id")
    assert code == 0
    assert "people: 400 rows; 3 columns" in said


@pytest.mark.slow
def test_a_folder_piece_by_piece(train, folder, streamed, tmp_path):
    words = ["--id", "customer_id", "--memory", "1GB", "--checkpoint", f"{tmp_path}/run"]
    code, record, said = train(folder, *words)
    assert code == 0
    assert record["rows"]["training"] + record["rows"]["test"] == 400
    assert "people: 400 rows; 3 columns" in said
    model = glassnet.load(tmp_path / "model.safetensors")
    assert 300 < model.data_.rows < 340
    assert model.feature_names_in_.tolist() == ["age", "city", "paid"]


@pytest.mark.slow
@pytest.mark.parametrize("memory", [[], ["--memory", "1GB"]])
def test_a_column_of_codes_is_text_whether_the_table_is_in_memory_or_not(train, folder, streamed, tmp_path, memory):
    code, *_ = train(folder, "--text", "customer_id", "--epochs", "1", *memory)
    assert code == 0
    model = glassnet.load(tmp_path / "model.safetensors")
    kinds = dict(zip(model.encoder_.plan.names, model.encoder_.plan.kinds, strict=True))
    assert kinds["customer_id"] == "category"
    assert main(["predict", f"{tmp_path}/model.safetensors", f"{folder}/1.csv", "--out", f"{tmp_path}/p.csv"]) == 0

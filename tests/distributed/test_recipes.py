"""The recipes of the page on several machines, as they stand there: the answers of the model itself."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from glassnet import NeuralClassifier

PAGE = (Path(__file__).parents[2] / "docs/en/machines.md").read_text()
ROWS = 300


def recipe(word):
    """The block of Python in which this is written."""
    found = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (block,) = [block for block in found if word in block]
    return block


@pytest.fixture(scope="module")
def model(frame):
    options = {"preset": "mlp", "hidden_layers": (8,), "epochs": 3, "random_state": 0}
    return NeuralClassifier(**options).fit(frame.drop(columns="churn"), frame["churn"])


@pytest.fixture
def july(frame, tmp_path, monkeypatch):
    """Rows to predict, in two files of the folder that recipes read."""
    monkeypatch.chdir(tmp_path)
    rows = frame.drop(columns="churn").iloc[:ROWS]
    Path("july").mkdir()
    rows.iloc[:200].to_parquet("july/a.parquet", index=False)
    rows.iloc[200:].to_parquet("july/b.parquet", index=False)
    return rows


def test_polars_asks_batch_by_batch(model, july):
    import polars as pl

    exec(compile(recipe("map_batches"), "machines.md", "exec"), {"model": model})
    assert pl.read_parquet("predicted.parquet")["churn"].to_list() == model.predict(july).tolist()


def test_duckdb_hands_over_batches_of_arrow(model, july):
    pytest.importorskip("duckdb")
    import pyarrow as pa

    exec(compile(recipe("import duckdb"), "machines.md", "exec"), {"model": model})
    with pa.OSFile("predicted.arrow") as file:
        told = pa.ipc.open_file(file).read_all()
    assert told["churn"].to_pylist() == model.predict(july).tolist()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of Spark and its Java
def test_spark_asks_a_file_of_onnx(model, july, monkeypatch):
    pyspark = pytest.importorskip("pyspark")
    pytest.importorskip("onnx")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    from pyspark.sql import SparkSession

    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")

    assert pyspark
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        exec(compile(recipe("mapInPandas"), "machines.md", "exec"), {"model": model, "spark": spark})
        told = spark.read.parquet("predicted/").toPandas()
    finally:
        spark.stop()
    assert sorted(told["churn"]) == sorted(model.predict(july))

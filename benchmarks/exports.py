"""Exports: how far ONNX Runtime and the NumPy file are from `predict` on real tables, and how long each takes.

    python -m benchmarks.exports --data FOLDER

The folder has an INDEX.json, as that of the accuracy benchmark. Each table trains the default preset for a few epochs
(an export does not care how well a model learned) and is predicted whole; for times its rows are repeated up to
20,000. Times are the best of two, all from a DataFrame in memory; ONNX Runtime's includes handing the cells over
column by column. Writes benchmarks/results/exports.json and exports.md. With --resume it goes on where it was ended.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd

from benchmarks import markdown
from benchmarks.accuracy.tables import Table, read_index, split_table
from benchmarks.results import RESULTS, write_results
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.exchange.graph import graph_inputs
from glassnet.exchange.onnx import OPSET, to_onnx
from glassnet.exchange.python import to_python

ROWS = 20_000
LEARNED = 5000
EPOCHS = 3
RUNS = 2
CALLS = 200


def best(call: Callable[[], Any]) -> float:
    """Seconds of the fastest run."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return min(times)


def module_of(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def examine(table: Table) -> dict[str, Any]:
    """Both exports of a model of one table."""
    split = split_table(table, seed=0, most_rows=table.rows)
    kind = NeuralClassifier if split.classes else NeuralRegressor
    model: Any = kind(random_state=0, epochs=EPOCHS).fit(split.X_train[:LEARNED], split.y_train[:LEARNED])
    everything = pd.concat([split.X_train, split.X_test])
    many = everything.iloc[np.arange(ROWS) % len(everything)].reset_index(drop=True)
    name = "probabilities" if split.classes else "value"
    ask = model.predict_proba if split.classes else model.predict
    with tempfile.TemporaryDirectory() as folder:
        module = module_of(to_python(model, Path(folder) / "model.py"))
        file = to_onnx(model, Path(folder) / "model.onnx")
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        size = {path.suffix[1:]: path.stat().st_size for path in Path(folder).iterdir() if path.is_file()}

        def run_onnx(rows: pd.DataFrame) -> Any:
            return session.run([name], graph_inputs(model.encoder_, rows))[0]

        # as shares of a deviation of the target, where it is no probability
        unit = 1.0 if split.classes else float(np.std(split.y_train))
        expected = ask(everything)
        distance = {
            "onnx": float(np.abs(run_onnx(everything) - expected).max() / unit),
            "python": float(np.abs(module.predict(everything)[name] - expected).max() / unit),
        }
        seconds = {
            "predict": best(lambda: ask(many)),
            "onnx": best(lambda: run_onnx(many)),
            "python": best(lambda: module.predict(many)),
        }
        one = graph_inputs(model.encoder_, many.iloc[:1])
        alone = best(lambda: [session.run([name], one) for _ in range(CALLS)]) / CALLS
    return {
        "rows": len(everything),
        "columns": everything.shape[1],
        "preset": model.settings_["preset"],
        "distance": distance,
        "seconds": seconds,
        "one_row": {"onnx": alone},
        "bytes": size,
    }


def page(records: dict[str, Any]) -> str:
    """One line for each table."""
    head = [
        "table",
        "rows",
        "columns",
        "ONNX: largest difference",
        "time",
        "one row",
        "NumPy file: largest difference",
        "time",
    ]
    rows = [
        [
            name,
            f"{about['rows']:,}",
            f"{about['columns']}",
            f"{about['distance']['onnx']:.1e}",
            _ratio(about, "onnx"),
            markdown.seconds(about["one_row"]["onnx"]) if "one_row" in about else "-",
            f"{about['distance']['python']:.1e}",
            _ratio(about, "python"),
        ]
        for name, about in records.items()
    ]
    lines = ["# Exports", "", "Made by `python -m benchmarks.exports`; do not edit.", ""]
    lines += [
        "The largest difference to `predict_proba` on all rows of a table, to `predict` in deviations of the target;",
        f"and how long {ROWS:,} rows take, 1 being `predict`, from a DataFrame in memory. ONNX opset {OPSET} in",
        f"ONNX Runtime {onnxruntime.__version__}.",
        "",
    ]
    return "\n".join([*lines, *markdown.table(head, rows)])


def _ratio(about: dict[str, Any], export: str) -> str:
    """Of `predict`; nothing where a table was not measured alone, and its times were taken out."""
    times = about.get("seconds")
    return "-" if times is None else f"{times[export] / times['predict']:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with INDEX.json and tables")
    parser.add_argument("--resume", action="store_true", help="keep what was measured before")
    parser.add_argument("--tables", nargs="*", help="only these")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    file = RESULTS / "exports.json"
    records: dict[str, Any] = {}
    if arguments.resume and file.exists():
        records = json.loads(file.read_text())["records"]
    for table in read_index(arguments.data):
        if "seconds" not in records.get(table.name, {}) and (not arguments.tables or table.name in arguments.tables):
            records[table.name] = about = examine(table)
            write_results("exports", records)
            (RESULTS / "exports.md").write_text(page(records))
            print(table.name, json.dumps(about))


if __name__ == "__main__":
    main()

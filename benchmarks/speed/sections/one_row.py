"""One row by a trained default estimator, as it comes: a NumPy array, a frame of numbers, a frame of mixed columns.

The table is scikit-learn's breast cancer data; mixed, it has two columns of text, one of whole numbers and one of
truth values more. scikit-learn has the same layers behind the usual preparation. ONNX Runtime gets arrays that were
made beforehand; it answers many rows, too, beside `predict`, which gets a frame.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.markdown import ratio, seconds, table
from benchmarks.speed.settings import Settings
from benchmarks.speed.tasks import clock, repeat
from benchmarks.speed.team import summary

TITLE = "One row by a trained default estimator"
MANY = 20_000
LAYERS = (128, 128, 128)
FROM_NUMPY, OF_NUMBERS, MIXED, OF_POLARS = (
    "from NumPy",
    "from a DataFrame of numbers",
    "from a DataFrame of mixed columns",
    "from a Polars frame of mixed columns",
)


def run(settings: Settings) -> dict[str, Any]:
    """All contenders take turns."""
    import polars as pl
    from sklearn.datasets import load_breast_cancer

    numbers, y = load_breast_cancer(return_X_y=True, as_frame=True)
    mixed = with_other_columns(numbers)
    calls: dict[str, Callable[[], Any]] = {}
    failed: dict[str, str] = {}
    ours = {name: fitted(X, y, settings) for name, X in (("numbers", numbers), ("mixed", mixed))}
    array = fitted(numbers.to_numpy(), y, settings)
    one, row, mixed_row = numbers.to_numpy()[:1].copy(), numbers.iloc[:1], mixed.iloc[:1]
    polars_row = pl.from_pandas(mixed_row)
    calls[f"glassnet {FROM_NUMPY}"] = lambda: array.predict(one)
    calls[f"glassnet {OF_NUMBERS}"] = lambda: ours["numbers"].predict(row)
    calls[f"glassnet {MIXED}"] = lambda: ours["mixed"].predict(mixed_row)
    calls[f"glassnet {OF_POLARS}"] = lambda: ours["mixed"].predict(polars_row)
    theirs = {"numbers": peer(numbers, y, settings), "mixed": peer(mixed, y, settings)}
    calls[f"scikit-learn {OF_NUMBERS}"] = lambda: theirs["numbers"].predict(row)
    calls[f"scikit-learn {MIXED}"] = lambda: theirs["mixed"].predict(mixed_row)
    many = mixed.iloc[np.arange(1000 if settings.quick else MANY) % len(mixed)]
    calls["glassnet, many"] = lambda: ours["mixed"].predict(many)
    try:
        calls |= of_onnx(ours["mixed"], mixed_row, many)
    except Exception as error:  # no ONNX Runtime, or none that reads the file
        failed["ONNX Runtime"] = str(error)
    times: dict[str, list[float]] = {}
    for _ in range(settings.count(5)):
        for label, call in calls.items():
            call()
            count = max(1, round(settings.seconds(0.2) / clock(call)))
            times.setdefault(label, []).append(clock(lambda c=call, n=count: repeat(c, n)) / count)
    return {"times": {label: summary(each) for label, each in times.items()}, "rows": len(many), "failed": failed}


def with_other_columns(numbers: Any) -> Any:
    """The frame with columns of other kinds behind its own."""
    import pandas as pd

    rng, rows = np.random.default_rng(0), len(numbers)
    return numbers.assign(
        clinic=rng.choice(["north", "south", "east", "west"], rows),
        device=pd.Categorical(rng.choice(["a", "b", "c"], rows)),
        age=rng.integers(20, 90, rows),
        before=rng.random(rows) < 0.3,
    )


def fitted(X: Any, y: Any, settings: Settings) -> Any:
    """The default classifier; what an answer takes does not depend on how well it has learned."""
    from glassnet import NeuralClassifier

    return NeuralClassifier(random_state=0, engine=settings.engine, epochs=2 if settings.quick else 20).fit(X, y)


def peer(X: Any, y: Any, settings: Settings) -> Any:
    """scikit-learn's network behind its usual preparation."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    prepared = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(), make_column_selector(dtype_exclude="number")),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two epochs are enough for the time that an answer takes
        return make_pipeline(prepared, MLPClassifier(LAYERS, max_iter=2, random_state=0)).fit(X, y)


def of_onnx(model: Any, row: Any, many: Any) -> dict[str, Callable[[], Any]]:
    """The model's ONNX file in ONNX Runtime, as it comes."""
    import onnxruntime

    from glassnet.exchange.graph import graph_inputs
    from glassnet.exchange.onnx import to_onnx

    with tempfile.TemporaryDirectory() as folder:
        file = to_onnx(model, Path(folder) / "model.onnx")
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    one, all_of_them = graph_inputs(model.encoder_, row), graph_inputs(model.encoder_, many)
    return {
        "ONNX Runtime from arrays": lambda: session.run(["label"], one),
        "ONNX Runtime, many": lambda: session.run(["label"], all_of_them),
    }


def report(record: dict[str, Any]) -> list[str]:
    """A line a contender; and many rows by both."""
    rows = [
        [label, seconds(each["median"]), f"{seconds(each['min'])} to {seconds(each['max'])}"]
        for label, each in record["times"].items()
        if not label.endswith(", many")
    ]
    lines = table(["who, and from what", "one row", "min to max"], rows)
    many = {label.partition(",")[0]: each for label, each in record["times"].items() if label.endswith(", many")}
    if len(many) == 2:
        ours, theirs = (many[name]["median"] for name in ("glassnet", "ONNX Runtime"))
        lines.append(
            f"{record['rows']:,} rows: `predict` {seconds(ours)}, the ONNX file {seconds(theirs)}, "
            f"{ratio(theirs / ours)} times as long."
        )
    return lines + [f"{label}: not available ({reason})" for label, reason in record["failed"].items()]

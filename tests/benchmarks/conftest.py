"""What the tests of the accuracy benchmark share."""

from typing import Any

import pytest

from benchmarks.accuracy.journal import Record


@pytest.fixture
def record():
    """Makes the record of a trial."""

    def make(model: str, table: str = "small", seed: int = 0, **more: Any) -> Record:
        about = {"model": model, "table": table, "seed": seed, "max_rows": 100, "task": "binary"}
        about |= {"package": model, "version": "1.0", "machine": "a machine", "measured": "2026-01-01", "status": "ok"}
        sizes = {"train_rows": 75, "test_rows": 100, "columns": 4, "text_columns": 1, "most_levels": 9}
        times = {"fit_seconds": 2.0, "predict_seconds": 0.5, "busy_with_others": 0.0}
        figures = {"error": 0.2, "accuracy": 0.8, "log_loss": 0.5, "roc_auc": 0.9, "calibration_error": 0.1}
        if more.get("task") == "regression":
            figures = {"error": 3.0, "rmse": 3.0, "r2": 0.5}
        return about | sizes | times | figures | more

    return make

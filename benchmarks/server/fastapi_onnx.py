"""What one writes to serve an ONNX file: FastAPI and ONNX Runtime, without checks of rows, limits or errors."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import uvicorn
from fastapi import FastAPI

session = onnxruntime.InferenceSession(sys.argv[1])
app = FastAPI()


@app.post("/predict")
def predict(body: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    table = pd.DataFrame(body["rows"])
    cells: dict[str, Any] = {}
    for each in session.get_inputs():
        column = table[each.name]
        if each.type == "tensor(string)":
            cells[each.name] = column.fillna("").to_numpy(object)[:, None]
        elif each.type == "tensor(int64)":  # a date is given in days, a date with its time in microseconds
            unit = "D" if column.str.len().max() == len("2026-01-01") else "us"
            cells[each.name] = pd.to_datetime(column).to_numpy(f"M8[{unit}]").astype(np.int64)[:, None]
        else:
            cells[each.name] = column.to_numpy(np.float64)[:, None]
    label, shares = session.run(["label", "probabilities"], cells)
    return {"rows": [{"prediction": a, "probability": b} for a, b in zip(label.tolist(), shares.tolist(), strict=True)]}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[-1]), access_log=False, log_level="warning")

"""What exporters write of a dozen small models, and the bits that these models learned."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone

from glassnet import to_c, to_html, to_onnx, to_python
from tests.exchange.models import MODELS, fitted

TRIED = (
    *("classes of text", "several answers", "margins", "counts", "quantiles", "mean and deviation", "own activation"),
    *("a table", "categories embedded", "periodic", "piecewise", "members of two kinds", "shared members"),
    *("every layer", "preset auto of numbers", "promised classes", "texts"),
)
WEIGHTED = ("a table", "quantiles", "members of two kinds")
EXPORTERS = {"onnx": to_onnx, "py": to_python, "html": to_html, "c": to_c}


def files() -> Iterator[tuple[str, list[bytes]]]:
    """Each model and format by name, with the files that were written."""
    for name in TRIED:
        model = fitted(name)
        for ending, write in EXPORTERS.items():
            with tempfile.TemporaryDirectory() as folder:
                write(model, Path(folder) / f"model.{ending}")
                yield f"{name} as {ending}", [file.read_bytes() for file in sorted(Path(folder).iterdir())]


def trained() -> Iterator[tuple[str, list[bytes]]]:
    """Each model by name, with the parameters of its networks and what it predicts for its own rows."""
    for name in MODELS:
        yield name, _learned(name, fitted(name))
    for name in WEIGHTED:
        model, table, y = MODELS[name]
        weighted = clone(model).fit(table, y, sample_weight=np.arange(len(y)) % 3)
        yield f"{name}, weighted", _learned(name, weighted)


def _learned(name: str, model: Any) -> list[bytes]:
    networks = [part.tobytes() for one in model.networks_ for part in (one.parameters, one.statistics)]
    return [*networks, np.asarray(model.predict(MODELS[name][1])).astype("U").tobytes()]

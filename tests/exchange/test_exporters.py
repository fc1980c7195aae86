"""Every export predicts as the network does: one matrix over exporters, activations, layers, types and losses."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from glassnet.exchange.c import to_c
from glassnet.exchange.graph import evaluate, model_graph
from glassnet.exchange.onnx import to_onnx
from glassnet.exchange.python import to_python
from tests.combinations import ACTIVATION_NAMES, LAYERS, LOSS_SPELLINGS, Combination
from tests.exchange.compiling import compiled
from tests.exchange.onnx.test_onnx import run
from tests.exchange.python.test_python import loaded

pytestmark = pytest.mark.slow  # one after the other they trace, write and run hundreds of models


def by_c(network, rows, folder):
    return compiled(to_c(network, folder / "m.c"), options=("-O1",)).answer({"X": rows}).answers["answer"]


EXPORTERS = {
    "graph": lambda network, rows, folder: evaluate(model_graph(network), {"X": rows})["answer"],
    "onnx": lambda network, rows, folder: run(to_onnx(network, folder / "m.onnx"), {"X": rows})["answer"],
    "python": lambda network, rows, folder: loaded(to_python(network, folder / "m.py")).predict({"X": rows})["answer"],
    "c": by_c,
}
NEEDS_GCC = {"c": [pytest.mark.skipif(not shutil.which("gcc"), reason="there is no gcc")]}
NETWORKS = [
    *((name, kind) for name in EXPORTERS if name != "c" for kind in ("float64", "float32")),
    ("c", "float32"),  # in which C computes
]


def check(exporter, combination, dtype, folder):
    network, (rows, _) = combination.network(engine="reference", dtype=dtype), combination.data()
    found, expected = EXPORTERS[exporter](network, rows.astype(dtype), folder), network.predict(rows)
    if exporter == "c":
        expected = expected.reshape(len(expected), -1)
    else:
        assert found.dtype == (expected.dtype if exporter != "onnx" else found.dtype)
    assert found.shape == expected.shape
    close = {"onnx": 1e-5, "c": 1e-5}.get(exporter, 1e-9 if dtype == "float64" else 2e-5)
    scale = max(np.abs(expected).max(), 1) if exporter == "c" else 1
    if expected.dtype.kind == "f" and found.dtype.kind == "f":
        np.testing.assert_allclose(found, expected, rtol=close, atol=close * scale)
    else:
        assert found.astype(str).tolist() == expected.astype(str).tolist()


@pytest.mark.sample(100)
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
@pytest.mark.parametrize(
    ("exporter", "dtype"), [pytest.param(*each, marks=NEEDS_GCC.get(each[0], ())) for each in NETWORKS]
)
def test_an_export_predicts_as_the_network_does(exporter, dtype, activation, layer, tmp_path):
    check(exporter, Combination(activation, "mse", layer), dtype, tmp_path)


@pytest.mark.sample(60)
@pytest.mark.parametrize("loss", LOSS_SPELLINGS)
@pytest.mark.parametrize("layer", ["dense", "members"])
@pytest.mark.parametrize("exporter", [pytest.param(each, marks=NEEDS_GCC.get(each, ())) for each in EXPORTERS])
def test_an_export_predicts_as_the_loss_says(exporter, layer, loss, tmp_path):
    check(exporter, Combination("tanh", loss, layer), "float32" if exporter == "c" else "float64", tmp_path)

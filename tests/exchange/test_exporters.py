"""Every export predicts as the model does: one matrix over exporters, models, activations, layers, types and losses."""

from __future__ import annotations

import shutil
from functools import partial

import numpy as np
import pytest

from glassnet.exchange.c import to_c
from glassnet.exchange.graph import evaluate, graph_inputs, model_graph
from glassnet.exchange.onnx import to_onnx
from glassnet.exchange.onnx.write_onnx import ngram_cells
from glassnet.exchange.python import to_python
from tests.combinations import ACTIVATION_NAMES, LAYERS, LOSS_SPELLINGS, Combination
from tests.exchange.compiling import compiled
from tests.exchange.models import COVERAGE, MODELS, answers, columns_of, fitted, near, tables
from tests.exchange.onnx.test_onnx import run
from tests.exchange.python.test_python import loaded

pytestmark = pytest.mark.slow  # one after the other they trace, write and run hundreds of models


def by_c(model, folder, **options):
    program = compiled(to_c(model, folder / "m.c", **options), options=("-O1",))
    return lambda inputs: program.answer(inputs).answers


EXPORTERS = {
    "graph": lambda model, folder, **options: partial(evaluate, model_graph(model, **options)),
    "onnx": lambda model, folder, **options: partial(run, to_onnx(model, folder / "m.onnx", **options)),
    "python": lambda model, folder, **options: loaded(to_python(model, folder / "m.py", **options)).predict,
    "c": by_c,
}
"""How a model answers that is written so: a function of its inputs."""
NEEDS_GCC = {"c": [pytest.mark.skipif(not shutil.which("gcc"), reason="there is no gcc")]}
NETWORKS = [
    *((name, kind) for name in EXPORTERS if name != "c" for kind in ("float64", "float32")),
    ("c", "float32"),  # in which C computes
]


def closeness(exporter, dtype):
    return {"onnx": 1e-5, "c": 1e-5}.get(exporter, 1e-9 if dtype == "float64" else 2e-5)


@pytest.mark.sample(80)
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("exporter", ["graph", "onnx", "python"])  # C by two compilers: c/test_c.py
def test_an_export_predicts_as_the_estimator_does(exporter, name, tmp_path):
    model, (_, table, _) = fitted(name), MODELS[name]
    answered = EXPORTERS[exporter](model, tmp_path, coverage=COVERAGE)
    for rows in tables(table):
        expected = answers(model, rows)
        cells = graph_inputs(model.encoder_, rows) | ngram_cells(model.encoder_, rows)
        found = answered(columns_of(rows) if exporter == "python" else cells)
        assert list(found) == list(expected)
        for output, values in expected.items():
            near(found[output], values, closeness(exporter, model.network_.dtype))


def check(exporter, combination, dtype, folder):
    network, (rows, _) = combination.network(engine="reference", dtype=dtype), combination.data()
    found, expected = EXPORTERS[exporter](network, folder)({"X": rows.astype(dtype)})["answer"], network.predict(rows)
    close = closeness(exporter, dtype)
    if exporter == "c":  # whose answers are rows of numbers, as near as single precision is to the largest
        expected = expected.reshape(len(expected), -1)
        scale = max(np.abs(expected).max(), 1)
        found, expected = found / scale, expected / scale
    elif exporter != "onnx":
        assert found.dtype == expected.dtype
    near(found, expected, close)


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

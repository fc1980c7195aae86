"""The engine as WebAssembly, as it comes with the package, in node: the same steps as the reference engine makes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from glassnet import (
    Activation,
    BatchNorm,
    Copies,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    MemberDense,
    NeuralNetwork,
    PeriodicEmbedding,
)
from glassnet.engines.compiled import wasm
from glassnet.engines.compiled.program import NotCompiledError
from glassnet.engines.reference import ReferenceEngine
from glassnet.engines.updater import Updater
from glassnet.support.scripts import WEB
from tests.node import run_node

DESCRIPTION = json.loads((WEB / "engine.json").read_text())
STEPS, BATCH, ROWS = 200, 32, 300

SCRIPT = """
import fs from "fs";
import { Engine, Training, Prediction } from "%s";
const { program, prediction, ...given } = JSON.parse(fs.readFileSync("given.json"));
const engine = await Engine.load(fs.readFileSync("%s"), JSON.parse(fs.readFileSync("%s")));
const model = { parameters: engine.put(given.parameters), statistics: engine.put(given.statistics) };
const training = new Training(engine, program, model, given.X, given.y, given.seed);
const stretch = given.order.length / 4;
const losses = [0, 1, 2, 3].map((part) => training.steps(
  given.order.slice(part * stretch, (part + 1) * stretch), given.batch, Array(stretch / given.batch).fill(given.rate)));
const parameters = [...engine.view(model.parameters, given.parameters.length)];
const answers = [...new Prediction(engine, prediction, model).predict(given.X)];
let refused = "";
try { training.steps(given.order, program.rows + 1, [0]); } catch (error) { refused = error.message; }
console.log(JSON.stringify({ losses, parameters, answers, refused }));
"""

NETWORKS = {
    "plain": (["tanh:8", Dropout(0.2), "tanh:8", 3], "cross_entropy", "adam", 0.01),
    "normalised": (["gelu:8", BatchNorm(), "relu:8", LayerNorm(), 1], "huber", "momentum", 0.01),
    "split": (
        [
            *(Copies(2), MemberDense(4, "tanh", 2, adapter_initializer="signs")),
            *(MemberDense(4, "gelu", 2, shared=False), Dense(6, "silu", parametrization="ntk")),
            *(Dense(3, "relu", bias=False), 1),
        ],
        *("mse", "adam", 0.01),
    ),
    "embedded": ([Embedding((3,)), PeriodicEmbedding(1, frequencies=3), "silu:6", 1], "mse", "adamw", 0.01),
}


@pytest.mark.slow
def test_the_module_is_made_of_these_sources():
    """If not: make wasm."""
    assert wasm.digest(wasm.module_texts(wasm.built_in())) == DESCRIPTION["texts"]


def test_a_formula_of_one_s_own_is_not_taken_for_one_of_the_same_name():
    def relu(z):
        return 2 * z

    network = NeuralNetwork(2, [Dense(3, Activation("relu", relu, lambda z, a: 2 + 0 * z)), 1], dtype="float32")
    with pytest.raises(NotCompiledError, match="glassnet's own formulas and layers alone"):
        wasm.program(network, BATCH, "adam", False, wasm.Kernels(DESCRIPTION["kernels"]))


def test_rounded_products_are_refused():
    network = NeuralNetwork(2, [Dense(3, products="bfloat16"), 1], dtype="float32")
    with pytest.raises(NotCompiledError, match="no products of numbers rounded to bfloat16"):
        wasm.program(network, BATCH, "adam", False, wasm.Kernels(DESCRIPTION["kernels"]))


def in_node(module, folder):
    """What the module makes of the network in the folder."""
    (folder / "script.mjs").write_text(SCRIPT % (WEB / "engine.js", WEB / module, WEB / "engine.json"))
    return run_node("script.mjs", folder=folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_it_trains_as_the_reference_engine_does(name, tmp_path):
    """With vectors and without: to the same bits."""
    layers, loss, optimizer, rate = NETWORKS[name]
    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, 2)).astype("float32")
    X[:, 1] = rng.integers(0, 4, ROWS) if name == "embedded" else X[:, 1]
    classes = loss == "cross_entropy"
    y = (X[:, 0] > 0) + (X[:, 1] > 0) * 1 if classes else np.sin(X[:, :1]).astype("float32")
    network = NeuralNetwork(2, layers, loss, dtype="float32", engine="reference", seed=3)
    order = np.concatenate([rng.permutation(ROWS) for _ in range(STEPS * BATCH // ROWS + 1)])[: STEPS * BATCH]
    kernels = wasm.Kernels(DESCRIPTION["kernels"])
    given = {
        "program": wasm.program(network, BATCH, optimizer, classes, kernels),
        "prediction": wasm.program(network, 64, optimizer, classes, kernels, training=False),
        "parameters": network.parameters.tolist(),
        "statistics": network.statistics.tolist(),
        "X": X.ravel().tolist(),
        "y": y.ravel().tolist(),
        "order": order.tolist(),
        "seed": network.seed,
        "batch": BATCH,
        "rate": rate,
    }
    (tmp_path / "given.json").write_text(json.dumps(given))
    found, scalar = (in_node(module, tmp_path) for module in wasm.MODULES)
    assert found == scalar
    assert found["refused"] == f"Batches have at most {BATCH} rows. Received: {BATCH + 1}."

    updater, losses = Updater(network.layout, optimizer, dtype=np.dtype("float32")), []
    with ReferenceEngine().training(network, X, y, None, BATCH, updater) as steps:
        losses += [steps(part, [rate] * (len(part) // BATCH)) / len(part) for part in np.split(order, 4)]
    np.testing.assert_allclose(found["losses"], losses, atol=1e-4)
    np.testing.assert_allclose(found["parameters"], network.parameters, atol=1e-4)
    np.testing.assert_allclose(found["answers"], network.predict(X).ravel(), atol=1e-4)

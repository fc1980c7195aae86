"""A network put together in a page has the very table that Python makes of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from glassnet import Activate, BatchNorm, Dense, Dropout, LayerNorm, NeuralNetwork, Residual, RMSNorm, Scale
from glassnet.engines.compiled import wasm
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.support.scripts import WEB
from tests.node import run_node

INPUTS, ROWS = 3, 20

SCRIPT = """
import fs from "fs";
import { Program } from "%s";
const recipes = JSON.parse(fs.readFileSync("%s"));
const made = ({ network, training }) => new Program(recipes, network, %d, training ? "training" : "prediction");
console.log(JSON.stringify(JSON.parse(fs.readFileSync("networks.json")).map(made)));
"""


def described(layer):
    """A layer as a page describes it."""
    if isinstance(layer, Residual):
        return {"kind": "residual", "layers": [described(one) for one in layer.layers]}
    names = {Dense: "dense", Activate: "activate", Dropout: "dropout", BatchNorm: "batch_norm"}
    names |= {LayerNorm: "layer_norm", RMSNorm: "rms_norm", Scale: "scale"}
    found = {"kind": names[type(layer)]}
    if isinstance(layer, (Dense, Activate)):
        found["activation"] = layer.f.name
    if isinstance(layer, Dense):
        found["units"] = layer.units
    if isinstance(layer, Dropout):
        found["rate"] = layer.rate
    return found


def cases():
    """Layers, loss, optimizer, strengths of L1 and L2."""
    for name in (name for name in ACTIVATIONS if ACTIVATIONS.get(name).elementwise):
        yield [Dense(4, name), Dense(5, name), Activate(name), Dense(1)], "mse", "adam", 0, 0
    for name in LOSSES:
        loss = LOSSES.get(name)
        outputs = 3 if loss.target == "classes" else loss.outputs_per_target
        if loss.takes != "probabilities":
            yield [Dense(4, "tanh"), Dense(outputs)], name, "sgd", 0, 0
    for name in OPTIMIZERS:
        for l1, l2 in ((0, 0), (0.01, 0), (0, 0.02)):
            yield [Dense(4, "tanh", l1=l1, l2=l2), Dense(1, l1=l1, l2=l2)], "huber", name, l1, l2
    block = Residual([LayerNorm(), Dense(6, "gelu"), Dropout(0.1), Dense(4)])
    yield [Dropout(0.3), Dense(4, "relu"), BatchNorm(), block, Scale(), block, Dense(3)], "cross_entropy", "adamw", 0, 0
    yield [BatchNorm(), Dense(4, "relu"), LayerNorm(), RMSNorm(), Dropout(0.7), Dense(2)], "cross_entropy", "adam", 0, 0
    yield [Residual([Dense(3, "tanh")]), Scale(), Dense(1)], "binary_cross_entropy", "nadam", 0, 0


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Each case as the page and as Python make it, for training and for prediction."""
    kernels = wasm.Kernels(json.loads((WEB / "engine.json").read_text())["kernels"])
    networks, wanted = [], []
    for layers, loss, optimizer, l1, l2 in cases():
        network = NeuralNetwork(INPUTS, layers, loss, dtype="float32", engine="reference")
        page = {"inputs": INPUTS, "layers": [described(one) for one in layers], "loss": loss, "optimizer": optimizer}
        for training in (True, False):
            classes = LOSSES.get(loss).target == "classes"
            wanted.append(wasm.program(network, ROWS, optimizer, classes, kernels, training))
            networks.append({"network": page | {"l1": l1, "l2": l2}, "training": training})
    folder = tmp_path_factory.mktemp("tables")
    (folder / "networks.json").write_text(json.dumps(networks))
    (folder / "script.mjs").write_text(SCRIPT % (WEB / "network.js", WEB / "recipes.json", ROWS))
    return list(zip(networks, wanted, run_node("script.mjs", folder=folder), strict=True))


@pytest.mark.slow
def test_the_tables_are_the_same(tables):
    for network, wanted, found in tables:
        exact = [name for name in wanted if name not in ("constants", "strengths", "coefficients")]
        assert {name: found[name] for name in exact} == {name: wanted[name] for name in exact}, network
        for name in ("constants", "strengths"):
            np.testing.assert_allclose(found.get(name, 0), wanted.get(name, 0), rtol=1e-7, err_msg=str(network))
        assert found.get("coefficients", {}) == wanted.get("coefficients", {}), network


def test_the_recipes_are_those_of_the_module():
    """If not: make wasm."""
    kernels = wasm.Kernels(json.loads((WEB / "engine.json").read_text())["kernels"])
    found = json.loads((WEB / "recipes.json").read_text())
    wanted = json.loads(json.dumps(wasm.recipes(kernels)))
    assert {name: found[name] for name in wanted} == wanted, "run make wasm"

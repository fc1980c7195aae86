"""Waves of columns that are bounded become sums of polynomials, which all networks share; other waves stay."""

from __future__ import annotations

import numpy as np
import onnx
import polars as pl
import pytest

from glassnet import NeuralClassifier, NeuralNetwork, PeriodicEmbedding
from glassnet.exchange.graph import graph_inputs
from glassnet.exchange.onnx import to_onnx
from tests.exchange.models import FRAME, SIGN, near
from tests.exchange.onnx.test_onnx import run

pytestmark = pytest.mark.slow

NUMBERS = FRAME.select("age", "große Zahl", "flag")


def fitted(table, **options):
    settings = {"preset": "realmlp", "hidden_layers": (8, 8), "members": 2, "epochs": 3, "random_state": 0}
    return NeuralClassifier(**settings | options).fit(table, SIGN)


def operators(file):
    """Those of the layers; the encoder has waves of its own, of dates."""
    return [node.op_type for node in onnx.load(file).graph.node if node.name.startswith("layer")]


@pytest.mark.parametrize("table", [FRAME, NUMBERS])
def test_the_file_answers_as_the_estimator_does(table, tmp_path):
    model = fitted(table)
    file = to_onnx(model, tmp_path / "m.onnx")
    found = run(file, graph_inputs(model.encoder_, table))["probabilities"]
    np.testing.assert_allclose(found, model.predict_proba(table), rtol=0, atol=1e-6)
    assert "Sin" not in operators(file)


def test_numbers_far_out_and_gaps_are_answered_as_well(tmp_path):
    model = fitted(NUMBERS)
    far = NUMBERS.with_columns(age=pl.Series([1e30, -1e30, None, 0.0] * 15))
    file = to_onnx(model, tmp_path / "m.onnx")
    near(run(file, graph_inputs(model.encoder_, far))["probabilities"], model.predict_proba(far))


def test_networks_share_one_product(tmp_path):
    few, many = (
        operators(to_onnx(fitted(NUMBERS, members=members), tmp_path / f"{members}.onnx")) for members in (2, 3)
    )
    assert many.count("Sub") - few.count("Sub") == 2  # of two blends; the polynomials are the same


def test_a_table_without_bounds_keeps_its_waves(tmp_path):
    model = fitted(NUMBERS, scaling="standard")
    assert "Sin" in operators(to_onnx(model, tmp_path / "m.onnx"))


def test_waves_with_corners_stay_waves(tmp_path):
    model = fitted(NUMBERS, numeric_embedding="periodic_relu")
    file = to_onnx(model, tmp_path / "m.onnx")
    assert "Sin" in operators(file)
    near(run(file, graph_inputs(model.encoder_, NUMBERS))["probabilities"], model.predict_proba(NUMBERS))


def test_waves_too_fine_for_a_few_polynomials_stay_waves(tmp_path):
    model = fitted(NUMBERS)
    for network in model.networks_:
        network["1.frequency"][...] = 20
    file = to_onnx(model, tmp_path / "m.onnx")
    assert "Sin" in operators(file)


def test_a_bare_network_keeps_its_waves(tmp_path):
    network = NeuralNetwork(2, [PeriodicEmbedding(), 3, 1], dtype="float32")
    rows = np.random.default_rng(0).normal(0, 3, (50, 2)).astype(np.float32)
    file = to_onnx(network, tmp_path / "m.onnx")
    assert "Sin" in operators(file)
    near(run(file, {"X": rows})["answer"], network.predict(rows))

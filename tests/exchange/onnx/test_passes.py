"""Functions in fewer passes give what the functions as they are written give, and no slow operator is left of them."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from glassnet import Activation, Blend, Dense, NeuralNetwork, PiecewiseLinearEmbedding
from glassnet.exchange.onnx import to_onnx
from glassnet.exchange.onnx.rewrites import blended_mish, blended_selu, quick_tanh_softplus
from glassnet.formulas.activations import mish, selu, tanh_softplus
from glassnet.formulas.layer_formulas import blend
from tests.exchange.models import near
from tests.exchange.onnx.test_onnx import run

NUMBERS = np.concatenate([np.linspace(-40, 40, 4001), [-1e30, 0.0, 1e30]])[:, None]
ALPHA = np.array([1.0, 0.3, -0.4, 1.7, 1e-9])


WRITTEN = {
    blended_selu: lambda z, alpha, scale, slope: blend(z, selu(z, scale, slope), alpha),
    blended_mish: lambda z, alpha: blend(z, mish(z), alpha),
    quick_tanh_softplus: tanh_softplus,
}
"""By what is computed in fewer passes, the same as it is written."""


def rest(function):
    return [ALPHA, 1.3, 1.7][: function.__code__.co_argcount - 1]


@pytest.mark.parametrize("function", WRITTEN)
def test_both_spellings_agree(function):
    found, expected = (one(NUMBERS, *rest(function)) for one in (function, WRITTEN[function]))
    assert (np.abs(found - expected) <= 1e-12 * (1 + np.abs(NUMBERS))).all()


@pytest.mark.parametrize("function", WRITTEN)
def test_nan_stays_nan(function):
    assert np.isnan(function(np.full((2, 1), np.nan), *rest(function))).all()


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["selu", "mish"])
@pytest.mark.parametrize("unused", [False, True])
def test_a_blend_is_as_the_network_has_it(activation, unused, tmp_path):
    network = NeuralNetwork(3, [Dense(5), Blend(activation), Dense(5), Blend(activation), 1], dtype="float32")
    for name in ("2.alpha", "4.alpha"):
        network[name][...] = 0 if unused else ALPHA
    rows = np.random.default_rng(0).normal(0, 3, (50, 3)).astype(np.float32)
    file = to_onnx(network, tmp_path / "m.onnx")
    near(run(file, {"X": rows})["answer"], network.predict(rows))


@pytest.mark.slow
def test_a_blended_selu_takes_five_passes(tmp_path):
    file = to_onnx(NeuralNetwork(3, [Dense(4), Blend("selu"), 1], dtype="float32"), tmp_path / "m.onnx")
    found = [node.op_type for node in onnx.load(file).graph.node]
    assert found == ["MatMul", "Add", "Clip", "Exp", "Sub", "Mul", "Add", "MatMul", "Add", "Identity"]


@pytest.mark.slow
def test_an_activation_that_is_nearly_the_same_is_left_alone(tmp_path):
    bent = Activation("bent", lambda z: np.where(z > 0, z, 2 * z), lambda z, a: np.where(z > 0, 1.0, 2.0))
    file = to_onnx(NeuralNetwork(3, [Dense(4), Blend(bent), 1], dtype="float32"), tmp_path / "m.onnx")
    assert "Exp" not in {node.op_type for node in onnx.load(file).graph.node}


@pytest.mark.slow
def test_bins_are_filled_in_three_passes_without_turning_them(tmp_path):
    rows = np.random.default_rng(0).normal(0, 1, (500, 2)).astype(np.float32)
    network = NeuralNetwork(2, [PiecewiseLinearEmbedding(bins=200, size=3), 1], dtype="float32")  # narrow bins
    network.adapt(rows)
    file = to_onnx(network, tmp_path / "m.onnx")
    found = [node.op_type for node in onnx.load(file).graph.node]
    bins = found.index("Sub")
    assert found[bins : bins + 4] == ["Sub", "Mul", "Clip", "MatMul"]
    near(run(file, {"X": rows})["answer"], network.predict(rows))

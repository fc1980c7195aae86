"""Which layers of a network of mixed precision round the operands of their products; files and growth keep it."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet
from glassnet import (
    Copies,
    Dense,
    Embedding,
    MemberDense,
    NeuralClassifier,
    NeuralNetwork,
    PeriodicEmbedding,
    Residual,
)
from glassnet.errors import InputError
from glassnet.layers.rounding import mixed, rounds, unrounded

BIG = Dense(128, "relu")
ROUNDED = Dense(128, "relu", products="bfloat16")


@pytest.mark.parametrize(
    ("layers", "inputs", "expected"),
    [
        ([BIG, BIG, BIG], 128, [BIG, ROUNDED, BIG]),
        ([PeriodicEmbedding(size=8), BIG, Dense(1)], 16, [PeriodicEmbedding(size=8), ROUNDED, Dense(1)]),
        ([Embedding((3,)), BIG, BIG, Dense(1)], 128, [Embedding((3,)), BIG, ROUNDED, Dense(1)]),
        ([BIG, Dense(100), Dense(1)], 128, [BIG, Dense(100), Dense(1)]),
        ([BIG, Residual([BIG]), Dense(1)], 128, [BIG, Residual([ROUNDED]), Dense(1)]),
        ([BIG, BIG, Residual([BIG, BIG])], 128, [BIG, ROUNDED, Residual([ROUNDED, BIG])]),
    ],
    ids=["first and last", "embedded", "codes embedded", "small", "in a block", "the last in a block"],
)
def test_layers_and_sizes_decide_which_products_are_rounded(layers, inputs, expected):
    assert mixed(layers, inputs) == tuple(expected)


def test_of_members_the_inputs_of_one_count():
    layers = [Copies(2), MemberDense(128, members=2), MemberDense(127, members=2), MemberDense(1, members=2)]
    found = mixed([*layers[:2], layers[1], *layers[2:]], 200)
    assert [getattr(layer, "products", "") for layer in found] == ["", "full", "bfloat16", "full", "full"]


def test_without_rounding_the_layers_are_as_they_were():
    layers = (BIG, Residual([BIG]), BIG, Dense(1))
    assert unrounded(mixed(layers, 128)) == layers


def test_the_network_says_what_it_rounds():
    network = NeuralNetwork(4, [128, 128, 1], dtype="bfloat16")
    assert "Dense(128, 'relu', products='bfloat16')" in network.summary()
    assert network.dtype == np.float32


def test_parameters_are_float32():
    network = NeuralNetwork(4, [128, 128, 1], dtype="bfloat16")
    with pytest.raises(InputError, match="rounds to bfloat16 must be float32"):
        network.parameters = network.parameters.astype(np.float64)


def table(classes=3):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4))
    return X, np.arange(120) % classes


SETTINGS = {"preset": "mlp", "hidden_layers": (128, 128), "dtype": "bfloat16", "epochs": 2, "random_state": 0}


def test_a_saved_model_predicts_the_same_bits(tmp_path):
    X, y = table()
    model = NeuralClassifier(**SETTINGS).fit(X, y)
    glassnet.save(model, tmp_path / "model.safetensors")
    loaded = glassnet.load(tmp_path / "model.safetensors")
    assert rounds(loaded.network_.layers)
    assert loaded.settings_["dtype"] == "bfloat16"
    assert loaded.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_training_goes_on_and_grows_with_the_same_rounding():
    X, y = table()
    model = NeuralClassifier(**SETTINGS, grow=True).partial_fit(X, np.minimum(y, 1))
    before = [getattr(layer, "products", "") for layer in model.network_.layers]
    model.partial_fit(X, y)
    assert len(model.classes_) == 3
    assert [getattr(layer, "products", "") for layer in model.network_.layers] == before
    assert "bfloat16" in before


def test_training_does_not_go_on_in_another_precision():
    X, y = table()
    model = NeuralClassifier(**SETTINGS, warm_start=True).fit(X, y)
    with pytest.raises(InputError, match="must keep the network unchanged"):
        model.set_params(dtype="float32").fit(X, y)

"""`shared_members`: one network of several members inside an estimator, and the preset that is made of it."""

import numpy as np
import pytest
from sklearn.datasets import make_regression

import glassnet
from glassnet import (
    Activate,
    Blend,
    Copies,
    Dense,
    Dropout,
    MemberDense,
    NeuralClassifier,
    NeuralRegressor,
)
from glassnet.errors import InputError

FEW = {"hidden_layers": (8, 6), "epochs": 4, "random_state": 0, "preset": "tabm", "shared_members": 3}


def test_all_but_the_outputs_is_shared_and_the_first_adapters_are_signs(classes):
    layers = NeuralClassifier(**FEW).fit(*classes).network_.layers
    assert layers == (
        Copies(3),
        MemberDense(8, "relu", 3, adapter_initializer="signs"),
        Dropout(0.1),
        MemberDense(6, "relu", 3),
        Dropout(0.1),
        MemberDense(3, "identity", 3, shared=False),
    )


def test_what_the_other_settings_make_of_a_layer_stays(classes):
    options = {"preset": "realmlp", "numeric_embedding": "none", "dropout": 0, "hidden_layers": 8}
    layers = NeuralClassifier(**FEW | options).fit(*classes).network_.layers
    ntk = {"parametrization": "ntk", "bias_rate": 0.1, "start": "data"}
    assert layers[1:] == (
        Copies(3),
        MemberDense(8, "identity", 3, adapter_initializer="signs", **ntk),
        Blend("selu", rate=0.1),
        MemberDense(3, "identity", 3, shared=False, **ntk),
    )


@pytest.mark.parametrize("networks", [1, 2])
def test_the_probabilities_of_all_members_of_all_networks_are_averaged(classes, networks):
    X, y = classes
    model = NeuralClassifier(**FEW, members=networks).fit(X, y)
    encoded = model.encoder_.transform(X)
    each = [output for network in model.networks_ for output in network.forward_each(encoded)]
    assert len(each) == 3 * networks
    powers = [np.exp(output.astype(float) / model.temperature_) for output in each]
    mean = np.mean([p / p.sum(axis=1, keepdims=True) for p in powers], axis=0)
    np.testing.assert_allclose(model.predict_proba(X), mean, atol=1e-6)


@pytest.mark.parametrize("loss", ["mse", "gaussian_nll", "poisson", "quantile(levels=(0.1, 0.9))"])
def test_numbers(loss):
    X, y = make_regression(200, 4, random_state=0)
    values = NeuralRegressor(**FEW, loss=loss).fit(X, np.abs(y)).predict(X)
    assert values.shape == ((200, 2) if "quantile" in loss else (200,))
    assert np.isfinite(values).all()


def test_a_preset_of_its_own_learns(classes):
    X, y = classes
    model = NeuralClassifier(preset="tabm", random_state=0, epochs=40, shared_members=4).fit(X[:300], y[:300])
    assert model.score(X[300:], y[300:]) > 0.7


def test_it_survives_a_file_and_goes_on(classes, tmp_path):
    X, y = classes
    model = NeuralClassifier(**FEW, members=2).fit(X, y)
    glassnet.save(model, tmp_path / "model.safetensors")
    again = glassnet.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.settings_["shared_members"] == 3
    again.set_params(warm_start=True).fit(X, y)
    assert len(again.histories_[0]) == 8
    with pytest.raises(InputError, match="Continued training must keep the network unchanged"):
        again.set_params(shared_members=2).fit(X, y)


def test_single_numbers_may_have_an_activation_of_their_own(classes):
    model = NeuralClassifier(**FEW | {"hidden_layers": [Dense(8), "batch_norm", Activate("silu")]}).fit(*classes)
    assert Activate("silu") in model.network_.layers

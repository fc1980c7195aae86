"""An estimator around a network that was made elsewhere answers as the network does, and can all that others can."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor, load, report, save, to_c, to_html, to_python
from glassnet.errors import InputError, InputTypeError

RNG = np.random.default_rng(0)
X = RNG.normal(3, 2, size=(40, 2))
NAMES = ["hPa", "°C"]
FRAME = pd.DataFrame(X, columns=NAMES)
SCALER = StandardScaler().fit(FRAME)
THREE = NeuralNetwork(2, ["tanh:4", 3], loss="cross_entropy", seed=1)
TWO = NeuralNetwork(2, ["tanh:4", 1], loss="binary_cross_entropy", seed=2, dtype="float32")
ONE = NeuralNetwork(2, ["relu:4", 1], seed=3)
NUMBERS = NeuralNetwork(2, ["relu:4", "layer_norm", "dropout:0.1", 2], seed=3)


def test_a_classifier_gives_the_probabilities_of_the_network():
    model = NeuralClassifier.from_network(THREE, classes=["a", "b", "c"])
    np.testing.assert_allclose(model.predict_proba(X), THREE.predict(X), rtol=1e-12)
    assert set(model.predict(X)) <= {"a", "b", "c"}


@pytest.mark.parametrize(("network", "classes"), [(THREE, ["sun", "rain", "snow"]), (TWO, ["yes", "no"])])
def test_classes_are_named_in_the_order_of_the_outputs(network, classes):
    model = NeuralClassifier.from_network(network, classes=classes)
    answers = network.predict(X)
    if network.outputs == 1:
        answers = np.hstack([1 - answers, answers])
    expected = answers[:, np.argsort(classes)]
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-6)
    assert model.classes_.tolist() == sorted(classes)


def test_several_outputs_without_classes_are_several_answers():
    network = NeuralNetwork(2, [3], loss="binary_cross_entropy")
    assert NeuralClassifier.from_network(network).predict(X).shape == (40, 3)


def test_a_regressor_answers_in_the_units_of_the_network():
    np.testing.assert_array_equal(NeuralRegressor.from_network(NUMBERS).predict(X), NUMBERS.predict(X))


@pytest.mark.parametrize(
    "scaler", [SCALER, StandardScaler(with_mean=False).fit(FRAME), StandardScaler(with_std=False).fit(FRAME)]
)
def test_a_scaler_in_front_becomes_part_of_the_model(scaler):
    model = NeuralRegressor.from_network(NUMBERS, scaler=scaler)
    np.testing.assert_allclose(model.predict(FRAME), NUMBERS.predict(scaler.transform(FRAME)), rtol=1e-6, atol=1e-6)
    assert model.feature_names_in_.tolist() == NAMES


def test_answers_that_never_fall_stay_so():
    network = NeuralNetwork(2, ["tanh:4", 1], monotone=[1, 0])
    model = NeuralRegressor.from_network(network, scaler=SCALER)
    model.partial_fit(FRAME, -3 * X[:, 0])
    assert model.networks_[0].monotone == model.monotone == (1, 0)
    assert (model.predict(FRAME.assign(hPa=FRAME["hPa"] + 1)) >= model.predict(FRAME)).all()


def test_the_class_that_never_becomes_less_probable_stays_the_second():
    network = NeuralNetwork(2, ["tanh:4", 1], loss="binary_cross_entropy", monotone=[1, 0])
    with pytest.raises(InputError, match="`classes` must be in ascending order where the network is `monotone`"):
        NeuralClassifier.from_network(network, classes=["yes", "no"])


def test_with_a_scaler_a_gap_counts_as_the_mean():
    model = NeuralRegressor.from_network(NUMBERS, scaler=SCALER)
    np.testing.assert_allclose(model.predict([[np.nan, 1.0]]), model.predict([[X[:, 0].mean(), 1.0]]), rtol=1e-6)


def test_names_of_columns_decide_where_a_cell_goes():
    model = NeuralRegressor.from_network(NUMBERS, columns=NAMES)
    np.testing.assert_array_equal(model.predict(FRAME[NAMES[::-1]]), NUMBERS.predict(X))


def test_the_network_that_was_given_stays_as_it_is():
    before = THREE.parameters.copy()
    NeuralClassifier.from_network(THREE).partial_fit(X, np.arange(40) % 3)
    np.testing.assert_array_equal(THREE.parameters, before)


def test_it_is_saved_explained_and_written_as_a_page(tmp_path):
    model = NeuralClassifier.from_network(TWO, classes=["no", "yes"], columns=NAMES, scaler=SCALER)
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict_proba(FRAME), model.predict_proba(FRAME))
    assert model.explain(FRAME[:1]).columns == tuple(NAMES)
    assert to_html(again, tmp_path / "app.html").is_file()


@pytest.mark.parametrize(
    ("model", "y"),
    [(NeuralClassifier.from_network(TWO), (X[:, 0] > 3).astype(int)), (NeuralRegressor.from_network(ONE), X[:, 0])],
)
def test_it_is_reported_and_exported(model, y, tmp_path):
    page = report(model, X, y, tmp_path / "report.html").read_text("utf-8")
    assert "Checks that need training rows were skipped" in page
    assert to_c(model, tmp_path / "model.c").source.is_file()
    code = {}
    exec(to_python(model, tmp_path / "model.py").read_text("utf-8"), code)
    assert "predict" in code


def test_training_goes_on_from_its_weights():
    model = NeuralClassifier.from_network(THREE, classes=[0, 1, 2])
    y = np.digitize(X[:, 0], [2, 4])
    before = log_loss(y, model.predict_proba(X))
    for _ in range(30):
        model.partial_fit(X, y)
    assert log_loss(y, model.predict_proba(X)) < before


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: NeuralClassifier.from_network("net"), InputTypeError, "must be a NeuralNetwork. Received: str"),
        (lambda: NeuralClassifier.from_network(NUMBERS), InputError, 'mse. Import it with loss="cross_entropy"'),
        (lambda: NeuralRegressor.from_network(THREE), InputError, "Use NeuralClassifier.from_network"),
        (lambda: NeuralClassifier.from_network(THREE, classes=["a", "b"]), InputError, "3 distinct classes"),
        (lambda: NeuralClassifier.from_network(THREE, classes=["a", "b", "a"]), InputError, "3 distinct classes"),
        (lambda: NeuralRegressor.from_network(NUMBERS, columns=["a"]), InputError, "must be 2 distinct names"),
        (lambda: NeuralRegressor.from_network(NUMBERS, columns=["a", "a"]), InputError, "must be 2 distinct names"),
        (lambda: NeuralRegressor.from_network(NUMBERS, scaler=OneHotEncoder()), NotFittedError, "not fitted"),
        (
            lambda: NeuralRegressor.from_network(NUMBERS, scaler=StandardScaler().fit(X[:, :1])),
            *(InputError, "must have 2 columns"),
        ),
    ],
)
def test_what_does_not_fit_is_refused(make, kind, message):
    with pytest.raises(kind, match=message):
        make()

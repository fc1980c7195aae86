"""Networks that scikit-learn has trained predict the same here, and can do what glassnet's own can."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from glassnet import NeuralClassifier, NeuralRegressor, from_sklearn, load, save
from glassnet.errors import InputError, InputTypeError

rng = np.random.default_rng(0)
X = rng.normal(size=(90, 4))
THIRD = np.digitize(X[:, 0], [-0.5, 0.5])


def classifier(y, **options):
    return trained(MLPClassifier(**{"hidden_layer_sizes": (7, 5), "max_iter": 30, "random_state": 0} | options), y)


def regressor(y, **options):
    return trained(MLPRegressor(**{"hidden_layer_sizes": (7, 5), "max_iter": 30, "random_state": 0} | options), y)


def trained(mlp, y, rows=X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that thirty epochs are few
        return mlp.fit(rows, y)


CLASSIFIERS = {
    "two classes": classifier(THIRD > 0),
    "three classes of text": classifier(np.array(["no", "yes", "ø"])[THIRD]),
    "classes that are not 0, 1, 2": classifier(THIRD * 10 - 7),
    "several answers": classifier(np.column_stack([THIRD > 0, THIRD > 1]).astype(int)),
    "no hidden layer": classifier(THIRD, hidden_layer_sizes=()),
    "lbfgs": classifier(THIRD, solver="lbfgs"),
    **{name: classifier(THIRD, activation=name) for name in ("identity", "logistic", "tanh", "relu")},
}
REGRESSORS = {
    "one number": regressor(X[:, 0] * 5 + 3),
    "several numbers": regressor(X[:, :2] * 5 + 3),
    "sgd": regressor(X[:, 0], solver="sgd"),
}
if "loss" in MLPRegressor().get_params():  # since scikit-learn 1.7
    REGRESSORS["counts"] = regressor(THIRD.astype(float), loss="poisson")


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_predicts_the_same(name):
    mlp = CLASSIFIERS[name]
    model = from_sklearn(mlp)
    assert type(model) is NeuralClassifier
    np.testing.assert_allclose(model.predict_proba(X), mlp.predict_proba(X), rtol=1e-10, atol=1e-12)
    ours, theirs = model.predict(X), mlp.predict(X)
    assert ours.dtype == theirs.dtype
    assert ours.tolist() == theirs.tolist()
    if ours.ndim == 1:
        assert model.classes_.tolist() == mlp.classes_.tolist()


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_regressor_predicts_the_same(name):
    mlp = REGRESSORS[name]
    model = from_sklearn(mlp)
    assert type(model) is NeuralRegressor
    ours, theirs = model.predict(X), mlp.predict(X)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def test_single_precision_stays():
    mlp = trained(MLPClassifier((6,), max_iter=20, random_state=0), THIRD, X.astype(np.float32))
    model = from_sklearn(mlp)
    assert model.network_.dtype == np.float32
    np.testing.assert_allclose(model.predict_proba(X), mlp.predict_proba(X.astype(np.float32)), atol=1e-6)


def test_names_of_columns_and_the_losses_come_along():
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    mlp = trained(MLPClassifier((6,), max_iter=20, random_state=0), THIRD, frame)
    model = from_sklearn(mlp)
    assert model.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert model.predict(frame[["d", "c", "b", "a"]]).tolist() == mlp.predict(frame).tolist()
    assert model.loss_curve_ == mlp.loss_curve_
    assert model.history_.ended == "trained by scikit-learn"


def test_the_doctor_looks_at_it_as_far_as_its_training_is_known():
    model = from_sklearn(CLASSIFIERS["three classes of text"])
    y = np.array(["no", "yes", "ø"])[THIRD]
    assert "learning rate too low (the learning rate used in training is unknown)" in str(model.diagnose(X, y))
    assert model.partial_fit(X, y).diagnose(X, y) is not None


def test_it_can_be_saved_and_trained_on(tmp_path):
    model = from_sklearn(CLASSIFIERS["three classes of text"])
    save(model, tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.predict_proba(X).tolist() == model.predict_proba(X).tolist()
    y = np.array(["no", "yes", "ø"])[THIRD]
    before = again.evaluate(X, y)
    for _ in range(20):
        again.partial_fit(X, y)
    assert again.evaluate(X, y) < before
    assert again.set_params(warm_start=True, epochs=5).fit(X, y).evaluate(X, y) < before


def test_what_is_no_such_network_is_refused():
    with pytest.raises(InputTypeError, match="must be an MLPClassifier or MLPRegressor. Received: LogisticRegression"):
        from_sklearn(LogisticRegression())
    with pytest.raises(InputTypeError, match=r"Received: LinearRegression. Import the last step"):
        from_sklearn(make_pipeline(MinMaxScaler(), LinearRegression()))
    with pytest.raises(NotFittedError):
        from_sklearn(MLPClassifier())


def test_an_activation_that_is_not_known_is_refused():
    mlp = classifier(THIRD)
    mlp.activation = "cube"
    with pytest.raises(InputError, match="must be one of: identity, logistic, tanh, relu. Received: cube and softmax"):
        from_sklearn(mlp)


def test_a_class_of_ones_own_is_refused():
    """Whatever it does on top would be lost."""

    class Own(MLPRegressor):
        def predict(self, X):
            return 2 * super().predict(X)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = Own(hidden_layer_sizes=(2,), max_iter=5).fit(np.arange(12.0).reshape(6, 2), np.arange(6.0))
    with pytest.raises(InputTypeError, match="must be an MLPClassifier or MLPRegressor. Received: Own"):
        from_sklearn(model)


def test_a_scaler_in_a_pipeline_becomes_part_of_the_estimator():
    frame = pd.DataFrame(5 + 3 * X, columns=list("abcd"))
    mlp = MLPClassifier((4,), max_iter=30, random_state=0)
    pipeline = trained(make_pipeline(StandardScaler(), mlp), THIRD, frame)
    model = from_sklearn(pipeline)
    np.testing.assert_allclose(model.predict_proba(frame), pipeline.predict_proba(frame), rtol=1e-6)
    assert model.feature_names_in_.tolist() == list("abcd")

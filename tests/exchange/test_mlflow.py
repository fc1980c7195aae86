"""Models in MLflow: written, logged and loaded, by its own loader too, they predict the same bits."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import glassnet.mlflow
from glassnet import NeuralClassifier
from glassnet.errors import MissingExtraError


@pytest.fixture(scope="module")
def model():
    X, y = table()
    return NeuralClassifier(preset="mlp", epochs=3, random_state=0).fit(X, y)


def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(40, 10, 60), "city": rng.choice(["Ulm", "Bonn"], 60)})
    return X, np.where(X["age"] > 40, "yes", "no")


@pytest.mark.parity  # with the other packages that are too large for everybody's tests
@pytest.mark.filterwarnings("ignore")  # of MLflow
def test_a_saved_model_predicts_the_same_and_holds_no_pickle(model, tmp_path):
    import mlflow

    X, y = table()
    glassnet.mlflow.save_model(model, tmp_path / "saved", signature=mlflow.models.infer_signature(X, y))
    np.testing.assert_array_equal(
        glassnet.mlflow.load_model(str(tmp_path / "saved")).predict_proba(X), model.predict_proba(X)
    )
    loaded = mlflow.pyfunc.load_model(str(tmp_path / "saved"))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert [column.name for column in loaded.metadata.signature.inputs] == ["age", "city"]
    assert not list(Path(tmp_path).rglob("*.pkl"))


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore")
def test_a_logged_model_is_loaded_by_its_address(model, tmp_path, monkeypatch):
    import mlflow

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    with mlflow.start_run():
        address = glassnet.mlflow.log_model(model).model_uri
    X, _ = table()
    np.testing.assert_array_equal(glassnet.mlflow.load_model(address).predict_proba(X), model.predict_proba(X))


def test_without_mlflow_the_error_names_the_extra(model, tmp_path, monkeypatch):
    for module in ("mlflow", "mlflow.pyfunc", "mlflow.artifacts"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r'pip install "glassnet\[mlflow\]"'):
        glassnet.mlflow.save_model(model, tmp_path / "saved")
    with pytest.raises(MissingExtraError, match=r'pip install "glassnet\[mlflow\]"'):
        glassnet.mlflow.load_model(str(tmp_path))

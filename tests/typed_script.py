"""A script as users write it, with what type checkers have to see in it; read by test_types.py, and never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import numpy as np

from glassnet import (
    Explanation,
    Importances,
    NeuralClassifier,
    NeuralRegressor,
    PartialDependence,
    StrongestWords,
    load,
)
from glassnet.exchange.c import CSource
from glassnet.insight.doctor import Diagnosis
from glassnet.layers.base import Array


def classify(X: Any, y: Any, folder: Path) -> None:
    model = NeuralClassifier(hidden_layers=(32, 16), learning_rate=0.01, members=4, class_weight="balanced")
    assert_type(model.fit(X, y, validation_data=(X, y), time_limit=60), NeuralClassifier)
    assert_type(model.partial_fit(X, y, classes=["no", "yes"], sample_weight=np.ones(len(X))), NeuralClassifier)
    assert_type(model.predict(X=X), Array)
    assert_type(model.predict_proba(X), Array)
    assert_type(model.predict_log_proba(X), Array)
    assert_type(model.decision_function(X), Array)
    assert_type(model.conformalize(X, y), NeuralClassifier)
    assert_type(model.predict_set(X, coverage=0.8), Array)
    model.predict_proba(X, 3)  # error
    model.predict_set(X, cover=0.8)  # error
    model.partial_fit(X)  # error
    NeuralClassifier(hidden=(32, 16))  # error
    common(model, X, y, folder)


def regress(X: Any, y: Any, folder: Path) -> None:
    model = NeuralRegressor(loss="gaussian_nll", bounds=(0, None))
    assert_type(model.fit(X, y), NeuralRegressor)
    assert_type(model.partial_fit(X, y, sample_weight=None), NeuralRegressor)
    print(*model.predict(X, return_std=True))
    assert_type(model.conformalize(X, y).predict_interval(X, coverage=0.8), Array)
    model.predict_interval(X, "wide")  # error
    model.partial_fit(X, y, ["no", "yes"], 1, 2)  # error
    common(model, X, y, folder)


def common(model: NeuralClassifier | NeuralRegressor, X: Any, y: Any, folder: Path) -> None:
    assert_type(model.score(X, y), float)
    assert_type(model.evaluate(X, y), float)
    assert_type(model.raw_outputs(model.encoder_.transform(X)), Array)
    assert_type(model.input_gradients(X), Array)
    assert_type(model.explain(X), Explanation)
    assert_type(model.importances(X, y), Importances)
    assert_type(model.partial_dependence(X, "age"), PartialDependence)
    assert_type(model.strongest_words(X), StrongestWords)
    assert_type(model.diagnose(X, y), Diagnosis)
    assert_type(model.report(folder / "report.html", X, y), Path)
    assert_type(model.card(folder / "card.md"), Path)
    assert_type(model.to_onnx(folder / "model.onnx"), Path)
    assert_type(model.to_python(folder / "model.py"), Path)
    assert_type(model.to_html(folder / "model.html", language="zh"), Path)
    assert_type(model.to_javascript(folder / "model.js"), Path)
    assert_type(model.to_c(folder / "model.c", X, y, quantize=True), CSource)
    model.prune(2, X, y)
    model.to_html(folder / "model.html", language="klingon")  # error


def adopt(network: Any, folder: Path) -> None:
    assert_type(NeuralClassifier.from_network(network, classes=["no", "yes"]), NeuralClassifier)
    assert_type(NeuralRegressor.from_network(network, columns=["age"]), NeuralRegressor)
    model = load(folder / "model.safetensors")
    if isinstance(model, NeuralClassifier):
        assert_type(model.predict_proba([[1.0]]), Array)

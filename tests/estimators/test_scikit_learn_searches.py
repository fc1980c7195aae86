"""scikit-learn's own searches, and its tuning of thresholds, with these estimators."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.datasets import make_classification
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import f1_score
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
    train_test_split,
)


def test_a_grid_of_layers_and_dropout(table, classifier):
    grid = {"hidden_layers": [(), 8, (8, "tanh:4")], "dropout": [0.0, 0.5]}
    found = GridSearchCV(classifier(), grid, cv=3, scoring="roc_auc").fit(table.X, table.words)
    assert len(found.cv_results_["params"]) == 6
    assert found.best_score_ > 0.9
    assert found.best_estimator_.settings_["dropout"] == found.best_params_["dropout"]


def test_rates_drawn_at_random(table, regressor):
    ranges = {"learning_rate": loguniform(1e-5, 1e-1), "activation": ["relu", "gelu"]}
    found = RandomizedSearchCV(regressor(epochs=20), ranges, n_iter=6, cv=2, random_state=0)
    found.fit(table.X, table.number)
    scores = found.cv_results_["mean_test_score"]
    assert found.best_score_ == scores.max() > scores.min() + 0.1
    assert found.best_estimator_.learning_rate == found.best_params_["learning_rate"]


@pytest.mark.parametrize("resource", ["epochs", "n_samples"])
def test_halving_by_epochs_or_by_rows(table, classifier, resource):
    of_resource = {"max_resources": 18, "min_resources": 2} if resource == "epochs" else {"min_resources": 30}
    found = HalvingRandomSearchCV(
        classifier(epochs=None) if resource == "epochs" else classifier(),
        {"learning_rate": loguniform(1e-4, 1e-1), "dropout": [0.0, 0.2]},
        resource=resource,
        cv=2,
        random_state=0,
        **of_resource,
    ).fit(table.X, table.letters)
    assert found.n_iterations_ > 1
    assert found.n_resources_ == sorted(found.n_resources_)
    if resource == "epochs":
        assert found.best_estimator_.n_iter_ == found.best_params_["epochs"] == found.n_resources_[-1]


@pytest.mark.slow
def test_a_tuned_threshold_finds_more_of_a_rare_class(classifier):
    X, y = make_classification(1500, 8, n_informative=4, weights=[0.93], class_sep=0.6, random_state=2)
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, test_size=0.5, random_state=0)
    tuned = TunedThresholdClassifierCV(classifier(), scoring="f1", cv=3).fit(X_train, y_train)
    at_half = FixedThresholdClassifier(classifier(), threshold=0.5).fit(X_train, y_train)
    assert tuned.best_threshold_ < 0.5
    assert f1_score(y_test, tuned.predict(X_test)) > f1_score(y_test, at_half.predict(X_test)) + 0.03
    alone = classifier().fit(X_train, y_train)
    np.testing.assert_array_equal(alone.predict(X_test), at_half.predict(X_test))

"""The estimators in scikit-learn's company: searches, ensembles, calibration, pipelines, routed arguments, scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import loguniform
from sklearn import config_context
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import make_classification
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.metrics import f1_score, get_scorer, make_scorer
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    train_test_split,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

STRICT = {"error_score": "raise", "cv": 2}

# ---------------------------------------------------------------------- scores

FOR_CLASSES = {
    "words": ["accuracy", "balanced_accuracy", "roc_auc", "neg_log_loss", "matthews_corrcoef"],
    "yes": ["f1", "precision", "average_precision", "neg_brier_score", "jaccard"],
    "letters": ["accuracy", "f1_macro", "roc_auc_ovr", "roc_auc_ovo_weighted", "neg_log_loss", "top_k_accuracy"],
    "answers": ["accuracy", "f1_micro", "roc_auc", "roc_auc_ovr", "average_precision"],
}
FOR_NUMBERS = ["r2", "neg_mean_absolute_error", "neg_root_mean_squared_error", "neg_max_error", "explained_variance"]


@pytest.mark.sample(8)
@pytest.mark.parametrize(
    ("target", "name"), [(target, name) for target, names in FOR_CLASSES.items() for name in names]
)
def test_a_score_for_classes_is_the_same_during_training_and_outside(table, classifier, target, name):
    y = getattr(table, target)
    model = classifier(scoring=name, epochs=3).fit(table.X, y, validation_data=(table.X[:80], y[:80]))
    best = model.history_[f"validation_{name}"][model.history_.best_epoch - 1]
    assert best == pytest.approx(get_scorer(name)(model, table.X[:80], y[:80]))
    assert best == max(model.validation_curve_)
    assert np.isfinite(cross_val_score(classifier(), table.X, y, scoring=name, **STRICT)).all()


@pytest.mark.sample
@pytest.mark.parametrize("name", FOR_NUMBERS)
@pytest.mark.parametrize("loss", ["mse", "gaussian_nll", "poisson"])
def test_a_score_for_numbers_is_in_their_units(table, regressor, name, loss):
    y = table.counts if loss == "poisson" else table.number
    model = regressor(scoring=name, loss=loss, epochs=3).fit(table.X, y, validation_data=(table.X[:80], y[:80]))
    best = model.history_[f"validation_{name}"][model.history_.best_epoch - 1]
    assert best == pytest.approx(get_scorer(name)(model, table.X[:80], y[:80]))


def test_a_name_that_wants_a_class_1_gets_the_second_class(table, classifier):
    """Outside of training "f1" wants to be told which class counts; during training it is the second."""
    held = table.X[:80], table.words[:80]
    model = classifier(scoring="f1", epochs=3).fit(table.X, table.words, validation_data=held)
    expected = f1_score(held[1], model.predict(held[0]), pos_label="yes")
    assert model.validation_curve_[model.history_.best_epoch - 1] == pytest.approx(expected)


def test_a_function_sees_the_classes_themselves(table, classifier):
    scorer = make_scorer(f1_score, pos_label="no")
    held = table.X[:80], table.words[:80]
    model = classifier(scoring=scorer, epochs=3).fit(table.X, table.words, validation_data=held)
    assert model.history_.columns[3] == "validation_score"
    assert model.validation_curve_[model.history_.best_epoch - 1] == pytest.approx(scorer(model, *held))


def test_a_score_of_what_has_no_probabilities_uses_margins(table, classifier):
    model = classifier(scoring="roc_auc", loss="hinge", epochs=3).fit(table.X, table.words)
    assert 0 <= max(model.validation_curve_) <= 1


def test_a_scorer_without_weights_scores_without(table, classifier):
    model = classifier(scoring="roc_auc_ovo_weighted", class_weight="balanced", epochs=2).fit(table.X, table.letters)
    assert len(model.validation_curve_) == 2


# ------------------------------------------------------------------- selection


def test_grid_search(table, classifier):
    grid = {"hidden_layers": [(2,), (4, "gelu:4")], "loss": [None, "focal"]}
    search = GridSearchCV(classifier(epochs=3), grid, scoring="roc_auc", **STRICT).fit(table.X, table.words)
    assert search.best_params_.keys() == grid.keys()
    assert search.predict(table.X).shape == (150,)


@pytest.mark.slow
def test_grid_search_in_processes(table, classifier):
    search = GridSearchCV(classifier(epochs=3), {"learning_rate": [0.01, 0.1]}, n_jobs=2, **STRICT)
    assert search.fit(table.X, table.words).best_score_ > 0.5


def test_curves_and_predictions_across_folds(table, classifier):
    assert cross_val_predict(classifier(), table.X, table.letters, cv=2, method="predict_proba").shape == (150, 3)
    sizes = {"train_sizes": [0.4, 1.0], "cv": 2}
    assert learning_curve(classifier(), table.X, table.words, **sizes)[2].shape == (2, 2)
    in_parts = learning_curve(classifier(), table.X, table.words, **sizes, exploit_incremental_learning=True)
    assert in_parts[2].shape == (2, 2)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
@pytest.mark.parametrize("loss", [None, "hinge"])
def test_calibration(table, classifier, method, loss):
    model = CalibratedClassifierCV(classifier(loss=loss), method=method, cv=2).fit(table.X, table.letters)
    assert np.allclose(model.predict_proba(table.X).sum(axis=1), 1)


@pytest.mark.slow
def test_a_tuned_threshold(table, classifier):
    model = TunedThresholdClassifierCV(classifier(), scoring="balanced_accuracy", cv=2).fit(table.X, table.words)
    assert set(model.predict(table.X)) == {"no", "yes"}


# ------------------------------------------------------------------- ensembles


@pytest.mark.parametrize(
    "make",
    [
        lambda c: BaggingClassifier(c(), n_estimators=2, random_state=0),
        lambda c: VotingClassifier([("a", c()), ("b", c(random_state=1))], voting="soft"),
        lambda c: StackingClassifier([("a", c()), ("b", c(random_state=1))], cv=2),
        lambda c: OneVsRestClassifier(c()),
    ],
    ids=["bagging", "voting", "stacking", "one versus rest"],
)
def test_ensembles(table, classifier, make):
    assert (
        make(lambda **options: classifier(epochs=40, **options))
        .fit(table.X, table.letters)
        .score(table.X, table.letters)
        > 0.7
    )


def test_several_targets_by_scikit_learn(table, classifier):
    y = np.column_stack([table.words, table.letters])
    assert MultiOutputClassifier(classifier()).fit(table.X, y).predict(table.X).shape == (150, 2)
    assert ClassifierChain(classifier()).fit(table.X, table.answers).predict(table.X).shape == (150, 3)


def test_a_transformed_target(table, regressor):
    model = TransformedTargetRegressor(regressor(epochs=60), func=np.log, inverse_func=np.exp)
    assert model.fit(table.X, table.number).score(table.X, table.number) > 0.8


def test_inspection(table, regressor):
    model = regressor(epochs=40).fit(table.X, table.number)
    importances = permutation_importance(model, table.X, table.number, n_repeats=2, random_state=0).importances_mean
    assert importances.argmax() == 1
    assert partial_dependence(model, table.X, [0], grid_resolution=5)["average"].shape == (1, 5)


# ------------------------------------------------------------------- pipelines


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
def test_a_pipeline_of_columns(table, classifier, output):
    frame = pd.DataFrame(table.X, columns=["a", "b", "c"]).assign(word=table.words)
    columns = make_column_transformer(
        (StandardScaler(), ["a", "b"]), (OneHotEncoder(sparse_output=False), ["word"]), remainder="passthrough"
    ).set_output(transform=output)
    pipeline = make_pipeline(columns, classifier(epochs=40)).fit(frame, table.letters)
    assert pipeline.score(frame, table.letters) > 0.7
    assert hasattr(pipeline[-1], "feature_names_in_") == (output != "default")


def test_arguments_through_a_pipeline(table, classifier):
    pipeline = make_pipeline(StandardScaler(), classifier(epochs=2))
    arguments = {"sample_weight": np.ones(150), "validation_data": (table.X, table.words)}
    pipeline.fit(table.X, table.words, **{f"neuralclassifier__{name}": value for name, value in arguments.items()})
    assert len(pipeline[-1].validation_curve_) == 2


def test_routed_arguments(table, classifier, regressor):
    """`sample_weight` and `validation_data` reach `fit`, through whatever stands between."""
    weight, held = np.random.default_rng(0).uniform(size=150), (table.X[:40], table.words[:40])
    with config_context(enable_metadata_routing=True):
        asks = classifier(epochs=2, scoring="roc_auc").set_fit_request(sample_weight=True, validation_data=True)
        asks.set_score_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, asks).fit(table.X, table.words, sample_weight=weight, validation_data=held)
        assert len(pipeline[-1].validation_curve_) == 2
        search = GridSearchCV(asks, {"learning_rate": [0.01, 0.1]}, **STRICT)
        search.fit(table.X, table.words, sample_weight=weight, validation_data=held)
        assert len(search.best_estimator_.validation_curve_) == 2
        scores = cross_validate(asks, table.X, table.words, params={"sample_weight": weight}, **STRICT)
        assert scores["test_score"].shape == (2,)
        direct = classifier(epochs=2).fit(table.X, table.words, sample_weight=weight, validation_data=held)
        assert len(direct.validation_curve_) == 2
        parts = regressor().set_partial_fit_request(sample_weight=True).set_predict_request(return_std=True)
        assert parts.partial_fit(table.X, table.number, sample_weight=weight).n_iter_ == 1


# ------------------------------------------------------------------------------------ searches by halves and thresholds


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

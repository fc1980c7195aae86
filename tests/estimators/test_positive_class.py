"""Which of two classes is the positive one, and from which probability on it is predicted."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline

from glassnet import NeuralClassifier, load, plots, save
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.class_targets import positive_place
from glassnet.exchange.files.migration import migrated
from glassnet.support.container import read

RULE = [
    ("the clearly rarer one", ["fraud", "ok"], [5, 95], "fraud"),
    ("however it is called", ["no", "yes"], [10, 90], "no"),
    ("twice as many of the other are clear", ["a", "b"], [50, 100], "a"),
    ("fewer are not", ["a", "b"], [51, 100], "b"),
    ("half and half: the one that means yes", ["ja", "nein"], [50, 50], "ja"),
    ("nobody counted: the one that means yes", ["oui", "pas"], None, "oui"),
    ("whatever its case", ["JA", "NEIN"], None, "JA"),
    ("in Chinese", ["否", "是"], None, "是"),
    ("in Chinese, first", ["是", "非"], None, "是"),
    ("true beside false", [False, True], [50, 60], True),
    ("one beside zero", [0, 1], [50, 60], 1),
    ("one as a float", [0.0, 1.0], None, 1.0),
    ("one as text beside minus one", ["-1", "1"], None, "1"),
    ("one beside two is a number as any", [1, 2], [50, 60], 2),
    ("both mean yes: the second", ["ja", "yes"], None, "yes"),
    ("neither does: the second", ["cat", "dog"], [60, 50], "dog"),
    ("a class without a row is none that is looked for", ["a", "b"], [0, 9], "b"),
]


@pytest.mark.parametrize(("classes", "counts", "positive"), [case[1:] for case in RULE], ids=[case[0] for case in RULE])
def test_the_positive_class_is(classes, counts, positive):
    assert classes[positive_place(np.array(classes), counts if counts is None else np.array(counts))] == positive


def test_of_three_classes_none_is_positive(table, classifier):
    model = classifier(epochs=1).fit(table.X, table.letters)
    assert (positive_place(np.array(["a", "b", "c"])), model.positive_, model.decision_threshold_) == (None, None, None)


def rare(table):
    """Fewer than a third of the rows are of the first class."""
    return np.where(table.X[:, 0] > 0.8, "fraud", "ok")


def test_counts_are_those_of_the_training_rows_with_their_weights(table, classifier):
    y = np.where(table.X[:, 0] > 0, "b", "a")
    plain = classifier(epochs=1).fit(table.X, y)
    weighted = classifier(epochs=1).fit(table.X, y, sample_weight=np.where(y == "a", 0.1, 1.0))
    assert (plain.positive_, weighted.positive_) == ("b", "a")


def test_parts_decide_by_the_first(table, classifier):
    model = classifier(epochs=1).partial_fit(table.X, rare(table), classes=["ok", "fraud"])
    assert model.positive_ == "fraud"


@pytest.mark.slow
def test_a_table_elsewhere_and_rounds_decide_alike(table, classifier):
    y = rare(table)
    streamed = classifier(epochs=1).fit([(table.X, y)], None, memory="1GB")
    rounds = classifier(epochs=1).fit(table.X, y, shards=2)
    assert (streamed.positive_, rounds.positive_) == ("fraud", "fraud")


def test_the_option_decides_before_all_else(table, classifier):
    assert classifier(epochs=1, positive="ok").fit(table.X, rare(table)).positive_ == "ok"
    assert classifier(epochs=1, positive=np.int64(0)).fit(table.X, table.yes).positive_ == 0


@pytest.mark.parametrize(
    ("positive", "kind", "said"),
    [
        ("frau", InputError, r"Received: 'frau'. The classes are: 'fraud', 'ok'"),
        (1, InputError, r"Received: 1. The classes are"),
        (["fraud"], InputTypeError, r"`positive` must be a class of the target. Received: \['fraud'\]"),
    ],
)
def test_a_class_that_there_is_not_is_refused(positive, kind, said, table, classifier):
    with pytest.raises(kind, match=said):
        classifier(positive=positive).fit(table.X, rare(table))


@pytest.mark.parametrize("option", [{"positive": 1}, {"decision_threshold": 0.3}])
def test_of_more_classes_and_of_several_targets_there_is_nothing_to_choose(option, table, classifier):
    for y in (table.third, table.answers):
        with pytest.raises(InputError, match=r"(chooses one of two classes|the probability of one of two classes)"):
            classifier(**option).fit(table.X, y)


def test_columns_and_classes_keep_their_order(table, classifier):
    y = rare(table)
    first, second = (classifier(positive=name).fit(table.X, y) for name in ("fraud", "ok"))
    assert first.classes_.tolist() == second.classes_.tolist() == ["fraud", "ok"]
    assert (first.predict_proba(table.X) == second.predict_proba(table.X)).all()
    assert (first.predict(table.X) == second.predict(table.X)).all()


@pytest.mark.parametrize(("positive", "column"), [("fraud", 0), ("ok", 1)])
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_from_the_threshold_on_the_positive_class_is_predicted(loss, positive, column, table, classifier):
    model = classifier(loss=loss, positive=positive, dtype="float32").fit(table.X, rare(table))
    chance = model.predict_proba(table.X)[:, column]
    for threshold in (0.0, float(np.sort(chance)[40]), 0.3, 0.9, 1.0):
        model.decision_threshold_ = threshold
        assert ((model.predict(table.X) == positive) == (chance >= threshold)).all()


def test_the_option_is_the_threshold_of_a_fresh_fit(table, classifier):
    y = rare(table)
    model, plain = classifier(decision_threshold=0.1).fit(table.X, y), classifier().fit(table.X, y)
    assert model.decision_threshold_ == 0.1
    assert (plain.decision_threshold_, clone(model).decision_threshold) == (0.5, 0.1)
    assert ((model.predict(table.X) == "fraud") == (plain.predict_proba(table.X)[:, 0] >= 0.1)).all()


def test_whoever_looks_at_the_other_class_tells_the_same_rows_apart(table, classifier):
    model = classifier(decision_threshold=0.1).fit(table.X, rare(table))
    before = model.predict(table.X)
    model.positive_ = "ok"
    assert (model.positive_, model.decision_threshold_) == ("ok", 0.9)
    assert (model.predict(table.X) == before).all()


def test_thresholds_that_mean_nothing_are_refused(table, classifier):
    model = classifier(epochs=1).fit(table.X, table.yes)
    with pytest.raises(InputError, match=r"`decision_threshold_` must be in \[0, 1\]. Received: 1.5"):
        model.decision_threshold_ = 1.5
    margins = classifier(epochs=1, loss="hinge").fit(table.X, table.yes)
    with pytest.raises(InputError, match="the loss hinge, which has no probabilities"):
        margins.decision_threshold_ = 0.3
    with pytest.raises(InputError, match="Received: 3 classes"):
        classifier(epochs=1).fit(table.X, table.third).decision_threshold_ = 0.3


def test_what_is_explained_is_the_class_that_is_predicted(table, classifier):
    model = classifier(decision_threshold=0.05).fit(table.X, rare(table))
    assert model.explain(table.X[:40]).answers == model.predict(table.X[:40]).tolist()


@pytest.mark.parametrize("positive", ["fraud", "ok"])
@pytest.mark.parametrize(("scoring", "metric"), [("f1", f1_score), ("average_precision", average_precision_score)])
def test_a_score_that_judges_epochs_is_of_the_positive_class(scoring, metric, positive, table, classifier):
    y = rare(table)
    model = classifier(scoring=scoring, positive=positive, validation_fraction=0.3).fit(table.X, y)
    chance = model.predict_proba(table.X)[:, model.classes_.tolist().index(positive)]
    said = model.predict(table.X) == positive if scoring == "f1" else chance
    assert model.evaluate(table.X, y) == pytest.approx(metric(y == positive, said), rel=1e-12)


def test_a_file_keeps_class_and_threshold(table, classifier, tmp_path):
    model = classifier(epochs=1, positive="ok").fit(table.X, rare(table))
    model.decision_threshold_ = 0.7
    save(model, tmp_path / "m.safetensors")
    again = load(tmp_path / "m.safetensors")
    assert (again.positive, again.positive_, again.decision_threshold_) == ("ok", "ok", 0.7)
    assert (again.predict(table.X) == model.predict(table.X)).all()


def test_an_older_file_has_the_class_of_the_rule(table, classifier, tmp_path):
    save(classifier(epochs=1, positive="ok").fit(table.X, rare(table)), tmp_path / "m.safetensors")
    document, _ = read(tmp_path / "m.safetensors")
    older = document | {"format": 6}
    older["targets"] = {name: document["targets"][name] for name in ("kind", "dtype", "classes")}
    assert migrated(older)["targets"] == document["targets"] | {"positive": 0, "threshold": 0.5}


@pytest.mark.slow
def test_wrappers_of_scikit_learn_go_on_working(table, classifier):
    y = rare(table)
    tuned = TunedThresholdClassifierCV(classifier(), scoring="balanced_accuracy", cv=3).fit(table.X, y)
    fixed = FixedThresholdClassifier(classifier(), threshold=0.2, pos_label="fraud").fit(table.X, y)
    own = classifier(decision_threshold=0.2).fit(table.X, y)
    assert 0 < tuned.best_threshold_ < 1
    assert (fixed.predict(table.X) == own.predict(table.X)).all()
    assert CalibratedClassifierCV(classifier(), cv=3).fit(table.X, y).predict_proba(table.X).shape == (150, 2)


@pytest.mark.slow
def test_pictures_and_dependence_are_of_the_positive_class(table, classifier):
    pytest.importorskip("matplotlib").use("Agg")
    y = rare(table)
    pipeline = make_pipeline(classifier()).fit(table.X, y)
    model = pipeline[-1]
    assert model.partial_dependence(table.X, 0).answer == "fraud"
    for one in (model, pipeline):
        ap = average_precision_score(y == "fraud", one.predict_proba(table.X)[:, 0])
        assert f"AP {ap:.3f}" in plots.precision_recall_curve(one, table.X, y).get_legend().get_texts()[0].get_text()
        assert plots.calibration_curve(one, table.X, y, language="en").get_ylabel().endswith("“fraud”")


@pytest.mark.parametrize(
    ("options", "positive", "threshold"),
    [
        ({"positive": "cat"}, "cat", 0.5),
        ({"positive": "cat", "decision_threshold": 0.2}, "cat", 0.2),
        ({"decision_threshold": 0.2}, "dog", 0.2),
        ({}, "dog", 0.5),
    ],
)
def test_a_warm_start_takes_the_options_of_now(options, positive, threshold):
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = np.where(X[:, 0] > 0, "dog", "cat")
    model = NeuralClassifier(preset="mlp", hidden_layers=(), epochs=1, random_state=0, warm_start=True).fit(X, y)
    assert (model.positive_, model.decision_threshold_) == ("dog", 0.5)
    model.set_params(**options).fit(X, y)
    assert (model.positive_, model.decision_threshold_) == (positive, threshold)
    assert len(model.history_) == 2
    with pytest.raises(InputError, match="must be a class of the target"):
        model.set_params(positive="bird").fit(X, y)
    assert model.positive_ == positive

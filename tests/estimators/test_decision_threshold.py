"""Thresholds that a score chooses, and costs of errors."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score, f1_score, make_scorer

from glassnet import NeuralClassifier, load, save
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.class_targets import ClassTargets
from glassnet.estimators.decision_threshold import cost_matrix, threshold_of_costs, tuned_threshold

SMALL = {"preset": "mlp", "hidden_layers": (8,), "epochs": 10, "random_state": 0}


@pytest.fixture(scope="module")
def rare():
    """Half of the rows to learn from, half to test; one in ten is fraud."""
    X, y = make_classification(3000, 6, weights=[0.9], flip_y=0.05, class_sep=0.7, random_state=0)
    y = np.array(["ok", "fraud"])[y]
    return X[::2], y[::2], X[1::2], y[1::2]


@pytest.fixture(scope="module")
def tuned(rare):
    return NeuralClassifier(**SMALL, cv=3, members=3, decision_threshold="f1").fit(*rare[:2])


@pytest.mark.slow
def test_the_threshold_is_the_one_with_the_best_score_on_unseen_rows(rare, tuned):
    X, y, X_test, y_test = rare
    chance = tuned.oof_predictions_[:, 0].astype(np.float64)
    assert tuned.decision_threshold_ == tuned_threshold("f1", y == "fraud", chance)
    plain = NeuralClassifier(**SMALL, cv=3, members=3).fit(X, y)
    scores = [f1_score(y_test, model.predict(X_test), pos_label="fraud") for model in (plain, tuned)]
    assert scores[1] > scores[0] + 0.02


@pytest.mark.slow
def test_probabilities_and_training_stay_as_they_are(rare, tuned):
    plain = NeuralClassifier(**SMALL, cv=3, members=3).fit(*rare[:2])
    np.testing.assert_array_equal(plain.predict_proba(rare[2]), tuned.predict_proba(rare[2]))


@pytest.mark.slow
def test_of_permuted_targets_no_score_on_other_rows_is_promised(rare):
    """A threshold chosen on rows that members have learned by heart would find all of them."""
    y = np.random.default_rng(0).permutation(rare[1])
    settings = SMALL | {"hidden_layers": (64,), "learning_rate": 0.05, "epochs": 40}
    model = NeuralClassifier(**settings, cv=3, members=3, decision_threshold="balanced_accuracy").fit(rare[0], y)
    decided = np.where(model.oof_predictions_[:, 0] >= model.decision_threshold_, "fraud", "ok")
    assert balanced_accuracy_score(y, decided) < 0.56


@pytest.mark.slow
def test_a_score_asks_for_early_stopping(rare):
    model = NeuralClassifier(**SMALL, decision_threshold="f1").fit(*rare[:2])
    assert model.settings_["early_stopping"]
    assert model.decision_threshold_ != 0.5


@pytest.mark.slow
def test_separate_validation_rows_choose_it_too(rare):
    X, y, X_test, y_test = rare
    model = NeuralClassifier(**SMALL, decision_threshold="f1").fit(X, y, validation_data=(X_test, y_test))
    chance = model.predict_proba(X_test)[:, 0].astype(np.float32).astype(np.float64)
    assert model.decision_threshold_ == pytest.approx(tuned_threshold("f1", y_test == "fraud", chance), abs=1e-6)


@pytest.mark.slow
def test_rows_count_by_their_weight_and_not_by_that_of_their_class(rare):
    """The score of the user knows no weights of classes."""
    X, y = rare[:2]
    weight = np.where(np.arange(len(y)) % 2, 3.0, 1.0)
    settings = {"cv": 3, "members": 3, "decision_threshold": "f1", "class_weight": {"fraud": 5}}
    model = NeuralClassifier(**SMALL, **settings).fit(X, y, sample_weight=weight)
    chance = model.oof_predictions_[:, 0].astype(np.float64)
    assert model.decision_threshold_ == pytest.approx(tuned_threshold("f1", y == "fraud", chance, weight), rel=1e-9)


@pytest.mark.slow
def test_a_function_is_a_score(rare):
    def misses(estimator, X, y):
        return -np.mean((y == "fraud") & (estimator.predict(X) == "ok"))

    model = NeuralClassifier(**SMALL, decision_threshold=misses).fit(*rare[:2])
    assert (model.predict(rare[0]) == "fraud").mean() > 0.5
    assert model.targets_.chosen_for == "misses"


@pytest.mark.parametrize("names", [["ok", "fraud"], ["no", "yes"]], ids=["first", "second"])
def test_a_function_gets_the_classes_by_their_names(names):
    names, chance = np.array(names), np.linspace(0, 1, 400)
    scorer = make_scorer(f1_score, pos_label=names[1])
    named = tuned_threshold("f1", chance > 0.3, chance)
    assert tuned_threshold(scorer, chance > 0.3, chance, names=names) == named


@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_a_score_that_is_no_number_chooses_no_threshold(score):
    with pytest.raises(InputError, match="must be finite at every threshold. Received"):
        tuned_threshold(lambda *_: score, np.arange(9) > 4, np.linspace(0.1, 0.9, 9))


def test_the_option_is_named_by_which_an_unknown_score_came(rare):
    with pytest.raises(InputError, match="`decision_threshold` must be the name of a scikit-learn scorer"):
        NeuralClassifier(**SMALL, decision_threshold="nonsense").fit(*rare[:2])


@pytest.mark.parametrize("classes", [np.zeros(9, bool), np.ones(9, bool)], ids=["none", "all"])
def test_without_rows_of_both_classes_the_more_probable_one_is_predicted(classes):
    assert tuned_threshold("f1", classes, np.linspace(0.1, 0.9, 9)) == 0.5


def test_equal_probabilities_choose_nothing():
    assert tuned_threshold("f1", np.arange(10) > 4, np.full(10, 0.3)) == 0.5


@pytest.mark.slow
def test_the_file_has_the_threshold_and_its_reason(tuned, rare, tmp_path):
    save(tuned, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert (again.decision_threshold_, again.targets_.chosen_for) == (tuned.decision_threshold_, "f1")
    assert again.get_params()["decision_threshold"] == "f1"
    again.decision_threshold_ = 0.3
    assert again.targets_.chosen_for is None


COSTS = {(0, 1): 50.0, (2, 1): 50.0}


@pytest.fixture(scope="module")
def three(classes):
    return NeuralClassifier(**SMALL, costs=COSTS).fit(*classes)


def test_the_class_of_the_lowest_expected_cost_is_predicted(three, classes):
    X, _ = classes
    expected = three.predict_proba(X) @ np.array([[0, 50, 1], [1, 0, 1], [1, 50, 0]])
    np.testing.assert_array_equal(three.predict(X), expected.argmin(axis=1))
    assert (three.predict(X) == 1).sum() < (three.predict_proba(X).argmax(axis=1) == 1).sum()


def test_costs_are_in_the_file(three, classes, tmp_path):
    save(three, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert again.get_params()["costs"] == COSTS
    np.testing.assert_array_equal(again.predict(classes[0]), three.predict(classes[0]))


def test_costs_of_two_classes_are_a_threshold(rare):
    model = NeuralClassifier(**SMALL, costs={("fraud", "ok"): 4}).fit(*rare[:2])
    assert (model.positive_, model.decision_threshold_) == ("fraud", 0.2)
    turned = NeuralClassifier(**SMALL, positive="ok", costs={("fraud", "ok"): 4}).fit(*rare[:2])
    assert turned.decision_threshold_ == 0.8
    np.testing.assert_array_equal(model.predict(rare[2]), turned.predict(rare[2]))


def test_the_threshold_of_costs_has_the_lowest_expected_cost():
    matrix = cost_matrix({("yes", "no"): 9.0, ("no", "yes"): 2.0}, np.array(["no", "yes"]))
    chance = np.linspace(0.001, 0.999, 999)
    cheaper = np.column_stack([1 - chance, chance]) @ matrix
    np.testing.assert_array_equal(chance >= threshold_of_costs(matrix, 1), cheaper[:, 1] <= cheaper[:, 0])


@pytest.mark.parametrize("unit", [1e-300, 1e-46, 1e37, 1e300])
def test_the_unit_of_costs_does_not_matter(unit):
    names = np.array(["a", "b", "c"])
    costs = {(one, other): 5.0 if one == "a" else 1.0 for one in names for other in names if one != other}
    chance = np.random.default_rng(0).dirichlet(np.ones(3), 200).astype(np.float32)
    expected, found = (
        ClassTargets(names, costs=cost_matrix({pair: cost * scale for pair, cost in costs.items()}, names))
        for scale in (1, unit)
    )
    np.testing.assert_array_equal(found.decided(chance), expected.decided(chance))


REFUSED = [
    ("needs probabilities", {"decision_threshold": "roc_auc"}, InputError, "a score of predicted classes"),
    ("of numbers", {"decision_threshold": "r2"}, InputError, "a score of predicted classes"),
    ("no held-out rows", {"decision_threshold": "f1", "early_stopping": False}, InputError, "only on held-out rows"),
    ("no probabilities", {"decision_threshold": "f1", "loss": "hinge"}, InputError, "which has no probabilities"),
    ("costs without probabilities", {"costs": {("ok", "fraud"): 2}, "loss": "hinge"}, InputError, "no probabilities"),
    ("both", {"decision_threshold": 0.3, "costs": {("ok", "fraud"): 2}}, InputError, "not from both"),
    ("shifted", {"costs": {("ok", "fraud"): 2}, "class_weight": "balanced"}, InputError, "`class_weight` shifts them"),
    ("unknown class", {"costs": {("ok", "fruad"): 2}}, InputError, "'fruad'"),
    ("no error", {"costs": {("ok", "ok"): 2}}, InputError, "of two different classes"),
    ("no pair", {"costs": {"ok": 2}}, InputTypeError, "true class, predicted class"),
    ("nothing costs", {"costs": {("ok", "fraud"): 0, ("fraud", "ok"): 0}}, InputError, "a cost above 0"),
    ("negative", {"costs": {("ok", "fraud"): -1}}, InputError, "'ok', 'fraud'"),
]


@pytest.mark.parametrize("case", REFUSED, ids=[case[0] for case in REFUSED])
def test_refused(case, rare):
    _, options, error, words = case
    with pytest.raises(error, match=words):
        NeuralClassifier(**SMALL, **options).fit(*rare[:2])


def test_single_epochs_have_no_held_out_rows(rare):
    with pytest.raises(InputError, match="only on held-out rows"):
        NeuralClassifier(**SMALL, decision_threshold="f1").partial_fit(*rare[:2])


@pytest.mark.parametrize("y", ["letters", "answers"])
def test_a_score_chooses_between_two_classes(table, y):
    with pytest.raises(InputError, match="one of two classes"):
        NeuralClassifier(**SMALL, decision_threshold="f1").fit(table.X, getattr(table, y))


def test_costs_hold_for_classes_that_come_later(table):
    model = NeuralClassifier(**SMALL, grow=True, costs={("a", "b"): 9}).partial_fit(table.X, table.letters)
    model.partial_fit(table.X, np.where(table.X[:, 1] > 1, "d", table.letters))
    assert model.targets_.costs.shape == (4, 4)
    assert (model.targets_.costs[0, 1], model.targets_.costs[3, 0]) == (9, 1)

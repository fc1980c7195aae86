"""Fewer members: who stays, what is forgotten, and that all else stays as it is."""

import numpy as np
import pytest
from sklearn.datasets import make_classification, make_regression
from sklearn.metrics import log_loss

from glassnet import NeuralClassifier, NeuralRegressor, load, save
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.pruning import best_together

FEW = {"preset": "mlp", "hidden_layers": (8,), "epochs": 3, "random_state": 0, "members": 4}


@pytest.fixture
def rows():
    X, y = make_classification(400, 6, n_informative=4, n_classes=3, random_state=0)
    return X[:200], y[:200], X[200:], y[200:]


def test_the_best_comes_first_and_then_whoever_helps_most():
    answers = np.array([0.8, 0.7, 1.2, 3.0])

    def off_by(some):
        return abs(answers[list(some)].mean() - 1.0)

    assert best_together(4, off_by, 1) == [0]
    assert best_together(4, off_by, 2) == [0, 2]  # 1 is better by itself than many, but errs as 0 does
    assert best_together(4, off_by, 4) == [0, 1, 2, 3]


def test_a_member_that_learned_nothing_goes_first(rows):
    X, y, X_new, y_new = rows
    model = NeuralClassifier(**FEW | {"epochs": 40}).fit(X, y)
    model.networks_[2].parameters[...] = 100 * np.random.default_rng(0).normal(size=model.network_.parameters.size)
    spoilt, others = model.networks_[2], [model.networks_[place] for place in (0, 1, 3)]
    before = log_loss(y_new, model.predict_proba(X_new))
    assert model.prune(3, X_new, y_new) is model
    assert all(kept is other for kept, other in zip(model.networks_, others, strict=True))
    assert spoilt not in model.networks_
    assert log_loss(y_new, model.predict_proba(X_new)) < before
    assert (len(model.histories_), model.settings_["members"]) == (3, 3)


def test_weights_decide_as_well(rows):
    X, y, X_new, y_new = rows
    alone = []
    for part in (slice(100), slice(100, 200)):
        weight = np.zeros(200)
        weight[part] = 1
        model = NeuralClassifier(**FEW).fit(X, y).prune(1, X_new, y_new, weight)
        alone.append(log_loss(y_new[part], model.predict_proba(X_new[part]), labels=[0, 1, 2]))
        each = NeuralClassifier(**FEW).fit(X, y)
        networks, losses = each.networks_, []
        for network in networks:
            each.networks_ = [network]
            losses.append(log_loss(y_new[part], each.predict_proba(X_new[part]), labels=[0, 1, 2]))
        assert alone[-1] == pytest.approx(min(losses))


def test_numbers_files_promises_and_going_on(tmp_path):
    X, y = make_regression(300, 4, random_state=0)
    model = NeuralRegressor(**FEW, warm_start=True).fit(X[:200], y[:200]).conformalize(X[200:], y[200:])
    model.prune(2, X[200:], y[200:])
    assert model.conformal_ is None
    save(model, tmp_path / "m.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "m.safetensors").predict(X), model.predict(X))
    with pytest.raises(InputError, match="number of members"):
        model.fit(X, y)
    model.set_params(members=None).fit(X, y)
    assert [len(history) for history in model.histories_] == [6, 6]
    parts = NeuralRegressor(**FEW).partial_fit(X, y).prune(2, X, y).set_params(members=None).partial_fit(X, y)
    assert [len(history) for history in parts.histories_] == [2, 2]


@pytest.mark.parametrize("members", [0, 5, 1.5, True, "two"])
def test_how_many_stay_must_be_possible(rows, members):
    model = NeuralClassifier(**FEW).fit(*rows[:2])
    rule = "`members` must be (a positive integer|at most 4, the number of trained members)"
    with pytest.raises((InputError, InputTypeError), match=rule):
        model.prune(members, *rows[2:])
    assert len(model.networks_) == 4


def test_rows_must_be_rows_of_this_table(rows):
    model = NeuralClassifier(**FEW).fit(*rows[:2])
    with pytest.raises(ValueError, match="features"):
        model.prune(2, rows[2][:, :3], rows[3])
    with pytest.raises(ValueError, match="9"):
        model.prune(2, rows[2], np.full(200, 9))
    assert len(model.networks_) == 4

"""Scores by scikit-learn's names for a network under training."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, roc_auc_score

from glassnet import NeuralNetwork, Trainer
from glassnet.errors import InputError, InputTypeError
from glassnet.training import scorer_for
from glassnet.training.scorers import network_estimator


def score(name, network, X, y, weight=None):
    return scorer_for(name, network_estimator(network))(X, y, weight)


@pytest.mark.parametrize(
    ("loss", "outputs"), [("binary_cross_entropy", 1), ("cross_entropy", 2), ("hinge", 1), ("hinge", 2)]
)
def test_two_classes_are_scored_as_scikit_learn_scores_them(problem, loss, outputs):
    network = NeuralNetwork(3, ["tanh:4", outputs], loss)
    network.train(problem.X, problem.y if outputs == 2 or loss != "hinge" else 2 * problem.y - 1, epochs=5)
    forward = network.forward(problem.X)
    margin = forward[:, 0] if outputs == 1 else forward[:, 1] - forward[:, 0]
    assert score("accuracy", network, problem.X, problem.y) == accuracy_score(problem.y, margin > 0)
    assert score("roc_auc", network, problem.X, problem.y) == pytest.approx(roc_auc_score(problem.y, margin))


def test_probabilities_are_scored(problem):
    network = problem.network()
    expected = -log_loss(problem.y, network.predict(problem.X))
    assert score("neg_log_loss", network, problem.X, problem.y) == pytest.approx(expected)


@pytest.mark.parametrize("outputs", [2, 3])
def test_several_answers_are_scored(problem, outputs):
    network = NeuralNetwork(3, ["tanh:4", outputs], "binary_cross_entropy")
    y = (problem.X[:, :outputs] > 0.1).astype(int)
    expected = roc_auc_score(y, network.forward(problem.X))
    for name in ("roc_auc", "roc_auc_ovr"):
        assert score(name, network, problem.X, y) == pytest.approx(expected)


def test_numbers_are_scored(problem):
    network = problem.network(loss="mse")
    expected = -mean_absolute_error(problem.number, network.predict(problem.X))
    assert score("neg_mean_absolute_error", network, problem.X, problem.number) == pytest.approx(expected)


def test_of_mean_and_variance_the_mean_is_scored(problem):
    network = NeuralNetwork(3, [2], "gaussian_nll")
    expected = -mean_absolute_error(problem.number, network.predict(problem.X)[:, 0])
    assert score("neg_mean_absolute_error", network, problem.X, problem.number) == pytest.approx(expected)


def test_weights_count_where_the_scorer_knows_them(problem):
    network, weight = problem.network(loss="mse"), np.arange(120.0)
    expected = -mean_absolute_error(problem.number, network.predict(problem.X), sample_weight=weight)
    assert score("neg_mean_absolute_error", network, problem.X, problem.number, weight) == pytest.approx(expected)
    without = score("neg_max_error", network, problem.X, problem.number)
    assert score("neg_max_error", network, problem.X, problem.number, weight) == without
    assert score(lambda estimator, X, y: 7, network, problem.X, problem.number, weight) == 7.0


def test_an_error_in_a_scorer_is_not_taken_for_one_about_weights(problem):
    def broken(estimator, X, y, sample_weight=None):
        raise TypeError("something else")

    with pytest.raises(TypeError, match="something else"):
        score(broken, problem.network(), problem.X, problem.y, np.ones(120))


@pytest.mark.parametrize("weighted", [False, True])
def test_a_score_of_probabilities_needs_no_rows_of_every_class(problem, weighted):
    network = NeuralNetwork(problem.X.shape[1], [4, 3], loss="cross_entropy")
    y, weight = np.arange(len(problem.X)) % 2, np.arange(len(problem.X)) % 3 + 1.0
    weight = weight if weighted else None
    expected = -log_loss(y, network.predict(problem.X), sample_weight=weight, labels=[0, 1, 2])
    assert score("neg_log_loss", network, problem.X, y, weight) == pytest.approx(expected, rel=1e-6)
    with pytest.raises(InputError, match=r"'roc_auc_ovo' must be measured on rows of every class.*2 of 3 classes"):
        score("roc_auc_ovo", network, problem.X, y, weight)


def test_a_score_must_be_a_number(problem):
    with pytest.raises(InputTypeError, match="`scoring` must return a number. Received: {'a': 1}"):
        score(lambda estimator, X, y: {"a": 1}, problem.network(), problem.X, problem.y)


def test_a_trainer_judges_by_a_function(problem):
    def share_of_ones(estimator, X, y):
        return estimator.predict(X).mean()

    history = Trainer(epochs=3, scoring=share_of_ones).fit(problem.network(), problem.X, problem.y)
    assert history.columns[2:4] == ["validation_loss", "validation_score"]
    assert history.best_epoch == 3 - int(np.argmax(history["validation_score"][::-1]))

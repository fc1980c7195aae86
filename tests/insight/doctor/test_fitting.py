"""Overfitting, underfitting, and leads that few rows do not prove."""

import numpy as np
import pytest

from glassnet import NeuralClassifier, diagnose
from glassnet.formulas.losses import LOSSES
from glassnet.insight.doctor.skill import best_constant
from glassnet.training import History, Rows


def test_what_is_learned_by_heart_is_overfitting(network, found):
    rng = np.random.default_rng(0)
    X, y, X_new, y_new = rng.normal(size=(40, 5)), rng.normal(size=40), rng.normal(size=(200, 5)), rng.normal(size=200)
    parrot = network(5, ["tanh:64", 1])
    parrot.train(X, y, epochs=300, learning_rate=0.02)
    finding = found("overfitting", parrot, X, y, validation_data=(X_new, y_new))
    assert finding.severity == "serious"
    assert finding.evidence["learned"] > 0.9
    assert finding.evidence["unseen"] < 0
    assert finding.evidence["rows"] == 200
    assert f"{finding.evidence['learned']:.0%} lower on the training rows" in finding.what
    assert f"{1 - finding.evidence['unseen']:.3g} times as large on 200 rows not used for training" in finding.what


def test_a_row_that_several_members_have_not_seen_counts_once(found):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), rng.integers(0, 2, 60)
    settings = {"preset": "mlp", "hidden_layers": (4,), "epochs": 5, "members": 10, "cv": 5, "random_state": 0}
    finding = found("validation_too_small", NeuralClassifier(**settings).fit(X, y), X, y)
    assert finding.evidence["rows"] == 60
    assert "on 60 training rows, each judged by networks that have not seen it (out of fold)" in finding.what


def test_what_holds_for_other_rows_is_not(network, rows, found):
    y = rows @ [1.0, -2.0, 0.5]
    exact = network(3, [1])
    exact["1.W"][:, 0] = [1.0, -2.0, 0.5]
    assert found("overfitting", exact, rows, y + 0.1, validation_data=(rows[::-1], y[::-1] + 0.1)) is None


def test_a_line_through_a_parabola_is_underfitting(network, rows, found):
    straight = network(3, [1])
    y = rows[:, 0] ** 2
    straight.train(rows, y, epochs=30, learning_rate=0.01)
    finding = found("underfitting", straight, rows, y)
    assert finding.evidence["forest"] > 0.5
    assert finding.evidence["learned"] < 0.1


def test_a_network_that_answers_the_mean_has_learned_nothing(network, rows, found):
    y = np.random.default_rng(1).normal(size=300)
    empty = network(3, ["relu:4", 1])
    empty["2.W"][...], empty["2.b"][...] = 0.0, y.mean()
    finding = found("nothing_learned", empty, rows, y)
    assert finding.evidence["learned"] == pytest.approx(0.0, abs=1e-9)
    assert "A random forest is no better" in finding.reason
    empty["2.b"][...] = y.mean() + 1.0
    assert "A random forest is no better" in found("nothing_learned", empty, rows, y).reason
    empty["2.b"][...] = rows[:, 0].mean()
    assert found("underfitting", empty, rows, rows[:, 0]).severity == "serious"


def parted_after(best, network, rows):
    """The diagnosis of a network that knows little, and whose losses parted after that epoch."""
    straight, y = network(3, [1]), rows[:, 0] ** 2
    straight.train(rows, y, epochs=5, learning_rate=0.01)
    course = [{"loss": 3.0 * 0.9**n, "validation_loss": 3.0 + 0.1 * abs(n + 1 - best)} for n in range(30)]
    history = History(course)
    history.best_epoch = best
    return diagnose(straight, rows, y, history=history, validation_data=(rows[::-1], y[::-1]))


@pytest.mark.parametrize(("best", "kind"), [(2, "overfitting"), (28, "underfitting")])
def test_overfitting_in_the_first_epochs_is_no_underfitting(network, rows, best, kind):
    """Both times what is kept knows little of rows that a forest knows much of; only once was it held back."""
    diagnosis = parted_after(best, network, rows)
    (finding,) = [each for each in diagnosis if each.kind in ("overfitting", "underfitting")]
    assert finding.kind == kind
    if kind == "overfitting":
        assert "best after epoch 2 of 30" in finding.what
        assert "more epochs" not in finding.remedy
        assert "第 2 轮" in finding.spoken("zh").what


def test_what_is_found_is_not_said_to_be_passed(network, rows):
    assert "overfitting" not in set(parted_after(2, network, rows).fine)


def test_a_lag_is_not_called_a_lead(network, found):
    """No row is "better by -0.3"."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 1)), rng.normal(size=60)
    wrong = network(1, [1])
    wrong["1.W"][...] = 0.2
    finding = found("validation_too_small", wrong, X[:30], y[:30], validation_data=(X[30:], y[30:]))
    assert finding.evidence["gain"] < 0
    assert f"the loss is {-finding.evidence['gain']:.3g} ±" in finding.what
    assert "higher than that of a constant prediction" in finding.what
    assert f"比常数预测高 {-finding.evidence['gain']:.3g}" in finding.spoken("zh").what


@pytest.mark.slow
def test_few_rows_do_not_prove_a_small_lead(network, found):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 1))
    y = X[:, 0] + 5 * rng.normal(size=5000)
    right = network(1, [1])
    right["1.W"][...] = 1.0
    finding = found("validation_too_small", right, X[:3000], y[:3000], validation_data=(X[3030:3060], y[3030:3060]))
    assert 0 < finding.evidence["gain"] < 2 * finding.evidence["error"]
    many = found("validation_too_small", right, X[:3000], y[:3000], validation_data=(X[3000:], y[3000:]))
    assert many is None


def test_the_standard_error_is_that_of_a_mean(network):
    from glassnet.insight.doctor.skill import Skill

    skill = Skill(0.5, 1.0, np.array([[0.0, 1.0, 2.0], [2.0, 2.0, 2.0], [1.0, 1.0, 1.0]]))
    assert skill.gain == pytest.approx((1.0, 1 / np.sqrt(3)))
    assert (skill.of_learned, skill.of_unseen) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("loss", "y", "outputs", "best"),
    [
        ("mse", [1.0, 2.0, 6.0], 1, [3.0]),
        ("binary_cross_entropy", [0, 1, 1, 1], 1, [np.log(3)]),
        ("poisson", [1.0, 3.0], 1, [np.log(2)]),
        ("huber", [4.0, 4.0, 4.0], 1, [4.0]),
    ],
)
def test_the_best_constant_is_known(loss, y, outputs, best):
    assert best_constant(LOSSES.get(loss), Rows(None, np.array(y), None), outputs) == pytest.approx(best, abs=1e-3)


def test_the_best_constant_of_classes_gives_their_shares():
    scores = best_constant(LOSSES.get("cross_entropy"), Rows(None, np.array([0, 0, 1, 2]), np.array([1.0, 1, 2, 4])), 3)
    assert np.exp(scores) / np.exp(scores).sum() == pytest.approx([0.25, 0.25, 0.5], abs=1e-3)


def test_a_loss_below_zero_has_no_scale(network, rows):
    likely = network(3, [2], "gaussian_nll")
    diagnosis = diagnose(likely, rows, 1e-3 * rows[:, 0])
    assert "overfitting" in {name for name, _ in diagnosis.skipped}
    assert "underfitting" in {name for name, _ in diagnosis.skipped}

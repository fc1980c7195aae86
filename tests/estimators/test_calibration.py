"""Probabilities that mean what they say."""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.calibration import calibration_curve
from sklearn.datasets import make_classification

from glassnet import NeuralClassifier
from glassnet.estimators.calibration import (
    expected_calibration_error,
    reliability,
    temperature,
    temperature_of_folds,
    temperatures_of_members,
)
from glassnet.estimators.held_out import Round
from glassnet.estimators.members import MemberSplit
from glassnet.formulas.averages import averaged
from glassnet.formulas.losses import LOSSES
from glassnet.training import Rows


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("classes", [2, 4])
def test_the_temperature_is_found(true, classes):
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 2, size=(40_000, 1 if classes == 2 else classes))
    loss = LOSSES.get("binary_cross_entropy" if classes == 2 else "cross_entropy")
    p = loss.predict(scores)
    u = rng.uniform(size=(len(p), 1))
    y = (u < p).astype(int)[:, 0] if classes == 2 else (u > p.cumsum(axis=1)).sum(axis=1)
    assert temperature([scores * true], y, None, loss) == pytest.approx(true, rel=0.05)


def test_rows_of_weight_zero_do_not_count():
    loss = LOSSES.get("binary_cross_entropy")
    scores, y = np.array([[2.0], [-2.0], [2.0], [5.0]]), np.array([1, 0, 0, 0])
    weighted = temperature([scores], y, np.array([1.0, 1, 1, 0]), loss)
    assert weighted == pytest.approx(temperature([scores[:3]], y[:3], None, loss), rel=1e-4)


@pytest.mark.parametrize("unit", [1e-300, 1e-200, 1e200, 1e300])
def test_weights_may_be_in_any_unit(unit):
    loss = LOSSES.get("binary_cross_entropy")
    scores, y = np.array([[2.0], [-2.0], [2.0], [5.0]]), np.array([1, 0, 0, 1])
    weighted = temperature([scores], y, np.array([1.0, 2, 1, 3]) * unit, loss)
    assert weighted == pytest.approx(temperature([scores], y, np.array([1.0, 2, 1, 3]), loss), rel=1e-4)


def test_unequal_weights_count_as_fewer_rows_against_the_expectation():
    scores, y = np.array([3.0, -2.0, 4.0, 1.0, -3.0]), np.array([1, 0, 0, 1, 1])
    weight = np.array([5.0, 1.0, 1.0, 3.0, 2.0])

    def improbability(t):
        losses = np.log1p(np.exp(np.where(y == 1, -scores, scores) / t))
        return weight @ losses + 12 * np.log(t) ** 2 / (2 * 0.3**2) / (12**2 / 40)

    right = minimize_scalar(improbability, bounds=(0.1, 10), method="bounded", options={"xatol": 1e-9}).x
    found = temperature([scores[:, None]], y, weight, LOSSES.get("binary_cross_entropy"))
    assert found == pytest.approx(right, rel=1e-4)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_few_rows_that_are_all_right_do_not_make_it_certain(classes):
    loss = LOSSES.get("binary_cross_entropy" if classes == 2 else "cross_entropy")
    y = np.arange(60) % classes
    scores = 4.0 * (2 * y[:, None] - 1 if classes == 2 else np.eye(3)[y])
    found = temperature([scores], y, None, loss)
    assert 0.5 < found < 1
    # and more such rows are believed more
    many = temperature([np.tile(scores, (100, 1))], np.tile(y, 100), None, loss)
    assert many < found


@pytest.fixture(scope="module")
def noisy():
    return make_classification(1500, 10, flip_y=0.3, random_state=0)


@pytest.mark.slow
def test_overconfident_networks_are_taken_back(noisy):
    X, y = noisy
    options = {"preset": "realmlp", "epochs": 30, "dropout": 0, "weight_decay": 0, "random_state": 0}
    sure = NeuralClassifier(**options, calibration="none").fit(X[:1000], y[:1000])
    calm = NeuralClassifier(**options, calibration="temperature").fit(X[:1000], y[:1000])
    assert sure.temperature_ == 1
    assert calm.temperature_ > 1
    errors = [expected_calibration_error(model.predict_proba(X[1000:]), y[1000:]) for model in (sure, calm)]
    assert errors[1] < errors[0]
    np.testing.assert_array_equal(sure.predict(X), calm.predict(X))


@pytest.fixture(scope="module")
def crowd():
    """What five networks answer to rows new to all: what is so, too sure of it by half, and a mistake of their own."""
    rng = np.random.default_rng(0)
    z = rng.normal(0, 1.5, size=(20_000, 1))
    y = (rng.uniform(size=len(z)) < 1 / (1 + np.exp(-z[:, 0]))).astype(int)
    return [1.3 * (z + rng.normal(size=z.shape)) for _ in range(5)], y


LOSS = LOSSES.get("binary_cross_entropy")


def test_members_together_need_another_temperature_than_each_alone(crowd):
    members, y = crowd
    alone, together = temperature(members[:1], y, None, LOSS), temperature(members, y, None, LOSS)
    assert 1 < together < 0.9 * alone
    assert temperature([averaged(members, LOSS, together)], y, None, LOSS) == pytest.approx(1, abs=0.05)


@pytest.mark.slow
def test_what_averaging_takes_back_is_not_taken_back_twice(crowd):
    """Each has its own unseen rows: none is new to all, and yet the temperature is near the one that would be right."""
    members, y = crowd
    own = [np.arange(len(y)) % 5 == number for number in range(5)]
    scores = np.concatenate([output[rows] for output, rows in zip(members, own, strict=True)])
    alone = temperature([scores], np.concatenate([y[rows] for rows in own]), None, LOSS)
    right = temperature(members, y, None, LOSS)
    found = temperature_of_folds(alone, members, own, None, LOSS)
    assert abs(found - right) < 0.4 * (alone - right)
    twice = np.repeat(np.arange(len(y)), 1 + np.arange(len(y)) % 2)
    weight = 1.0 + np.arange(len(y)) % 2
    doubled = temperature_of_folds(alone, [m[twice] for m in members], [o[twice] for o in own], None, LOSS)
    assert temperature_of_folds(alone, members, own, weight, LOSS) == pytest.approx(doubled, rel=1e-6)


def test_members_that_know_their_rows_by_heart_are_left_as_they_are(crowd):
    """On rows that they have seen they agree: how far they differ on new ones cannot be known."""
    members, y = crowd
    own = [np.arange(len(y)) % 5 == number for number in range(5)]
    by_heart = [np.where(rows[:, None], m, 20.0 * (2 * y[:, None] - 1)) for m, rows in zip(members, own, strict=True)]
    assert temperature_of_folds(1.3, by_heart, own, None, LOSS) == 1


def test_members_that_are_not_sure_enough_are_made_as_sure_as_each_should_be(crowd):
    """As a focal loss leaves them; their average is no surer."""
    members, y = crowd
    own = [np.arange(len(y)) % 5 == number for number in range(5)]
    assert temperature_of_folds(0.7, members, own, None, LOSS) == 0.7


@pytest.mark.parametrize(("surer", "together"), [(2.0, 1.5), (1.0, 3.0), (0.5, 3.0)])
def test_what_members_know_by_heart_is_taken_off(surer, together):
    """Two that agree, on a row that is new to both and on one that both have seen."""
    alike, new = np.array([[1.0], [surer]]), np.array([True, False])
    assert temperature_of_folds(3.0, [alike, alike], [new, new], None, LOSS) == pytest.approx(together, rel=1e-4)


@pytest.mark.parametrize("new", [True, False])
def test_averaging_takes_back_a_factor_of_twenty_at_most(new):
    apart, rows = np.array([[300.0], [300.0]]), np.full(2, new)
    assert temperature_of_folds(100.0, [apart, -apart], [rows, rows], None, LOSS) == 100 / 20


def test_nothing_is_taken_back_where_nobody_is_sure():
    assert temperature_of_folds(3.0, [np.zeros((2, 1))] * 2, [np.array([True, False])] * 2, None, LOSS) == 3


class Steep(NamedTuple):
    """A network whose scores are its input, so many times."""

    by: float
    loss = LOSS
    members = 1

    def scores(self, X):
        return self.by * X


def rounds_and_networks(folds, weight, *, members=((0, 1), (2,), (3, 4))):
    """What was held out from each round are the rows with its number; those without learned from all."""
    rng = np.random.default_rng(0)
    X, networks = rng.normal(size=(len(folds), 1)), [Steep(by) for by in (1.0, 5.0, 4.0, 2.0, -0.5)]
    table = Rows(X, (rng.random(len(X)) < 1 / (1 + np.exp(-X[:, 0]))).astype(int), weight)
    rounds = []
    for number, own in enumerate(members):
        held = np.flatnonzero(folds == number)
        split = MemberSplit(table, np.flatnonzero(folds != number), held if len(held) else None)
        rows = split.validation()
        outputs = [] if rows is None else [networks[member].scores(rows.X) for member in own]
        rounds.append(Round([*own], split, outputs, rows and rows.y, rows and rows.weight))
    return rounds, networks


def test_without_held_out_rows_nothing_is_calibrated():
    assert temperatures_of_members(*rounds_and_networks(np.full(9, -1), None), None, None) == (1, 1)


@pytest.mark.parametrize("weights", [None, np.array([0.25, 1.75, 0.5, 2.0, 0.5])])
@pytest.mark.parametrize("weighted", [False, True])
def test_members_with_rows_of_their_own(weights, weighted):
    """Two rounds judge each other's rows, and a third learned from all."""
    folds, row_weights = np.arange(60) % 2, np.linspace(1, 9, 60) if weighted else None
    rounds, networks = rounds_and_networks(folds, row_weights)
    X, y, _ = rounds[0].split.table
    counts = np.ones(5) if weights is None else weights

    def mean(members, X):
        return averaged([networks[m].by * X for m in members], LOSS, weights=counts[members] / counts[members].mean())

    answers = [mean(members, X) for members in ([0, 1], [2], [3, 4])]
    alone = temperature([np.where(folds[:, None] == 0, *answers[:2])], y, row_weights, LOSS)
    of_round = None if weights is None else np.array([2.0, 0.5, 2.5]) * 3 / 5
    new = [folds == 0, folds == 1, folds == 2]
    found = temperatures_of_members(rounds, networks, weights, None)
    assert found.of_round == pytest.approx(alone, rel=1e-4)
    assert found.together == pytest.approx(temperature_of_folds(alone, answers, new, row_weights, LOSS, of_round), 1e-4)
    assert 1 < found.together < found.of_round


@pytest.mark.parametrize(("rows", "step"), [(10_000, 1), (10_001, 2), (20_001, 3)])
def test_members_of_long_tables_are_compared_on_every_second_row(rows, step, monkeypatch):
    seen = []
    rounds, networks = rounds_and_networks(np.arange(rows) % 2, None, members=((0,), (1,)))
    monkeypatch.setattr(Steep, "scores", lambda network, X: seen.append(X) or network.by * X)
    temperatures_of_members(rounds, networks[:2], None, None)
    np.testing.assert_array_equal(seen, [rounds[0].split.table.X[::step]] * 2)


def test_rows_that_all_are_judged_by_calibrate_what_they_answer_together(noisy):
    X, y = noisy
    options = {"preset": "realmlp", "hidden_layers": (32,), "epochs": 20, "members": 3, "random_state": 0}
    model = NeuralClassifier(**options).fit(X[:600], y[:600], validation_data=(X[600:], y[600:]))
    outputs = [network.forward(model.encoder_.transform(X[600:])) for network in model.networks_]
    loss = model.network_.loss
    assert model.temperature_ == pytest.approx(temperature(outputs, y[600:], None, loss))
    pruned = model.prune(1, X[600:], y[600:])
    kept = pruned.network_.forward(pruned.encoder_.transform(X[600:]))
    assert pruned.temperature_ == pytest.approx(temperature([kept], y[600:], None, loss))


def test_the_temperature_makes_probabilities_likely_whatever_the_loss(noisy):
    """That of a focal loss, which does not care for sure rows, would be another."""
    X, y = noisy
    options = {"preset": "realmlp", "hidden_layers": (32,), "epochs": 20, "random_state": 0, "loss": "binary_focal"}
    model = NeuralClassifier(**options).fit(X[:600], y[:600], validation_data=(X[600:], y[600:]))
    outputs = model.network_.forward(model.encoder_.transform(X[600:]))
    assert model.temperature_ == pytest.approx(temperature([outputs], y[600:], None, LOSS))


def test_what_is_calibrated_has_no_error():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=100_000)
    y = (rng.uniform(size=len(p)) < p).astype(int)
    assert expected_calibration_error(np.stack([1 - p, p], axis=1), y) < 0.01


def test_a_bin_has_the_means_of_its_rows():
    rng = np.random.default_rng(0)
    sure = rng.random(500)
    right = rng.random(500) < sure
    share, mean = calibration_curve(right, sure, n_bins=7)
    found = reliability(sure, right, 7)
    np.testing.assert_allclose(found.right, share)
    np.testing.assert_allclose(found.sure, mean)
    np.testing.assert_array_equal(found.rows, np.histogram(sure, 7, (0, 1))[0])


def test_a_weight_of_two_is_the_same_as_two_rows():
    rng = np.random.default_rng(1)
    probabilities, y, weight = rng.dirichlet(np.ones(3), 90), rng.integers(0, 3, 90), rng.integers(0, 3, 90)
    twice = np.repeat(np.arange(90), weight)
    weighed = expected_calibration_error(probabilities, y, weight=weight.astype(float))
    assert weighed == pytest.approx(expected_calibration_error(probabilities[twice], y[twice]))
    assert weighed != pytest.approx(expected_calibration_error(probabilities, y))
    assert weighed == expected_calibration_error(probabilities, y, 15, weight.astype(float))

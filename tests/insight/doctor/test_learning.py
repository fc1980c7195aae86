"""The learning rate and the number of epochs, read from the course of the loss."""

import numpy as np
import pytest

from glassnet import History, NeuralRegressor, diagnose
from glassnet.insight.doctor.training_checks import jumps, update_ratio
from glassnet.training import Rows

FALLING = [2.0 * 0.8**epoch for epoch in range(50)]


def history(losses, rates=None, ending=""):
    rates = [0.1] * len(losses) if rates is None else rates
    made = History(
        [{"epoch": e, "loss": x, "learning_rate": r} for e, (x, r) in enumerate(zip(losses, rates, strict=True), 1)]
    )
    if ending:
        made.end(ending, count=10)
    return made


def test_a_loss_that_goes_up_again_and_again_means_too_high_a_rate(network, found):
    losses = [5.0, 2.0, 3.0, 1.5, 2.5, 1.4, 2.8, 1.3]
    finding = found("learning_rate_high", network(1, [1]), history=history(losses))
    assert (finding.severity, finding.evidence["jumps"]) == ("warning", 3)
    assert finding.evidence["largest"] == pytest.approx(1.4)
    worse = found("learning_rate_high", network(1, [1]), history=history([*losses, 9.0]))
    assert worse.severity == "serious"


def test_who_lets_the_rate_fall_already_is_not_told_to(network, found):
    losses = [5.0, 2.0, 3.0, 1.5, 2.5, 1.4, 2.8, 1.3]
    steady, falling = (
        found("learning_rate_high", network(1, [1]), history=history(losses, rates))
        for rates in ([0.1] * 8, np.linspace(0.1, 0.0, 8).tolist())
    )
    assert "cosine" in steady.remedy
    assert "cosine" not in falling.remedy


def test_a_smooth_course_with_a_little_noise_is_fine(network, found):
    noise = 0.01 * np.random.default_rng(0).normal(size=50)
    for losses in (FALLING, FALLING + noise, [3.0] * 20 + noise[:20]):
        assert found("learning_rate_high", network(1, [1]), history=history(list(losses))) is None


def test_a_loss_may_rise_with_the_rate():
    losses = [5.0, 1.0, 0.5, 1.5, 0.4]
    assert jumps(history(losses), 1.0).tolist() == pytest.approx([1.0])
    assert len(jumps(history(losses, rates=[0.1, 0.05, 0.01, 0.1, 0.05]), 1.0)) == 0


def test_ripples_near_the_bottom_are_no_jumps(network, found, rows):
    y, losses = rows[:, 0], [0.01, 0.02] * 20
    assert jumps(history([1.0, *losses]), 1.0).size == 0
    assert jumps(history([1.0, *losses]), 0.1).size == 20
    # the mean has a squared error of 1 here, whatever the second epoch had
    assert found("learning_rate_high", network(3, [1]), rows, y, history=history([0.02, *losses])) is None
    assert found("learning_rate_high", network(3, [1]), history=history([0.02, *losses])) is not None


def test_an_end_in_the_middle_of_the_fall(network, found):
    line = list(np.linspace(10.0, 5.0, 50))
    finding = found("still_learning", network(1, [1]), history=history(line, ending="done"))
    assert finding.evidence["last"] == 5
    assert finding.evidence["fall"] == pytest.approx(0.1, rel=0.1)
    assert found("still_learning", network(1, [1]), history=history(FALLING)) is None


def test_an_end_that_was_planned_or_chosen_is_fine(network, found):
    line = list(np.linspace(10.0, 5.0, 50))
    cosine = history(line, rates=list(np.linspace(0.1, 0.0, 50)))
    assert found("still_learning", network(1, [1]), history=cosine) is None
    stopped = history(line, ending="patience")
    assert found("still_learning", network(1, [1]), history=stopped) is None


def test_a_rate_that_moves_nothing(found, rows):
    y = rows @ [1.0, 2.0, 3.0]
    options = {"preset": "mlp", "hidden_layers": (8,), "epochs": 12, "batch_size": 50, "random_state": 0}
    slow = NeuralRegressor(learning_rate=1e-7, **options).fit(rows, y)
    finding = found("learning_rate_low", slow, rows, y)
    assert finding.evidence["steps"] == 12 * 6
    assert finding.evidence["change"] == pytest.approx(72 * finding.evidence["ratio"])
    assert finding.evidence["ratio"] < 1e-5
    assert found("learning_rate_low", NeuralRegressor(learning_rate=0.01, **options).fit(rows, y), rows, y) is None
    in_a_hurry = NeuralRegressor(learning_rate=1e-6, **options).fit(rows, y, time_limit=1e-9)
    assert in_a_hurry.history_.ending == "time"
    assert found("learning_rate_low", in_a_hurry, rows, y) is None  # no rate would have gone far in one epoch


def test_the_update_is_measured_as_a_share_of_the_first_weights(network):
    plain = network(1, [1])  # of (w x)² at x = 1 the gradient is 2 w, so a step at 0.1 takes a fifth of w away
    plain["1.W"][...] = 77.0
    rows = Rows(np.ones((4, 1)), np.zeros(4), None)
    assert update_ratio(plain, rows, "sgd", 0.1) == pytest.approx(0.2)
    assert plain["1.W"][0, 0] == 77.0


def test_a_few_epochs_say_nothing(network):
    diagnosis = diagnose(network(1, [1]), history=[1.0, 9.0])
    reasons = dict(diagnosis.skipped)
    assert reasons["learning rate too high"] == "there are fewer than 5 epochs"

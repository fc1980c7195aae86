"""Numbers that are not finite, and trainings that ended in that."""

import numpy as np

from glassnet import History, diagnose


def test_parameters_that_are_not_finite_are_named(network, rows):
    broken = network(3, ["relu:4", 1])
    broken["2.W"][1] = np.nan
    broken["2.b"][0] = np.inf
    diagnosis = diagnose(broken, rows, rows[:, 0])
    assert [finding.kind for finding in diagnosis] == ["not_finite"]
    (finding,) = diagnosis
    assert (finding.evidence["count"], finding.evidence["name"], finding.evidence["layer"]) == (2, "2.W", "2")
    assert not diagnosis.healthy
    reasons = dict(diagnosis.skipped)
    assert reasons["dead units"] == "the network contains inf or NaN"


def test_a_training_that_diverged(network, found):
    history = History([{"epoch": epoch, "loss": 1.0} for epoch in (1, 2, 3)])
    assert found("diverged", network(1, [1]), history=history) is None
    history.end("diverged", "The loss became nan at step 17")
    finding = found("diverged", network(1, [1]), history=history)
    assert (finding.severity, finding.evidence["epoch"]) == ("serious", 4)
    assert "step 17" in finding.what


def test_a_list_of_losses_is_a_history(network, found):
    assert found("diverged", network(1, [1]), history=[1.0, 2.0, float("nan")]).evidence["epoch"] == 3

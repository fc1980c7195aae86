"""What the doctor finds in layers: dead and saturated units, vanishing or exploding gradients, infinite numbers."""

import numpy as np
import pytest

from glassnet import Activate, Activation, Dense, History, NeuralNetwork, Residual, diagnose

# ---------------------------------------------------------------------------------------------------- units


def test_a_layer_of_dead_units_is_serious(network, rows, found):
    dead = network(3, ["relu:8", "relu:4", 1])
    dead["2.b"][...] = -1000
    finding = found("dead_units", dead, rows)
    assert (finding.severity, finding.evidence["layer"]) == ("serious", "2")
    assert finding.evidence["which"] == [0, 1, 2, 3]
    assert finding.what == "layer 2: 4 of 4 units are dead: inactive for all 300 rows"


def test_only_the_dead_are_counted(network, rows, found):
    partly = network(3, ["relu:10", 1])
    partly["1.b"][...] = 5  # awake
    partly["1.b"][[2, 7]] = -1000
    finding = found("dead_units", partly, rows)
    assert (finding.severity, finding.evidence["which"]) == ("note", [2, 7])
    partly["1.b"][:4] = -1000
    assert found("dead_units", partly, rows).severity == "warning"
    partly["1.b"][:9] = -1000
    assert found("dead_units", partly, rows).severity == "serious"


def test_one_row_keeps_a_unit_alive(network, found):
    single = network(1, ["relu:1", 1])
    single["1.W"][...], single["1.b"][...] = 1.0, -5.0
    X = np.zeros((4000, 1))
    assert found("dead_units", single, X).evidence["count"] == 1
    X[1234] = 6
    assert found("dead_units", single, X) is None


@pytest.mark.parametrize("activation", ["gelu", "silu", "mish", "elu", "selu"])
def test_smooth_rectifiers_die_too(network, rows, found, activation):
    dead = network(3, [f"{activation}:4", 1])
    dead["1.b"][...] = -50
    assert found("dead_units", dead, rows).evidence["count"] == 4


def test_units_after_a_normalisation_and_in_blocks_are_found(network, rows, found):
    deep = network(3, [Residual([Dense(6), Activate("relu"), Dense(3)]), 1])
    deep["1.1.b"][...] = -1000
    finding = found("dead_units", deep, rows)
    assert (finding.evidence["layer"], finding.evidence["units"]) == ("1.2", 6)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softsign", "hard_tanh", "hard_sigmoid"])
def test_saturated_units(network, rows, found, activation):
    stiff = network(3, [f"{activation}:5", 1])
    stiff["1.W"][...] *= 1e4
    finding = found("saturated_units", stiff, rows)
    assert (finding.severity, finding.evidence["count"]) == ("serious", 5)
    assert activation in finding.what
    assert found("dead_units", stiff, rows) is None


def test_units_that_tell_rows_apart_are_no_finding(network, rows, found):
    for activation in ("relu", "leaky_relu", "gelu", "tanh", "sigmoid", "identity", "softplus"):
        fresh = network(3, [f"{activation}:16", f"{activation}:16", 1])
        assert found("dead_units", fresh, rows) is None, activation
        assert found("saturated_units", fresh, rows) is None, activation


def test_an_answer_may_be_extreme(network, rows, found):
    sure = network(3, ["tanh:8", "sigmoid:1"], "binary_cross_entropy_from_probabilities")
    sure["2.W"][...] *= 1e4
    assert found("saturated_units", sure, rows) is None


def test_an_activation_of_ones_own_is_judged_by_its_slope(rows, found):
    step = Activation("clamp", lambda z: np.clip(z, 0, 1), lambda z, a: ((z > 0) & (z < 1)).astype(z.dtype))
    own = NeuralNetwork(3, [Dense(4, step), Dense(1)], engine="reference")
    own["1.b"][...] = 1000
    assert found("saturated_units", own, rows).evidence["count"] == 4


# ------------------------------------------------------------------------------------------------ gradients


def chain(network, weight, links=4):
    """One unit a layer without bending: each link multiplies the gradient by the weight."""
    built = network(1, [Dense(1)] * links)
    for layer in range(1, links + 1):
        built[f"{layer}.W"][...] = weight
    return built


def test_a_gradient_that_shrinks_is_measured(network, rows, found):
    finding = found("vanishing_gradients", chain(network, 0.01), rows[:, :1], rows[:, 0])
    assert finding.evidence["ratio"] == pytest.approx(1e-6)
    assert (finding.severity, finding.evidence["layer"]) == ("warning", "1")
    assert found("vanishing_gradients", chain(network, 1e-4), rows[:, :1], rows[:, 0]).severity == "serious"


def test_a_gradient_that_grows_is_measured(network, rows, found):
    finding = found("exploding_gradients", chain(network, 20.0), rows[:, :1], rows[:, 0])
    assert finding.evidence["ratio"] == pytest.approx(8000)
    assert finding.severity == "warning"
    assert found("exploding_gradients", chain(network, 1000.0), rows[:, :1], rows[:, 0]).severity == "serious"


@pytest.mark.slow
def test_many_sigmoids_make_it_vanish_and_relus_do_not(network, rows, found):
    y = rows[:, 0]
    assert found("vanishing_gradients", network(3, ["sigmoid:16"] * 12 + [1]), rows, y) is not None
    assert found("vanishing_gradients", network(3, ["relu:64"] * 12 + [1]), rows, y) is None
    assert found("exploding_gradients", network(3, ["relu:64"] * 12 + [1]), rows, y) is None


def test_dead_layers_stop_it(network, rows, found):
    dead = network(3, ["relu:8", "relu:8", 1])
    dead["2.b"][...] = -1000
    finding = found("vanishing_gradients", dead, rows, rows[:, 0])
    assert finding.severity == "serious"
    assert finding.evidence["sizes"]["1"] == 0
    assert "the gradient is 0 times that of the last layer" in finding.what


def test_without_error_there_is_no_gradient(network, rows):
    exact = chain(network, 1.0)
    diagnosis = diagnose(exact, rows[:, :1], rows[:, 0])
    assert ("gradients", "the loss is 0, so there is no gradient") in [*diagnosis.skipped]


# --------------------------------------------------------------------------------------------------- finite


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

"""Dead and saturated units."""

import numpy as np
import pytest

from glassnet import Activate, Activation, Dense, NeuralNetwork, Residual


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

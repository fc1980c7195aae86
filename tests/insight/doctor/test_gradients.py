"""Gradients that vanish or explode."""

import pytest

from glassnet import Dense, diagnose


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

"""Copies and MemberDense: members that are alike answer alike, and those that share nothing are layers of their own."""

import numpy as np
import pytest

from glassnet.layers import Copies, Dense, Layout, MemberDense
from tests.layers.harness import Alone

EACH, MEMBERS = 4, 3


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(1, 2, size=(50, EACH))


def alone(layer):
    return Alone(layer, inputs=MEMBERS * EACH)


@pytest.mark.parametrize("activation", ["tanh", "softmax"])
def test_members_with_equal_adapters_answer_alike_and_as_a_dense_layer_would(activation, rows):
    together = alone(MemberDense(5, activation, MEMBERS))
    values = together.values[0]
    for name in ("r", "s", "b"):
        values[name][...] = values[name][0]
    output = together.forward(np.tile(rows, MEMBERS)).reshape(50, MEMBERS, 5)
    for member in range(MEMBERS):
        np.testing.assert_allclose(output[:, member], output[:, 0], rtol=1e-12)
    plain = Alone(Dense(5, activation))
    plain.values[0]["W"][...] = values["r"][0][:, None] * values["W"] * values["s"][0]
    plain.values[0]["b"][...] = values["b"][0]
    np.testing.assert_allclose(output[:, 0], plain.forward(rows), rtol=1e-12)


@pytest.mark.parametrize("parametrization", ["standard", "ntk"])
@pytest.mark.parametrize("activation", ["tanh", "softmax"])
def test_members_that_share_nothing_are_layers_of_their_own(activation, parametrization):
    rng = np.random.default_rng(1)
    x, d_y = rng.normal(size=(6, MEMBERS * EACH)), rng.normal(size=(6, MEMBERS * 2))
    together = alone(MemberDense(2, activation, MEMBERS, shared=False, parametrization=parametrization))
    output, (gradient, d_x) = together.forward(x), together.backward(x, d_y)
    slopes = together.layout.gradients(gradient)[0]
    for member in range(MEMBERS):
        single = Alone(Dense(2, activation, parametrization=parametrization))
        for name in ("W", "b"):
            single.values[0][name][...] = together.values[0][name][member]
        inputs, outputs = (slice(member * width, (member + 1) * width) for width in (EACH, 2))
        np.testing.assert_allclose(output[:, outputs], single.forward(x[:, inputs]), rtol=1e-12)
        own, own_d_x = single.backward(x[:, inputs], d_y[:, outputs])
        np.testing.assert_allclose(d_x[:, inputs], own_d_x, rtol=1e-12)
        for name, slope in single.layout.gradients(own)[0].items():
            np.testing.assert_allclose(slopes[name][member], slope, rtol=1e-12)


def test_adapters_are_gains_that_begin_at_one_or_at_random_signs():
    layer = MemberDense(5, "relu", MEMBERS)
    kinds = {parameter.name: parameter.kind for parameter in layer.parameters(MEMBERS * EACH)}
    assert kinds == {"W": "weight", "r": "gain", "s": "gain", "b": "bias"}
    for initializer, values in (("ones", {1.0}), ("signs", {-1.0, 1.0})):
        layout = Layout([MemberDense(5, "relu", MEMBERS, adapter_initializer=initializer)], MEMBERS * EACH)
        start = layout.named(layout.initial(0, float)[0])
        assert {*start["1.r"].ravel()} == values
        assert {*start["1.s"].ravel()} == {1.0}
        assert {*start["1.b"].ravel()} == {0.0}


def test_a_matrix_of_its_own_is_drawn_for_one_members_inputs():
    """64 members of 50 inputs are not one layer of 3200 inputs, whose weights would be eight times smaller."""
    layout = Layout([MemberDense(20, "relu", 64, shared=False)], 64 * 50)
    W = layout.named(layout.initial(0, float)[0])["1.W"]
    assert W.shape == (64, 50, 20)
    assert W.std() == pytest.approx(np.sqrt(2 / 50), rel=0.02)
    assert len({matrix.tobytes() for matrix in W}) == 64


@pytest.mark.parametrize("shared", [True, False])
def test_a_start_from_data_gives_sums_of_variance_one_and_boundaries_within_the_rows(shared, rows):
    layer = MemberDense(5, "identity", MEMBERS, shared, parametrization="ntk", start="data")
    start = alone(layer)
    x = 7 + 100 * np.tile(rows, MEMBERS)
    layer.adapt(start.values[0], x, np.random.default_rng(0))
    z = start.forward(x).reshape(50, MEMBERS, 5)
    bias = start.values[0]["b"]
    assert (z.min(axis=0) < 0).all()
    assert (z.max(axis=0) > 0).all()
    sums = z - bias
    if shared:
        sums = (sums / start.values[0]["s"]).reshape(-1, 1, 5)
    np.testing.assert_allclose(sums.std(axis=0), 1, rtol=1e-10)


def test_copies_are_the_row_again_and_again():
    np.testing.assert_array_equal(Alone(Copies(2), inputs=2).forward(np.array([[1.0, 2.0]])), [[1, 2, 1, 2]])

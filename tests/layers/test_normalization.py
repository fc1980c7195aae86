"""BatchNorm, LayerNorm, RMSNorm and Scale: means, variances, running statistics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from glassnet.errors import InputError
from glassnet.layers import BatchNorm, LayerNorm, Layout, RMSNorm, Scale
from tests.layers.harness import Alone


def fresh(layer, width=4):
    """The layer at its start, where gains are 1 and shifts 0."""
    alone = Alone(layer, width)
    alone.parameters[...], alone.statistics[...] = Layout([layer], width).initial(0, float)
    return alone


tables = arrays(float, (6, 4), elements=st.floats(-1e3, 1e3, width=32))


@given(x=tables)
def test_batch_norm_centres_and_scales_each_column(x):
    a = fresh(BatchNorm()).forward(x)
    np.testing.assert_allclose(a.mean(axis=0), 0, atol=1e-8)
    # the variance is σ² / (σ² + ε): 1 but for a column that is all but constant
    np.testing.assert_allclose(a.var(axis=0), 1 - 1e-5 / (x.var(axis=0) + 1e-5), atol=1e-7)


@given(x=tables)
def test_layer_norm_centres_and_scales_each_row(x):
    a = fresh(LayerNorm()).forward(x)
    np.testing.assert_allclose(a, fresh(BatchNorm(), 6).forward(x.T).T, atol=1e-9)


def test_rms_norm_gives_each_row_squares_of_mean_1():
    x = np.random.default_rng(0).normal(3, 2, size=(6, 4))
    a = fresh(RMSNorm(epsilon=1e-12)).forward(x)
    np.testing.assert_allclose((a * a).mean(axis=1), 1)
    np.testing.assert_allclose(a[:, 1:] / a[:, :1], x[:, 1:] / x[:, :1])


def test_rms_norm_of_rows_of_mean_0_is_the_layer_norm():
    x = np.random.default_rng(0).normal(size=(6, 4))
    x -= x.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(fresh(RMSNorm()).forward(x), fresh(LayerNorm()).forward(x), rtol=1e-12)


@given(x=tables, factor=st.floats(0.5, 100), shift=st.floats(-100, 100))
def test_batch_norm_does_not_see_the_units_of_a_column(x, factor, shift):
    """But for ε, which is made small here."""
    x[:2] = [[-1000.0] * 4, [1000.0] * 4]  # no column is constant
    layer = BatchNorm(epsilon=1e-12)
    np.testing.assert_allclose(fresh(layer).forward(factor * x + shift), fresh(layer).forward(x), atol=1e-8)


def test_layer_norm_is_the_same_in_training_and_prediction():
    x = np.random.default_rng(0).normal(size=(5, 4))
    alone = Alone(LayerNorm())
    np.testing.assert_array_equal(alone.forward(x, training=True), alone.forward(x, training=False))


def test_batch_norm_predicts_with_its_running_statistics():
    """Made to be the batch's own, they give in prediction what training gives."""
    x = np.random.default_rng(0).normal(3, 2, size=(50, 4))
    alone = Alone(BatchNorm())
    alone.values[0]["mean"][...], alone.values[0]["variance"][...] = x.mean(axis=0), x.var(axis=0)
    np.testing.assert_allclose(alone.forward(x, training=False), alone.forward(x, training=True), rtol=1e-12)


def test_the_running_statistics_move_by_momentum_towards_the_batch():
    x = np.random.default_rng(0).normal(3, 2, size=(50, 4))
    alone = fresh(BatchNorm(momentum=0.25))
    alone.update_statistics(x)
    np.testing.assert_allclose(alone.values[0]["mean"], x.mean(axis=0) / 4)
    np.testing.assert_allclose(alone.values[0]["variance"] - 1, (x.var(axis=0, ddof=1) - 1) / 4)


def test_the_running_statistics_arrive_at_those_of_the_data():
    rng = np.random.default_rng(0)
    alone = fresh(BatchNorm(momentum=0.02))
    for _ in range(1000):
        alone.update_statistics(rng.normal([0, 1, 2, 3], [1, 2, 3, 4], size=(64, 4)))
    np.testing.assert_allclose(alone.values[0]["mean"], [0, 1, 2, 3], atol=0.15)
    np.testing.assert_allclose(np.sqrt(alone.values[0]["variance"]), [1, 2, 3, 4], rtol=0.03)


def test_a_batch_of_one_row_leaves_the_running_variance_alone():
    """The variance of one number is 0, whatever it is: no reason to think less of the data's."""
    alone = fresh(BatchNorm())
    alone.update_statistics(np.full((1, 4), 10.0))
    np.testing.assert_array_equal(alone.values[0]["mean"], 1.0)
    np.testing.assert_array_equal(alone.values[0]["variance"], 1.0)


def test_going_forward_does_not_move_the_running_statistics():
    alone = fresh(BatchNorm())
    alone.forward(np.random.default_rng(0).normal(3, 2, size=(50, 4)))
    np.testing.assert_array_equal(alone.values[0]["mean"], 0)


def test_constant_columns_stay_finite():
    x = np.full((6, 4), 1e8)
    for layer in (BatchNorm(), LayerNorm(), RMSNorm()):
        alone = fresh(layer)
        gradient, d_x = alone.backward(x, np.ones((6, 4)))
        assert np.isfinite(alone.forward(x)).all()
        assert np.isfinite(gradient).all()
        assert np.isfinite(d_x).all()


def test_the_gradient_cannot_move_what_normalisation_takes_out():
    """Adding a constant to a column, or stretching it, changes nothing: the gradient is orthogonal to both."""
    x = np.random.default_rng(0).normal(size=(8, 4))
    d_y = np.random.default_rng(1).normal(size=(8, 4))
    _, d_x = Alone(BatchNorm(epsilon=1e-12)).backward(x, d_y)
    np.testing.assert_allclose(d_x.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((d_x * x).sum(axis=0), 0, atol=1e-10)


def test_scale_begins_by_changing_nothing():
    x = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_array_equal(fresh(Scale()).forward(x), x)


@pytest.mark.parametrize("layer", [BatchNorm(), LayerNorm(), RMSNorm(), Scale()], ids=repr)
def test_nothing_of_a_normalisation_counts_as_a_weight(layer):
    assert "weight" not in {parameter.kind for parameter in layer.parameters(4)}


def test_statistics_are_no_parameters():
    assert {p.name for p in BatchNorm().statistics(4)} == {"mean", "variance"}
    assert {p.name for p in BatchNorm().parameters(4)} == {"gain", "shift"}


def test_in_training_a_single_row_is_its_own_mean():
    alone = Alone(BatchNorm())
    np.testing.assert_array_equal(alone.forward(np.full((1, 4), 7.0)), [alone.values[0]["shift"]])


@pytest.mark.parametrize("kind", [BatchNorm, LayerNorm, RMSNorm])
@pytest.mark.parametrize("epsilon", [0, -1e-5, float("nan")])
def test_an_epsilon_of_zero_is_refused(kind, epsilon):
    with pytest.raises(InputError, match=f"`epsilon` of {kind.__name__} must be positive"):
        kind(epsilon=epsilon)

"""Embeddings: what they make of numbers and codes, which columns they leave alone, and how they suit the rows."""

import itertools

import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

from glassnet import NeuralClassifier, NeuralNetwork, Trainer
from glassnet.layers import Dense, Embedding, PeriodicEmbedding, PiecewiseLinearEmbedding
from glassnet.layers.bins import CANDIDATES, as_columns, tree_edges
from tests.layers.harness import Alone


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(50, 4))


# ------------------------------------------------------------------- numbers


@pytest.mark.parametrize("layer", [PeriodicEmbedding(2), PiecewiseLinearEmbedding(2, size=4)], ids=repr)
def test_the_columns_behind_the_treated_ones_pass_as_they_are(layer, x):
    a = Alone(layer).forward(x)
    assert a.shape == (50, 10)
    np.testing.assert_array_equal(a[:, 8:], x[:, 2:])


def test_a_periodic_embedding_is_the_number_and_sums_of_waves(x):
    alone = Alone(PeriodicEmbedding(frequencies=5, size=3))
    values, a = alone.values[0], alone.forward(x).reshape(50, 4, 3)
    np.testing.assert_array_equal(a[:, :, 0], x)
    waves = np.cos(2 * np.pi * (x[:, 1, None] * values["frequency"][1] + values["phase"][1]))
    np.testing.assert_allclose(a[:, 1, 1:], waves @ values["W"][1] + values["b"][1], atol=1e-13)


def test_without_the_number_and_rectified_it_is_waves_whose_sums_are_never_negative(x):
    alone = Alone(PeriodicEmbedding(frequencies=5, size=3, keep=False, rectify=True))
    values, a = alone.values[0], alone.forward(x).reshape(50, 4, 3)
    waves = np.cos(2 * np.pi * (x[:, 1, None] * values["frequency"][1] + values["phase"][1]))
    sums = waves @ values["W"][1] + values["b"][1]
    assert (sums < 0).any()
    np.testing.assert_allclose(a[:, 1], np.maximum(sums, 0), atol=1e-13)


def test_a_column_is_embedded_by_itself(x):
    for layer in (PeriodicEmbedding(), PiecewiseLinearEmbedding()):
        alone, other = Alone(layer), x.copy()
        other[:, 2] += 1
        changed = (alone.forward(x) != alone.forward(other)).any(axis=0).reshape(4, layer.size).any(axis=1)
        np.testing.assert_array_equal(changed, [False, False, True, False])


def test_frequencies_are_spread_as_asked_and_waves_begin_anywhere():
    network = NeuralNetwork(500, [PeriodicEmbedding(spread=0.3), Dense(1)])
    assert network["1.frequency"].std() == pytest.approx(0.3, rel=0.05)
    assert np.abs(network["1.phase"]).max() == pytest.approx(0.5, rel=0.01)
    assert np.abs(network["1.W"]).max() == pytest.approx(0.25, rel=0.01)  # 1/√16


def test_bins_are_full_below_a_number_and_empty_above():
    layer = PiecewiseLinearEmbedding(bins=4, size=4)
    alone = Alone(layer, inputs=1)
    alone.statistics[...] = [0, 1, 2, 3, 4]
    alone.values[0]["W"][...], alone.values[0]["b"][...] = np.eye(4), 0
    expected = [[0, 0, 0, 0], [1, 1, 0.25, 0], [1, 1, 1, 1]]
    np.testing.assert_array_equal(alone.forward(np.array([[-7.0], [2.25], [99.0]])), expected)


def test_the_edges_of_bins_become_the_quantiles_of_the_rows():
    x = np.exp(np.random.default_rng(0).normal(size=(1000, 1)))
    network = NeuralNetwork(1, [PiecewiseLinearEmbedding(bins=10), Dense(1)])
    network.adapt(x)
    edges = network.statistics.reshape(-1)
    counts = [((low <= x) & (x < high)).sum() for low, high in itertools.pairwise(edges)]
    assert max(counts) - min(counts) <= 2


def jumps(rows=400):
    """A column, and classes that change at 0.3 and at 2."""
    x = np.random.default_rng(0).normal(size=(rows, 1)).astype(np.float32)
    return x, np.digitize(x[:, 0], [0.3, 2.0])


def test_the_edges_of_bins_become_the_cuts_of_a_tree():
    x, y = jumps()
    network = NeuralNetwork(1, [PiecewiseLinearEmbedding(bins=3, edges="tree"), Dense(3)], loss="cross_entropy")
    network.adapt(x, y)
    edges = network.statistics.reshape(-1)
    assert (edges[0], edges[-1]) == (x.min(), x.max())
    assert (np.digitize(x[:, 0], edges[1:-1]) == y).all()
    network.adapt(x)
    quantiles = np.quantile(x, [0, 1 / 3, 2 / 3, 1], method="inverted_cdf")
    np.testing.assert_array_equal(network.statistics.reshape(-1), quantiles)


@pytest.mark.parametrize("edges", ["quantiles", "tree"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_row_of_weight_two_is_the_row_twice_for_bins(edges, dtype):
    x, y = jumps(1500)
    weight = np.random.default_rng(1).integers(0, 4, len(x))
    found, twice = [], np.repeat(np.arange(len(x)), weight)
    for rows, weights in ((twice, None), (slice(None), weight), (slice(None), weight / 7)):
        layers = [PiecewiseLinearEmbedding(bins=16, edges=edges), Dense(3)]
        network = NeuralNetwork(1, layers, loss="cross_entropy", dtype=dtype)
        network.adapt(x[rows], y[rows], weights)
        found.append(network.statistics.copy())
    np.testing.assert_array_equal(found[1], found[0])
    np.testing.assert_array_equal(found[2], found[0])


def test_a_training_shows_the_weights_of_its_rows_to_the_bins():
    x, y = jumps()
    weight = (x[:, 0] > 0).astype(float)
    network = NeuralNetwork(1, [PiecewiseLinearEmbedding(bins=4), Dense(3)], loss="cross_entropy")
    Trainer(epochs=1).fit(network, x, y, sample_weight=weight)
    assert network.statistics.min() > 0


@pytest.mark.parametrize("kind", ["numbers", "classes", "two classes", "several numbers", "few values", "one value"])
def test_a_tree_cuts_where_that_of_scikit_learn_does(kind):
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=700).round(2).astype(np.float32), rng.normal(size=(700, 1))
    x[:] = x[rng.integers(250, size=700)]  # few enough values for a cut between any two
    if kind == "classes":
        y = as_columns(np.digitize(x + rng.normal(size=700), [-1, 0.5, 1]))
    elif kind == "two classes":
        y = as_columns((x + rng.normal(size=700) > 0.4).astype(np.int64))
    elif kind == "several numbers":
        y = np.column_stack([x**2, np.sin(3 * x)])
    elif kind in ("few values", "one value"):
        x = np.floor(x) if kind == "few values" else np.ones_like(x)
    peer = DecisionTreeRegressor(max_leaf_nodes=12, min_samples_leaf=5).fit(x[:, None], y).tree_
    cuts = np.sort(peer.threshold[peer.feature >= 0])
    (found,) = tree_edges(x[:, None], y, 12)
    np.testing.assert_array_equal(np.unique(found), np.unique([x.min(), *cuts, x.max()]))


def test_a_tree_cuts_at_the_same_places_wherever_zero_of_the_targets_lies():
    x, y = jumps()
    (found,) = tree_edges(x, y[:, None] + 1e9, 9)
    assert len(found) == 4
    np.testing.assert_array_equal([found], tree_edges(x, y[:, None], 9))


def test_a_tree_cuts_columns_of_many_values_at_quantiles_next_to_its_best_cuts():
    x, y = jumps(5000)
    (found,) = tree_edges(x, y[:, None], 3)
    for cut, best in zip(found[1:-1], (0.3, 2.0), strict=True):
        assert ((x[:, 0] > min(cut, best)) & (x[:, 0] <= max(cut, best))).mean() <= 1 / CANDIDATES


def test_a_tree_cuts_off_a_highest_value_of_many_rows():
    x = np.minimum(np.random.default_rng(0).random(2000), 0.7)
    (found,) = tree_edges(x[:, None], (x == 0.7)[:, None], 2)
    assert found[1] == pytest.approx((x[x < 0.7].max() + 0.7) / 2)


@pytest.mark.parametrize("weighted", [False, True])
def test_columns_have_the_same_tree_in_any_company(weighted):
    rng = np.random.default_rng(0)
    x, y, weight = rng.normal(size=(600, 40)), rng.normal(size=(600, 2)), rng.random(600) if weighted else None
    x[:, ::3] = x[:, ::3].round(1)
    together = tree_edges(x, y, 7, weight)
    for column, found in enumerate(together):
        np.testing.assert_array_equal(found, tree_edges(x[:, [column]], y, 7, weight)[0])


def test_the_order_of_rows_with_equal_values_changes_no_cut():
    x, y = np.arange(600) % 7, np.random.default_rng(0).normal(size=600)
    order = np.argsort(x, kind="stable")
    (found,) = tree_edges(x[:, None] * 1.0, y[:, None], 4)
    np.testing.assert_array_equal([found], tree_edges(x[order, None] * 1.0, y[order, None], 4))


def test_an_estimator_gives_its_bins_the_targets_it_learns_from():
    x, _ = jumps(1200)
    x = x.round(1)
    y = np.digitize(x[:, 0], [0.3, 2.0])
    options = {"preset": "mlp", "hidden_layers": (4,), "epochs": 1, "scaling": "none", "random_state": 0}
    model = NeuralClassifier(numeric_embedding="piecewise_linear_tree", **options).fit(x, y)
    edges = model.network_.statistics.reshape(-1)
    assert np.abs(edges[:, None] - [0.25, 1.95]).min(axis=0).max() < 0.02


def test_a_column_of_few_values_has_fewer_bins_and_the_rest_is_never_reached():
    x = np.repeat([[0.0], [1.0]], 50, axis=0)
    network = NeuralNetwork(1, [PiecewiseLinearEmbedding(bins=8), Dense(1)], dtype="float32")
    network.adapt(x)
    np.testing.assert_array_equal(network.statistics[:2], [0, 1])
    assert (network.statistics[2:] > 1e29).all()
    assert np.isfinite(network.forward(1e3 * x)).all()


# --------------------------------------------------------------------- codes


def test_each_code_has_numbers_of_its_own():
    alone = Alone(Embedding([2, 3], size=2), inputs=3)
    W = alone.values[0]["W"]
    a = alone.forward(np.array([[0.7, 2.0, 0.0], [0.1, 0.0, 3.0]]))
    np.testing.assert_array_equal(a, [[0.7, *W[2], *W[3]], [0.1, *W[0], *W[6]]])


def test_a_code_that_is_none_counts_as_zero():
    alone = Alone(Embedding([2]), inputs=1)
    a = alone.forward(np.array([[0.0], [-1.0], [3.0], [1e9]]))
    assert (a == a[0]).all()


def test_what_stands_for_the_unknown_begins_at_zero():
    network = NeuralNetwork(3, [Embedding([2, 3], size=2), Dense(1)])
    network.adapt(np.zeros((5, 3)))
    zero = (network["1.W"] == 0).all(axis=1)
    np.testing.assert_array_equal(np.flatnonzero(zero), [0, 3])


# -------------------------------------------------------------------- errors

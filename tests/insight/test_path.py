"""Gradients by the inputs, and integrated gradients along a path."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Dense, Embedding, NeuralNetwork, PeriodicEmbedding, Residual
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.integrated_gradients import PIECES, integrated_gradients
from tests.gradient import assert_close, numerical_gradient
from tests.insight.people import PEOPLE, model_of

# ------------------------------------------------------------------------------------------------ gradients


NETWORKS = {
    "dense": (["tanh:5", "gelu:4", 2], {}),
    "no layer between": ([2], {}),
    "normalised": (["layer_norm", "8", "batch_norm", "silu:3", 2], {}),
    "block": ([Residual([Dense(4, "softplus"), Dense(4)]), 2], {}),
    "waves": ([PeriodicEmbedding(3, spread=0.5), "tanh:5", 2], {}),
    "dropout": (["tanh:6", "dropout:0.5", 2], {}),
    "members": (["tanh:5", 2], {"members": 2}),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("output", [0, 1])
def test_those_of_a_network_are_its_slopes(name, output):
    layers, options = NETWORKS[name]
    network = NeuralNetwork(4, layers, engine="reference", **options)
    X = np.random.default_rng(0).normal(size=(7, 4))
    network.parameters += 0.1
    slope = numerical_gradient(lambda x: float(network.forward(x)[:, output].sum()), X)
    assert_close(network.input_gradients(X, output), slope, name)


def test_float32_agrees_with_float64():
    exact, single = (NeuralNetwork(3, ["tanh:8", 1], dtype=dtype) for dtype in ("float64", "float32"))
    X = np.random.default_rng(0).normal(size=(5, 3))
    assert single.input_gradients(X).dtype == np.float32
    np.testing.assert_allclose(single.input_gradients(X), exact.input_gradients(X), rtol=1e-4, atol=1e-6)


def test_many_rows_are_taken_in_blocks(monkeypatch):
    network, X = NeuralNetwork(3, ["tanh:4", 1]), np.random.default_rng(0).normal(size=(11, 3))
    whole = network.input_gradients(X)
    monkeypatch.setattr("glassnet.network.inference.GRADIENT_ROWS", 4)
    np.testing.assert_array_equal(network.input_gradients(X), whole)
    assert network.input_gradients(np.zeros((0, 3))).shape == (0, 3)


def test_nothing_of_the_network_changes():
    network, X = NeuralNetwork(3, ["4", "batch_norm", 1]), np.random.default_rng(0).normal(size=(5, 3))
    before = network.parameters.copy(), network.statistics.copy()
    network.input_gradients(X)
    np.testing.assert_array_equal(network.parameters, before[0])
    np.testing.assert_array_equal(network.statistics, before[1])


def test_codes_have_no_gradient():
    network = NeuralNetwork(3, [Embedding([4], size=2), "tanh:3", 1], engine="reference")
    found = network.input_gradients([[0.5, -1.0, 3.0]])
    assert found[0, 2] == 0
    assert np.abs(found[0, :2]).min() > 0


def test_an_output_that_is_none_is_refused():
    network = NeuralNetwork(3, [2])
    for wrong in (2, -1, True, 0.0, None):
        with pytest.raises((InputError, InputTypeError), match="`output` must be an integer from 0 to 1. Received: "):
            network.input_gradients(np.zeros((1, 3)), wrong)
    with pytest.raises((InputError, InputTypeError), match=r"shape \(rows, 3\)"):
        network.input_gradients(np.zeros((1, 2)))
    with pytest.raises((InputError, InputTypeError), match="finite"):
        network.input_gradients([[np.nan, 0, 0]])


@pytest.mark.parametrize("kind", ["members", "embeddings", "tuned", "shared members"])
def test_those_of_an_estimator_are_the_slopes_of_its_prediction(kind):
    """By encoded numbers, of the averaged answer: the encoder out of the way."""
    model, X = model_of(kind), PEOPLE.polars()[:5]
    found = model.input_gradients(X)
    matrix = model.encoder_.transform(X)
    face = _faced(model)
    asked = face.predict_proba if hasattr(model, "classes_") else face.predict
    chosen = asked(matrix).argmax(axis=1) if hasattr(model, "classes_") else None

    def answer(moved):
        whole = matrix.copy()
        whole[:, : moved.shape[1]] = moved
        values = asked(whole)
        return float((values if chosen is None else values[np.arange(5), chosen]).sum()) / scale

    scale = 1.0 if chosen is not None else model.targets_.scale[0]
    numbers = matrix.shape[1] - len(model.encoder_.coded_levels)
    assert_close(found[:, :numbers] / scale, numerical_gradient(answer, matrix[:, :numbers]), kind)
    assert np.all(found[:, numbers:] == 0)


def _faced(model):
    """The same model for rows that are encoded already."""
    import copy

    face = copy.copy(model)
    face.encoder_ = type("Encoded", (), {"transform": staticmethod(lambda X: X)})()
    return face


# ----------------------------------------------------------------------------------------------------- path


START, END = np.array([[0.5, 0.0, -1.0]]), np.random.default_rng(0).normal(size=(20, 3))
TIGHT = np.full(20, 1e-9)


def straight(x):
    return x


def integrate(function, gradient, tolerance=TIGHT, start=START, end=END, curve=straight):
    def slopes(points, rows):
        return function(points[0]), [gradient(points[0])]

    return integrated_gradients(slopes, [start], [end], [curve], tolerance)


def test_a_linear_function_gives_weight_times_distance():
    w = np.array([2.0, -3.0, 0.5])
    found = integrate(lambda x: x @ w, lambda x: np.tile(w, (len(x), 1)))
    np.testing.assert_allclose(found.parts[0], w * (END - START), rtol=1e-12)


def test_a_product_is_shared_as_the_integral_says():
    """Of x y from (0, 0): the integral of α y over the way is half of it, for each."""
    found = integrate(
        lambda x: x[:, 0] * x[:, 1],
        lambda x: np.column_stack([x[:, 1], x[:, 0], np.zeros(len(x))]),
        start=np.zeros((1, 3)),
    )
    half = END[:, 0] * END[:, 1] / 2
    np.testing.assert_allclose(found.parts[0], np.column_stack([half, half, np.zeros(20)]), atol=1e-14)


def test_several_views_of_a_row_share_the_way():
    first, second = np.array([1.0, 2.0, 0.0]), np.array([0.0, 5.0])

    def slopes(points, rows):
        values = points[0] @ first + points[1] @ second
        return values, [np.tile(first, (len(rows), 1)), np.tile(second, (len(rows), 1))]

    ends = [END, END[:, :2] + 1]
    found = integrated_gradients(slopes, [START, np.zeros((1, 2))], ends, [straight] * 2, TIGHT)
    np.testing.assert_allclose(found.parts[1], second * ends[1], rtol=1e-12)
    assert np.abs(found.gap).max() < 1e-12


def test_at_a_kink_the_way_is_halved_until_the_gap_is_small():
    asked = []

    def slopes(points, rows):
        asked.append(len(rows))
        inside = points[0].sum(axis=1)
        return np.maximum(inside, 0), [(inside > 0)[:, None] * np.ones_like(points[0])]

    coarse = integrated_gradients(slopes, [START], [END], [straight], np.full(20, 10.0))
    points_of_coarse, asked[:] = sum(asked), []
    fine = integrated_gradients(slopes, [START], [END], [straight], np.full(20, 1e-4))
    assert points_of_coarse == 20 * (PIECES + 1)
    assert np.abs(coarse.gap).max() > 0.01
    assert np.abs(fine.gap).max() <= 1e-4
    assert points_of_coarse < sum(asked) < 1.5 * points_of_coarse


def test_broken_lines_cost_few_points_and_each_coordinate_has_its_own_integral():
    """Behind 200 kinks of each coordinate; beside it the integral of the derivative by a hundred thousand points."""
    rng, asked = np.random.default_rng(2), []
    edges = np.linspace(-2, 3, 201)
    heights = np.cumsum(rng.normal(size=(3, 201)) ** 2, axis=1) / 100
    slope = np.diff(heights, axis=1) / np.diff(edges)

    def broken(x):
        return np.column_stack([np.interp(column, edges, height) for column, height in zip(x.T, heights, strict=True)])

    def value(e):
        asked.append(len(e))
        return np.tanh(e[:, 0] * e[:, 1]) + e[:, 2] ** 2 * e[:, 0]

    def gradient(e):
        outer = 1 - np.tanh(e[:, 0] * e[:, 1]) ** 2
        return np.column_stack([outer * e[:, 1] + e[:, 2] ** 2, outer * e[:, 0], 2 * e[:, 2] * e[:, 0]])

    start, end = np.array([[-1.9, -1.9, -1.9]]), np.array([[2.9, 2.0, 1.0]])
    found = integrate(value, gradient, np.full(1, 1e-4), start, end, broken)
    places = (np.arange(100_000) + 0.5)[:, None] / 100_000
    x = start + places * (end - start)
    bins = np.searchsorted(edges, x) - 1
    exact = (gradient(broken(x)) * slope[np.arange(3), bins]).mean(axis=0) * (end - start)[0]
    np.testing.assert_allclose(found.parts[0][0], exact, atol=2e-3)
    assert sum(asked) < 200


def test_a_step_is_found_however_narrow():
    """f rises by 1 within a ten-thousandth of the way: no even spacing of that many points would see it."""

    def slopes(points, rows):
        x, inside = points[0][:, 0], (points[0][:, 0] > 0.3) & (points[0][:, 0] < 0.3001)
        return np.clip((x - 0.3) * 1e4, 0, 1), [inside[:, None] * 1e4]

    found = integrated_gradients(slopes, [np.zeros((1, 1))], [np.ones((1, 1))], [straight], np.full(1, 1e-2))
    np.testing.assert_allclose(found.parts[0], [[1.0]], atol=1e-2)


def test_where_f_jumps_the_gap_tells():
    def slopes(points, rows):
        return (points[0][:, 0] > 0.3) * 1.0, [np.zeros_like(points[0])]

    found = integrated_gradients(slopes, [np.zeros((1, 1))], [np.ones((1, 1))], [straight], np.full(1, 1e-2))
    np.testing.assert_allclose(found.gap, [1.0])


def test_rows_know_which_they_are_in_blocks_too(monkeypatch):
    """Each row has a function of its own; small blocks give the same as large ones."""
    w = np.random.default_rng(1).normal(size=(20, 3))

    def slopes(points, rows):
        return (points[0] ** 2 * w[rows]).sum(axis=1), [2 * points[0] * w[rows]]

    whole = integrated_gradients(slopes, [START], [END], [straight], TIGHT)
    monkeypatch.setattr("glassnet.insight.integrated_gradients.NUMBERS_AT_ONCE", 50)
    parts = integrated_gradients(slopes, [START], [END], [straight], TIGHT)
    np.testing.assert_allclose(whole.parts[0], w * (END**2 - START**2), atol=1e-12)
    np.testing.assert_allclose(parts.parts[0], whole.parts[0], atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_points_are_in_the_precision_of_the_rows(dtype):
    def slopes(points, rows):
        assert points[0].dtype == dtype
        return points[0].sum(axis=1), [np.ones_like(points[0])]

    found = integrated_gradients(slopes, [START.astype(dtype)], [END.astype(dtype)], [straight], TIGHT + 1e-5)
    np.testing.assert_allclose(found.parts[0], END - START, rtol=1e-5)

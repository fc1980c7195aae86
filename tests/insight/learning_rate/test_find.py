"""The range test: a rate that learns is found, one that explodes is not suggested, and nothing changes."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Dense, NeuralClassifier, NeuralNetwork, NeuralRegressor, find_learning_rate
from glassnet.errors import DivergenceError, InputError, InputTypeError


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    return X, X[:, 0] - 2 * X[:, 1] + 0.1 * rng.normal(size=300)


@pytest.fixture
def network():
    return NeuralNetwork(4, ["tanh:8", 1], engine="reference")


def test_the_curve_falls_and_explodes(network, data):
    found = find_learning_rate(network, *data, optimizer="sgd", highest=100.0)
    assert found.diverged
    assert len(found.rates) == len(found.losses) == len(found.smoothed) < 200
    np.testing.assert_allclose(found.rates[1:] / found.rates[:-1], (100 / 1e-6) ** (1 / 199))
    lowest = found.rates[np.argmin(found.smoothed)]
    assert found.suggestion == pytest.approx(lowest / 10)
    assert 1e-3 < found.suggestion < 0.3
    assert found.current == 0.01


def test_what_is_suggested_learns_and_the_end_of_the_curve_does_not(network, data):
    found = find_learning_rate(network, *data, highest=100.0)
    learned = network.copy()
    losses = learned.train(*data, epochs=20, learning_rate=found.suggestion)
    assert losses[-1] < losses[0] / 10
    assert find_learning_rate(network, *data, highest=1e-5).suggestion is None


def test_the_average_has_no_bias_at_the_start(network, data):
    found = find_learning_rate(network, *data)
    assert found.smoothed[0] == pytest.approx(found.losses[0])
    assert found.smoothed[1] == pytest.approx((0.95 * found.losses[0] + found.losses[1]) / 1.95)


def test_a_rate_for_wide_layers_of_another_parametrization_is_larger(data):
    layers = {
        way: [Dense(64, "tanh", parametrization=way), Dense(1, parametrization=way)] for way in ("standard", "ntk")
    }
    found = {
        way: find_learning_rate(NeuralNetwork(4, each, engine="reference"), *data, optimizer="sgd", highest=1000.0)
        for way, each in layers.items()
    }
    assert found["ntk"].suggestion > 2 * found["standard"].suggestion


def test_a_network_does_not_change(network, data):
    before = network.parameters.copy()
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first = find_learning_rate(network, *data)
    np.testing.assert_array_equal(network.parameters, before)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    np.testing.assert_array_equal(find_learning_rate(network, *data).losses, first.losses)


@pytest.mark.parametrize("preset", ["mlp", "realmlp"])
def test_an_estimator_is_begun_afresh_with_its_own_settings(data, preset):
    X, y = data
    model = NeuralRegressor(preset=preset, hidden_layers=(16,), learning_rate=0.5, epochs=2, members=1)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    found = find_learning_rate(model, X, y, np.ones(300), steps=60)
    assert "networks_" not in vars(model)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert found.current == 0.5
    assert 1e-5 < found.suggestion < 1


def test_a_fitted_estimator_does_not_change(data):
    X, y = data
    model = NeuralClassifier(preset="mlp", hidden_layers=(8,), epochs=2, random_state=0, class_weight="balanced")
    model.fit(X, y > 0)
    before, history = model.network_.parameters.copy(), list(model.history_["loss"])
    fitted = find_learning_rate(model, X, y > 0, steps=60)
    np.testing.assert_array_equal(model.network_.parameters, before)
    assert list(model.history_["loss"]) == history
    fresh = NeuralClassifier(preset="mlp", hidden_layers=(8,), epochs=2, random_state=0, class_weight="balanced")
    np.testing.assert_array_equal(find_learning_rate(fresh, X, y > 0, steps=60).losses, fitted.losses)


def test_it_prints_a_table_and_a_suggestion(network, data):
    found = find_learning_rate(network, *data, optimizer="sgd", highest=100.0)
    lines = str(found).splitlines()
    assert lines[0].split() == ["learning", "rate", "loss", "smoothed"]
    assert len(lines) == 14
    assert lines[-1].startswith(f"Suggestion: {found.suggestion:.2g}, a tenth of the learning rate")
    assert "The loss diverges" in lines[-1]
    assert lines[-1].endswith("Current setting: 0.01.")
    assert found.verdict("zh").startswith(f"建议：{found.suggestion:.2g}，")
    quiet = find_learning_rate(network, *data, highest=1e-5)
    assert quiet.verdict().startswith("No suggestion: the loss never fell clearly")
    assert quiet.verdict("zh").startswith("无法给出建议")


def test_the_picture(network, data):
    pytest.importorskip("matplotlib").use("agg")
    import matplotlib.pyplot as plt

    found = find_learning_rate(network, *data, optimizer="sgd", highest=100.0)
    axes = found.plot()
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "learning rate"
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), found.smoothed)
    assert axes.lines[1].get_xdata()[0] == found.suggestion
    assert found.plot(ax=axes) is axes
    plt.close("all")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lowest": 0}, "`lowest` of find_learning_rate must be positive"),
        ({"lowest": 1.0, "highest": 0.1}, "`highest` must be larger than `lowest`. Received: 1 and 0.1"),
        ({"steps": 5}, "`steps` of find_learning_rate must be an integer of at least 20. Received: 5"),
        ({"optimizer": "lbfgs"}, "L-BFGS has no learning rate"),
        ({"optimizer": "adma"}, "An optimizer must be one of"),
        ({"batch_size": 0}, "`batch_size`"),
        ({"X": np.zeros((300, 3))}, "must have shape"),
        ({"y": np.zeros(3)}, "same number of rows"),
        ({"language": "fr"}, "`language` must be one of"),
        ({"model": "mlp"}, "A learning rate can be searched for an estimator or a network"),
    ],
)
def test_what_cannot_be_done_is_refused(network, data, change, message):
    values = {"model": network, "X": data[0], "y": data[1]} | change
    with pytest.raises((InputError, InputTypeError), match=message):
        find_learning_rate(**values)


def test_a_loss_that_is_not_finite_from_the_beginning_is_an_error(network, data):
    network.parameters[...] = 1e200
    with pytest.raises(DivergenceError, match="The loss is not finite at the lowest rate, 1e-06. Try a smaller"):
        find_learning_rate(network, *data)


def test_an_estimator_brings_its_own_way(data):
    with pytest.raises(InputError, match="An estimator has its own optimizer"):
        find_learning_rate(NeuralRegressor(), *data, optimizer="sgd")
    with pytest.raises(InputError, match="L-BFGS has no learning rate"):
        find_learning_rate(NeuralRegressor(optimizer="lbfgs"), *data)


def test_members_that_learn_from_all_rows_are_not_asked(data):
    model = NeuralRegressor(hidden_layers=(16,), members=3, refits=2, epochs=2)
    assert find_learning_rate(model, *data).suggestion > 0
    assert model.refits == 2


def test_of_several_kinds_the_rate_is_that_of_the_first(data):
    kinds = {"learning_rate": 0.5, "batch_size": 50}, {}
    model = NeuralRegressor(preset="mlp", kinds=kinds, hidden_layers=4, random_state=0)
    assert find_learning_rate(model, *data).current == 0.5


class Forest(NeuralClassifier):
    """A class of somebody's own, without most of the options declared here."""

    def __init__(self, *, trees=2):
        self.trees = trees
        super().__init__(preset="mlp", hidden_layers=4, members=trees, random_state=0)


def test_a_class_made_of_an_estimator_may_lack_options(data):
    X, y = data
    alike = NeuralClassifier(preset="mlp", hidden_layers=4, members=2, random_state=0)
    found, expected = (find_learning_rate(each, X, y > y.mean()) for each in (Forest(), alike))
    np.testing.assert_array_equal(found.losses, expected.losses)

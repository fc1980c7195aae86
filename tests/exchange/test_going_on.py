"""Training that goes on after loading gives the same bits as training that was never interrupted."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import BatchNorm, NeuralClassifier, NeuralNetwork, NeuralRegressor, Optimizer, load, save
from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.support import container

rng = np.random.default_rng(0)
X = rng.normal(size=(80, 3))
THIRD = np.digitize(X[:, 0], [-0.5, 0.5])
OPTIONS = {"preset": "mlp", "hidden_layers": (6, BatchNorm(), "dropout:0.2"), "random_state": 3}


def through_a_file(model, folder, **options):
    save(model, folder / "model", **options)
    return load(folder / "model")


def assert_same_training(model, again):
    for ours, theirs in zip(model.networks_, again.networks_, strict=True):
        assert ours.parameters.tobytes() == theirs.parameters.tobytes()
        assert ours.statistics.tobytes() == theirs.statistics.tobytes()
    assert [history["loss"] for history in model.histories_] == [history["loss"] for history in again.histories_]


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_partial_fit_with_every_optimizer(optimizer, tmp_path):
    model = NeuralClassifier(optimizer=optimizer, learning_rate=0.01, **OPTIONS)
    for _ in range(3):
        model.partial_fit(X, THIRD)
    again = through_a_file(model, tmp_path, optimizer=True)
    for _ in range(3):
        model.partial_fit(X, THIRD)
        again.partial_fit(X, THIRD)
    assert_same_training(model, again)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_partial_fit_of_several_members(dtype, engine, tmp_path):
    model = NeuralRegressor(members=3, dtype=dtype, engine=engine, **OPTIONS).partial_fit(X, X[:, 1])
    again = through_a_file(model, tmp_path, optimizer=True)
    model.partial_fit(X, X[:, 1])
    assert_same_training(model, again.partial_fit(X, X[:, 1]))


def test_without_the_state_it_goes_on_otherwise(tmp_path):
    model = NeuralClassifier(optimizer="adam", **OPTIONS).partial_fit(X, THIRD)
    again = through_a_file(model, tmp_path)
    model.partial_fit(X, THIRD)
    again.partial_fit(X, THIRD)
    assert model.network_.parameters.tobytes() != again.network_.parameters.tobytes()


@pytest.mark.parametrize("optimizer", [True, False])
@pytest.mark.parametrize("members", [1, 2])
def test_a_warm_start(optimizer, members, tmp_path):
    model = NeuralClassifier(warm_start=True, epochs=3, members=members, **OPTIONS).fit(X, THIRD)
    again = through_a_file(model, tmp_path, optimizer=optimizer)
    assert_same_training(model.fit(X, THIRD), again.fit(X, THIRD))


def test_members_that_were_kept_have_their_own_seeds(tmp_path):
    model = NeuralClassifier(warm_start=True, epochs=3, members=4, **OPTIONS).fit(X, THIRD)
    model.prune(2, X, THIRD)
    model.networks_[1].seed = 77  # whichever were kept
    again = through_a_file(model, tmp_path)
    assert [network.seed for network in again.networks_] == [network.seed for network in model.networks_]


def test_a_bare_network_has_no_state_to_keep(tmp_path):
    network = NeuralNetwork(3, ["dropout:0.2", 3], "cross_entropy")
    network.train(X, THIRD, epochs=1)
    again = through_a_file(network, tmp_path, optimizer=True)
    assert network.train(X, THIRD, epochs=2) == again.train(X, THIRD, epochs=2)


def test_the_state_is_saved_only_where_it_is_asked_for(tmp_path):
    model = NeuralClassifier(optimizer="adam", **OPTIONS).partial_fit(X, THIRD)
    save(model, tmp_path / "without")
    save(model, tmp_path / "with", optimizer=True)
    assert [name for name in container.read(tmp_path / "without")[1] if "optimizer" in name] == []
    document, arrays = container.read(tmp_path / "with")
    assert {name for name in arrays if "optimizer" in name} == {"optimizer.1.m", "optimizer.1.v"}
    assert document["optimizer"][0]["step"] == model.updaters_[0].t


def test_an_optimizer_of_one_s_own_must_be_registered(tmp_path):
    sign = Optimizer("sign", lambda theta, g, alpha: (theta - alpha * np.sign(g),), learning_rate=0.01)
    model = NeuralClassifier(**OPTIONS).partial_fit(X, THIRD)
    model.updaters_[0].optimizer = sign
    with pytest.raises(InputError, match="An optimizer must be registered under its name"):
        save(model, tmp_path / "model", optimizer=True)


def test_optimizer_must_be_true_or_false(tmp_path):
    with pytest.raises(InputTypeError, match="`optimizer` of save must be True or False. Received: 'adam'"):
        save(NeuralNetwork(3, [1]), tmp_path / "model", optimizer="adam")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rule", "os.system"),
        ("rule", 3),
        ("step", -1),
        ("step", 2**70),
        ("step", 1.5),
        ("coefficients", [1.0]),
        ("coefficients", "m"),
        ("weight_decay", -1.0),
        ("weight_decay", "1"),
    ],
)
def test_a_false_state_is_refused(field, value, tmp_path):
    save(NeuralClassifier(optimizer="adam", **OPTIONS).partial_fit(X, THIRD), tmp_path / "good", optimizer=True)
    document, arrays = container.read(tmp_path / "good")
    document["optimizer"][0][field] = value
    container.write(tmp_path / "bad", document, arrays)
    with pytest.raises(InputError, match="bad cannot be loaded"):
        load(tmp_path / "bad")


@pytest.mark.parametrize("change", ["drop", "shorter", "dtype", "nan"])
def test_false_memories_are_refused(change, tmp_path):
    save(NeuralClassifier(optimizer="adam", **OPTIONS).partial_fit(X, THIRD), tmp_path / "good", optimizer=True)
    document, arrays = container.read(tmp_path / "good")
    memory = arrays.pop("optimizer.1.v")
    changed = {"shorter": memory[1:], "dtype": memory.astype("float32"), "nan": memory * np.nan}
    if change in changed:
        arrays["optimizer.1.v"] = changed[change]
    container.write(tmp_path / "bad", document, arrays)
    with pytest.raises(InputError, match="The optimizer's state of a model must match the rest"):
        load(tmp_path / "bad")

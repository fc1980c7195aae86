"""A network of several members: it learns the mean of their losses, and answers with the mean of their answers."""

import numpy as np
import pytest

import glassnet
from glassnet import Copies, Dense, Dropout, MemberDense, NeuralNetwork
from glassnet.errors import InputError
from glassnet.support.container import read, write
from glassnet.training import Trainer

ENGINES = pytest.mark.parametrize("engine", ["compiled", "reference"])


@pytest.fixture
def data():
    X = np.random.default_rng(0).normal(size=(40, 3))
    return X, np.arange(40) % 4


def members(loss="cross_entropy", outputs=4, count=3, **settings):
    layers = [
        Copies(count),
        MemberDense(6, "tanh", count, adapter_initializer="signs"),
        MemberDense(outputs, members=count, shared=False),
    ]
    return NeuralNetwork(3, layers, loss, members=count, **settings)


def test_the_loss_is_the_mean_of_the_losses_by_hand():
    """Outputs 3 and -1 for the target 2: losses 1 and 9, mean 5; the mean output 1 would have the loss 1."""
    network = NeuralNetwork(1, [Copies(2), MemberDense(1, members=2, shared=False)], "mse", members=2)
    network["2.W"][...], network["2.b"][...] = 0, [[3], [-1]]
    loss, gradients = network.backward([[1.0]], [2.0])
    assert loss == 5
    np.testing.assert_array_equal(gradients["2.b"], [[1], [-3]])  # 2 (3 - 2) / 2 and 2 (-1 - 2) / 2
    np.testing.assert_array_equal(network.predict([[1.0]]), [[1]])
    np.testing.assert_array_equal(network.forward([[1.0]]), [[3, -1]])
    assert network.engine.evaluation(network, np.ones((1, 1)), np.array([2.0]), None)() == 1


@ENGINES
def test_probabilities_are_averaged_and_not_scores(data, engine):
    network = members(engine=engine)
    network.parameters[...] *= 3
    each = network.forward_each(data[0])
    assert [output.shape for output in each] == [(40, 4)] * 3
    np.testing.assert_array_equal(np.hstack(each), network.forward(data[0]))
    mean = np.mean([network.loss.predict(output) for output in each], axis=0)
    np.testing.assert_allclose(network.predict(data[0]), mean, rtol=1e-12)
    np.testing.assert_array_equal(network.classify(data[0]), mean.argmax(axis=1))
    assert np.abs(mean - network.loss.predict(np.mean(each, axis=0))).max() > 0.01


@ENGINES
def test_held_back_rows_judge_the_average(data, engine):
    network = members(engine=engine)
    weight = np.random.default_rng(1).uniform(size=40)
    of_average = -np.log(network.predict(data[0])[np.arange(40), data[1]])
    loss = network.engine.evaluation(network, *data, weight)()
    assert loss == pytest.approx(np.average(of_average, weights=weight), rel=1e-10)


@ENGINES
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_members_that_share_nothing_learn_as_networks_of_their_own(data, engine, loss):
    """The same batches; the mean over k members takes 1/k of each gradient, so its steps are k times as long."""
    X, y = data[0], data[1] if loss == "cross_entropy" else np.random.default_rng(0).normal(size=(40, 4))
    hidden, last = (MemberDense(n, f, 3, shared=False) for n, f in ((6, "tanh"), (4, "identity")))
    together = NeuralNetwork(3, [Copies(3), hidden, last], loss, members=3, engine=engine)
    apart = [NeuralNetwork(3, [Dense(6, "tanh"), Dense(4)], loss, engine=engine) for _ in range(3)]
    for member, network in enumerate(apart):
        for number in (1, 2):
            for name in "Wb":
                network[f"{number}.{name}"][...] = together[f"{number + 1}.{name}"][member]
    settings = {"optimizer": "momentum", "epochs": 5, "batch_size": 8}
    losses = together.train(X, y, learning_rate=0.03, **settings)
    alone = [network.train(X, y, learning_rate=0.01, **settings) for network in apart]
    np.testing.assert_allclose(losses, np.mean(alone, axis=0), rtol=1e-12)
    for output, network in zip(together.forward_each(X), apart, strict=True):
        np.testing.assert_allclose(output, network.forward(X), rtol=1e-10, atol=1e-12)


def test_equal_members_stay_equal(data):
    """Nothing but their adapters and heads tells members apart, once they see the same batches without dropout."""
    network = members()
    network["2.r"][...] = 1
    network["3.W"][...] = network["3.W"][0]
    network.train(*data, epochs=3)
    first, *others = network.forward_each(data[0])
    for other in others:
        np.testing.assert_allclose(other, first, rtol=1e-10)


def test_dropout_of_each_member_is_its_own(data):
    layers = [Copies(2), Dropout(0.5), MemberDense(1, members=2, shared=False)]
    network = NeuralNetwork(3, layers, "mse", members=2)
    a = network.trace(data[0], data[0][:, 0])["2.a"]
    assert ((a[:, :3] == 0) != (a[:, 3:] == 0)).any()


def test_a_trainer_stops_by_the_average_and_scores_it(data):
    network = members("binary_cross_entropy", 1)
    y = (data[0][:, 0] > 0).astype(int)
    trainer = Trainer(epochs=60, learning_rate=0.02, early_stopping=True, scoring="roc_auc", validation_fraction=0.25)
    history = trainer.fit(network, data[0], y)
    assert max(history["validation_roc_auc"]) > 0.8


def test_a_trace_says_that_the_loss_is_a_mean_over_members(data):
    trace = members().trace(*data)
    assert trace["output"].shape == (40, 12)
    assert trace["row losses"].shape == (40,)
    assert "mean over the members" in str(trace)


def test_it_survives_a_file(data, tmp_path):
    network = members(dtype="float32")
    network.train(*data)
    glassnet.save(network, tmp_path / "network.safetensors")
    again = glassnet.load(tmp_path / "network.safetensors")
    assert (again.members, again.outputs) == (3, 4)
    np.testing.assert_array_equal(again.predict(data[0]), network.predict(data[0]))
    assert repr(again) == repr(network)
    assert repr(network).endswith("members=3)")


def test_every_member_needs_its_outputs():
    message = "the same number of outputs for each of 3 members. Received: 4 outputs. End with MemberDense"
    with pytest.raises(InputError, match=message):
        NeuralNetwork(3, [4], members=3)
    with pytest.raises(InputError, match="`cross_entropy` needs one output for each class, at least 2. Received: 1"):
        NeuralNetwork(3, [3], "cross_entropy", members=3)


def test_no_file_can_ask_for_copies_without_end(tmp_path):
    """Copies have no numbers in the file that would give their count away."""
    path = tmp_path / "network.safetensors"
    glassnet.save(NeuralNetwork(1, [Copies(2)], members=2), path)
    document, arrays = read(path)
    document["network"]["members"] = document["network"]["layers"][0]["members"] = 2**40
    write(path, document, arrays)
    with pytest.raises(InputError, match="`members` of Copies must be an integer up to"):
        glassnet.load(path)

"""Networks that come from Keras and go to it predict the same; PyTorch is what Keras computes with here."""

from __future__ import annotations

import os

import numpy as np
import pytest

from glassnet import (
    Activate,
    BatchNorm,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    NeuralNetwork,
    RMSNorm,
    from_keras,
    to_keras,
)
from glassnet.errors import InputError, InputTypeError
from glassnet.exchange.importers.keras import SPELLINGS
from glassnet.formulas.elementary import bfloat16
from glassnet.layers.rounding import rounds

os.environ.setdefault("KERAS_BACKEND", "torch")  # Keras asks for it at its first import
keras = pytest.importorskip("keras")
layers = keras.layers
pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # of Keras's own making
]

rng = np.random.default_rng(0)
X = rng.normal(size=(50, 5)).astype(np.float32)


def stirred(model):
    """With numbers that are not those of the start."""
    model.set_weights([rng.uniform(0.1, 0.9, array.shape).astype(array.dtype) for array in model.get_weights()])
    return model


def sequential(*inner):
    return stirred(keras.Sequential([keras.Input((5,)), *inner]))


def theirs(model, rows=X):
    return model.predict(rows, verbose=0)


@pytest.mark.parametrize("activation", SPELLINGS)
def test_every_activation_from_keras(activation):
    model = sequential(layers.Dense(4, activation=activation), layers.Dense(3))
    np.testing.assert_allclose(from_keras(model).predict(X), theirs(model), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Activation("silu"),
        layers.ReLU(),
        layers.ReLU(max_value=6),
        layers.ReLU(negative_slope=0.3),
        layers.LeakyReLU(0.25),
        layers.ELU(0.5),
        layers.Softmax(),
        layers.Dropout(0.5),
        layers.Flatten(),
        layers.Identity(),
        layers.BatchNormalization(),
        layers.BatchNormalization(momentum=0.8, epsilon=1e-2, center=False),
        layers.BatchNormalization(scale=False),
        layers.LayerNormalization(),
        layers.LayerNormalization(epsilon=1e-2, scale=False),
        layers.RMSNormalization(),
        layers.Rescaling(0.5, [1.0, 2.0, 3.0, 4.0]),
        layers.Normalization(),
        layers.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[4.0, 1.0, 0.0, 9.0]),
        layers.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[4.0, 1.0, 0.5, 9.0], invert=True),
        layers.Normalization(axis=None, mean=1.0, variance=4.0),
    ],
    ids=lambda layer: layer.name,
)
def test_every_layer_from_keras(layer):
    model = sequential(layers.Dense(4), layer, layers.Dense(3, use_bias=False))
    np.testing.assert_allclose(from_keras(model).forward(X), theirs(model), rtol=1e-5, atol=1e-5)


def test_a_learned_slope_that_all_share():
    model = sequential(layers.Dense(4), layers.PReLU(shared_axes=[1]))
    model.layers[1].set_weights([np.array([0.25])])
    assert from_keras(model).layers == (Dense(4, "leaky_relu(slope=0.25)"),)


def test_the_loss_says_what_the_outputs_mean():
    network = from_keras(sequential(layers.Dense(3)), loss="cross_entropy")
    np.testing.assert_allclose(network.predict(X).sum(axis=1), 1, rtol=1e-5)


def test_what_is_said_of_training_comes_along():
    model = sequential(layers.Dense(4), layers.BatchNormalization(momentum=0.8, epsilon=1e-2), layers.Dropout(0.25))
    _, batch, dropout = from_keras(model).layers
    assert (batch.momentum, batch.epsilon, dropout.rate) == pytest.approx((0.2, 1e-2, 0.25))


def test_models_in_models():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(6, activation="relu"), layers.Dense(2)])
    model = sequential(layers.Dense(4), inner)
    np.testing.assert_allclose(from_keras(model).forward(X), theirs(model), rtol=1e-5, atol=1e-5)


class Own(layers.Dense):
    pass


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (layers.PReLU(), "layer 1, PReLU 'p_re_lu.*': PReLU must have a single slope. Received: 4 slopes"),
        (layers.ReLU(max_value=5), "layer 1, ReLU 're_lu.*': Clip bounds must be .* Received: 0 to 5"),
        (layers.ReLU(max_value=6, negative_slope=0.1), "layer 1, ReLU 're_lu.*': Unsupported layer"),
        (layers.Rescaling(2.0), "must be followed by a dense layer, into which it is folded. Received: it comes last"),
        (layers.Dense(2, activation="exponential"), "Unsupported activation. Received: 'exponential'"),
        (layers.GaussianNoise(0.1), "layer 1, GaussianNoise"),
        (layers.Dropout(0.1), None),
        (Own(2), "layer 1, Own 'own.*': it is not Keras's own"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_cannot_come_is_named_with_its_place(layer, message):
    model = sequential(layers.Dense(4), layer)
    if message is None:
        from_keras(model)
        return
    with pytest.raises(InputError, match=message):
        from_keras(model)


def test_a_layer_norm_of_rms_scaling_is_refused():
    with pytest.warns(UserWarning, match="rms_scaling"):
        layer = layers.LayerNormalization(rms_scaling=True)
    with pytest.raises(InputError, match="It must subtract the mean. Received: rms_scaling. Use RMSNormalization"):
        from_keras(sequential(layers.Dense(4), layer))


def test_a_model_that_is_not_built_is_refused():
    with pytest.raises(InputError, match="It has no weights yet"):
        from_keras(keras.Sequential([layers.Dense(3)]))


def functional(chain):
    """The functional model that gives chain(entry)."""
    entry = keras.Input((5,))
    return stirred(keras.Model(entry, chain(entry)))


def test_chains_of_the_functional_interface():
    twice, inner = layers.Dense(5, "tanh"), sequential(layers.Dense(4, "relu"))
    model = functional(lambda entry: layers.Dense(2)(inner(twice(layers.Dropout(0.1)(twice(entry))))))
    network = from_keras(model)
    assert [type(layer) for layer in network.layers] == [Dense, Dropout, Dense, Dense, Dense]
    np.testing.assert_allclose(network.forward(X), theirs(model), rtol=1e-5, atol=1e-5)


def test_a_part_of_a_model():
    whole = functional(lambda entry: layers.Dense(2)(layers.Dense(4, "relu", name="inside")(entry)))
    model = keras.Model(whole.inputs[0], whole.get_layer("inside").output)
    np.testing.assert_allclose(from_keras(model).forward(X), theirs(model), rtol=1e-5, atol=1e-5)


def test_a_scaling_of_columns_is_taken_up_by_the_weights():
    rows = rng.normal([1000, 0, -5, 1, 1], [10, 0.1, 1, 1, 1], (50, 5)).astype(np.float32)
    standardize = layers.Normalization()
    standardize.adapt(rows)
    entry = keras.Input((5,))
    model = keras.Model(entry, layers.Dense(3, "tanh", use_bias=False)(layers.Rescaling(2.0, 1.0)(standardize(entry))))
    network = from_keras(model)
    assert network.layers == (Dense(3, "tanh"),)
    np.testing.assert_allclose(network.forward(rows), theirs(model, rows), rtol=1e-4, atol=1e-4)


def test_only_chains_come():
    with pytest.raises(InputError, match="Add 'add.*': it takes more than what the layer before it gives"):
        from_keras(functional(lambda entry: layers.Add()([entry, layers.Dense(5)(entry)])))
    with pytest.raises(InputError, match="must have one input and one output. Received: 1 and 2"):
        from_keras(functional(lambda entry: [layers.Dense(5)(entry), layers.Dense(2)(entry)]))
    with pytest.raises(InputError, match="Relu 'relu.*': it is a function"):
        from_keras(functional(lambda entry: layers.Dense(3)(keras.ops.relu(entry))))
    with pytest.raises(InputTypeError, match="must be Sequential or functional. Received: NeuralNetwork"):
        from_keras(NeuralNetwork(2, [1]))


THERE = [*SPELLINGS.values(), "elu(alpha=0.3)", "leaky_relu(slope=0.4)"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", sorted(set(THERE)))
def test_every_activation_to_keras(activation, dtype):
    network = NeuralNetwork(5, [Dense(4, activation), 3], dtype=dtype)
    np.testing.assert_allclose(theirs(to_keras(network)), network.forward(X), rtol=1e-5, atol=1e-5)


def test_every_layer_to_keras_and_back():
    inner = [
        Dense(6, "tanh", parametrization="ntk"),
        BatchNorm(0.2, 1e-4),
        Dropout(0.3),
        LayerNorm(1e-4),
        RMSNorm(1e-3),
        Activate("relu"),
    ]
    network = NeuralNetwork(5, [*inner, Dense(2, bias=False)], "cross_entropy", dtype="float32")
    network.train(X, np.arange(50) % 2, epochs=3)
    model = to_keras(network)
    np.testing.assert_allclose(theirs(model), network.forward(X), rtol=1e-4, atol=1e-5)
    again = from_keras(model, loss="cross_entropy")
    np.testing.assert_allclose(again.predict(X), network.predict(X), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("parametrization", ["standard", "ntk"])
@pytest.mark.parametrize("bias", [True, False])
def test_sums_of_rounded_operands_differ_by_their_order_alone(parametrization, bias):
    layer = Dense(30, bias=bias, bias_initializer="normal", parametrization=parametrization, products="bfloat16")
    network = NeuralNetwork(200, [layer], dtype="float32")
    rows = rng.normal(size=(50, 200)).astype(np.float32)
    W, share = network.layout.values(network.parameters, network.statistics)[0]["W"], layer.share(200)
    # each order is off by at most so many roundings of the sum of sizes; then come the share and the bias
    limit = 2 * (200 + 2) * 2.0**-24 * (np.abs(bfloat16(rows)) @ np.abs(bfloat16(W)) * share + 3)
    assert (np.abs(theirs(to_keras(network), rows) - network.forward(rows)) <= limit).all()


def test_rounding_layers_to_keras_and_back():
    network = NeuralNetwork(5, [128, "tanh:128", Dense(128, "relu", parametrization="ntk"), 3], dtype="bfloat16")
    assert rounds(network.layers)
    model = to_keras(network)
    np.testing.assert_allclose(theirs(model), network.forward(X), rtol=1e-2, atol=1e-2)
    again = from_keras(model)
    assert again.layers == network.layers
    assert again.forward(X).tobytes() == network.forward(X).tobytes()


def test_what_cannot_go_is_named_with_its_place():
    with pytest.raises(InputError, match=r"layer 1, Embedding\(.*another library has no such layer"):
        to_keras(NeuralNetwork(2, [Embedding((3,)), 1]))
    with pytest.raises(InputError, match="layer 2.*Keras has no gelu_tanh"):
        to_keras(NeuralNetwork(2, [3, "gelu_tanh:2", 1]))


@pytest.mark.parametrize(
    ("last", "units", "loss"), [("sigmoid", 1, "binary_cross_entropy"), ("softmax", 3, "cross_entropy")]
)
def test_an_activation_that_the_loss_has_inside_is_not_applied_twice(last, units, loss):
    for end in ([layers.Dense(units, activation=last)], [layers.Dense(units), layers.Activation(last)]):
        model = sequential(layers.Dense(4, activation="tanh"), *end)
        np.testing.assert_allclose(from_keras(model, loss=loss).predict(X), theirs(model), rtol=1e-5, atol=1e-6)


def test_functions_of_somebody_elses_are_refused_whatever_they_are_called():
    def relu(x):
        return 2 * x

    for layer in (layers.Dense(4, activation=relu), layers.Activation(relu)):
        with pytest.raises(InputError, match="its activation 'relu' is not Keras's own"):
            from_keras(sequential(layers.Dense(4), layer))
    model = sequential(layers.Dense(4))
    model.layers[0].call = lambda x: x[:, :4]
    with pytest.raises(InputError, match="its `call` is not Keras's own but was replaced"):
        from_keras(model)


def test_answers_are_compared_whatever_the_reason(monkeypatch):
    model = sequential(layers.Dense(4, activation="tanh"), layers.Dense(2))
    assert from_keras(model).layers == (Dense(4, "tanh"), Dense(2))
    monkeypatch.setattr(layers.Dense, "call", lambda self, x, training=None: x @ self.kernel)
    with pytest.raises(InputError, match="must give the same output as its parts in sequence"):
        from_keras(model)

"""Network: what is refused, and with which message."""

from __future__ import annotations

import numpy as np

from glassnet import Dense, NeuralNetwork, Neuron
from glassnet.errors import InputError, InputTypeError
from tests.refusals import each, refusals

X, y = np.ones((4, 3)), np.ones(4)


def made(**settings):
    return NeuralNetwork(2, ["relu:3", 1], **settings)


def numbered(*numbers):
    return NeuralNetwork.with_numbers(3, [2], "mse", *numbers)


test_input_errors = refusals(
    InputError,
    # members of a network
    (lambda: NeuralNetwork(3, [4], members=0), "`members` of NeuralNetwork must be a positive integer"),
    # network
    *each(
        lambda inputs: NeuralNetwork(inputs, [1]),
        "`inputs` of NeuralNetwork must be a positive integer. Received: ",
        [0, -1],
    ),
    (lambda: NeuralNetwork(2, []), "A network must have at least one layer"),
    (lambda: made(loss="msee"), r"A loss must be one of: .*Received: 'msee'\. Did you mean 'mse'"),
    (lambda: made(dtype="float16"), "`dtype` must be float32, float64 or bfloat16"),
    (lambda: made(dtype="nonsense"), "`dtype` must be float32, float64 or bfloat16"),
    (lambda: made(dtype=int), "`dtype` must be float32, float64 or bfloat16"),
    (lambda: made(engine="turbo"), "`engine` must be one of: compiled, reference"),
    (lambda: made(seed=-1), "`seed` of NeuralNetwork must be an integer from 0"),
    (lambda: made(seed=2**64), "`seed` of NeuralNetwork must be an integer from 0"),
    (lambda: made(loss="cross_entropy"), "needs one output for each class, at least 2. Received: 1 output"),
    (lambda: made(loss="gaussian_nll"), "`gaussian_nll` needs 2 outputs for each target"),
    (lambda: made(loss="quantile(levels=(0.1, 0.9))"), "needs 2 outputs for each target"),
    (lambda: NeuralNetwork(2, ["rleu:3", 1]), "An activation must be one of: elu, gelu, .*Did you mean 'relu'"),
    (
        lambda: NeuralNetwork(3, [1]).train(X, y, optimizer="adamm"),
        "An optimizer must be one of: adagrad, adam, .*Received: 'adamm'",
    ),
    (
        lambda: numbered(np.zeros(3), np.zeros(0)),
        r"parameters of this network must be an array of shape \(8,\). Received: shape \(3,\)",
    ),
    (lambda: numbered(np.zeros(8, int), np.zeros(0, int)), "`dtype` must be float32 or float64"),
    (lambda: numbered(np.zeros(8), np.zeros(1)), r"statistics of this network must be an array of shape \(0,\)"),
    (lambda: numbered(np.zeros(8), np.zeros(0, "float32")), "statistics of this network.*Received: shape .*float32"),
    # neuron
    (lambda: Neuron(0), "`inputs` of Neuron must be a positive integer"),
    (lambda: Neuron(2, "sigmoidd"), "Did you mean 'sigmoid'"),
    (lambda: Neuron(2, "softmax"), "The activation of a neuron must be elementwise"),
    (lambda: Neuron(2, "identity", "cross_entropy"), "The loss of one neuron must be one of a single output"),
    (lambda: Neuron(2, "identity", "gaussian_nll"), "The loss of one neuron must be one of a single output"),
    (lambda: Neuron(2, "identity", "quantile(levels=(0.1, 0.9))"), "must be one of a single output"),
    (lambda: Neuron(2, "identity", "msee"), "A loss must be one of"),
    (lambda: Neuron(2, "relu", "binary_cross_entropy"), "Before `binary_cross_entropy` must come raw scores"),
    (lambda: Neuron(2, "identity"), 'End the layers with "sigmoid"'),
    (lambda: Neuron(2, seed=-1), "`seed` of Neuron must be an integer"),
    (lambda: Neuron(3).train(X, y, learning_rate=0), "`learning_rate` of Neuron.train must be positive"),
    (lambda: Neuron(3).train(X, y, optimizer="adamm"), "An optimizer must be one of"),
    (lambda: Neuron(3).train(X, y, epochs=0), "`epochs` of Neuron.train must be a positive integer"),
    (lambda: setattr(Neuron(2), "w", [1, 2, 3]), "`w` of a neuron must be finite numbers of shape"),
    (lambda: setattr(Neuron(2), "w", 1.0), "`w` of a neuron must be finite numbers of shape"),
    (lambda: setattr(Neuron(2), "w", [1, np.nan]), "`w` of a neuron must be finite numbers of shape"),
    (lambda: setattr(Neuron(2), "b", [1]), "`b` of a neuron must be finite numbers of shape"),
    (lambda: setattr(Neuron(2), "b", np.inf), "`b` of a neuron must be finite numbers of shape"),
    # trace
    (
        lambda: NeuralNetwork(3, [1]).trace(X, y, learning_rate=-1),
        "`learning_rate` of NeuralNetwork.trace must be positive",
    ),
)

test_input_type_errors = refusals(
    InputTypeError,
    # members of a network
    *each(
        lambda count: NeuralNetwork(3, [4], members=count),
        "`members` of NeuralNetwork must be a positive integer",
        [1.5, True, "two"],
    ),
    # network
    *each(
        lambda inputs: NeuralNetwork(inputs, [1]),
        "`inputs` of NeuralNetwork must be a positive integer. Received: ",
        [2.0, "2", None, True],
    ),
    *each(lambda layers: NeuralNetwork(2, layers), "Layers must be a list", ["relu:3", 3, Dense(3), None]),
    (lambda: made(seed=None), "`seed` of NeuralNetwork must be an integer from 0"),
    (lambda: made(seed=1.5), "`seed` of NeuralNetwork must be an integer from 0"),
    (
        lambda: NeuralNetwork(1, [1]).train([[1.0]], [1.0], epoch=1),
        "train has no option `epoch`.*Did you mean `epochs`",
    ),
    (lambda: NeuralNetwork(1, [1]).train([[1.0]], [1.0], foo=1), "no option `foo`.*Available: X, y, epochs"),
    # neuron
    (lambda: Neuron(2.5), "`inputs` of Neuron must be a positive integer"),
    (lambda: Neuron(3).train(X, y, learning_rate="1"), "`learning_rate` of Neuron.train must be positive"),
    (lambda: setattr(Neuron(2), "w", "x"), "`w` of a neuron must be numbers"),
    (lambda: setattr(Neuron(2), "b", "x"), "`b` of a neuron must be numbers"),
)

test_key_errors = refusals(
    KeyError,
    # network
    (lambda: NeuralNetwork(2, [1])["3.W"], r"no parameter '3\.W'; it has: 1\.W, 1\.b"),
    # neuron
    (lambda: Neuron(3).chain(X, y)["d_q"], "The chain has no 'd_q'; it has: x, y, w, b, z, a"),
    # trace
    (lambda: NeuralNetwork(3, [1]).trace(X, y)["9.W"], r"The trace has no '9\.W'; it has: x, 1\.W"),
)

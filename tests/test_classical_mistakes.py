"""The mistakes that tutorials make, each in the place of our own rule: a check catches it, and passes the right one.

What is checked is never "is it our code", but what the rule is for: a gradient is the slope of the loss, a step of
plain descent goes down that slope, every number stays finite, the units of a layer differ. So the same checks catch
the next mistake too. Where a mistake leaves the gradient right, the test says so, and another check catches it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from glassnet import Activate, Dense, NeuralNetwork, Neuron, Trainer
from glassnet.engines import ReferenceEngine
from glassnet.errors import InputError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.initializers import INITIALIZERS, Initializer
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.layers import Layer, Parameter, layer_to_dict
from glassnet.layers.output_activation import last_activation
from tests.gradient import assert_close, check_network, numerical_gradient

XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(6, 3)), rng.normal(size=6)


# --------------------------------------------- mistakes that the gradient check catches


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "gelu"])
def test_the_derivative_is_not_taken_of_the_activated_value(name, data):
    """sigmoid'(z) = a (1 - a), where a *is* the sigmoid already.

    "derivative(a) = sigmoid(a) · (1 - sigmoid(a))" applies the activation a second time: the derivative of the next
    storey of the house. Networks often still learn with it, badly, which is why it survives in so many tutorials.
    """
    right = ACTIVATIONS.get(name)
    wrong = replace(right, derivative=lambda z, a: right.derivative(a, right(a)))
    check_network(NeuralNetwork(3, [Dense(4, right), 1]), *data)
    with pytest.raises(AssertionError, match=r"d_1\.W"):
        check_network(NeuralNetwork(3, [Dense(4, wrong), 1]), *data)


class SignReversed(Dense):
    """A dense layer that hands the gradient back with the wrong sign."""

    def backward(self, values, record, d_y, gradients):
        return -super().backward(values, record, d_y, gradients)


def test_the_sign_of_the_hidden_gradient_is_not_reversed(data):
    """With (a - y) in one layer and (y - a) in the next, the hidden layer climbs while the output layer descends.

    The output layer's own gradient is right, so that the loss may even fall: W of the *first* layer is what is wrong.
    """
    check_network(NeuralNetwork(3, ["tanh:4", Dense(1)]), *data)
    with pytest.raises(AssertionError, match=r"d_1\.W"):
        check_network(NeuralNetwork(3, ["tanh:4", SignReversed(1)]), *data)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "silu"])
def test_the_hidden_gradient_has_the_hidden_activation_s_derivative(name, data):
    """d_z = d_a · f'(z). Without f'(z) the error is handed on as if the hidden layer were linear."""
    right = ACTIVATIONS.get(name)
    wrong = replace(right, derivative=lambda z, a: np.ones_like(a))
    check_network(NeuralNetwork(3, [Dense(4, right), 1]), *data)
    with pytest.raises(AssertionError, match=r"d_1\.W"):
        check_network(NeuralNetwork(3, [Dense(4, wrong), 1]), *data)


class UpdatedBeforeUse(Dense):
    """A dense layer that moves its weights first, and then hands the gradient back through the moved ones."""

    def backward(self, values, record, d_y, gradients):
        super().backward(values, record, d_y, gradients)
        moved = values["W"] - 0.1 * gradients["W"]
        return record["d_z"] @ moved.T


def test_the_hidden_gradient_is_taken_with_the_weights_of_the_way_forward(data):
    """All gradients belong to one point. Updating layer by layer on the way back mixes two.

    The error is as small as the learning rate, and no curve of the loss shows it; the gradient check does.
    """
    check_network(NeuralNetwork(3, ["tanh:4", Dense(1)]), *data)
    with pytest.raises(AssertionError, match=r"d_1\.W"):
        check_network(NeuralNetwork(3, ["tanh:4", UpdatedBeforeUse(1)]), *data)


def test_a_step_of_training_takes_all_gradients_before_it_changes_anything(data):
    """The same mistake in the training loop: one step of plain descent must go down the slope in *every* layer."""
    check_descent(NeuralNetwork(3, ["tanh:4", "tanh:4", 1]), *data)
    with pytest.raises(AssertionError, match=r"the step of 1\.W"):
        check_descent(NeuralNetwork(3, ["tanh:4", "tanh:4", UpdatedBeforeUse(1)], engine="reference"), *data)


# ----------------------------------------------------------- mistakes of the step


def check_descent(network, X, y, rate=1e-3):
    """One step of plain gradient descent moves every parameter by -rate times the slope of the loss."""
    twin = network.copy()

    def loss(theta):
        twin.parameters[...] = theta
        return twin.backward(X, y)[0]

    before = network.parameters.copy()
    slope = numerical_gradient(loss, before)
    network.train(X, y, epochs=1, batch_size=len(X), optimizer="sgd", learning_rate=rate)
    for name, moved in network.layout.named(network.parameters - before).items():
        assert_close(moved / -rate, network.layout.named(slope)[name], f"the step of {name}")


class ErrorTimesInput(ReferenceEngine):
    """An engine that gives the optimizer xᵀ · error for the last layer, as if f'(z) were 1."""

    def step(self, model, X, y, weight, run):
        step = super().step(model, X, y, weight, run)
        last, gradient = step.records[-1], model.layout.named(step.gradient)
        gradient[f"{len(model.layers)}.W"][...] = last["x"].T @ step.d_output
        return step


def test_an_optimizer_gets_the_activation_s_derivative_too(data):
    """The perceptron's rule, W += rate · error · input, is right for a linear output and for no other.

    An optimizer that is fed with it ignores how flat the activation is where the neuron stands.
    """
    X, y = data
    check_descent(NeuralNetwork(3, ["tanh:4", "sigmoid:1"]), X, y)
    wrong = NeuralNetwork(3, ["tanh:4", "sigmoid:1"])
    wrong.engine = ErrorTimesInput()
    with pytest.raises(AssertionError, match=r"the step of 2\.W"):
        check_descent(wrong, X, y)
    linear = NeuralNetwork(3, ["tanh:4", 1])  # where f'(z) is 1, the rule is the gradient
    linear.engine = ErrorTimesInput()
    check_descent(linear, X, y)


def check_constant_gradient(optimizer, alpha=0.1):
    """Under a gradient that stays the same every step of Adam has length alpha, however long the gradient.

    Its mean is then g and the mean of its square g², from the very first step: that is what the corrections are for.
    """
    for g in (1e-3, 1.0, 1e3):
        theta, slots, coefficients = np.array([0.0]), optimizer.start(np.array([0.0])), None
        for t in range(1, 60):
            coefficients = optimizer.at_step(t, coefficients)
            before = theta
            theta, *slots = optimizer(theta, np.array([g]), tuple(slots), alpha, coefficients)
            step = (before - theta).item()
            assert step == pytest.approx(alpha, rel=1e-4), f"step {t} with gradient {g} has length {step}"


def one_beta_for_both(t, previous, beta1, beta2, epsilon):
    """The second moment corrected by 1 - beta1^t."""
    return 1 - beta1, 1 - beta2, 1 / (1 - beta1**t), 1 / (1 - beta1**t)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_adam_corrects_its_second_moment_with_beta2(name):
    """m starts at 0 and forgets at beta1, v at beta2; each must be corrected with *its own* beta.

    With beta1 = 0.9 in both, v is still a hundredth of what it should be at the first step: the step is ten times too
    long, and it takes thousands of steps until nobody notices any more. Gradients are not concerned, so no gradient
    check can see it.
    """
    check_constant_gradient(OPTIMIZERS.get(name))
    with pytest.raises(AssertionError, match=r"step 1 with gradient 0\.001 has length 0\.9"):
        check_constant_gradient(replace(OPTIMIZERS.get(name), coefficients=one_beta_for_both))


def never_corrected(t, previous, beta1, beta2, epsilon):
    """No correction at all."""
    return 1 - beta1, 1 - beta2, 1.0, 1.0


def test_adam_corrects_at_all():
    """Uncorrected, the first step is 0.1 / √0.001, about three times too long."""
    with pytest.raises(AssertionError, match=r"step 1 with gradient 0\.001 has length 0\.3"):
        check_constant_gradient(replace(OPTIMIZERS.get("adam"), coefficients=never_corrected))


def check_optimizer_is_used(train):
    """Training calls the rule that it is given once for every batch, and nothing else moves the parameters."""
    calls = []

    def standing_still(theta, g, alpha):
        calls.append(alpha)
        return (theta.copy(),)

    parameters, batches = train(Optimizer("standing_still", standing_still, learning_rate=0.25))
    assert len(calls) == batches, f"the rule was called {len(calls)} times in {batches} batches"
    assert set(calls) == {0.25}, "its own learning rate was not used"
    before, after = parameters
    np.testing.assert_array_equal(before, after)


def train_a_network(kind):
    def train(optimizer):
        network = kind(2, ["tanh:3", 1], engine="reference")  # it calls the rule itself
        before = network.parameters.copy()
        network.train(*XOR, epochs=3, batch_size=2, optimizer=optimizer)
        return (before, network.parameters), 6

    return train


def train_a_neuron(optimizer):
    neuron = Neuron(2)
    before = neuron.parameters.copy()
    neuron.train(*XOR, epochs=3, optimizer=optimizer)
    return (before, neuron.parameters), 3


def train_with_the_trainer(optimizer):
    network = NeuralNetwork(2, ["tanh:3", 1], engine="reference")
    before = network.parameters.copy()
    Trainer(optimizer=optimizer, epochs=3, batch_size=2, validation_fraction=0, early_stopping=False).fit(network, *XOR)
    return (before, network.parameters), 6


class SettingIgnored(NeuralNetwork):
    """A network that takes an optimizer and trains by plain descent all the same."""

    def train(self, X, y, *, optimizer="adam", **settings):
        return super().train(X, y, optimizer="sgd", **settings)


def test_an_optimizer_that_is_passed_in_is_used():
    """An object that is stored and never called looks like one that works: the network trains, by other means."""
    check_optimizer_is_used(train_a_network(NeuralNetwork))
    check_optimizer_is_used(train_a_neuron)
    check_optimizer_is_used(train_with_the_trainer)
    with pytest.raises(AssertionError, match="the rule was called 0 times in 6 batches"):
        check_optimizer_is_used(train_a_network(SettingIgnored))


def test_every_optimizer_arrives_somewhere_else():
    """From the same start on the same rows; equal ends would mean that the name makes no difference."""
    ends = {}
    for name in OPTIMIZERS:
        network = NeuralNetwork(2, ["tanh:3", 1])
        network.train(*XOR, epochs=5, batch_size=2, optimizer=name, learning_rate=0.01)
        ends[name] = network.parameters.tobytes()
    assert len(set(ends.values())) == len(ends)


# ------------------------------------------------------- logarithms and exponentials


def check_finite(function, *arguments):
    """No overflow, no division by zero, no logarithm of zero on the way, and a finite result."""
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        try:
            results = function(*arguments)
        except FloatingPointError as error:
            raise AssertionError(f"{error} at {arguments}") from error
    for result in results if isinstance(results, tuple) else (results,):
        assert np.isfinite(result).all(), f"{result} at {arguments}"


FAR = np.array([-1e4, -1000.0, -100.0, 0.0, 100.0, 1000.0, 1e4])
SCORES = np.array([[1000.0, 0.0, -1000.0], [0.0, 0.0, 0.0]])


def textbook_sigmoid(z):
    return 1 / (1 + np.exp(-z))


def textbook_softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("name", "wrong", "z"),
    [
        ("sigmoid", textbook_sigmoid, FAR),
        ("softmax", textbook_softmax, SCORES),
        ("softplus", lambda z: np.log(1 + np.exp(z)), FAR),
        ("tanh", lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)), FAR),
        ("silu", lambda z: z / (1 + np.exp(-z)), FAR),
        ("elu", lambda z: np.where(z > 0, z, np.exp(z) - 1), FAR),
    ],
)
def test_no_exponential_overflows(name, wrong, z):
    """e^710 is more than a float64 holds. The textbook's form computes it on its way to a number that is not large.

    ``np.where`` helps nothing: it computes both sides and then chooses.
    """
    right = ACTIVATIONS.get(name)
    check_finite(right, z)
    check_finite(lambda z: right.backward(z, right(z), np.ones_like(z)), z)
    # where nothing overflows the two are the same function, so that only the form is at fault
    np.testing.assert_allclose(wrong(z / 100), right(z / 100), rtol=1e-9, atol=1e-15)
    with pytest.raises(AssertionError, match="overflow|invalid"):
        check_finite(wrong, z)


def from_probability(p, t):
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


def from_probability_derivative(p, t):
    return (p - t) / (p * (1 - p))


def test_no_logarithm_of_zero_is_taken():
    """A sigmoid in float64 is exactly 1 from z = 37 on, and log(1 - 1) is -∞: one sure row ruins every weight.

    Losses that take probabilities keep them away from 0 and 1; losses that take scores never form a probability.
    """
    p, t = np.array([[0.0], [1.0], [0.0], [1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]])
    naive = Loss("naive", from_probability, from_probability_derivative, target="fractions")
    right = LOSSES.get("binary_cross_entropy_from_probabilities")
    check_finite(right.value_and_gradient, p, t)
    with pytest.raises(AssertionError, match="divide by zero"):
        check_finite(naive.value_and_gradient, p, t)
    inside = np.array([[0.2], [0.7], [0.4], [0.9]])
    np.testing.assert_allclose(naive.value(inside, t), right.value(inside, t), rtol=1e-9)


def test_cross_entropy_is_not_the_logarithm_of_a_softmax():
    """log(softmax(z)): where a class is hopeless its softmax is 0 and its logarithm -∞, although the loss is just z."""
    target = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    right, softmax = LOSSES.get("cross_entropy"), ACTIVATIONS.get("softmax")
    check_finite(right.value_and_gradient, SCORES, target)
    assert right.value(SCORES, target)[0] == 2000
    with pytest.raises(AssertionError, match="divide by zero"):
        check_finite(lambda z: -(target * np.log(softmax(z))).sum(axis=1), SCORES)


@pytest.mark.parametrize(
    "loss", [name for name in LOSSES if LOSSES.get(name).target in ("classes", "fractions", "signs")]
)
@pytest.mark.parametrize("score", [50.0, 1000.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_that_is_sure_of_itself_still_has_a_loss_and_a_gradient(loss, score, dtype):
    """Sure and right, sure and wrong: for every loss of classes the numbers of a whole step stay finite."""
    record = LOSSES.get(loss)
    outputs = 2 if record.target == "classes" else 1
    network = NeuralNetwork(1, [f"{last_activation(record)}:{outputs}"], loss, dtype=dtype)
    network["1.W"][...] = np.array([[score, -score]])[:, :outputs]
    X, y = np.array([[1.0], [1.0], [-1.0], [-1.0]]), np.array([0, 1, 0, 1])
    check_finite(lambda: (network.backward(X, y)[0], *network.backward(X, y)[1].values()))


# ----------------------------------------------------------------- the last activation


def check_learns_and(network, probabilities):
    """After some training the probabilities are those of AND."""
    X, y = AND
    network.train(X, y, epochs=300, batch_size=4, optimizer="adam", learning_rate=0.05)
    np.testing.assert_allclose(probabilities(X)[:, -1], y == 1, atol=0.05)


AND = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 0, 1])


def test_the_last_activation_is_not_applied_twice():
    """A sigmoid layer in front of a loss that has the sigmoid inside: scores from 0 to 1, so probabilities from 0.5.

    Nothing is wrong with the gradient, and the loss falls; "no" can never be said with more than half a heart.
    """
    right = LOSSES.get("binary_cross_entropy")
    nameless = Loss("nameless", right.function, right.derivative)  # a record that does not say what it takes
    network = NeuralNetwork(2, ["tanh:4", "sigmoid:1"], nameless)
    check_network(network.copy(), *AND)
    with pytest.raises(AssertionError, match="Mismatched elements: 4 / 4"):
        check_learns_and(network, lambda X: textbook_sigmoid(network.forward(X)))


@pytest.mark.parametrize(
    ("loss", "spelled"),
    [
        ("binary_cross_entropy", ["sigmoid:1"]),
        ("binary_cross_entropy", [Dense(1), Activate("sigmoid")]),
        ("binary_cross_entropy", [Dense(1, Activation("mine", textbook_sigmoid, lambda z, a: a * (1 - a)))]),
        ("cross_entropy", ["softmax:2"]),
        ("cross_entropy", [Dense(2), Activate("softmax")]),
    ],
)
def test_a_last_activation_that_the_loss_has_inside_is_the_loss_s(loss, spelled):
    """What every tutorial writes is the same network, to the bit, as the scores in front of the loss, and as stable."""
    network = NeuralNetwork(2, ["tanh:4", *spelled], loss)
    twin = NeuralNetwork(2, ["tanh:4", network.outputs], loss)
    check_learns_and(network, network.predict)
    check_learns_and(twin, twin.predict)
    assert network.parameters.tobytes() == twin.parameters.tobytes()
    network["2.W"][...] *= 1e4
    check_finite(lambda: (network.backward(*AND)[0], *network.backward(*AND)[1].values()))


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        *(("relu:3", "cross_entropy"), ("sigmoid:3", "cross_entropy"), ("tanh:1", "binary_cross_entropy")),
        *(("softmax:2", "binary_cross_entropy"), ("softplus:1", "poisson"), ("relu:2", "gaussian_nll")),
        *(("sigmoid:1", "hinge"), ("identity:1", "binary_cross_entropy_from_probabilities")),
        *(("sigmoid:3", "cross_entropy_from_probabilities"), ("relu:3", "cross_entropy_from_probabilities")),
    ],
)
def test_a_last_activation_that_does_not_go_with_the_loss_is_refused(last, loss):
    """A relu in front of scores can say no class is unlikely; sigmoids of classes that exclude each other sum to 2."""
    with pytest.raises(InputError, match=f"^Before `{loss}` must come .* as the last activation. (Remove it|End)"):
        NeuralNetwork(2, ["tanh:4", last], loss)


# --------------------------------------------------------------------- the start


def check_units_differ(network):
    """After some training no two units of the hidden layer are copies of each other, and XOR is learned."""
    network.train(*XOR, epochs=300, batch_size=4, optimizer="adam", learning_rate=0.05)
    units = np.unique(network["1.W"].round(9), axis=1).shape[1]
    assert units == network["1.W"].shape[1], f"{network['1.W'].shape[1]} units are copies of {units}"
    np.testing.assert_array_equal(network.classify(XOR[0]), XOR[1])


@pytest.mark.parametrize(
    "start", ["zeros", "ones", Initializer("halves", lambda rng, shape: np.full(shape, 0.5))], ids=str
)
def test_weights_are_not_all_equal_at_the_start(start):
    """Equal units get equal gradients, for ever: a hidden layer of eight that is one neuron eight times.

    Nothing is wrong with the gradient, and the loss falls, down to what a single hidden neuron can do.
    """
    layers = [Dense(8, "tanh"), Dense(1)]
    check_units_differ(NeuralNetwork(2, layers, loss="binary_cross_entropy"))
    copies = NeuralNetwork(2, [replace(layer, initializer=start) for layer in layers], loss="binary_cross_entropy")
    check_network(copies.copy(), *XOR)
    with pytest.raises(AssertionError, match="8 units are copies of 1"):
        check_units_differ(copies)


def check_signal(network, X):
    """Weights of both signs, so that sums of many positive inputs stay where the activation has a slope."""
    W = network["1.W"]
    assert 0.4 < (W < 0).mean() < 0.6, f"{(W < 0).mean():.0%} of the weights are negative"
    check_slope(network, X)


def check_slope(network, X):
    """The hidden units are not saturated: on the average f'(z) is above 0.1."""
    trace = network.trace(X, np.zeros(len(X)))
    slope = network.layers[0].f.backward(trace["1.z"], trace["1.a"], np.ones_like(trace["1.a"]))
    assert slope.mean() > 0.1, f"the mean slope of the hidden units is {slope.mean():.1e}"


ALWAYS_POSITIVE = Initializer("positive", lambda rng, shape: rng.uniform(0, 1, shape))


def test_weights_are_not_all_positive_at_the_start():
    """np.random.rand gives numbers from 0 to 1: with positive inputs, such as pixels, nothing cancels in the sum.

    784 of them add up to about 196, where a sigmoid is flat: its slope is 1e-80, and the layer never learns anything.
    """
    pixels = np.random.default_rng(0).uniform(0, 1, (20, 784))
    check_signal(NeuralNetwork(784, ["sigmoid:50", 1]), pixels)
    wrong = NeuralNetwork(784, [Dense(50, "sigmoid", initializer=ALWAYS_POSITIVE), 1])
    with pytest.raises(AssertionError, match="0% of the weights are negative"):
        check_signal(wrong, pixels)
    with pytest.raises(AssertionError, match="the mean slope of the hidden units is"):
        check_slope(wrong, pixels)


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if ACTIVATIONS.get(name).elementwise])
def test_the_start_that_suits_each_activation_has_both_signs_and_a_slope(activation):
    pixels = np.random.default_rng(0).uniform(0, 1, (20, 784))
    check_signal(NeuralNetwork(784, [Dense(50, activation), 1]), pixels)


def test_no_built_in_initializer_of_weights_is_one_sided():
    rng = np.random.default_rng(0)
    for name in INITIALIZERS:
        if name not in ("zeros", "ones", "steps"):  # of edges, not of weights
            W = INITIALIZERS.get(name)(rng, (40, 30))
            assert 0.4 < (W < 0).mean() < 0.6, name
            assert len(np.unique(W)) == (2 if name == "signs" else W.size), name


# ----------------------------------------------------------------------- a layer


@dataclass(frozen=True)
class OneNeuron(Layer):
    """A "layer" of so many units that is one weighted sum, handed out so many times."""

    units: int

    def outputs(self, inputs):
        return self.units

    def parameters(self, inputs):
        return (Parameter("W", (inputs, 1), INITIALIZERS.get("normal")), Parameter("b", (1,), kind="bias"))

    def forward(self, values, x, run):
        z = x @ values["W"] + values["b"]
        a = np.tanh(z).repeat(self.units, axis=1)
        return a, {"x": x, "z": z, "a": a}

    def backward(self, values, record, d_y, gradients):
        d_z = (d_y * (1 - record["a"] ** 2)).sum(axis=1, keepdims=True)
        gradients["W"][...] = record["x"].T @ d_z
        gradients["b"][...] = d_z.sum(axis=0)
        return d_z @ values["W"].T


def check_layer_is_many_neurons(layer, inputs=3):
    """The answers of its units to many rows are linearly independent: as many neurons as it says, each its own."""
    network = NeuralNetwork(inputs, [layer], engine="reference")
    answers = network.forward(np.random.default_rng(0).normal(size=(50, inputs)))
    rank = np.linalg.matrix_rank(answers)
    assert rank == layer.units, f"{layer.units} units give {rank} different answers"


def test_a_layer_is_more_than_one_neuron(data):
    """z = w · x + b with a vector w is a neuron; a layer has a matrix W, a column for each unit, and a vector b.

    Its gradient is right, as the check shows; it is the wrong function, and its width is a fiction.
    """
    check_layer_is_many_neurons(Dense(8, "tanh"))
    assert [p.shape for p in Dense(8, "tanh").parameters(3)] == [(3, 8), (8,)]
    check_network(NeuralNetwork(3, [OneNeuron(8), 1]), *data)
    with pytest.raises(AssertionError, match="8 units give 1 different answers"):
        check_layer_is_many_neurons(OneNeuron(8))


def test_a_layer_of_one_neuron_cannot_learn_xor():
    """What the fiction costs: eight units that are one learn no more than one does."""
    check_units_differ(NeuralNetwork(2, [Dense(8, "tanh"), 1], loss="binary_cross_entropy"))
    for seed in range(3):
        network = NeuralNetwork(2, [OneNeuron(8), 1], loss="binary_cross_entropy", seed=seed, engine="reference")
        losses = network.train(*XOR, epochs=300, batch_size=4, optimizer="adam", learning_rate=0.05)
        assert losses[-1] > 0.3
        assert (network.classify(XOR[0]) != XOR[1]).any()


# ------------------------------------------------------------ gradient for a target


@pytest.mark.parametrize("loss", ["cross_entropy", "cross_entropy_from_probabilities", "focal"])
@pytest.mark.parametrize("use", ["train", "backward", "trace"])
def test_a_gradient_is_refused_where_class_targets_are_expected(loss, use, data):
    """Targets say what is true; their gradient, p - t, what to change. A row of it sums to 0, a row of targets to 1."""
    X, _ = data
    output = "softmax:3" if "probabilities" in loss else 3
    network = NeuralNetwork(3, ["tanh:4", output], loss=loss)
    y = np.arange(6) % 3
    gradient = network.trace(X, y)["d_output"]
    getattr(network, use)(X, np.eye(3)[y])  # the same shape, and right
    with pytest.raises(InputError, match="must contain the probabilities of the classes, which sum to 1.*or gradients"):
        getattr(network, use)(X, gradient)


@pytest.mark.parametrize(
    "loss", ["binary_cross_entropy", "binary_cross_entropy_from_probabilities", "binary_focal", "poisson"]
)
@pytest.mark.parametrize("use", ["train", "backward", "trace"])
def test_a_gradient_is_refused_where_probabilities_or_counts_are_expected(loss, use, data):
    """It is negative wherever the output is too low; a probability and a count never are."""
    X, y = data
    network = NeuralNetwork(3, ["tanh:4", "sigmoid:1" if "probabilities" in loss else 1], loss=loss)
    y = (y > 0).astype(float)
    gradient = network.trace(X, y)["d_output"]
    getattr(network, use)(X, y)
    with pytest.raises(InputError, match=r"Targets of `.*` must lie in \[0, "):
        getattr(network, use)(X, gradient)


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
@pytest.mark.parametrize("use", ["train", "backward", "trace"])
def test_a_gradient_is_refused_where_one_of_two_sides_is_expected(loss, use, data):
    """A side is -1 or 1; a gradient is hardly ever either."""
    X, y = data
    network = NeuralNetwork(3, ["tanh:4", 1], loss=loss)
    gradient = network.trace(X, np.sign(y))["d_output"]
    getattr(network, use)(X, np.sign(y))
    with pytest.raises(InputError, match="must be binary.*or gradients"):
        getattr(network, use)(X, gradient)


def check_gradient_of(backward, network, X, y):
    """What `backward` returns on the rows is the slope of the loss *with these targets*."""
    twin = network.copy()

    def loss(theta):
        twin.parameters[...] = theta
        return float(twin.loss.value(twin.forward(X), y[:, None]).mean())

    ours = np.concatenate([gradient.ravel() for gradient in backward(network, X, y).values()])
    assert_close(ours, numerical_gradient(loss, network.parameters), "the gradient")


@pytest.mark.parametrize(
    "loss",
    [name for name in LOSSES if LOSSES.get(name).target == "numbers" and LOSSES.get(name).columns == 1],
)
def test_a_gradient_in_the_place_of_any_number_is_caught_by_the_check(loss, data):
    """Where targets may be any numbers nothing can be refused: the network then learns to predict its own errors.

    The gradient check with the true targets catches it.
    """
    X, y = data

    def right(network, X, y):
        return network.backward(X, y)[1]

    def handed_over(network, X, y):
        return network.backward(X, network.trace(X, y)["d_output"])[1]

    network = NeuralNetwork(3, ["tanh:4", 1], loss=loss)
    check_gradient_of(right, network, X, y)
    with pytest.raises(AssertionError, match="the gradient"):
        check_gradient_of(handed_over, network, X, y)


def test_the_wrong_layers_of_this_file_cannot_reach_a_file():
    """A subclass that computes something else must not be saved as the layer that it derives from."""
    for layer in (SignReversed(1), UpdatedBeforeUse(1), OneNeuron(2)):
        with pytest.raises(TypeError, match="Only glassnet's own layers"):
            layer_to_dict(layer)


def test_a_wrong_derivative_of_your_own_is_found_as_well(data):
    """The checks need nothing but the network: they serve whoever brings a formula of their own."""
    right = Activation("cube", lambda z: z**3, lambda z, a: 3 * z * z)
    wrong = Activation("cube", lambda z: z**3, lambda z, a: 3 * z)
    check_network(NeuralNetwork(3, [Dense(4, right), 1]), *data)
    with pytest.raises(AssertionError, match=r"d_1\.W"):
        check_network(NeuralNetwork(3, [Dense(4, wrong), 1]), *data)

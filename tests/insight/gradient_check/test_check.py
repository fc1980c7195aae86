"""The check of a gradient: right ones pass, every kind of mistake is found and named, and nothing changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from glassnet import (
    Activation,
    BatchNorm,
    Blend,
    Dense,
    Dropout,
    LayerNorm,
    Loss,
    NeuralClassifier,
    NeuralNetwork,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    RMSNorm,
    Scale,
    check_gradients,
)
from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Layer


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(20, 5)), rng.integers(0, 3, 20)


LAYERS = ["tanh:8", "batch_norm", "dropout:0.3", "gelu:6", 3]

# ------------------------------------------------------------------ right ones


@pytest.mark.slow
@pytest.mark.parametrize("training", [True, False])
def test_a_right_network_passes_with_batch_statistics_and_masks(data, training):
    network = NeuralNetwork(5, LAYERS, "cross_entropy")
    check = check_gradients(network, *data, training=training, samples=None)
    assert check.right
    assert check.error < 1e-8
    assert [group.name for group in check.groups] == [*network.named_parameters, "X"]
    assert check.checked == network.layout.size + data[0].size
    assert check["1.W"].shape == (5, 8)


def test_weights_of_rows_penalties_and_members_belong_to_it(data):
    X, _ = data
    network = NeuralNetwork(5, [Dense(4, "tanh", l2=0.1, l1=0.01), Dense(2)], "mse", members=2)
    check = check_gradients(network, X, X[:, 0], np.arange(20.0))
    assert check.right
    assert check.error < 1e-7


@pytest.mark.parametrize("name", [*ACTIVATIONS])
def test_every_activation_passes(name):
    check = check_gradients(ACTIVATIONS.get(name))
    assert check.right
    assert check.error < 1e-6
    assert check.kinks == {
        "relu": 1,
        "leaky_relu": 1,
        "selu": 1,
        "relu6": 2,
        "hard_sigmoid": 2,
        "hard_tanh": 2,
        "hard_swish": 2,
    }.get(name, 0)


@pytest.mark.parametrize("name", [*LOSSES])
def test_every_loss_passes(name):
    check = check_gradients(LOSSES.get(name))
    assert check.right
    assert check.error < 1e-6
    assert check.checked >= 96


@pytest.mark.parametrize(
    "layer",
    [
        *(
            BatchNorm(),
            LayerNorm(),
            RMSNorm(),
            Scale(),
            Dense(3, "relu"),
            PeriodicEmbedding(),
            PiecewiseLinearEmbedding(),
        ),
        *(Dropout(0.4), Blend("relu"), Residual([LayerNorm(), Dense(4, "relu"), Dense(4)])),
    ],
    ids=str,
)
def test_every_layer_passes(layer):
    check = check_gradients(layer)
    assert check.right
    assert check.error < 1e-6


@pytest.mark.slow
def test_the_network_of_an_estimator_passes(data):
    X, y = data
    model = NeuralClassifier(preset="mlp", hidden_layers=(8,), epochs=1, random_state=0, class_weight="balanced")
    model.fit(X, y)
    check = check_gradients(model, X, y)
    assert check.right
    assert check["1.W"].checked == 40


# ---------------------------------------------------------------------- kinks


@pytest.mark.slow
def test_kinks_are_counted_and_left_out(data):
    X, y = data
    X[0] = 0  # with biases of 0 every unit is at its kink
    check = check_gradients(NeuralNetwork(5, ["relu:16", 3], "cross_entropy"), X, y)
    assert check.right
    assert check["1.b"].kinks == 16
    assert check["1.W"].kinks == 0
    assert check["X"].kinks == 5
    assert "21 kinks skipped" in check.verdict()


def test_one_kink_is_said_in_the_singular():
    check = check_gradients(ACTIVATIONS.get("relu"))
    assert check.verdict().endswith("over 240 numbers; 1 kink skipped.")
    assert "240 个数中" in check.verdict("zh")


def test_where_there_are_kinks_only_nothing_is_said():
    check = check_gradients(ACTIVATIONS.get("relu"), [0.0, 0.0])
    assert not check.right
    assert check.verdict() == "The gradient cannot be checked: all 2 numbers are at kinks."


# ------------------------------------------------------------------- mistakes


def test_a_factor_is_found_and_named():
    check = check_gradients(Activation("square", lambda z: z * z, lambda z, a: z))
    assert not check.right
    assert check["z"].factor == pytest.approx(0.5)
    assert check["z"].distance == pytest.approx(0.5)
    assert check.verdict() == (
        "The gradient of z is wrong by 50%: at [0] it is −6, and the slope is −12. "
        "It is 0.5 times the slope throughout."
    )


def test_a_wrong_sign_is_found_and_named():
    wrong = replace(LOSSES.get("mse"), name="mine", derivative=lambda output, target: -2 * (output - target))
    check = check_gradients(wrong)
    assert check["output"].factor == pytest.approx(-1)
    assert "wrong by 200%" in check.verdict()
    assert "It has the wrong sign throughout." in check.verdict()


def test_a_missing_term_is_found_and_named():
    # the derivative of z · sigmoid(z) without its second term
    silu = ACTIVATIONS.get("silu")
    wrong = Activation("half_silu", silu.function, lambda z, a: 1 / (1 + np.exp(-z)))
    check = check_gradients(wrong)
    assert not check.right
    assert check["z"].factor is None
    assert check["z"].wrong == 240  # at 0 the term is 0
    assert "240 of 241 numbers are wrong." in check.verdict()


def test_a_mistake_in_a_single_place_is_found():
    wrong = Activation("step", lambda z: np.tanh(z), lambda z, a: np.where(z > 5, 0.0, 1 - a * a))
    check = check_gradients(wrong, [0.0, 1.0, 5.5])
    assert check["z"].place == (2,)
    assert check["z"].wrong == 1


@pytest.mark.slow
def test_in_a_network_the_layer_and_the_formula_are_named(data):
    wrong = Activation("square", lambda z: z * z, lambda z, a: -2 * z)
    check = check_gradients(NeuralNetwork(5, ["tanh:4", Dense(6, wrong), "tanh:4", 3], "cross_entropy"), *data)
    assert [group.name for group in check.groups if group.wrong] == ["1.W", "1.b", "2.W", "2.b", "X"]
    assert check.culprits == ("square",)
    verdict = check.verdict()
    assert verdict.startswith("The gradient of 2.W is wrong by 200%")
    assert "Also wrong: 1.W, 1.b, 2.b, X. The layers after layer 2 are correct." in verdict
    assert "`square`: its derivative does not match its function." in verdict
    assert "第 2 层之后的都正确" in check.verdict("zh")


def test_a_wrong_loss_of_a_network_is_named(data):
    wrong = replace(LOSSES.get("mse"), name="mine", derivative=lambda output, target: output - target)
    check = check_gradients(NeuralNetwork(5, ["tanh:4", 1], wrong), data[0], data[1].astype(float))
    assert check.culprits == ("mine",)
    assert check["2.W"].factor == pytest.approx(0.5)


@dataclass(frozen=True)
class Forgetful(Layer):
    """a = x + x², and a way back that forgets the square."""

    def forward(self, values, x, run):
        return x + x * x, {"x": x}

    def backward(self, values, record, d_y, gradients):
        return d_y


def test_a_wrong_layer_is_found():
    check = check_gradients(Forgetful())
    assert check["X"].wrong == 96
    assert not check.right


# ---------------------------------------------------------- precision, sampling


@pytest.mark.slow
def test_a_network_of_mixed_precision_is_checked_without_its_rounding(data):
    network = NeuralNetwork(5, [8, Dense(40, "tanh", products="bfloat16"), 3], "cross_entropy", dtype="float32")
    check = check_gradients(network, *data)
    assert check.right
    assert 1e-4 < check.rounding < 0.1
    assert "without rounding to bfloat16" in check.verdict()


def test_a_layer_that_rounds_is_checked_without(data):
    assert check_gradients(Dense(5, "tanh", products="bfloat16")).right


def test_it_is_checked_in_double_precision_and_rounding_is_said(data):
    check = check_gradients(NeuralNetwork(5, LAYERS, "cross_entropy", dtype="float32"), *data)
    assert check.error < 1e-8
    assert 1e-9 < check.rounding < 1e-5
    assert "in float32, the network's precision, rounding changes the gradient by" in check.verdict()
    assert check_gradients(NeuralNetwork(5, LAYERS, "cross_entropy"), *data).rounding is None


def test_of_large_groups_some_numbers_are_drawn(data):
    network = NeuralNetwork(5, ["tanh:40", 3], "cross_entropy")
    check = check_gradients(network, *data, samples=10, seed=3)
    assert [group.checked for group in check.groups] == [10, 10, 10, 3, 10]
    assert [group.numbers for group in check.groups] == [200, 40, 120, 3, 100]
    assert check.verdict().endswith("In larger groups, 10 numbers each were sampled (seed 3).")
    assert check == check_gradients(network, *data, samples=10, seed=3)
    assert check != check_gradients(network, *data, samples=10, seed=4)


@pytest.mark.slow
def test_nothing_changes(data):
    X, y = data
    network = NeuralNetwork(5, LAYERS, "cross_entropy", dtype="float32")
    before = network.parameters.copy(), network.statistics.copy(), X.copy()
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    check_gradients(network, X, y)
    after = network.parameters, network.statistics, X
    np.testing.assert_array_equal(state, np.random.get_state()[1])  # noqa: NPY002
    for ours, theirs in zip(before, after, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert network.dtype == np.float32


def test_it_prints_in_both_languages(data):
    check = check_gradients(NeuralNetwork(5, ["tanh:4", 3], "cross_entropy"), *data, language="zh")
    lines = str(check).splitlines()
    assert lines[0].split() == ["参数组", "个数", "已查", "不可导点", "误差", "误差最大处", "梯度", "斜率"]
    assert lines[1].split()[:4] == ["1.W", "20", "20", "0"]
    assert lines[-1].startswith("梯度正确")
    assert check.table("en").splitlines()[0].split()[0] == "group"
    with pytest.raises(KeyError, match="no group '9.W'; there are: 1.W"):
        check["9.W"]


# --------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"samples": 0}, "`samples` of check_gradients must be a positive integer. Received: 0"),
        ({"seed": -1}, "`seed` of check_gradients must be an integer"),
        ({"tolerance": 0}, r"`tolerance` of check_gradients must be in \[1e-9, 1\). Received: 0"),
        ({"training": "yes"}, "`training` of check_gradients must be True or False"),
        ({"language": "fr"}, "`language` must be one of"),
        ({"X": None}, "X and y must be given"),
        ({"X": np.zeros((3, 4))}, r"The inputs must have shape \(rows, 5\)"),
        ({"X": np.full((20, 5), np.nan)}, "must be finite"),
        ({"X": np.zeros((0, 5)), "y": np.zeros(0)}, "at least one row"),
        ({"y": np.zeros(7)}, "same number of rows"),
        ({"sample_weight": [1.0]}, "one number per row"),
    ],
)
def test_what_cannot_be_checked_is_refused(data, change, message):
    values = {"X": data[0], "y": data[1]} | change
    with pytest.raises((InputError, InputTypeError), match=message):
        check_gradients(NeuralNetwork(5, [3], "cross_entropy"), **values)


def test_a_name_or_an_unfitted_model_is_refused(data):
    with pytest.raises(InputTypeError, match="must be a network, a fitted estimator, an activation, a loss or a layer"):
        check_gradients("relu")
    with pytest.raises(ValueError, match="not fitted"):
        check_gradients(NeuralClassifier(), *data)


def test_functions_with_unusable_answers_are_refused():
    with (
        np.errstate(invalid="ignore"),
        pytest.raises(InputError, match="`root` must return finite numbers. Received: nan"),
    ):
        check_gradients(Activation("root", np.sqrt, lambda z, a: 0.5 / a))
    assert check_gradients(Activation("root", np.sqrt, lambda z, a: 0.5 / a), [1.0, 4.0]).right
    with pytest.raises(InputTypeError, match=r"or of arrays, whose shape it keeps. Received: shape \(\) for"):
        check_gradients(Activation("sum", np.sum, lambda z, a: 1.0))
    single = Activation("single", lambda z: np.tanh(z.astype(np.float32)), lambda z, a: 1 - a * a)
    with pytest.raises(InputError, match="`single` must keep the precision of its input. Received: float32 for float"):
        check_gradients(single)
    with pytest.raises(InputError, match="Outputs and targets of a loss must be given together"):
        check_gradients(LOSSES.get("mse"), [[1.0]])
    with pytest.raises(InputError, match="same number of rows"):
        check_gradients(LOSSES.get("mse"), [[1.0]], [1.0, 2.0])
    with pytest.raises(InputError, match="takes no targets"):
        check_gradients(ACTIVATIONS.get("relu"), [1.0], [1.0])
    with pytest.raises(InputError, match=r"must have shape \(rows, columns\)"):
        check_gradients(ACTIVATIONS.get("softmax"), [1.0])


def test_a_loss_that_is_not_finite_is_refused(data):
    network = NeuralNetwork(5, ["relu:4", 1])
    network.parameters[...] = 1e200
    with pytest.raises(InputError, match="The loss must be a finite number where its gradient is checked"):
        check_gradients(network, data[0], data[1])


def test_own_outputs_and_targets_of_a_loss():
    fourth = Loss("fourth", lambda o, t: (o - t) ** 4, lambda o, t: 4 * (o - t) ** 3)
    check = check_gradients(fourth, [[1.0], [3.0]], [0.0, 1.0])
    assert check.right
    assert check["output"].shape == (2, 1)

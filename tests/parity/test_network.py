"""The same network in PyTorch, with the same weights: outputs, loss, gradients, and fifty steps of training."""

import numpy as np
import pytest
import torch
from torch import nn

from glassnet import Activate, BatchNorm, Dense, Dropout, LayerNorm, NeuralNetwork, Residual, RMSNorm
from glassnet.engines import Updater
from glassnet.formulas.random import row_order

pytestmark = pytest.mark.parity

TOLERANCE = {"rtol": 1e-9, "atol": 1e-9}
ROWS, STEPS = 12, 50


class HardSigmoid(nn.Module):
    """Written out: the gradient of PyTorch's own takes 1/6 in single precision, 3e-8 off, in double precision too."""

    def forward(self, z):
        return torch.clamp(z / 6 + 0.5, 0, 1)


ACTIVATIONS = {
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "relu": nn.ReLU(),
    "leaky_relu": nn.LeakyReLU(0.01),
    "elu": nn.ELU(),
    "selu": nn.SELU(),
    "softplus": nn.Softplus(threshold=1e9),  # ours is exact everywhere, theirs goes straight beyond 20 by default
    "softsign": nn.Softsign(),
    "gelu": nn.GELU(),
    "gelu_tanh": nn.GELU(approximate="tanh"),
    "silu": nn.SiLU(),
    "mish": nn.Mish(),
    "hard_sigmoid": HardSigmoid(),
    "hard_tanh": nn.Hardtanh(),
    "relu6": nn.ReLU6(),
    "hard_swish": nn.Hardswish(),
    "identity": nn.Identity(),
    "softmax": nn.Softmax(dim=1),
}

LOSSES = {
    "mse": (nn.MSELoss(), "numbers"),
    "mae": (nn.L1Loss(), "numbers"),
    "huber": (nn.HuberLoss(), "numbers"),
    "poisson": (nn.PoissonNLLLoss(), "counts"),
    "binary_cross_entropy": (nn.BCEWithLogitsLoss(), "fractions"),
    "cross_entropy": (nn.CrossEntropyLoss(), "classes"),
    "cross_entropy(label_smoothing=0.1)": (nn.CrossEntropyLoss(label_smoothing=0.1), "classes"),
}

OPTIMIZERS = {
    "sgd": lambda p, lr: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True),
    "adam": lambda p, lr: torch.optim.Adam(p, lr),
    "adamw": lambda p, lr: torch.optim.AdamW(p, lr),
}


class ResidualModule(nn.Module):
    def __init__(self, *inside):
        super().__init__()
        self.inside = nn.Sequential(*inside)

    def forward(self, x):
        return x + self.inside(x)


def translated(layer, inputs):
    """The modules that do what a layer does, in double precision."""
    if isinstance(layer, Dense):
        return [nn.Linear(inputs, layer.units, layer.bias, dtype=torch.float64), ACTIVATIONS[layer.f.name]]
    if isinstance(layer, Activate):
        return [ACTIVATIONS[layer.f.name]]
    if isinstance(layer, BatchNorm):
        return [nn.BatchNorm1d(inputs, layer.epsilon, layer.momentum, dtype=torch.float64)]
    if isinstance(layer, LayerNorm):
        return [nn.LayerNorm(inputs, layer.epsilon, dtype=torch.float64)]
    if isinstance(layer, RMSNorm):
        return [nn.RMSNorm(inputs, layer.epsilon, dtype=torch.float64)]
    if isinstance(layer, Dropout):
        return [nn.Dropout(layer.rate)]
    inner, width = [], inputs
    for part in layer.layers:
        inner += translated(part, width)
        width = part.outputs(width)
    return [ResidualModule(*inner)]


class Twin:
    """A network and its translation with the same numbers."""

    def __init__(self, network):
        self.network = network
        widths = network.layout.widths
        self.module = nn.Sequential(
            *(part for layer, width in zip(network.layers, widths, strict=False) for part in translated(layer, width))
        )
        self.names = list(network.named_parameters)
        self.parameters = list(self.module.parameters())  # in the same order: W, b; gain, shift
        with torch.no_grad():
            for name, theirs in zip(self.names, self.parameters, strict=True):
                theirs.copy_(torch.from_numpy(self.oriented(network[name]).copy()))

    @staticmethod
    def oriented(array):
        """PyTorch's weights are (out, in), ours (in, out)."""
        return array.T if array.ndim == 2 else array

    def assert_same(self, ours, theirs, what):
        np.testing.assert_allclose(self.oriented(ours), theirs.detach().numpy(), **TOLERANCE, err_msg=what)

    def assert_same_parameters(self, what):
        for name, theirs in zip(self.names, self.parameters, strict=True):
            self.assert_same(self.network[name], theirs, f"{name} {what}")

    def loss_and_gradients(self, criterion, X, y):
        """Forward and back in PyTorch."""
        self.module.zero_grad()
        output = self.module(torch.from_numpy(X))
        loss = criterion(output, torch.from_numpy(y))
        loss.backward()
        return output, loss


def data(kind, outputs, seed=0):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(ROWS, 5)), rng.normal(size=(ROWS, outputs))
    return X, {
        "numbers": y,
        "counts": np.floor(np.abs(3 * y)),
        "fractions": (y > 0).astype(float),
        "classes": np.arange(ROWS) % outputs,
    }[kind]


def check_step(network, criterion, X, y, training=False):
    twin = Twin(network)
    twin.module.train(training)
    output, loss = twin.loss_and_gradients(criterion, X, y)
    if not training:
        np.testing.assert_allclose(network.forward(X), output.detach().numpy(), **TOLERANCE)
    ours, gradients = network.backward(X, y, training=training)
    assert ours == pytest.approx(loss.item(), rel=1e-9)
    for name, theirs in zip(twin.names, twin.parameters, strict=True):
        twin.assert_same(gradients[name], theirs.grad, f"d_{name}")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_loss_and_gradients(activation, loss):
    criterion, kind = LOSSES[loss]
    network = NeuralNetwork(5, [f"{activation}:6", f"{activation}:4", 3], loss=loss, seed=1)
    network.parameters[...] += np.random.default_rng(1).normal(0, 0.1, network.layout.size)
    check_step(network, criterion, *data(kind, 3))


@pytest.mark.parametrize("training", [True, False])
def test_normalisation_and_residual_blocks(training):
    block = Residual([LayerNorm(), Dense(6, "gelu"), Residual([Dense(6, "tanh"), Dense(6)]), Dense(6)])
    network = NeuralNetwork(
        5, [Dense(6, bias=False), BatchNorm(), Activate("relu"), block, LayerNorm(), RMSNorm(), 3], seed=1
    )
    network.parameters[...] += np.random.default_rng(1).normal(0, 0.1, network.layout.size)
    check_step(network, nn.MSELoss(), *data("numbers", 3), training=training)


def test_running_statistics():
    network = NeuralNetwork(5, [BatchNorm(momentum=0.3), 1], seed=1)
    twin = Twin(network)
    X, y = data("numbers", 1)
    network.train(X, y, epochs=4, batch_size=ROWS, optimizer="sgd", learning_rate=1e-30)  # the same rows each time
    for _ in range(4):
        twin.module(torch.from_numpy(X))
    theirs = twin.module[0]
    np.testing.assert_allclose(network.statistics[:5], theirs.running_mean.numpy(), **TOLERANCE)
    np.testing.assert_allclose(network.statistics[5:], theirs.running_var.numpy(), **TOLERANCE)
    twin.module.eval()
    np.testing.assert_allclose(network.forward(X), twin.module(torch.from_numpy(X)).detach().numpy(), **TOLERANCE)


@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy", "cross_entropy"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_fifty_steps_of_training(optimizer, loss):
    """Batch after batch of the same rows in the same order; every parameter after every tenth step."""
    criterion, kind = LOSSES[loss]
    network = NeuralNetwork(5, ["tanh:7", BatchNorm(), "silu:6", 3], loss=loss, seed=2)
    twin = Twin(network)
    rate = 0.01
    # our decay is for weights alone; PyTorch's for whatever is in the group
    weights = [p for name, p in zip(twin.names, twin.parameters, strict=True) if name.endswith("W")]
    others = [p for name, p in zip(twin.names, twin.parameters, strict=True) if not name.endswith("W")]
    groups = [{"params": weights}, {"params": others, "weight_decay": 0.0}]
    theirs = OPTIMIZERS[optimizer](groups, rate)
    ours = Updater(network.layout, optimizer)
    for step in range(STEPS):
        X, y = data(kind, 3, seed=step % 7)
        with network.engine.training(network, X, y, None, ROWS, ours) as steps:
            loss_here = steps(np.arange(ROWS), [rate]) / ROWS
        _, loss_there = twin.loss_and_gradients(criterion, X, y)
        theirs.step()
        assert loss_here == pytest.approx(loss_there.item(), rel=1e-9), f"step {step}"
        if step % 10 == 9:
            twin.assert_same_parameters(f"after step {step + 1} of {optimizer}")
    assert ours.t == STEPS


def test_the_plain_loop_goes_the_same_way():
    """`train` itself, with its own shuffling, seen from outside: PyTorch follows the order that the seed gives."""
    network = NeuralNetwork(5, ["relu:8", 3], loss="cross_entropy", seed=3)
    twin = Twin(network)
    X, y = data("classes", 3)
    theirs = torch.optim.Adam(twin.parameters, 0.01)
    expected = []
    for epoch in range(1, 6):
        rows, total = row_order(3, epoch, ROWS), 0.0
        for start in range(0, ROWS, 5):
            batch = rows[start : start + 5]
            _, loss = twin.loss_and_gradients(nn.CrossEntropyLoss(), X[batch], y[batch])
            theirs.step()
            total += loss.item() * len(batch)
        expected.append(total / ROWS)
    losses = network.train(X, y, epochs=5, batch_size=5, optimizer="adam", learning_rate=0.01)
    assert losses == pytest.approx(expected, rel=1e-9)
    twin.assert_same_parameters("after five epochs")

"""Activations and their derivatives against PyTorch's, in float64, at the kinks too."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from glassnet.formulas.activations import ACTIVATIONS

pytestmark = pytest.mark.parity

PAIRS = {
    "identity": lambda z: z * 1,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "leaky_relu(slope=0.3)": lambda z: functional.leaky_relu(z, 0.3),
    "elu": functional.elu,
    "elu(alpha=0.4)": lambda z: functional.elu(z, 0.4),
    "selu": functional.selu,
    "softplus": lambda z: functional.softplus(z, threshold=1e9),  # without its straight line above 20
    "softsign": functional.softsign,
    "gelu": functional.gelu,
    "gelu_tanh": lambda z: functional.gelu(z, approximate="tanh"),
    "silu": functional.silu,
    "mish": lambda z: z * torch.tanh(functional.softplus(z, threshold=1e9)),
    "hard_sigmoid": lambda z: functional.relu6(z + 3) / 6,  # hardsigmoid's own gradient has a 1/6 of float32
    "hard_tanh": functional.hardtanh,
    "relu6": functional.relu6,
    "hard_swish": functional.hardswish,
    "softmax": lambda z: functional.softmax(z, dim=-1),
}
Z = np.concatenate([np.linspace(-30, 30, 601), [-3.0, -1.0, 0.0, 1.0, 3.0, 6.0], [1e-9, -1e-9, 1e-300, 700.0, -700.0]])


def test_every_activation_has_its_pair():
    named = {ACTIVATIONS.get(spelling).name for spelling in PAIRS}
    assert named == set(ACTIVATIONS), "put what PyTorch has of it, or the formula in PyTorch, into PAIRS"


@pytest.mark.parametrize("spelling", PAIRS)
def test_value_and_gradient(spelling):
    activation = ACTIVATIONS.get(spelling)
    z = Z[: len(Z) // 4 * 4].reshape(-1, 4)
    d_a = np.random.default_rng(0).normal(size=z.shape)
    theirs = torch.tensor(z, requires_grad=True)
    a = PAIRS[spelling](theirs)
    a.backward(torch.tensor(d_a))
    ours = activation(z)
    np.testing.assert_allclose(ours, a.detach().numpy(), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(activation.backward(z, ours, d_a), theirs.grad.numpy(), rtol=1e-10, atol=1e-14)

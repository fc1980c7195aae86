"""Losses and their gradients against PyTorch's, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from glassnet.formulas.losses import LOSSES

pytestmark = pytest.mark.parity

ROWS, COLUMNS = 200, 3


def pinball(output, target):
    e = target[:, :, None] - output.reshape(len(output), -1, 2)
    levels = torch.tensor([0.1, 0.7], dtype=output.dtype)
    return torch.where(e > 0, levels * e, (levels - 1) * e).mean(dim=(1, 2))


def normal(output, target):
    """Each target's mean and logarithm of the variance stand beside each other."""
    mean, log_variance = output.reshape(len(output), -1, 2).unbind(dim=2)
    loss = functional.gaussian_nll_loss(mean, target, torch.exp(log_variance), reduction="none", eps=0.0)
    return loss.mean(dim=1)


def focal_of_classes(z, target):
    log_p = functional.log_softmax(z, dim=1)
    return -(target * (1 - log_p.exp()) ** 2 * log_p).sum(dim=1)


def focal_of_two(z, target):
    """As torchvision computes it, for targets 0 and 1."""
    p, loss = torch.sigmoid(z), functional.binary_cross_entropy_with_logits(z, target, reduction="none")
    return (loss * (1 - (p * target + (1 - p) * (1 - target))) ** 2).mean(dim=1)


PAIRS = {  # spelling: (kind of output, kind of target, the loss of each row in PyTorch)
    "mse": ("real", "real", lambda o, t: functional.mse_loss(o, t, reduction="none").mean(dim=1)),
    "mae": ("real", "real", lambda o, t: functional.l1_loss(o, t, reduction="none").mean(dim=1)),
    "huber": ("real", "real", lambda o, t: functional.huber_loss(o, t, reduction="none").mean(dim=1)),
    "huber(delta=0.3)": (
        "real",
        "real",
        lambda o, t: functional.huber_loss(o, t, reduction="none", delta=0.3).mean(dim=1),
    ),
    "log_cosh": ("real", "real", lambda o, t: torch.log(torch.cosh(o - t)).mean(dim=1)),
    "quantile(levels=(0.1, 0.7))": ("two", "real", pinball),
    "gaussian_nll": ("two", "real", normal),
    "poisson": ("real", "count", lambda o, t: functional.poisson_nll_loss(o, t, reduction="none").mean(dim=1)),
    "binary_cross_entropy": (
        "real",
        "share",
        lambda o, t: functional.binary_cross_entropy_with_logits(o, t, reduction="none").mean(dim=1),
    ),
    "binary_cross_entropy_from_probabilities": (
        "share",
        "share",
        lambda o, t: functional.binary_cross_entropy(o, t, reduction="none").mean(dim=1),
    ),
    "binary_focal": ("real", "bit", focal_of_two),
    "hinge": ("real", "sign", lambda o, t: torch.clamp(1 - o * t, min=0).sum(dim=1)),
    "squared_hinge": ("real", "sign", lambda o, t: (torch.clamp(1 - o * t, min=0) ** 2).sum(dim=1)),
    "cross_entropy": ("real", "class", lambda o, t: functional.cross_entropy(o, t, reduction="none")),
    "cross_entropy(label_smoothing=0.1)": (
        "real",
        "class",
        lambda o, t: functional.cross_entropy(o, t, reduction="none", label_smoothing=0.1),
    ),
    "cross_entropy_from_probabilities": (
        "distribution",
        "class",
        lambda o, t: functional.nll_loss(torch.log(o), t.argmax(dim=1), reduction="none"),
    ),
    "focal": ("real", "class", focal_of_classes),
}
KINDS = {
    "real": lambda rng: 3 * rng.normal(size=(ROWS, COLUMNS)),
    "two": lambda rng: 2 * rng.normal(size=(ROWS, 2 * COLUMNS)),
    "count": lambda rng: rng.poisson(2.0, size=(ROWS, COLUMNS)).astype(float),
    "share": lambda rng: rng.random((ROWS, COLUMNS)),
    "bit": lambda rng: rng.integers(0, 2, size=(ROWS, COLUMNS)).astype(float),
    "sign": lambda rng: rng.choice([-1.0, 1.0], size=(ROWS, COLUMNS)),
    "class": lambda rng: np.eye(COLUMNS)[rng.integers(0, COLUMNS, ROWS)],
    "distribution": lambda rng: rng.dirichlet(np.ones(COLUMNS), size=ROWS),
}


def test_every_loss_has_its_pair():
    named = {LOSSES.get(spelling).name for spelling in PAIRS}
    assert named == set(LOSSES), "put what PyTorch has of it into PAIRS"


@pytest.mark.parametrize("spelling", PAIRS)
def test_value_and_gradient(spelling):
    loss = LOSSES.get(spelling)
    outputs, targets, theirs = PAIRS[spelling]
    rng = np.random.default_rng(0)
    output, target = KINDS[outputs](rng), KINDS[targets](rng)
    value, gradient = loss.value_and_gradient(output, loss.prepare(target, output.shape[1]))
    o = torch.tensor(output, requires_grad=True)
    rows = theirs(o, torch.tensor(target))
    rows.sum().backward()
    np.testing.assert_allclose(value, rows.detach().numpy(), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(gradient, o.grad.numpy(), rtol=1e-10, atol=1e-13)


def test_class_numbers_are_those_of_pytorch():
    rng = np.random.default_rng(0)
    z, labels = rng.normal(size=(ROWS, COLUMNS)), rng.integers(0, COLUMNS, ROWS)
    loss = LOSSES.get("cross_entropy")
    theirs = functional.cross_entropy(torch.tensor(z), torch.tensor(labels), reduction="none")
    np.testing.assert_allclose(loss.value(z, loss.prepare(labels, COLUMNS)), theirs.numpy(), rtol=1e-12)


def test_smoothed_yes_and_no_are_two_smoothed_classes():
    """PyTorch smooths no binary targets; two classes with the scores 0 and z are the same."""
    rng = np.random.default_rng(0)
    z, labels = rng.normal(size=(ROWS, 1)), rng.integers(0, 2, ROWS)
    scores = torch.tensor(np.hstack([np.zeros_like(z), z]))
    theirs = functional.cross_entropy(scores, torch.tensor(labels), reduction="none", label_smoothing=0.2)
    loss = LOSSES.get("binary_cross_entropy(label_smoothing=0.2)")
    np.testing.assert_allclose(loss.value(z, loss.prepare(labels, 1)), theirs.numpy(), rtol=1e-12)

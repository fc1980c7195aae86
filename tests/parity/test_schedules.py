"""Schedules against PyTorch's, where it has the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from glassnet.formulas.schedules import SCHEDULES, reduce_on_plateau

pytestmark = pytest.mark.parity

EPOCHS = 60


def learning_rates(make, epochs=EPOCHS, lr=1.0):
    """What a scheduler of PyTorch sets in each epoch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler, rates = make(optimizer), []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(rates)


PAIRS = {
    "constant": lambda o: lr_scheduler.ConstantLR(o, factor=1.0),
    "step(factor=0.1, every=0.25)": lambda o: lr_scheduler.StepLR(o, EPOCHS // 4, 0.1),
    "step(factor=0.5, every=0.1)": lambda o: lr_scheduler.StepLR(o, EPOCHS // 10, 0.5),
    "exponential(end=0.01)": lambda o: lr_scheduler.ExponentialLR(o, 0.01 ** (1 / EPOCHS)),
    "linear(end=0.2)": lambda o: lr_scheduler.LinearLR(o, 1.0, 0.2, EPOCHS),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS),
    "cosine(end=0.1)": lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS, 0.1),
    "cosine(cycles=3)": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, EPOCHS // 3),
    "linear(end=0.0, warmup=0.2)": lambda o: lr_scheduler.SequentialLR(
        o,
        [
            lr_scheduler.LinearLR(o, 0.01, 1.0, EPOCHS // 5),
            lr_scheduler.LinearLR(o, 1.0, 0.0, EPOCHS - EPOCHS // 5),
        ],
        [EPOCHS // 5],
    ),
}


@pytest.mark.parametrize("spelling", PAIRS)
@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")  # of SequentialLR's own making
def test_factors(spelling):
    progress = np.arange(EPOCHS) / EPOCHS
    np.testing.assert_allclose(SCHEDULES.get(spelling)(progress), learning_rates(PAIRS[spelling]), rtol=1e-9, atol=1e-9)


def test_one_cycle():
    """PyTorch places peak and end on the steps 0.3 · steps - 1 and steps - 1."""
    steps = 50
    theirs = learning_rates(lambda o: lr_scheduler.OneCycleLR(o, 1.0, steps, cycle_momentum=False), steps)
    ours = SCHEDULES.get("one_cycle", rise=(0.3 * steps - 1) / (steps - 1))(np.arange(steps) / (steps - 1))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("factor", "patience", "threshold", "minimum"), [(0.1, 10, 1e-4, 0.0), (0.5, 2, 0.05, 0.01), (0.7, 0, 0.0, 0.0)]
)
def test_reduce_on_plateau(seed, factor, patience, threshold, minimum):
    rng = np.random.default_rng(seed)
    scores = (1 + np.exp(-np.arange(80) / 10) + 0.05 * rng.normal(size=80)).tolist()
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=factor, patience=patience, threshold=threshold, min_lr=minimum, eps=0.0
    )
    for n, score in enumerate(scores, start=1):
        scheduler.step(score)
        ours = reduce_on_plateau(scores[:n], factor, patience, threshold, minimum)
        assert ours == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12), n
    assert ours < 1

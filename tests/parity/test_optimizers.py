"""A hundred steps of every optimizer beside PyTorch's, in float64, on a parabola and on Rosenbrock's valley."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.regularization import decay

pytestmark = pytest.mark.parity


class Lion(torch.optim.Optimizer):
    """PyTorch has none: the pseudo-code of Chen et al. (2023), Algorithm 2, line by line."""

    def __init__(self, params, lr, betas=(0.9, 0.99)):
        super().__init__(params, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                state = self.state[p]
                m = state.setdefault("m", torch.zeros_like(p))
                c = torch.lerp(p.grad, m, beta1)
                p.sub_(torch.sign(c), alpha=group["lr"])
                m.lerp_(p.grad, 1 - beta2)


PAIRS = {
    "sgd": torch.optim.SGD,
    "momentum": lambda params, lr: torch.optim.SGD(params, lr, momentum=0.9),
    "nesterov": lambda params, lr: torch.optim.SGD(params, lr, momentum=0.9, nesterov=True),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "rmsprop(rho=0.9, epsilon=1e-4)": lambda params, lr: torch.optim.RMSprop(params, lr, alpha=0.9, eps=1e-4),
    "adam": torch.optim.Adam,
    "adam(beta1=0.8, beta2=0.95, epsilon=1e-3)": lambda params, lr: torch.optim.Adam(params, lr, (0.8, 0.95), 1e-3),
    "amsgrad": lambda params, lr: torch.optim.Adam(params, lr, amsgrad=True),
    "adamw": torch.optim.AdamW,
    "nadam": torch.optim.NAdam,
    "nadam(psi=0.02)": lambda params, lr: torch.optim.NAdam(params, lr, momentum_decay=0.02),
    "radam": torch.optim.RAdam,
    "radam(beta2=0.9, epsilon=1e-3)": lambda params, lr: torch.optim.RAdam(params, lr, (0.9, 0.9), 1e-3),
    "lion": Lion,
}
CURVATURE = np.array([1.0, 3.0, 0.3])
PROBLEMS = {
    "parabola": (np.array([1.0, -2.0, 0.0]), lambda x: (torch.tensor(CURVATURE) * (x - 0.5) ** 2).sum() / 2),
    "rosenbrock": (np.array([-1.2, 1.0]), lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2),
}
GRADIENTS = {
    "parabola": lambda x: CURVATURE * (x - 0.5),
    "rosenbrock": lambda x: np.array([-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)]),
}


def test_every_optimizer_has_its_pair():
    named = {OPTIMIZERS.get(spelling).name for spelling in PAIRS}
    assert named == set(OPTIMIZERS), "put what PyTorch has of it into PAIRS"


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("spelling", PAIRS)
def test_trajectory(spelling, problem):
    optimizer = OPTIMIZERS.get(spelling)
    start, f = PROBLEMS[problem]
    whole = optimizer.name in ("sgd", "momentum", "nesterov", "radam")  # the gradient in full size
    alpha = 1e-4 if problem == "rosenbrock" and whole else 0.01

    x = torch.tensor(start, requires_grad=True)
    theirs = PAIRS[spelling]([x], lr=alpha)
    theta, slots, coefficients = start, optimizer.start(start), None
    weight_decay = 0.01 if optimizer.name == "adamw" else 0.0
    for t in range(1, 101):
        theirs.zero_grad()
        f(x).backward()
        theirs.step()
        coefficients = optimizer.at_step(t, coefficients)
        g = GRADIENTS[problem](theta)
        theta, *slots = optimizer(decay(theta, alpha, weight_decay), g, tuple(slots), alpha, coefficients)
        np.testing.assert_allclose(theta, x.detach().numpy(), rtol=1e-10, atol=1e-10, err_msg=f"step {t}")
    assert np.abs(theta - start).max() > 5e-3  # it did move


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam", "amsgrad", "adamw", "nadam", "radam"])
def test_defaults(name):
    """Learning rate and parameters are those that PyTorch has when nothing is said."""
    classes = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    classes |= {"amsgrad": torch.optim.Adam, "adamw": torch.optim.AdamW, "nadam": torch.optim.NAdam}
    classes |= {"radam": torch.optim.RAdam}
    optimizer = OPTIMIZERS.get(name)
    theirs = classes[name]([torch.zeros(1)]).defaults
    ours = dict(optimizer.parameters)
    assert optimizer.learning_rate == theirs["lr"]
    assert optimizer.weight_decay == theirs["weight_decay"]
    assert ours["epsilon"] == theirs["eps"]
    if "beta1" in ours:
        assert (ours["beta1"], ours["beta2"]) == theirs["betas"]
    if "rho" in ours:
        assert ours["rho"] == theirs["alpha"]
    if "psi" in ours:
        assert ours["psi"] == theirs["momentum_decay"]

"""Every activation and loss: the largest relative error of its gradient, in float64.

    python benchmarks/gradients.py

Against central differences (of order six) on its smooth domain, and against PyTorch where that is installed. The
points, the targets and the functions of PyTorch are those of tests/formulas and tests/parity, which hold them to
limits; this script shows the figures. Prints a table, and writes benchmarks/results/gradients.json.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from results import write_results

from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.losses import LOSSES

TESTS = Path(__file__).parents[1] / "tests"
SMALLEST = 1e-3  # a gradient below this, near one of its zeros, is compared with this


def load(path: str) -> ModuleType:
    """A file of the tests as a module."""
    spec = importlib.util.spec_from_file_location(path.replace("/", "_"), TESTS / f"{path}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def largest_error(ours: Any, reference: Any) -> float:
    """The largest relative difference of two arrays."""
    return float(np.max(np.abs(ours - reference) / np.maximum(np.abs(reference), SMALLEST)))


def activation_errors(name: str) -> float:
    """Of an activation's derivative, against central differences."""
    activation, shared, tests = ACTIVATIONS.get(name), load("formulas/conftest"), load("formulas/test_activations")
    if activation.elementwise:
        z = tests.grid(activation)
        measured = shared.differentiate(activation, z)
        return largest_error(activation.backward(z, activation(z), np.ones_like(z)), measured)
    z, d_a = np.random.default_rng(0).normal(size=(2, 400, 5)) * 2
    measured = shared.gradient(lambda scores: np.sum(d_a * activation(scores), axis=1), z)
    return largest_error(activation.backward(z, activation(z), d_a), measured)


def loss_errors(name: str) -> float:
    """Of a loss's gradient, against central differences."""
    loss, shared, tests = LOSSES.get(name), load("formulas/conftest"), load("formulas/test_losses")
    output, target = tests.case(loss, 1000, seed=0)
    smooth = tests.on_smooth_ground(loss, output, target)
    output, target = output[smooth], target[smooth]
    step = 1e-3 if name.endswith("from_probabilities") else 1e-2
    return largest_error(loss.gradient(output, target), shared.gradient(lambda o: loss.value(o, target), output, step))


def activation_errors_to_pytorch(name: str) -> float:
    """Of an activation's derivative, against PyTorch's automatic differentiation."""
    import torch

    activation, tests = ACTIVATIONS.get(name), load("parity/test_activations")
    z = tests.Z[: len(tests.Z) // 4 * 4].reshape(-1, 4)
    d_a = np.random.default_rng(0).normal(size=z.shape)
    theirs = torch.tensor(z, requires_grad=True)
    tests.PAIRS[name](theirs).backward(torch.tensor(d_a))
    return largest_error(activation.backward(z, activation(z), d_a), theirs.grad.numpy())


def loss_errors_to_pytorch(name: str) -> float:
    """Of a loss's gradient, against PyTorch's automatic differentiation."""
    import torch

    tests = load("parity/test_losses")
    spelling = next(spelling for spelling in tests.PAIRS if LOSSES.get(spelling).name == name)
    loss, (outputs, targets, theirs) = LOSSES.get(spelling), tests.PAIRS[spelling]
    rng = np.random.default_rng(0)
    output, target = tests.KINDS[outputs](rng), tests.KINDS[targets](rng)
    o = torch.tensor(output, requires_grad=True)
    theirs(o, torch.tensor(target)).sum().backward()
    return largest_error(loss.gradient(output, loss.prepare(target, output.shape[1])), o.grad.numpy())


def main() -> None:
    with_torch = importlib.util.find_spec("torch") is not None
    records = []
    print(f"{'largest relative error of the gradient':52}{'central differences':>20}{'PyTorch':>10}")
    for kind, registry, errors, errors_to_pytorch in (
        ("activation", ACTIVATIONS, activation_errors, activation_errors_to_pytorch),
        ("loss", LOSSES, loss_errors, loss_errors_to_pytorch),
    ):
        for name in registry:
            record = {
                "kind": kind,
                "name": name,
                "central_differences": errors(name),
                "pytorch": errors_to_pytorch(name) if with_torch else None,
            }
            pytorch = f"{record['pytorch']:10.0e}" if with_torch else ""
            print(f"{kind:12}{name:40}{record['central_differences']:20.0e}{pytorch}")
            records.append(record)
    if not with_torch:
        print('The column of PyTorch is empty: it is not installed (pip install "glassnet[parity]").')
    write_results("gradients", records)


if __name__ == "__main__":
    main()

"""Of a large embedding only what a batch touches is updated, where the rule leaves all else exactly as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from glassnet import Embedding, NeuralNetwork
from glassnet.engines import Updater
from glassnet.engines.compiled.memory import ALWAYS
from glassnet.errors import DivergenceError
from glassnet.formulas.optimizers import OPTIMIZERS

ROWS = 64
LEVELS = (700, 150)
RESTING = [name for name in OPTIMIZERS if OPTIMIZERS.get(name).rests]


@pytest.mark.parametrize("name", list(OPTIMIZERS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_rule_rests_if_nothing_changes_without_a_gradient(name, dtype):
    rule, rng = OPTIMIZERS.get(name), np.random.default_rng(0)
    theta, zero = rng.normal(size=50).astype(dtype), np.zeros(50, dtype)
    for slots in (rule.start(theta), tuple(rng.uniform(0.1, 2, 50).astype(dtype) for _ in rule.slots)):
        after = rule(theta, zero, slots, 0.1, rule.at_step(2, rule.at_step(1)))
        same = all(np.array_equal(new, old) for new, old in zip(after, (theta, *slots), strict=True))
        assert same or not rule.rests
    assert same == rule.rests


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    numbers, codes = rng.normal(size=(ROWS, 2)), [rng.integers(0, count + 1, ROWS) for count in LEVELS]
    return np.column_stack([numbers, *codes]), rng.normal(size=ROWS)


def training(rows, optimizer, **options):
    network = NeuralNetwork(4, [Embedding(LEVELS, 3), "tanh:4", 1])
    updater = Updater(network.layout, optimizer, **options)
    return network, updater, network.engine.training(network, *rows, None, 8, updater)


@pytest.mark.parametrize("options", [{}, {"clip_value": 1e-3}], ids=["plain", "clipped"])
@pytest.mark.parametrize("name", RESTING)
def test_every_bit_is_as_if_all_were_updated(name, options, rows):
    rule, ends = OPTIMIZERS.get(name), []
    for optimizer in (rule, replace(rule, rests=False)):
        network, updater, steps = training(rows, optimizer, **options)
        with steps as run:
            assert bool(run.program.touched) == optimizer.rests
            for _ in range(3):
                run(np.arange(ROWS), [0.1] * 8)
        ends.append([network.parameters, *updater.slots.values()])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


def test_levels_that_are_not_looked_up_are_no_work(rows):
    """Or a wide table would have several workers, each with a gradient of all levels."""
    network = NeuralNetwork(4, [Embedding((10**6, 150), 3), "tanh:4", 1], dtype="float32")
    updater = Updater(network.layout, "sgd", dtype=np.float32)
    with network.engine.training(network, *rows, None, 64, updater) as run:
        assert run.team.count == 1


def test_few_grains_are_looked_at(rows):
    _, _, steps = training(rows, "sgd")
    with steps as run:
        assert (run.touched == ALWAYS).mean() < 0.25
        run(np.arange(ROWS), [0.1] * 8)
        assert set(run.touched) == {0, ALWAYS}
        assert not run.G[run.G != 0].size or run.touched[np.flatnonzero(run.G[0]) // 256].min() == ALWAYS


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        ("adam", {}),
        ("sgd", {"weight_decay": 0.1}),
        ("sgd", {"ema_decay": 0.9}),
        ("sgd", {"clip_norm": 1.0}),
        ("adagrad(epsilon=0)", {}),
    ],
)
def test_what_changes_without_a_gradient_is_updated_at_every_step(optimizer, options, rows):
    _, _, steps = training(rows, optimizer, **options)
    with steps as run:
        assert run.program.touched == []


def test_a_step_that_diverges_leaves_no_gradient_behind(rows):
    X, y = rows
    wrong = y.copy()
    wrong[:8] = 1e200
    network, _, steps = training((X, wrong), "sgd")
    before = network.parameters.copy()
    with steps as run:
        with pytest.raises(DivergenceError):
            run(np.arange(8), [0.1])
        run(np.arange(8, ROWS), [0.1] * 7)
    twin, _, steps = training((X, wrong), "sgd")
    np.testing.assert_array_equal(twin.parameters, before)
    with steps as run:
        run(np.arange(8, ROWS), [0.1] * 7)
    np.testing.assert_array_equal(network.parameters, twin.parameters)

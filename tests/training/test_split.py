"""The split into training and validation rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import NeuralNetwork, Trainer
from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.losses import LOSSES
from glassnet.training import split_rows
from glassnet.training.split import sample_rows


@given(st.integers(2, 300), st.floats(0.01, 0.9), st.integers(0, 10), st.integers(1, 6))
def test_every_row_is_in_one_part_and_classes_keep_their_shares(rows, fraction, seed, classes):
    y = np.random.default_rng(seed).integers(0, classes, rows)
    wanted = min(max(1, round(rows * fraction)), rows - 1)
    wanted = min(wanted, max(1, rows - len(np.unique(y))))  # of each class one row stays
    train, held = split_rows(rows, fraction, seed, y)
    assert sorted([*train, *held]) == list(range(rows))
    assert len(held) == wanted
    for number in np.unique(y):
        share = (y[held] == number).sum() - fraction * (y == number).sum()
        assert abs(share) <= 1.5 + abs(wanted - rows * fraction)


def test_the_seed_decides():
    parts = [split_rows(50, 0.2, seed)[1].tolist() for seed in (1, 1, 2)]
    assert parts[0] == parts[1] != parts[2]


@pytest.mark.parametrize(("rows", "held"), [((98, 2), [10, 0]), ((90, 10), [9, 1])])
def test_a_rare_class_has_its_share_and_no_more(rows, held):
    y = np.repeat([0, 1], rows)
    assert np.bincount(y[split_rows(100, 0.1, 0, y)[1]], minlength=2).tolist() == held


def test_of_classes_of_one_row_a_single_row_is_held_back():
    assert len(split_rows(4, 0.5, 0, np.arange(4))[1]) == 1


def test_a_sample_has_no_row_twice():
    assert len(set(sample_rows(20, 19))) == 19
    np.testing.assert_array_equal(sample_rows(20, 5), sample_rows(20, 5, seed=0))


def test_a_class_of_one_row_is_trained_on():
    y = np.array([0] * 20 + [1])
    for seed in range(20):
        assert 20 in split_rows(21, 0.3, seed, y)[0]


def test_a_class_that_was_not_learned_is_not_judged():
    y = np.array([*range(40), 0, 1, 2])  # 40 classes, three of them with two rows
    train, held = split_rows(43, 0.2, 0, y)
    assert len(held) == 3  # where 9 would be a fifth
    assert set(y[held]) <= set(y[train])


@pytest.mark.parametrize("fraction", [0, 1, -0.1, np.nan])
def test_the_share_must_be_one(fraction):
    with pytest.raises(InputError, match="`validation_fraction` must be between 0 and 1"):
        split_rows(10, fraction, 0)


def test_the_share_must_be_a_number():
    with pytest.raises(InputTypeError, match="`validation_fraction`.* Received: 'some'"):
        split_rows(10, "some", 0)


def test_one_row_cannot_be_split():
    with pytest.raises(InputError, match="at least 2 rows. Received: n_samples = 1. Use more rows, or hold none out"):
        split_rows(1, 0.5, 0)


def test_some_row_stays_to_learn_from_however_large_the_share():
    assert [part.size for part in split_rows(3, 0.99, 0)] == [1, 2]


KINDS = {
    "numbers": lambda rng, rows: {"numbers": rng.normal(size=rows)},
    "counts": lambda rng, rows: {"counts": rng.poisson(3.0, rows), "zeros": np.zeros(rows)},
    "fractions": lambda rng, rows: {
        "soft": rng.random(rows),
        "hard": rng.integers(0, 2, rows),
        "column": rng.random((rows, 1)),
    },
    "signs": lambda rng, rows: {"sides": rng.choice([-1, 1], rows), "yes or no": rng.integers(0, 2, rows)},
    "classes": lambda rng, rows: {"classes": np.arange(rows) % 3, "soft": rng.dirichlet(np.ones(3), rows)},
}
"""For each kind of loss what targets may be."""


@pytest.mark.parametrize("rows", [2, 3, 10, 200])
@pytest.mark.parametrize("name", LOSSES)
def test_every_kind_of_targets_holds_back_the_share_that_was_asked_for(name, rows):
    loss = LOSSES.get(name)
    outputs = 3 if loss.target == "classes" else loss.outputs_per_target
    ending = {"probabilities": {"classes": "softmax:", "fractions": "sigmoid:"}}.get(loss.takes, {}).get(
        loss.target, ""
    )
    network = NeuralNetwork(2, [f"{ending}{outputs}" if ending else outputs], loss=name)
    X, fraction = np.zeros((rows, 2)), 0.2
    for kind, y in KINDS[loss.target](np.random.default_rng(0), rows).items():
        kept, held = Trainer(validation_fraction=fraction)._rows(network, X, y, None, None)
        stay = len(np.unique(y)) if y.dtype.kind == "i" and loss.target != "counts" else 1  # a row of each class stays
        assert len(held.y) == min(max(1, round(rows * fraction)), max(1, rows - stay)), kind
        assert len(kept.y) + len(held.y) == rows

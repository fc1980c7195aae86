"""What is known of the targets: there and back, and as plain data."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glassnet.errors import InputError
from glassnet.estimators.checks import check_classes
from glassnet.estimators.class_targets import AnswerTargets, ClassTargets
from glassnet.estimators.number_targets import NumberTargets
from glassnet.estimators.targets import targets_from_state
from glassnet.formulas.losses import LOSSES

CLASSES = st.one_of(
    hnp.arrays(dtype, st.integers(1, 20)) for dtype in (np.int8, np.int64, np.uint64, bool, "U5")
) | hnp.arrays(np.float64, st.integers(1, 20), elements=st.floats(-1e300, 1e300))
COLUMNS = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=1, max_dims=2), elements=st.floats(-1e300, 1e300, allow_subnormal=False)
)


def through_json(targets):
    description, arrays = targets.to_state()
    return targets_from_state(json.loads(json.dumps(description, allow_nan=False)), arrays)


@given(CLASSES)
def test_classes_there_and_back(y):
    targets = through_json(ClassTargets.learn(y))
    assert (targets.decode_targets(targets.encode(y)) == y).all()
    assert targets.encode(y).max() == len(targets.classes) - 1


@given(COLUMNS)
def test_numbers_there_and_back(y):
    """Whatever their size: no overflow, and to rounding relative to the largest."""
    targets = through_json(NumberTargets.learn(y))
    encoded = targets.encode(y)
    assert np.isfinite(encoded).all()
    assert targets.decode_targets(encoded).shape == y.shape
    assert np.allclose(targets.decode_targets(encoded), y, rtol=0, atol=1e-13 * np.abs(y).max())


@given(COLUMNS.map(np.abs))
def test_counts_there_and_back(y):
    targets = through_json(NumberTargets.learn(y, counts=True))
    encoded = targets.encode(y)
    assert (encoded >= 0).all()
    assert (encoded[y.reshape(len(y), -1) == 0] == 0).all()
    assert np.allclose(targets.decode_targets(encoded), y, rtol=1e-13)


def test_numbers_are_standardised_with_their_weights():
    y, weight = np.array([1.0, 5.0, 6.0]), np.array([3, 1, 2])
    targets, repeated = NumberTargets.learn(y, weight), NumberTargets.learn(np.repeat(y, weight))
    assert np.allclose(targets.center, repeated.center)
    assert np.allclose(targets.scale, repeated.scale)
    encoded = repeated.encode(np.repeat(y, weight))
    assert np.allclose([encoded.mean(), encoded.std()], [0, 1])


@pytest.mark.parametrize("gap", [None, np.nan, float("nan")])
@pytest.mark.parametrize("made", [list, tuple, lambda y: np.array(y, object)])
def test_a_gap_among_text_is_no_class(gap, made):
    with pytest.raises(InputError, match="The target must not have missing values. Received: 1 missing"):
        check_classes(made(["yes", "no", gap]))
    with pytest.raises(InputError, match="classes must be all text or all numbers"):
        check_classes(made(["yes", "no", 1]))
    assert check_classes(made(["yes", np.str_("no")])).dtype == "<U3"


def test_an_array_may_be_wider_than_its_labels():
    labels = np.array(["a", "b" * 2000, "a"])
    assert check_classes(labels[[0, 2]]).tolist() == ["a", "a"]
    with pytest.raises(InputError, match="Received: one of 2000"):
        check_classes(labels)


def test_an_unknown_class_is_named():
    targets = ClassTargets.learn(np.array(["b", "d"]))
    for unknown in "ace":
        with pytest.raises(InputError, match=rf"Received: \['{unknown}'\]. Train on rows of every class, list all"):
            targets.encode(np.array(["b", unknown]))


def test_the_default_loss_and_the_outputs_follow_from_the_targets():
    two, three = ClassTargets(np.arange(2)), ClassTargets(np.arange(3))
    assert [t.default_loss for t in (two, three)] == ["binary_cross_entropy", "cross_entropy"]
    assert [t.outputs(LOSSES.get("cross_entropy")) for t in (two, three)] == [2, 3]
    assert [t.outputs(LOSSES.get("hinge")) for t in (two, three)] == [1, 3]
    assert two.outputs(LOSSES.get("binary_cross_entropy")) == 1
    assert AnswerTargets(4).outputs(LOSSES.get("binary_cross_entropy")) == 4
    numbers = NumberTargets.learn(np.ones((5, 2)))
    assert [numbers.outputs(LOSSES.get(name)) for name in ("mse", "gaussian_nll")] == [2, 4]
    assert numbers.outputs(LOSSES.get("quantile(levels=(0.1, 0.5, 0.9))")) == 6


def test_two_outputs_for_two_classes_give_one_score():
    outputs = np.array([[1.0, 3.0], [2.0, -1.0]])
    assert ClassTargets(np.arange(2)).scores(outputs).tolist() == [2.0, -3.0]
    assert ClassTargets(np.arange(2)).decode(outputs, LOSSES.get("cross_entropy")).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("center", "scale"),
    [
        ([0.0], None),
        ([0.0], [0.0]),
        ([0.0], [-1.0]),
        ([0.0], [np.nan]),
        ([np.inf], [1.0]),
        ([0.0], [1.0, 1.0]),
        ([0.0, 0.0], [1.0, 1.0]),  # two columns that are said to be one
        ([], []),
        ([[0.0]], [[1.0]]),
        (np.float32([0]), np.float32([1])),
    ],
)
def test_false_statistics_are_refused(center, scale):
    arrays = {"center": np.array(center)} | ({} if scale is None else {"scale": np.array(scale)})
    with pytest.raises(InputError, match="unmodified"):
        targets_from_state({"kind": "numbers", "single": True}, arrays)

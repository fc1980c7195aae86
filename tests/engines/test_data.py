"""What an engine is given: looked at once, refused in time, and otherwise left as it is."""

from decimal import Decimal

import numpy as np
import pytest
from scipy import sparse

from glassnet.engines.data import as_inputs, as_targets, as_weights, take_rows
from glassnet.errors import InputError
from glassnet.formulas.losses import LOSSES

# --------------------------------------------------------------------- inputs


@pytest.mark.parametrize(
    "X",
    [
        [[1, 2], [3, 4]],
        ((1.0, 2.0), (3.0, 4.0)),
        np.array([[1, 2], [3, 4]], np.int8),
        np.array([[1, 2], [3, 4]], np.float16),
        np.array([[1, 2], [3, 4]], order="F"),
        np.array([[1, Decimal(2)], [3.0, 4]], object),
    ],
)
def test_any_array_of_numbers_will_do(X):
    result = as_inputs(X, 2, np.dtype("float32"))
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, [[1, 2], [3, 4]])


def test_an_array_that_fits_is_not_copied():
    X = np.ones((3, 2), np.float32)
    assert as_inputs(X, 2, X.dtype) is X


def test_truth_values_count_as_0_and_1():
    np.testing.assert_array_equal(as_inputs([[True, False]], 2, float), [[1.0, 0.0]])


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_array, sparse.coo_array, sparse.lil_matrix])
def test_sparse_tables_of_every_kind_stay_sparse_and_come_by_rows(kind):
    X = as_inputs(kind(np.eye(4)), 4, np.dtype("float32"))
    assert sparse.issparse(X)
    batch = take_rows(X, np.array([2, 0]), np.float32)
    np.testing.assert_array_equal(batch, np.eye(4)[[2, 0]])
    assert batch.dtype == np.float32
    assert batch.flags.c_contiguous


def test_numbers_too_large_for_the_precision_are_refused_without_a_warning():
    with pytest.raises(InputError, match="must be finite in float32"):
        as_inputs([[1.0, 1e300]], 2, np.float32)
    assert as_inputs([[1.0, 1e300]], 2, np.float64)[0, 1] == 1e300


# -------------------------------------------------------------------- targets


def test_targets_stay_as_they_came():
    y = np.array([0, 2, 1])
    assert as_targets(y, LOSSES.get("cross_entropy"), 3, 3) is y
    assert as_targets([True, False], LOSSES.get("binary_cross_entropy"), 1, 2).dtype == bool


# -------------------------------------------------------------------- weights


def test_weights_are_brought_to_mean_1():
    np.testing.assert_allclose(as_weights([1, 2, 3], 3, float), [0.5, 1, 1.5])
    assert as_weights(None, 3, float) is None
    assert as_weights([1, 2, 3], 3, np.float32).dtype == np.float32


@pytest.mark.parametrize("scale", [1e-320, 1e-300, 1.0, 1e307])
def test_only_their_ratios_count(scale):
    np.testing.assert_allclose(as_weights(scale * np.array([0.0, 2.0, 4.0]), 3, float), [0, 1, 2], rtol=1e-3)

"""Sparse tables: scaled, never centred."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from glassnet.errors import InputError
from glassnet.tables import TableEncoder

FORMATS = ["csr", "csc", "coo", "lil", "dok", "dia", "bsr"]


def table(gaps=False):
    rng = np.random.default_rng(0)
    cells = np.where(rng.random((60, 8)) < 0.3, rng.random((60, 8)), 0.0)
    cells[:, 5] = 0
    X = sparse.csr_array(cells)
    if gaps:
        X.data[::7] = np.nan
    return X


@pytest.mark.parametrize("form", FORMATS)
def test_columns_have_unit_variance_and_zeros_stay_zeros(form):
    X = table().asformat(form)
    out = TableEncoder(dtype="float64").fit_transform(X)
    assert sparse.issparse(out)
    assert out.format == "csr"
    assert out.has_sorted_indices
    assert out.shape == (60, 7)
    kept = np.arange(8) != 5
    expected = X.toarray()[:, kept] / X.toarray()[:, kept].std(axis=0)
    np.testing.assert_allclose(out.toarray(), expected)
    assert out.nnz == table()[:, kept].nnz


@pytest.mark.parametrize("power", [-1000, -600, 600, 1020])
def test_numbers_in_any_unit_are_scaled_alike(power):
    X = table()
    same = TableEncoder(dtype="float64").fit_transform(X)
    other = TableEncoder(dtype="float64").fit_transform(X * 2.0**power)
    np.testing.assert_array_equal(other.toarray(), same.toarray())


@pytest.mark.parametrize("container", [sparse.csr_array, sparse.csr_matrix])
def test_the_kind_of_container_stays(container):
    assert isinstance(TableEncoder().fit_transform(container(table())), container)


def test_dense_rows_get_the_same_scaling():
    X = table(gaps=True)
    encoder = TableEncoder(dtype="float64").fit(X)
    np.testing.assert_allclose(encoder.transform(X.toarray()), encoder.transform(X).toarray(), rtol=1e-15)


def test_sparse_rows_for_a_dense_encoder_are_centred():
    X = table()
    encoder = TableEncoder().fit(X.toarray())
    np.testing.assert_array_equal(encoder.transform(X), encoder.transform(X.toarray()))


def test_statistics_equal_those_of_the_dense_table():
    X = table(gaps=True)
    weights = np.random.default_rng(1).integers(1, 4, size=60)
    of_sparse, of_dense = (TableEncoder().fit(A, sample_weight=weights).to_state() for A in (X, X.toarray()))
    for name in ("sources", "mean", "scale", "marked"):
        np.testing.assert_allclose(of_sparse[1][name], of_dense[1][name], rtol=1e-12)
    assert of_sparse[0]["skipped"] == of_dense[0]["skipped"]


def test_gaps_become_the_mean_and_are_marked():
    X = sparse.csr_array(np.array([[np.nan, 0.0], [2.0, 1.0], [4.0, 0.0]]))
    encoder = TableEncoder(dtype="float64").fit(X)
    assert encoder.feature_names_out == ["x0", "x1", "x0 is missing"]
    out = encoder.transform(X)
    np.testing.assert_allclose(out.toarray()[:, [0, 2]], [[3, 1], [2, 0], [4, 0]])
    assert out.has_sorted_indices


def test_integer_weights_are_repetitions():
    X = table(gaps=True)
    weights = np.random.default_rng(2).integers(0, 3, size=60)
    weighted = TableEncoder(dtype="float64").fit(X, sample_weight=weights)
    repeated = TableEncoder(dtype="float64").fit(X[np.repeat(np.arange(60), weights)])
    assert weighted.feature_names_out == repeated.feature_names_out
    np.testing.assert_allclose(weighted.transform(X).toarray(), repeated.transform(X).toarray(), rtol=1e-12)


def test_integers_booleans_and_large_indices():
    X = sparse.csr_array(np.array([[0, 1], [3, 0], [0, 1]]))
    expected = TableEncoder().fit_transform(X).toarray()
    wide = X.copy()
    wide.indices, wide.indptr = wide.indices.astype("int64"), wide.indptr.astype("int64")
    np.testing.assert_array_equal(TableEncoder().fit_transform(wide).toarray(), expected)
    flags = TableEncoder(dtype="float64").fit_transform(X.astype(bool)).toarray()
    np.testing.assert_allclose(flags.std(axis=0), 1)


def test_doubled_entries_are_added_and_the_input_is_not_changed():
    X = sparse.csr_array((np.array([1.0, 2.0, 5.0]), np.array([1, 1, 0]), np.array([0, 2, 3])), shape=(2, 2))
    out = TableEncoder(dtype="float64", scaling="none").fit_transform(X)
    np.testing.assert_array_equal(out.toarray(), [[0, 3], [5, 0]])
    assert X.nnz == 3
    np.testing.assert_array_equal(X.data, [1, 2, 5])


def test_unsorted_indices_are_sorted():
    X = sparse.csr_array((np.array([2.0, 1.0, 5.0]), np.array([1, 0, 0]), np.array([0, 2, 3])), shape=(2, 2))
    assert not X.has_sorted_indices
    out = TableEncoder(scaling="none").fit_transform(X)
    assert out.indices.tolist() == [0, 1, 0]
    assert not X.has_sorted_indices


def test_infinity_is_refused_by_name():
    X = sparse.csr_array(np.array([[1.0, 0.0], [0.0, np.inf]]))
    with pytest.raises(InputError, match="infinity in column 'x1'"):
        TableEncoder().fit(X)
    encoder = TableEncoder().fit(sparse.csr_array(np.eye(2)))
    with pytest.raises(InputError, match="infinity in column 'x1'"):
        encoder.transform(X)
    with pytest.raises(InputError, match="beyond those in column 'x1'"):
        encoder.transform(sparse.csr_array(np.array([[1.0, 1e300]])))


def test_another_width_is_refused():
    encoder = TableEncoder().fit(table())
    with pytest.raises(ValueError, match="X has 2 features, but TableEncoder is expecting 8 features"):
        encoder.transform(sparse.csr_array((3, 2)))


@pytest.mark.parametrize("of_kind", ["coo", "csr"])
def test_a_row_alone_is_no_table(of_kind):
    try:
        row = sparse.coo_array(np.arange(8.0)).asformat(of_kind)
    except ValueError:
        pytest.skip("a SciPy whose rows of this kind have two dimensions")
    encoder = TableEncoder().fit(table())
    for method in (TableEncoder().fit, encoder.transform):
        with pytest.raises(InputError, match=r"must have two dimensions\. Received: shape \(8,\)"):
            method(row)


@pytest.mark.parametrize("container", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix])
def test_a_number_that_is_in_no_column_is_refused_before_anything_reads_where_it_would_be(container):
    encoder, X = TableEncoder().fit(table()), container(table())
    X.indices[0] = 1_000_000_000
    for method in (TableEncoder().fit, encoder.transform):
        with pytest.raises(InputError, match="must have an index of a column for each number"):
            method(X)


def test_no_rows_to_transform():
    assert TableEncoder().fit(table()).transform(sparse.csr_array((0, 8))).shape == (0, 7)


@pytest.mark.slow
def test_a_wide_table_stays_small():
    rng = np.random.default_rng(0)
    places = rng.integers(0, 100, 2000), rng.integers(0, 200_000, 2000)
    X = sparse.coo_array((rng.random(2000), places), shape=(100, 200_000))
    out = TableEncoder().fit_transform(X)
    assert 0 < out.nnz <= X.nnz
    assert out.dtype == np.float32

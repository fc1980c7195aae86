"""The n-grams of columns of text beside the encoded rows of a table: sparse, and never a dense matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.support.language import Text

REMEDY = Text("Create them with the encoder of the model")


@dataclass(frozen=True, eq=False)
class TextStore:
    """The n-grams of the texts of a table, by rows (CSR): row i has ids and values indptr[i] to indptr[i + 1].

    Parameters
    ----------
    indptr : array of int64 of shape (rows + 1,)
    ids : array of int32 of shape (entries,)
        Numbers of n-grams, from 0 to size - 1.
    values : array of float32 of shape (entries,)
    size : int
        The number of n-grams of all columns of text together.

    Raises
    ------
    InputError
        If the arrays do not fit together, an id is out of range, or a value is not finite.

    Examples
    --------
    >>> TextStore(np.array([0, 2, 2]), np.array([0, 3]), np.array([0.6, 0.8]), size=4).rows
    2
    """

    indptr: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]
    size: int

    def __post_init__(self) -> None:
        for name, dtype in (("indptr", np.int64), ("ids", np.int32), ("values", np.float32)):
            array = np.ascontiguousarray(getattr(self, name), dtype).view()
            array.flags.writeable = False  # kernels trust it from here on
            object.__setattr__(self, name, array)
        ends, count = self.indptr, len(self.ids)
        fits = len(ends) > 0 and ends[0] == 0 and ends[-1] == count == len(self.values) and (np.diff(ends) >= 0).all()
        fits = fits and (not count or (self.ids.min() >= 0 and self.ids.max() < self.size))
        if not fits or not np.isfinite(self.values).all():
            rule = Text("N-grams of texts must be given by rows, with ids below {size} and finite values")
            raise InputError(rule.filled(size=self.size), Text("others", context="received"), REMEDY)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.indptr) - 1

    @classmethod
    def joined(cls, stores: Sequence[TextStore]) -> TextStore:
        """Return the rows of several stores, one after another.

        Examples
        --------
        >>> store = TextStore(np.array([0, 2]), np.array([0, 3]), np.array([0.6, 0.8]), size=4)
        >>> TextStore.joined([store, store]).indptr.tolist()
        [0, 2, 4]
        """
        counts = np.concatenate([np.zeros(1, np.int64), *(np.diff(store.indptr) for store in stores)])
        ids, values = (np.concatenate([getattr(store, name) for store in stores]) for name in ("ids", "values"))
        return cls(np.cumsum(counts), ids, values, stores[0].size)


@dataclass(frozen=True, eq=False)
class SparseMatrix:
    """A matrix by the places of its numbers, all others being 0; it is multiplied by dense ones, in this order.

    Parameters
    ----------
    shape : tuple of int
    rows, columns : array of int of shape (n,)
    values : array of shape (n,)

    Examples
    --------
    >>> t = SparseMatrix((2, 4), np.array([0, 0]), np.array([0, 3]), np.array([0.5, 0.25]))
    >>> (t @ np.array([[2.0], [10.0], [0.0], [4.0]])).tolist(), (t.T @ np.array([[4.0], [1.0]])).tolist()
    ([[2.0], [0.0]], [[2.0], [0.0], [0.0], [1.0]])
    """

    shape: tuple[int, int]
    rows: npt.NDArray[Any]
    columns: npt.NDArray[Any]
    values: npt.NDArray[Any]

    @property
    def T(self) -> SparseMatrix:  # noqa: N802
        """The transpose."""
        return SparseMatrix(self.shape[::-1], self.columns, self.rows, self.values)

    def __matmul__(self, other: npt.NDArray[Any]) -> npt.NDArray[Any]:
        product = np.zeros((self.shape[0], other.shape[1]), other.dtype)
        np.add.at(product, self.rows, self.values[:, None].astype(other.dtype) * other[self.columns])
        return product


@dataclass(frozen=True, eq=False)
class TextRows:
    """Encoded rows of a table that has columns of text; a network takes them wherever it takes a matrix.

    Parameters
    ----------
    matrix : array of shape (rows, inputs)
        All other columns, encoded.
    places : array of int64 of shape (rows,)
        For each row its row in the store. So some of the rows are taken without copying n-grams.
    store : TextStore

    Raises
    ------
    InputError
        If there is not one place for each row, or a place is not in the store.

    Examples
    --------
    >>> store = TextStore(np.array([0, 2, 2]), np.array([0, 3]), np.array([0.6, 0.8]), size=4)
    >>> rows = TextRows(np.zeros((2, 3)), np.arange(2), store)
    >>> rows.shape, rows[[1, 1, 0]].places.tolist()
    ((2, 3), [1, 1, 0])
    """

    matrix: npt.NDArray[Any]
    places: npt.NDArray[np.int64]
    store: TextStore

    def __post_init__(self) -> None:
        places = np.ascontiguousarray(self.places, np.int64)
        object.__setattr__(self, "places", places)
        if places.shape != self.matrix.shape[:1] or np.any((places < 0) | (places >= self.store.rows)):
            rule = Text("Each row must have the place of its n-grams")
            raise InputError(
                rule, Text("{count} places of {other} rows", count=len(places), other=len(self.matrix)), REMEDY
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """The same as of the matrix."""
        return self.matrix.shape

    @property
    def ndim(self) -> int:
        """The same as of the matrix."""
        return self.matrix.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """The same as of the matrix."""
        return self.matrix.dtype

    def __len__(self) -> int:
        return len(self.matrix)

    def __getitem__(self, rows: Any) -> TextRows:
        return TextRows(self.matrix[rows], self.places[rows], self.store)

    def with_matrix(self, matrix: npt.NDArray[Any]) -> TextRows:
        """Return the same texts beside another matrix."""
        return TextRows(matrix, self.places, self.store)

    def with_own_store(self) -> TextRows:
        """Return the same rows with a store that has no others."""
        rows, ids, values = self.entries()
        indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(rows, minlength=len(self)))])
        return TextRows(self.matrix, np.arange(len(self)), TextStore(indptr, ids, values, self.store.size))

    def recombined(
        self, matrix: npt.NDArray[Any], sizes: Sequence[int], rows: Sequence[npt.NDArray[np.intp]]
    ) -> TextRows:
        """Return rows whose texts come from other rows, column by column, beside a matrix.

        Parameters
        ----------
        matrix : array of shape (rows, inputs)
        sizes : sequence of int
            For each column of text the number of its n-grams.
        rows : sequence of array of int of shape (rows,)
            For each column of text the rows of these that its texts are taken from.
        """
        if all(np.array_equal(one, rows[0]) for one in rows):
            return self[rows[0]].with_matrix(matrix)
        entries, start = [], 0
        for size, one in zip(sizes, rows, strict=True):
            row, ids, values = self[one].entries()
            own = (ids >= start) & (ids < start + size)
            entries.append((row[own], ids[own], values[own]))
            start += size
        row, ids, values = (np.concatenate(part) for part in zip(*entries, strict=True))
        order, ends = np.argsort(row, kind="stable"), np.cumsum(np.bincount(row, minlength=len(matrix)))
        store = TextStore(np.concatenate([[0], ends]), ids[order], values[order], self.store.size)
        return TextRows(matrix, np.arange(len(matrix)), store)

    @property
    def ngrams(self) -> SparseMatrix:
        """The n-grams of these rows as a matrix of shape (rows, n-grams)."""
        return SparseMatrix((len(self), self.store.size), *self.entries())

    def entries(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Return row number, id and value of each n-gram of these rows, row after row."""
        starts, stops = self.store.indptr[self.places], self.store.indptr[self.places + 1]
        counts = stops - starts
        cells = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
        return np.repeat(np.arange(len(counts)), counts), self.store.ids[cells], self.store.values[cells]


def matrix_of(X: Any) -> Any:
    """Return the encoded columns other than text."""
    return X.matrix if isinstance(X, TextRows) else X

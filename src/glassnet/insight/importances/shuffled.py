"""Tables whose cells are numbers of rows: scikit-learn shuffles those, and never sees what they stand for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.insight.cells import Cells
from glassnet.insight.importances.together import Shuffled
from glassnet.layers.base import Array
from glassnet.tables import is_sparse

__all__ = ["asked_by_number", "table_by_number"]


def asked_by_number(model: Any, X: Any, columns: Sequence[Shuffled]) -> Any:
    """A copy of a model that is asked with numbers of rows, a column for each of these of the table or groups of them.

    Each number means what stands in that row of the table, in those columns. The table is encoded but once.
    """
    face = copy.copy(model)
    face.encoder_ = _Numbered(model.encoder_, X, columns)
    return face


class _Numbered:
    """In the place of an encoder: from numbers of rows to those rows, encoded."""

    def __init__(self, encoder: Any, X: Any, columns: Sequence[Shuffled]) -> None:
        encoded = encoder.transform(X)
        self.encoded = encoded.toarray() if is_sparse(encoded) else encoded
        self.blocks = [np.flatnonzero(np.isin(encoder.sources, places)) for _, places in columns]

    def transform(self, rows: Array) -> Array:
        """The encoded rows, each column of the table from the rows that are named."""
        found: Array = self.encoded.copy()
        for at in _moved(rows):
            found[:, self.blocks[at]] = self.encoded[np.ix_(rows[:, at], self.blocks[at])]
        return found


def table_by_number(model: Any, X: Any, columns: Sequence[Shuffled]) -> Callable[[Array], Any]:
    """From numbers of rows, a column for each of these of the table or groups, to the table with the cells of those."""
    import narwhals.stable.v2 as nw

    cells = Cells(model, X)

    def table(rows: Array) -> Any:
        moved = cells.moved({int(place): rows[:, at] for at in _moved(rows) for place in columns[at].places})
        return nw.to_native(moved, pass_through=True)  # a frame of the user's own library

    return table


def _moved(rows: Array) -> list[int]:
    """The columns of which not all rows are in their place."""
    moved: list[int] = np.flatnonzero((rows != np.arange(len(rows))[:, None]).any(axis=0)).tolist()
    return moved

"""What a fitted encoder knows: for each input column, what is done to it.

The plan is found once, from the training rows, and never changes. The outputs stand in this order: the number columns
in one block (so that a network can treat them alike), the indicators of their gaps, then the other columns one by one,
those last that are codes of levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from glassnet.tables.categories import CategoryColumn, fit_category
from glassnet.tables.clip import CLIP
from glassnet.tables.conversion import as_moments
from glassnet.tables.moments import MomentColumn, fit_moments
from glassnet.tables.notation import UNDECIDED, Notation
from glassnet.tables.numbers import NumberBlock, NumberSource, Statistics, column_statistics
from glassnet.tables.scaling import robust_statistics
from glassnet.tables.table import Table
from glassnet.tables.values import NUMBER_KINDS, level_text

__all__ = ["Plan", "in_order", "number_block", "plan_table", "scaled_block"]


@dataclass(frozen=True)
class Plan:
    """What is done to each column of a table.

    Attributes
    ----------
    names : tuple of str
        Names of the input columns.
    kinds : tuple of str
        What each holds, as in :data:`~glassnet.tables.values.KINDS`.
    named : bool
        Whether the names are the training table's own.
    centred : bool
        False for a sparse training table: its zeros must stay zeros.
    numbers : NumberBlock
        The number columns.
    others : tuple of CategoryColumn or MomentColumn
        The other columns that have outputs.
    skipped : dict from int to str
        Input columns without outputs, and the reason.
    notation : Notation
        How texts write numbers and dates; whoever read the training table from a file knows.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    named: bool
    centred: bool
    numbers: NumberBlock
    others: tuple[CategoryColumn | MomentColumn, ...]
    skipped: dict[int, str]
    notation: Notation = UNDECIDED

    @cached_property
    def number_names(self) -> tuple[str, ...]:
        """Names of the number columns."""
        return tuple(self.names[source] for source in self.numbers.sources.tolist())

    @cached_property
    def places(self) -> npt.NDArray[np.intp]:
        """Where its columns are in a table that has them in the same order."""
        return np.arange(len(self.names))

    @cached_property
    def all_numbers(self) -> bool:
        """Whether each column is a number that is read, in order."""
        return bool(np.array_equal(self.numbers.sources, self.places))

    @cached_property
    def width(self) -> int:
        """The number of output columns."""
        return self.parts[-1][2] if self.parts else self.numbers.width

    @cached_property
    def parts(self) -> tuple[tuple[CategoryColumn | MomentColumn, int, int], ...]:
        """The other columns, each with where its output columns begin and end."""
        ends = [self.numbers.width]
        for column in self.others:
            ends.append(ends[-1] + len(column.outputs))
        return tuple(zip(self.others, ends, ends[1:], strict=False))

    @property
    def outputs(self) -> list[tuple[int, str]]:
        """Source column and name of every output column."""
        sources = self.numbers.sources.tolist()
        block = [(source, self.names[source]) for source in sources[: self.numbers.values]]
        marks = [(sources[mark], f"{self.names[sources[mark]]} is missing") for mark in self.numbers.marked.tolist()]
        return block + marks + [(column.source, name) for column in self.others for name in column.outputs]


def plan_table(
    table: Table, weights: npt.NDArray[np.float64], scaling: str, max_levels: int, max_one_hot: int | None
) -> Plan:
    """Find out what to do with each column of a table in memory.

    Parameters
    ----------
    table : Table
        The training rows; at least one.
    weights : ndarray of shape (rows,)
        Positive weights.
    scaling : {"standard", "robust", "none"}
        Whether numbers are centred and divided by their deviation, or by the distance of their quartiles and clipped.
    max_levels : int
        At most so many levels of a category are named.
    max_one_hot : int or None
        A category of more levels becomes one column of codes; None: none does.

    Returns
    -------
    Plan

    Raises
    ------
    InputError, InputTypeError
        If a column holds infinity or what cannot be encoded.
    """
    kinds: list[str] = []
    others: list[CategoryColumn | MomentColumn] = []
    skipped: dict[int, str] = {}
    if table.matrix is not None:
        kinds = ["boolean" if table.matrix.dtype == bool else "number"] * len(table.names)
        sources = np.arange(len(kinds))
        source = NumberSource(table.names, table.rows, table.matrix)
    else:
        numbers: dict[int, npt.NDArray[np.generic]] = {}
        for index, name in enumerate(table.names):
            values = table.column(index)
            kinds.append(values.kind)
            column: CategoryColumn | MomentColumn
            if values.kind in NUMBER_KINDS:
                numbers[index] = values.data
                continue
            if values.kind == "empty":
                skipped[index] = "no values"
                continue
            if values.kind == "category":
                column = fit_category(name, index, values.data, weights, max_levels, max_one_hot, values.order)
                constant = column.levels[0]
            else:
                moments = as_moments(values, values.kind, name)
                column = fit_moments(name, index, values.kind, moments, weights)
                constant = "the same"
            if column.outputs:
                others.append(column)
            else:
                skipped[index] = f"always {constant}"
        sources = np.array(list(numbers), dtype=np.intp)
        names = [table.names[index] for index in numbers]
        source = NumberSource(names, table.rows, columns=list(numbers.values()))
    statistics = column_statistics(source, weights)
    robust = None
    if scaling == "robust":
        robust = robust_statistics(source, weights, np.flatnonzero(statistics.varies))
    block = scaled_block(sources, statistics, skipped, scaling, robust)
    return Plan(table.names, tuple(kinds), table.named, True, block, in_order(others), skipped)


def in_order(others: Sequence[CategoryColumn | MomentColumn]) -> tuple[CategoryColumn | MomentColumn, ...]:
    """The columns that are no numbers as they stand in a matrix: codes are the last."""
    return tuple(sorted(others, key=lambda column: isinstance(column, CategoryColumn) and column.coded))


def scaled_block(
    sources: npt.NDArray[np.intp],
    statistics: Statistics,
    skipped: dict[int, str],
    scaling: str,
    robust: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None,
) -> NumberBlock:
    """What is done to number columns; `robust` are median and distance of those that vary, where they are wanted."""
    block = number_block(sources, statistics, skipped, scale=scaling == "standard", centre=scaling == "standard")
    if robust is None:
        return block
    medians, distances = robust
    return replace(block, mean=medians, offset=medians, scale=distances, limit=CLIP)


def number_block(
    sources: npt.NDArray[np.intp], statistics: Statistics, skipped: dict[int, str], *, scale: bool, centre: bool
) -> NumberBlock:
    """Decide on number columns by their statistics; those without outputs are entered into `skipped`."""
    varies, gaps = statistics.varies, statistics.gaps
    empty = np.isnan(statistics.low)
    for index in np.flatnonzero(empty | ~varies & ~gaps).tolist():
        skipped[int(sources[index])] = "no values" if empty[index] else f"always {level_text(statistics.low[index])}"
    values = np.flatnonzero(varies)
    chosen = np.concatenate([values, np.flatnonzero(~varies & gaps & ~empty)])
    mean = statistics.mean[values]
    return NumberBlock(
        sources=sources[chosen],
        values=len(values),
        mean=mean,
        offset=mean if centre else np.zeros(len(values)),
        scale=statistics.deviation[values] if scale else np.ones(len(values)),
        marked=np.flatnonzero(gaps[chosen]),
    )

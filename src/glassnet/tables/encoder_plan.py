"""What a fitted encoder knows: for each input column, what is done to it.

The plan is found once, from the training rows, and never changes. The outputs stand in this order: the number columns
in one block (so that a network can treat them alike), the indicators of their gaps, then the other columns one by one,
those last that are codes of levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.column_values import level_text
from glassnet.tables.columns.dates import MomentColumn
from glassnet.tables.columns.number_scaling import NumberBlock, offset_within
from glassnet.tables.columns.running_statistics import Statistics
from glassnet.tables.reading.notation import UNDECIDED, Notation


@dataclass(frozen=True)
class Plan:
    """What is done to each column of a table.

    Attributes
    ----------
    names, kinds : tuple of str
        Names of the input columns, and what each holds: one of
        :data:`~glassnet.tables.columns.column_values.KINDS`.
    named : bool
        Whether the names are the training table's own.
    centred : bool
        False for a sparse training table: its zeros must stay zeros.
    numbers : NumberBlock
    others : tuple of CategoryColumn or MomentColumn
        The other columns that have outputs.
    skipped : dict from int to str
        Input columns without outputs, and the reason.
    notation : Notation
        How texts write numbers and dates; whoever read the training table from a file knows.
    absent_as_missing : bool
        Whether a column that another table does not have counts as one of missing values.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    named: bool
    centred: bool
    numbers: NumberBlock
    others: tuple[CategoryColumn | MomentColumn, ...]
    skipped: dict[int, str]
    notation: Notation = UNDECIDED
    absent_as_missing: bool = False

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
        offset=offset_within(mean, statistics.low[values], statistics.high[values])
        if centre
        else np.zeros(len(values)),
        scale=statistics.deviation[values] if scale else np.ones(len(values)),
        marked=np.flatnonzero(gaps[chosen]),
    )

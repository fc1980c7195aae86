"""The plan of a fitted encoder: the encoding of each input column, and of a whole table.

The plan follows from the training rows, and never changes. The outputs are in this order: the number columns in one
block (so that a network can treat them alike), the indicators of their missing values, then the other columns one by
one, those of codes last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from glassnet.display.record import PrintedRecord
from glassnet.layers.text_rows import TextRows
from glassnet.support.language import Text, joined
from glassnet.tables.column_description import ColumnDescription
from glassnet.tables.columns.categories import CategoryColumn, in_order
from glassnet.tables.columns.column_values import level_text
from glassnet.tables.columns.conversion import as_levels, as_numbers, as_timestamps
from glassnet.tables.columns.dates import MomentColumn, ticks
from glassnet.tables.columns.number_levels import NumberLevels
from glassnet.tables.columns.number_scaling import NumberBlock, offset_within
from glassnet.tables.columns.number_statistics import NumberSource, Statistics, canonical, sparse_statistics
from glassnet.tables.columns.texts import TextColumn, store_of
from glassnet.tables.opened_table import OpenedTable
from glassnet.tables.reading.notation import UNDECIDED, Notation

ALWAYS: Final = "always "
"""What the reason begins with why a column is left out that has one value."""


OtherColumn: TypeAlias = CategoryColumn | MomentColumn | TextColumn | NumberLevels


def are_codes(column: object) -> bool:
    """Return whether a column has codes: such columns are the last."""
    return isinstance(column, NumberLevels) or (isinstance(column, CategoryColumn) and column.coded)


@dataclass(frozen=True, repr=False)
class EncoderPlan(PrintedRecord):
    """The encoding of each column of a table.

    Attributes
    ----------
    names, kinds : tuple of str
        Names of the input columns, and the content of each: one of
        :data:`~glassnet.tables.columns.column_values.KINDS`.
    named : bool
        Whether the names are the training table's own.
    centred : bool
        False for a sparse training table: its zeros must stay zeros.
    numbers : NumberBlock
    others : tuple of CategoryColumn, MomentColumn, TextColumn or NumberLevels
        The other columns that are encoded, and codes of number columns.
    skipped : dict from int to str
        Input columns without outputs, and the reason.
    notation : Notation
        The notation of text in columns of numbers and dates, if the training table was read from a file.
    absent_as_missing : bool
        Whether a column that another table does not have counts as one of missing values.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    named: bool
    centred: bool
    numbers: NumberBlock
    others: tuple[OtherColumn, ...]
    skipped: dict[int, str]
    notation: Notation = UNDECIDED
    absent_as_missing: bool = False

    @cached_property
    def number_names(self) -> tuple[str, ...]:
        """Names of the number columns."""
        return tuple(self.names[source] for source in self.numbers.sources.tolist())

    @cached_property
    def places(self) -> npt.NDArray[np.intp]:
        """The positions of the columns in a table that has them in the same order."""
        return np.arange(len(self.names))

    @cached_property
    def all_numbers(self) -> bool:
        """Whether all columns are numbers, in order."""
        return bool(np.array_equal(self.numbers.sources, self.places))

    @cached_property
    def width(self) -> int:
        """Number of output columns; a table of text alone has one of zeros."""
        width = self.parts[-1][2] if self.parts else self.numbers.width
        return max(width, 1) if self.texts else width

    @property
    def text_alone(self) -> bool:
        """Whether no other column than texts is encoded."""
        return bool(self.texts) and len(self.texts) + len(self.skipped) == len(self.names)

    @property
    def categories(self) -> list[CategoryColumn]:
        """The categories, with those that have no output yet: all rows had one level."""
        categories = [column for column in self.others if isinstance(column, CategoryColumn)]
        if self.texts and not self.parts[-1][2]:
            return categories  # the output of zeros stays the only one
        constant = {
            source: reason.removeprefix(ALWAYS)
            for source, reason in self.skipped.items()
            if self.kinds[source] == "category" and reason.startswith(ALWAYS)
        }
        return categories + [
            CategoryColumn(self.names[source], source, (level,), other=False, gaps=False)
            for source, level in constant.items()
        ]

    def with_levels(self, levels: Mapping[str, Mapping[str, int]], most: int) -> EncoderPlan:
        """Return the plan with more levels of categories, given how often each occurs, by the names of the columns.

        No category has more than `most` of them then: of more the most frequent ones.
        """
        grown = [column.with_levels(_fresh(column, levels.get(column.name, {}), most)) for column in self.categories]
        found = {column.source: column for column in grown if column.outputs}
        others: list[OtherColumn] = [found.pop(column.source, column) for column in self.others]
        skipped = {source: reason for source, reason in self.skipped.items() if source not in found}
        others = sorted([*others, *found.values()], key=are_codes)
        return replace(self, others=tuple(others), skipped=skipped)

    def with_number_levels(self, levels: Sequence[NumberLevels]) -> EncoderPlan:
        """Return the plan with codes of number columns, which are its last outputs."""
        return replace(self, others=(*self.others, *levels))

    def empty(self, rows: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        """Return a matrix for the outputs of some rows."""
        alone = self.texts and not self.parts[-1][2]
        return np.zeros((rows, 1), dtype) if alone else np.empty((rows, self.width), dtype)

    @cached_property
    def texts(self) -> tuple[TextColumn, ...]:
        """The columns of text, whose n-grams stand beside the matrix."""
        return tuple(column for column in self.others if isinstance(column, TextColumn))

    @cached_property
    def parts(self) -> tuple[tuple[OtherColumn, int, int], ...]:
        """The other columns, each with the first and the last output column (exclusive)."""
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
        found = block + marks + [(column.source, name) for column in self.others for name in column.outputs]
        return found or [(column.source, "0") for column in self.texts[:1]]

    def encode(
        self, table: OpenedTable, positions: npt.NDArray[np.intp], dtype: np.dtype[Any]
    ) -> npt.NDArray[Any] | TextRows:
        """Return the rows of a table as a matrix of shape (rows, outputs), with the n-grams of its texts if it has any.

        `positions` are those of the training table's columns, as
        :func:`~glassnet.tables.matched_columns.match_columns` returns them.

        Raises
        ------
        InputError
            If a value does not suit its column.
        """
        out = self.empty(table.rows, dtype)
        self.numbers.write(self._numbers_in(table, positions), out[:, : self.numbers.width])
        for column, start, end in self.parts:
            values = table.column(int(positions[column.source]))
            if isinstance(column, CategoryColumn | TextColumn):
                column.write(as_levels(values, self.notation), out[:, start:end])
            elif isinstance(column, NumberLevels):
                out[:, start] = column.codes(as_numbers(values, column.kind, column.name, self.notation))
            else:
                column.write(as_timestamps(values, column.kind, column.name, self.notation), out[:, start:end])
        if not self.texts:
            return out
        texts = [as_levels(table.column(int(positions[column.source])), self.notation) for column in self.texts]
        return TextRows(out, np.arange(table.rows), store_of(self.texts, texts))

    def _numbers_in(self, table: OpenedTable, positions: npt.NDArray[np.intp]) -> NumberSource:
        """Return the number columns in a table, as one matrix if it is one, else column by column."""
        sources = self.numbers.sources
        names = self.number_names
        if "duration" not in self.kinds:
            if table.matrix is not None:
                everything = positions is self.places and self.all_numbers
                return NumberSource(names, table.rows, table.matrix, None if everything else positions[sources])
            if table.row is not None and (matrix := table.row.numbers(positions[sources].tolist())) is not None:
                return NumberSource(names, 1, matrix)
        columns = [
            as_numbers(table.column(position), self.kinds[source], self.names[source], self.notation)
            for position, source in zip(positions[sources].tolist(), sources.tolist(), strict=True)
        ]
        return NumberSource(names, table.rows, columns=columns)

    def decode(self, matrix: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[Any]]:
        """Return readable columns, in the order of the table, of a matrix of shape (rows, outputs).

        Numbers are float64 (a marked gap is NaN), booleans and categories objects (a gap is None, a shared level "other
        levels", an unknown one "unknown"), dates, moments and durations NumPy's, to the precision of the matrix; times
        of day are in seconds since midnight.
        """
        block = self.numbers
        decoded = zip(block.sources.tolist(), block.decode(matrix[:, : block.width]), strict=False)
        found = {source: _of_kind(numbers, self.kinds[source]) for source, numbers in decoded}
        for column, start, end in self.parts:
            if isinstance(column, CategoryColumn) or (isinstance(column, MomentColumn) and column.parts):
                found[column.source] = column.decode(matrix[:, start:end])
        return {self.names[source]: found[source] for source in sorted(found)}

    @property
    def described_kinds(self) -> tuple[str, ...]:
        """The kind of each input column; "text" where the network learns from its words."""
        texts = {column.source for column in self.texts}
        return tuple("text" if source in texts else kind for source, kind in enumerate(self.kinds))

    def describe(self) -> list[ColumnDescription]:
        """Describe the encoding of every input column, in the order of the table."""
        outputs: dict[int, list[str]] = {}
        for source, name in self.outputs:
            outputs.setdefault(source, []).append(name)
        actions: dict[int, Text] = {
            source: Text("left out: {reason}", reason=reason) for source, reason in self.skipped.items()
        }
        actions |= {source: self.numbers.action(index) for index, source in enumerate(self.numbers.sources.tolist())}
        for column in self.others:
            actions[column.source] = (
                joined([actions[column.source], column.action]) if isinstance(column, NumberLevels) else column.action
            )
        ngrams = {column.source: column.size for column in self.texts}
        return [
            ColumnDescription(name, kind, actions[source], tuple(outputs.get(source, ())), ngrams.get(source, 0))
            for source, (name, kind) in enumerate(zip(self.names, self.described_kinds, strict=True))
        ]


def _fresh(column: CategoryColumn, counts: Mapping[str, int], most: int) -> list[str]:
    """Return the levels that a category does not distinguish yet, in order; with the column's own at most `most`."""
    known = set(column.levels)
    fresh = [level for level in in_order(counts) if level not in known]
    chosen = set(sorted(fresh, key=lambda level: -counts[level])[: max(0, most - len(known))])
    return [level for level in fresh if level in chosen]


def _of_kind(numbers: npt.NDArray[np.float64], kind: str) -> npt.NDArray[Any]:
    """Return decoded numbers as durations, booleans or numbers."""
    if kind == "duration":
        durations: npt.NDArray[Any] = ticks(numbers * 1e6).view("m8[us]")
        return durations
    if kind == "boolean":
        # a filled gap without a mark lies between False and True, and is neither
        readable = np.full(len(numbers), None, dtype=object)
        readable[np.abs(numbers) < 0.01] = False
        readable[np.abs(numbers - 1) < 0.01] = True
        return readable
    return numbers


def number_block(
    sources: npt.NDArray[np.intp], statistics: Statistics, skipped: dict[int, str], *, scale: bool, centre: bool
) -> NumberBlock:
    """Decide on the encoding of number columns by their statistics; add those without outputs to `skipped`."""
    varies, gaps = statistics.varies, statistics.gaps
    empty = np.isnan(statistics.low)
    for index in np.flatnonzero(empty | ~varies & ~gaps).tolist():
        skipped[int(sources[index])] = "no values" if empty[index] else f"{ALWAYS}{level_text(statistics.low[index])}"
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


def plan_sparse(csr: Any, weights: npt.NDArray[np.float64], *, scale: bool) -> EncoderPlan:
    """Decide on each column of sparse training rows, CSR of shape (rows, columns) with positive weights.

    Columns are divided by their deviation, never centred: a bag of words with 100,000 columns is practical only as long
    as its zeros are not stored. Gaps can only be stored values (NaN); they become the mean, as in a dense table.

    Raises
    ------
    InputError
        If a value is infinite or complex.
    """
    skipped: dict[int, str] = {}
    csr = canonical(csr)
    columns = np.arange(csr.shape[1])
    block = number_block(columns, sparse_statistics(csr, weights), skipped, scale=scale, centre=False)
    names = tuple(f"x{index}" for index in columns.tolist())
    kind = "boolean" if csr.dtype == bool else "number"
    return EncoderPlan(names, (kind,) * len(names), False, False, block, (), skipped)

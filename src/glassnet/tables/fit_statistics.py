"""Statistics of training rows from which an encoder is fitted, gathered in chunks in bounded memory, or all at once.

The chunking changes no bit. Statistics of separate rows can be merged, always in the same order: sums of fractions
depend on it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.tables.columns.categories import CategoryColumn, category_of_levels, weights_of_levels
from glassnet.tables.columns.column_values import NUMBER_KINDS, Column
from glassnet.tables.columns.conversion import PLURAL, as_levels, as_timestamps
from glassnet.tables.columns.dates import MomentColumn, RunningMoments
from glassnet.tables.columns.number_scaling import CLIP, ColumnQuantiles, median_and_distance, offset_within
from glassnet.tables.columns.number_statistics import NumberSource, RunningStatistics, Statistics, scaled_moments
from glassnet.tables.columns.texts import TextColumn, is_text, vocabulary
from glassnet.tables.containers import is_sparse
from glassnet.tables.encoder_plan import ALWAYS, EncoderPlan, are_codes, number_block
from glassnet.tables.opened_table import OpenedTable, open_table
from glassnet.tables.reading.notation import Notation
from glassnet.tables.text_dates import RunningDates, settled_dates

Floats = npt.NDArray[np.float64]

MOST_LEVELS: Final = 100_000
"""Levels of a category that are weighed individually; at twice as many, the lightest are merged."""
MOMENTS: Final = frozenset({"date", "datetime", "time"})
WIDENED: Final = {frozenset({"number", "boolean"}): "number", frozenset({"date", "datetime"}): "datetime"}
"""The kind of a column that has one kind in some chunks and another in others."""
Texts = str | Sequence[str]
"""Which columns are text: "auto", "none", or names."""
ONE_TYPE: Final = Text("Give the column one type in all files and batches")


class RunningLevels:
    """Weights and rows of the levels of a category, updated chunk by chunk; `most` levels are counted individually."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.weight: dict[str, float] = {}
        self.rows: dict[str, int] = {}
        self.others, self.lost, self.lost_once = 0.0, 0, 0
        self.gaps = self.declared = False
        self.order: tuple[str, ...] | None = None

    def add(self, values: Column, weights: Floats) -> None:
        """Add rows."""
        self.declared |= values.declared
        self._add(*weights_of_levels(as_levels(values), weights), values.order)

    def merge(self, other: RunningLevels) -> None:
        """Add the rows of another one."""
        self.others += other.others
        self.lost, self.lost_once = self.lost + other.lost, self.lost_once + other.lost_once
        self.declared |= other.declared
        self._add(other.weight, other.rows, other.gaps, other.order or ())

    def is_text(self) -> bool:
        """Return whether the column is text, unless its container calls it a category."""
        return not self.declared and is_text(self.rows, self.lost, self.lost_once)

    def _add(self, levels: dict[str, float], rows: dict[str, int], gaps: bool, order: tuple[str, ...]) -> None:
        self.gaps |= gaps
        self.order = order if self.order in (None, order) else ()  # where pieces differ there is none
        for level, weight in levels.items():
            self.weight[level] = self.weight.get(level, 0.0) + weight
            self.rows[level] = self.rows.get(level, 0) + rows[level]
        if len(self.weight) > 2 * self.most:
            heaviest = sorted(self.weight, key=lambda level: (-self.weight[level], level))
            total = sum(self.weight.values())
            self.weight = {level: self.weight[level] for level in heaviest[: self.most]}
            self.others += total - sum(self.weight.values())
            lost = [self.rows.pop(level) for level in heaviest[self.most :]]
            self.lost, self.lost_once = self.lost + sum(lost), self.lost_once + lost.count(1)


def texts_of(X: Any, free_text: Texts) -> list[str]:
    """Return the names of the columns of text of a table, by the option of that name of :class:`glassnet.TableEncoder`.

    Examples
    --------
    >>> texts_of([[f"The printer on floor {row} is on fire", "Ulm"] for row in range(20)], "auto")
    ['x0']
    """
    return _texts_and_others(open_table(X), free_text)[0]


def is_text_alone(X: Any, free_text: Texts) -> bool:
    """Return whether a table has columns of text and no others that vary; see :func:`texts_of`.

    Examples
    --------
    >>> fires = [f"The printer on floor {row} is on fire" for row in range(20)]
    >>> is_text_alone([[fire, "Ulm"] for fire in fires], "auto"), is_text_alone([[fire, 3] for fire in fires], "auto")
    (True, False)
    """
    table = None if is_sparse(X) else open_table(X)
    if table is None or table.matrix is not None or free_text == "none":
        return False
    if not {table.column(index).kind for index in range(len(table.names))} <= {"category", "empty"}:
        return False
    texts, others = _texts_and_others(table, free_text)
    return bool(texts) and all(len(found.rows) == 1 and not found.gaps for found in others)


def _texts_and_others(table: OpenedTable, free_text: Texts) -> tuple[list[str], list[RunningLevels]]:
    """Return the names of the columns of text, and the levels of the categories."""
    levels, empty = {}, []
    for index, name in enumerate(table.names):
        values = table.column(index)
        if values.kind == "category":
            levels[name] = RunningLevels(sys.maxsize)
            levels[name].add(values, np.ones(table.rows))
        elif values.kind == "empty":
            empty.append(name)
    texts = texts_among(levels, free_text, empty)
    return texts, [found for name, found in levels.items() if name not in texts]


def texts_among(levels: Mapping[str, RunningLevels], free_text: Texts, empty: Sequence[str] = ()) -> list[str]:
    """Return the names of the columns of text, given the levels of columns that may be.

    Parameters
    ----------
    levels : dict from str to RunningLevels
    free_text : {"auto", "none"} or sequence of str
    empty : sequence of str
        Columns without values, as any column may be in some of the rows: they may be named, and are not returned.

    Raises
    ------
    InputError
        If another column is named.
    """
    if isinstance(free_text, str):
        return [name for name, found in levels.items() if free_text == "auto" and found.is_text()]
    for name in free_text:
        if name not in levels and name not in empty:
            rule = Text("`free_text` must name columns of the table that hold text")
            raise InputError(rule, repr(name), Text("These do: {some}", some=", ".join([*levels][:20]) or "none"))
    return [name for name in levels if name in free_text]


class FitStatistics:
    """Statistics of training rows, updated chunk by chunk, from which the encoding of each column follows.

    Numbers: weight, mean, deviation, range, and where they are scaled by them, quantiles. Categories: the weight of
    each level. Dates: mean, deviation and range of their parts.

    Parameters
    ----------
    quantiles : bool
        Whether numbers are to be scaled by quartiles.

    Examples
    --------
    >>> survey = FitStatistics(quantiles=False)
    >>> for piece in ([[1.0, "a"], [3.0, "b"]], [[5.0, "b"]]):
    ...     survey.add(piece, np.ones(len(piece)))
    >>> plan = survey.plan("standard", max_levels=8, max_one_hot=None)
    >>> plan.numbers.mean, plan.others[0].levels
    (array([3.]), ('a', 'b'))
    """

    def __init__(self, *, quantiles: bool) -> None:
        self.names: tuple[str, ...] | None = None
        self.named = False
        self.kinds: list[str] = []
        self.sources: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self.statistics = RunningStatistics(0)
        self.quantiles: ColumnQuantiles | None = ColumnQuantiles(0) if quantiles else None
        self.others: dict[int, RunningLevels | RunningMoments] = {}
        self.dates: dict[int, RunningDates] | None = {}  # None: columns of text that are dates have been read as such
        self.gaps: set[int] = set()
        self.most_levels = MOST_LEVELS
        self.whole: tuple[NumberSource, Floats] | None = None

    @classmethod
    def of(cls, table: OpenedTable, weights: Floats) -> FitStatistics:
        """Return the statistics of rows that are all in memory, without any estimate."""
        survey = cls(quantiles=False)
        survey.most_levels, survey.dates = sys.maxsize, None
        survey.whole = survey._add(table, weights), weights
        return survey

    def add(self, X: Any, weights: Floats) -> None:
        """Add rows, of shape (rows, columns), each with a positive weight.

        Raises
        ------
        InputError
            If the columns are not those of the rows before, or one holds another kind of thing.
        InputTypeError
            If `X` is no table, or a column holds lists, structs or the like.
        """
        self._add(open_table(X), weights)

    def _add(self, table: OpenedTable, weights: Floats) -> NumberSource:
        """Add the rows of an opened table, and return its numbers."""
        read = self._matched(table)
        numbers, sources = self._numbers(table, read), set(self.sources.tolist())
        if sources:
            self.statistics.add(numbers, weights)
            if self.quantiles is not None:
                self.quantiles.add(numbers.read(slice(0, table.rows)), weights.copy())  # which it keeps
        for index, one in enumerate(read):
            if one is not None and one.kind == "empty":
                self.gaps.add(index)
            elif one is not None and index not in sources:
                self._add_other(index, one, weights)
        return numbers

    def match(self, X: Any) -> None:
        """Refuse rows whose columns are not those of earlier rows, as :meth:`add` does, without adding them."""
        self._matched(open_table(X))

    def _matched(self, table: OpenedTable) -> list[Column | None]:
        """Return the columns of a table that are not in a matrix, and check that they are those of earlier rows."""
        if table.matrix is not None:
            kind = "boolean" if table.matrix.dtype == bool else "number"
            read: list[Column | None] = [None] * len(table.names)
            kinds = [kind] * len(table.names)
        else:
            values = [table.column(index) for index in range(len(table.names))]
            read, kinds = [*values], [one.kind for one in values]
        self._begin_or_match(table.names, table.named, kinds)
        return read

    def merge(self, other: FitStatistics) -> None:
        """Add the rows of another one, which come after; it must not be used any more."""
        if other.names is None:
            return
        self._begin_or_match(other.names, other.named, other.kinds)
        self.statistics.merge(other.statistics)
        if self.quantiles is not None and other.quantiles is not None:
            self.quantiles.merge(other.quantiles)
        for index, more in other.others.items():
            there = self.others.setdefault(index, more)
            if there is not more:
                there.merge(more)  # type: ignore[arg-type]  # both are of the column's kind
        if self.dates is not None and other.dates is not None:
            for index, dates in other.dates.items():
                if (known := self.dates.setdefault(index, dates)) is not dates:
                    known.merge(dates)
        self.gaps |= other.gaps

    def flush(self) -> None:
        """Add the rows of incomplete blocks, too, which takes less memory."""
        self.statistics.flush()
        for running in (*self.others.values(), *(self.dates or {}).values()):
            if not isinstance(running, RunningLevels):
                running.flush()

    def plan(
        self, scaling: str, max_levels: int, max_one_hot: int | None, free_text: Texts = "none", *, hashed: bool = False
    ) -> EncoderPlan:
        """Return the encoding of each column; the options are those of :class:`glassnet.TableEncoder`.

        Where rows are not all in memory, n-grams of texts have hashes.

        Raises
        ------
        InputError
            If a column holds an infinity, or numbers so large that they can only be measured all at once, or one that
            is to be text is not there or holds no text.
        """
        names = self.names or ()
        number_names = [names[source] for source in self.sources.tolist()]

        def again(index: int) -> tuple[float, float]:
            if self.whole is not None:
                return scaled_moments(*self._values(index))
            rule = Text("If not all rows are in memory, the squares of numbers must not overflow float64")
            raise InputError(
                rule, Text("column {value!r}", value=number_names[index]), "Divide the column by a constant"
            )

        statistics = self.statistics.statistics(number_names, again)
        skipped: dict[int, str] = {}
        sources = set(self.sources.tolist())
        named, kinds = () if isinstance(free_text, str) else free_text, [*self.kinds]
        levels_of = {index: found for index, found in self.others.items() if isinstance(found, RunningLevels)}
        of_text = {index for index, found in levels_of.items() if not found.declared and names[index] not in named}
        dates, order = settled_dates({index: self.dates[index] for index in of_text} if self.dates else {}, names)
        for index, moments in dates.items():
            kinds[index] = moments.kind
        empty = [name for name, kind in zip(names, self.kinds, strict=True) if kind == "empty"]
        levels = {names[index]: found for index, found in levels_of.items() if index not in dates}
        texts = texts_among(levels, free_text, empty)
        hashed |= self.whole is None
        others: list[CategoryColumn | MomentColumn | TextColumn] = []
        for index, name in enumerate(names):
            found = dates.get(index, self.others.get(index))
            if found is None:
                if name in empty and name in named and hashed:  # later rows may have texts
                    kinds[index] = "category"
                    others.append(TextColumn(name, index, (), gaps=True))
                elif index not in sources:
                    skipped[index] = "no values"
                continue
            found.gaps |= index in self.gaps
            column: CategoryColumn | MomentColumn
            if isinstance(found, RunningLevels) and name in texts:
                ngrams = () if hashed else vocabulary(found.rows)
                if ngrams or hashed:
                    others.append(TextColumn(name, index, ngrams, found.gaps))
                    continue
            if isinstance(found, RunningLevels):
                limits = max_levels, max_one_hot, found.order or (), found.others
                column = category_of_levels(name, index, found.weight, found.gaps, *limits)
                constant = column.levels[0]
            else:
                found.kind = kinds[index]
                column, constant = found.column(name, index), "the same"
            if column.outputs:
                others.append(column)
            else:
                skipped[index] = f"{ALWAYS}{constant}"
        standard = scaling == "standard"
        block = number_block(self.sources, statistics, skipped, scale=standard, centre=standard)
        if scaling == "robust":
            medians, distances = self._robust(statistics)
            low, high = (ends[statistics.varies] for ends in (statistics.low, statistics.high))
            offset = offset_within(medians, low, high)
            block = replace(block, mean=medians, offset=offset, scale=distances, limit=CLIP)
        others.sort(key=are_codes)
        notation = Notation(dates=order)
        return EncoderPlan(names, tuple(kinds), self.named, True, block, tuple(others), skipped, notation)

    def _begin_or_match(self, names: tuple[str, ...], named: bool, kinds: list[str]) -> None:
        if self.names is None:
            self.names, self.named, self.kinds = names, named, list(kinds)
            self.sources = np.array([index for index, kind in enumerate(kinds) if kind in NUMBER_KINDS], np.intp)
            self.statistics = RunningStatistics(len(self.sources))
            if self.quantiles is not None:
                self.quantiles = ColumnQuantiles(len(self.sources))
            return
        if names != self.names:
            differing = sorted(set(names) ^ set(self.names)) or ["their order"]
            rule = Text("All files and batches must have the same columns")
            raise InputError(
                rule, Text("other ones: {names}", names=", ".join(differing[:5])), "Convert them to one type"
            )
        for index, (before, now) in enumerate(zip(self.kinds, kinds, strict=True)):
            if before == now or now == "empty":
                continue
            both = WIDENED.get(frozenset({before, now}))
            if before == "empty" and now not in NUMBER_KINDS:
                both = now
            if both is None:
                rule = Text("Column {name!r} must contain values of one kind in all rows", name=names[index])
                raise InputError(rule, Text("{value}, then {other}", value=PLURAL[before], other=PLURAL[now]), ONE_TYPE)
            self.kinds[index] = both

    def _numbers(self, table: OpenedTable, read: list[Column | None]) -> NumberSource:
        names = [table.names[index] for index in self.sources.tolist()]
        if table.matrix is not None:
            return NumberSource(names, table.rows, table.matrix)
        columns = [one.data for index in self.sources.tolist() if (one := read[index]) is not None]
        return NumberSource(names, table.rows, columns=columns)

    def _add_other(self, index: int, values: Column, weights: Floats) -> None:
        assert self.names is not None
        running = self.others.get(index)
        if running is None:
            moments = values.kind in MOMENTS
            running = self.others[index] = RunningMoments(values.kind) if moments else RunningLevels(self.most_levels)
            running.gaps |= index in self.gaps
        if isinstance(running, RunningLevels):
            running.add(values, weights)
            if self.dates is not None and not values.declared:
                self.dates.setdefault(index, RunningDates()).add(values.data, weights)
        else:
            running.add(as_timestamps(values, values.kind, self.names[index]), weights)

    def _robust(self, statistics: Statistics) -> tuple[Floats, Floats]:
        """Return the median and the distance of the quartiles of the columns that vary."""
        chosen = np.flatnonzero(statistics.varies)
        medians, distances = np.zeros(len(chosen)), np.ones(len(chosen))
        for place, column in enumerate(chosen.tolist()):
            values, weights = self._values(column)
            if values.min() == values.max():  # the others are too rare to be among those that stand for all
                ends = np.array([statistics.low[column], statistics.high[column]])
                values, weights = np.append(values, ends), np.append(weights, weights.sum() * np.full(2, 1e-9))
            medians[place], distances[place] = median_and_distance(values, weights)
        return medians, distances

    def _values(self, column: int) -> tuple[Floats, Floats]:
        """Return the values of a number column, or the points that stand for them, with weights; without missing
        values."""
        if self.whole is None:
            assert self.quantiles is not None
            return self.quantiles.values(column)
        source, weights = self.whole
        values = source.read_column(column)
        present = ~np.isnan(values)
        return values[present], weights[present]

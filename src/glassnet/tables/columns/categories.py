"""The encoding of a category column: its levels, and the row of numbers for each.

A level is a text. Each level gets a column of its own (one-hot); two levels share one column, -1 and +1; rare levels
share a column "other levels"; a missing value is a level of its own if the training rows had one. Ordered levels get a
column for each step from one to the next: +1 from that level on, -1 below it. A category of many levels may be one
column of codes instead, for a network that learns what each level means (an embedding). A level that was added to a
fitted column has a column, or a code, of its own behind all others, so that the encoding of earlier levels stays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.support.language import Text, joined
from glassnet.tables.columns.column_values import level_text
from glassnet.tables.columns.dates import GAPS_MARKED

MOST_NUMBERS = 10_000
"""The most entries of a cached table with the outputs of every code."""
SHOWN_LEVELS = 6
"""The most levels that are listed."""
_WHOLE_NUMBER = re.compile(r"([+-]?\d+)\.0+")


@dataclass(frozen=True)
class CategoryColumn:
    """The encoding of a category column.

    Attributes
    ----------
    name : str
    source : int
        Its position among the input columns.
    levels : tuple of str
        The levels that have a name, in order.
    other, gaps : bool
        Whether the training rows had more levels, which share one column, and missing values.
    coded : bool
        Whether it is one column of codes: 1, 2, ... for the levels, then the others, then a gap; 0 for values that the
        training rows did not have.
    ordered : bool
        Whether the levels are steps, each more than the one before.
    added : int
        How many of the levels, the last ones, were added later.
    """

    name: str
    source: int
    levels: tuple[str, ...]
    other: bool
    gaps: bool
    coded: bool = False
    ordered: bool = False
    added: int = 0

    @property
    def first(self) -> tuple[str, ...]:
        """The levels of the rows that it was fitted on."""
        return self.levels[: len(self.levels) - self.added]

    @property
    def codes_in_use(self) -> int:
        """Number of codes besides 0."""
        return len(self.levels) + self.other + self.gaps

    @property
    def outputs(self) -> list[str]:
        """Names of the output columns."""
        if self.coded:
            return [f"{self.name} (code)"]
        named = self.first[1:] if self._steps else self.first if self._has_values else ()
        sign = "≥" if self.ordered and len(self.first) > 2 else "="
        return (
            [f"{self.name}{sign}{level}" for level in named]
            + [f"{self.name}: other levels"] * self.other
            + [f"{self.name} is missing"] * self.gaps
            + [f"{self.name}={level}" for level in self.levels[len(self.first) :]]
        )

    @property
    def _steps(self) -> bool:
        """Whether each output is a step, as the one output of two levels is."""
        return (len(self.first) == 2 or (self.ordered and len(self.first) > 2)) and not self.other

    @property
    def _has_values(self) -> bool:
        # A single level means "not missing", which the indicator shows already.
        return len(self.first) + self.other > 1

    def codes(self, values: Sequence[Any]) -> npt.NDArray[np.intp]:
        """Return the position of each value's level.

        A value is compared by its text, so that 3, 3.0 and "3" are the same level; a text that is no level is tried
        once more as a whole number ("3.0" for "3") and as a boolean ("true" for "True").

        Returns
        -------
        ndarray of int of shape (rows,)
            With n levels: 0 to n - 1 a level, n a missing value, n + 1 an unknown level (or one of the others).

        Examples
        --------
        >>> CategoryColumn("size", 0, ("1", "2", "3"), other=False, gaps=False).codes([3, "2.0", "1", None, "9"])
        array([2, 1, 0, 3, 4])
        """
        lookup = _Lookup(self)
        return np.fromiter(map(lookup.__getitem__, values), dtype=np.intp, count=len(values))

    def code(self, value: Any) -> int:
        """Return the code of one value; see :meth:`codes`."""
        text = level_text(value)
        if text is None:
            return len(self.levels)
        code = self._codes.get(text)
        return self._aliases.get(_alias(text), len(self.levels) + 1) if code is None else code

    @cached_property
    def _codes(self) -> dict[str, int]:
        return dict(zip(self.levels, range(len(self.levels)), strict=True))

    @cached_property
    def _aliases(self) -> dict[str, int]:
        """Codes by the other spellings of levels."""
        return {_alias(level): code for level, code in reversed(self._codes.items())}

    @property
    def spellings(self) -> dict[str, int]:
        """Codes of all spellings of levels that can be listed: "3" may be written "3.0", too.

        Examples
        --------
        >>> CategoryColumn("size", 0, ("1", "x"), other=False, gaps=False).spellings
        {'1': 0, '1.0': 0, 'x': 1}
        """
        forms: dict[str, None] = {}
        for level in self.levels:
            alias = _alias(level)
            forms |= dict.fromkeys([level, alias])
            if alias.lstrip("+-").isdecimal():
                forms[f"{alias}.0"] = None
            if alias in ("True", "False"):
                forms |= dict.fromkeys([alias.lower(), alias.upper()])
        codes = self.codes(list(forms)).tolist()
        return {text: code for text, code in zip(forms, codes, strict=True) if code < len(self.levels)}

    @property
    def action(self) -> Text:
        """The encoding of the column, in words."""
        levels = [repr(level) for level in self.first]
        later = [repr(level) for level in self.levels[len(levels) :]]
        if self.coded:
            steps = [Text("codes 1 to {codes} of {count} levels", codes=self.codes_in_use, count=len(self.levels))]
            steps += [Text("all others")] if self.other else []
            steps += [Text("gaps", context="encoding")] if self.gaps else []
            return joined(steps)
        shown = _some(levels)
        if self.ordered and not self.other and len(levels) > 2:
            steps = [
                Text("{count} levels in order", count=len(levels)),
                Text("a column for each step: {levels}", levels=" < ".join(shown)),
            ]
        elif not self.other and len(levels) == 2:
            steps = [Text("-1 for {level}", level=levels[0]), Text("+1 for {level}", level=levels[1])]
        elif not self.other and len(levels) == 1:
            steps = [Text("always {level}", level=levels[0])]
        else:
            steps = [Text("{count} levels: {levels}", count=len(levels), levels=joined(shown))]
            steps += [Text("one column for all others")] if self.other else []
        steps += [GAPS_MARKED] if self.gaps else []
        if later:
            steps.append(Text("later also {levels}", levels=joined(_some(later))))
        return joined(steps)

    def write(self, values: Sequence[Any], out: npt.NDArray[Any]) -> None:
        """Write the encoding of hashable values, with missing ones, to `out`, of shape (rows, outputs).

        Examples
        --------
        >>> import numpy as np
        >>> out = np.empty((4, 2))
        >>> CategoryColumn("sex", 0, ("f", "m"), other=False, gaps=True).write(["f", "m", None, "unheard of"], out)
        >>> out
        array([[-1.,  0.],
               [ 1.,  0.],
               [ 0.,  1.],
               [ 0.,  0.]])
        """
        if len(values) == 1 and self._rows is not None:  # the same without the arrays
            out[0] = self._rows[self.code(values[0])]
        else:
            self.write_codes(self.codes(values), out)

    def write_codes(self, codes: npt.NDArray[np.intp], out: npt.NDArray[Any]) -> None:
        """Write the outputs of rows whose :meth:`codes` are known; see :meth:`write`."""
        if self._rows is None:
            self._compute(codes, out)
        else:
            out[...] = self._rows[codes]

    def decode(self, encoded: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
        """Return the level of each row, given its outputs: the one with the nearest outputs.

        A gap is None, a shared level "other levels", an unknown one "unknown".
        """
        names = np.array([*self.levels, None, "other levels" if self.other else "unknown"], dtype=object)
        patterns = np.empty((len(names), encoded.shape[1]))
        self.write_codes(np.arange(len(names)), patterns)
        if self.coded:
            distances = np.abs(encoded - patterns.T)
        else:  # squared, without the terms that are equal for all levels
            distances = (patterns**2).sum(axis=1) - 2 * encoded @ patterns.T
        nearest: npt.NDArray[Any] = names[distances.argmin(axis=1)]
        return nearest

    @cached_property
    def _rows(self) -> npt.NDArray[np.float64] | None:
        """The outputs of every code, if they are few."""
        codes, width = np.arange(len(self.levels) + 2), len(self.outputs)
        if len(codes) * width > MOST_NUMBERS:
            return None
        rows = np.empty((len(codes), width))
        self._compute(codes, rows)
        return rows

    def _compute(self, codes: npt.NDArray[np.intp], out: npt.NDArray[Any]) -> None:
        if self.coded:
            count, first, shared = len(self.levels), len(self.first), self.other + self.gaps
            other = (first + 1) * self.other
            gap = first + 1 + self.other if self.gaps else 0
            level = np.where(codes < first, codes + 1, codes + 1 + shared)
            out[:, 0] = np.where(codes < count, level, np.where(codes == count, gap, other))
            return
        out[...] = 0.0
        if self._steps:
            known = np.flatnonzero(codes < len(self.first))
            steps = np.arange(1, len(self.first))
            out[known, : len(steps)] = np.where(codes[known, None] >= steps, 1.0, -1.0)
        columns = self._columns_of_codes()[codes]
        rows = np.flatnonzero(columns >= 0)
        out[rows, columns[rows]] = 1.0

    def _columns_of_codes(self) -> npt.NDArray[np.intp]:
        # The output column that is 1 for each code; -1: none.
        count, first, end = len(self.levels), len(self.first), len(self.outputs) - self.added
        columns = np.full(count + 2, -1, dtype=np.intp)
        if self._has_values and not self._steps:
            columns[:first] = np.arange(first)
        columns[first:count] = end + np.arange(self.added)
        if self.other:
            columns[count + 1] = first
        if self.gaps:
            columns[count] = end - 1
        return columns

    def later(self, values: Sequence[Any]) -> Counter[str]:
        """Return how often each level occurs that the rows did not have which the column was fitted on.

        None, if these had more levels than have names.

        Examples
        --------
        >>> CategoryColumn("size", 0, ("S", "M"), other=False, gaps=False).later(["M", "L", None, "L"])
        Counter({'L': 2})
        """
        if self.other:
            return Counter()
        pairs, first, gap = zip(self.codes(values).tolist(), values, strict=True), len(self.first), len(self.levels)
        return Counter(
            self.levels[code] if code < gap else str(level_text(value))
            for code, value in pairs
            if code >= first and code != gap
        )

    def with_levels(self, levels: Sequence[str]) -> CategoryColumn:
        """Return the column with more levels, each of which has a column or a code of its own.

        Examples
        --------
        >>> import numpy as np
        >>> column = CategoryColumn("size", 0, ("S", "M"), other=False, gaps=False).with_levels(["L"])
        >>> out = np.empty((3, 2))
        >>> column.write(["S", "M", "L"], out)
        >>> column.outputs, out.tolist()
        (['size=M', 'size=L'], [[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        """
        return replace(self, levels=(*self.levels, *levels), added=self.added + len(levels))


def _some(levels: list[str]) -> list[str]:
    return levels if len(levels) <= SHOWN_LEVELS else [*levels[: SHOWN_LEVELS - 1], "…", levels[-1]]


class _Lookup(dict[Any, int]):
    """Codes of raw values; a missing one is computed and cached for this call."""

    def __init__(self, column: CategoryColumn) -> None:
        super().__init__()
        self.column = column

    def __missing__(self, value: Any) -> int:
        code = self.column.code(value)
        if code != len(self.column.levels):  # a gap may differ from itself
            self[value] = code
        return code


def _alias(text: str) -> str:
    whole = _WHOLE_NUMBER.fullmatch(text)
    if whole:
        return whole.group(1)
    return text.capitalize() if text.lower() in ("true", "false") else text


def weights_of_levels(
    values: Sequence[Any], weights: npt.NDArray[np.float64]
) -> tuple[dict[str, float], dict[str, int], bool]:
    """Return the total weight and the rows of each level of hashable values, and whether there are missing values.

    Examples
    --------
    >>> import numpy as np
    >>> weights_of_levels(["S", 3, None, 3.0], np.ones(4))
    ({'S': 1.0, '3': 2.0}, {'S': 1, '3': 2}, True)
    """
    index = {value: code for code, value in enumerate(dict.fromkeys(values))}
    codes = np.fromiter(map(index.__getitem__, values), dtype=np.intp, count=len(values))
    weight: dict[str, float] = {}
    rows: dict[str, int] = {}
    gaps = False
    shares, counts = np.bincount(codes, weights, len(index)).tolist(), np.bincount(codes, minlength=len(index)).tolist()
    for value, share, count in zip(index, shares, counts, strict=True):
        text = level_text(value)
        if text is None:
            gaps = True
        else:
            weight[text] = weight.get(text, 0.0) + share
            rows[text] = rows.get(text, 0) + count
    return weight, rows, gaps


def category_of_levels(
    name: str,
    source: int,
    weight: dict[str, float],
    gaps: bool,
    max_levels: int,
    max_one_hot: int | None,
    order: Sequence[str] = (),
    others: float = 0.0,
) -> CategoryColumn:
    """Return the encoding of a category, given the weight of each level; `others` is the weight of further levels.

    Parameters
    ----------
    max_levels : int
        At most so many levels are named: the heaviest, of equally heavy ones the first in order.
    max_one_hot : int or None
        With more levels than this it becomes one column of codes; None: never.
    order : sequence of str
        All levels in their order, where they have one. Else they are sorted (as numbers, where all are whole numbers),
        whatever the order of the rows.

    Examples
    --------
    >>> category_of_levels("port", 0, {"S": 3.0, "C": 1.0, "Q": 1.0}, gaps=True, max_levels=2, max_one_hot=8)
    CategoryColumn(name='port', source=0, levels=('C', 'S'), other=True, gaps=True, coded=False, ordered=False, \
added=0)
    """
    ordered = [level for level in order if level in weight] if order else in_order(weight)
    coded = max_one_hot is not None and len(ordered) > max_one_hot
    if len(ordered) > max_levels or others:
        # Rounded, so that the order in which fractional weights were added up cannot decide a tie.
        total = sum(weight.values()) + others
        heaviest = sorted(ordered, key=lambda level: -round(weight[level] / total, 12))[:max_levels]
        chosen = set(heaviest)
        kept = tuple(level for level in ordered if level in chosen)
        return CategoryColumn(name, source, kept, True, gaps, coded, bool(order))
    return CategoryColumn(name, source, tuple(ordered), False, gaps, coded, bool(order))


def in_order(levels: Iterable[str]) -> list[str]:
    """Return levels sorted: as numbers, where all are whole numbers."""
    try:
        return sorted(levels, key=lambda level: (int(level), level))
    except ValueError:
        return sorted(levels)

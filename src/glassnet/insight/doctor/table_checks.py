"""The table itself, before any network: columns that are not what they seem, rows that are alike.

``glassnet train`` says the same before it trains, and the report at its head.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from glassnet.display.numbers import number_text
from glassnet.errors import typed
from glassnet.insight.doctor.finding import Case, Finding
from glassnet.insight.doctor.row_checks import named_few
from glassnet.insight.doctor.skill import sample, skill_of_words
from glassnet.insight.doctor.texts import TEXTS
from glassnet.layers.base import Array
from glassnet.support.language import LANGUAGES, Composed, Text, joined
from glassnet.tables.almost_numbers import AlmostNumbers
from glassnet.tables.column_issues import ColumnIssue, column_issue, column_issues
from glassnet.tables.columns.column_values import level_text, read_array
from glassnet.tables.columns.conversion import as_levels
from glassnet.tables.dependent_rows import dependent_rows
from glassnet.tables.opened_table import open_table

TELLING = 0.05
"""Of the target's variance: from here on the words of a text are worth learning from."""
READ = 1500
"""Rows whose words are looked at."""


@dataclass(eq=False)
class RawTable:
    """A table as its owner keeps it, with the targets as they stand there.

    Attributes
    ----------
    X : table of rows
    y : array of shape (rows,) or None
    classes : bool
        Whether the answers are classes.
    target : str
        What they are called.
    judged : table of rows or None
        Rows that are known to judge; None: some of these do, drawn by lot.
    grouped, timed : bool
        Whether groups, or times, decide which rows judge.
    texts : collection of str
        The columns of text, whose words the network learns from.
    """

    X: Any
    y: Array | None = None
    classes: bool = True
    target: str = ""
    judged: Any = None
    grouped: bool = False
    timed: bool = False
    texts: Collection[str] = ()

    @cached_property
    def issues(self) -> list[ColumnIssue]:
        """Those of its columns, and of a target of numbers."""
        found = [issue for issue in column_issues(self.X) if issue.column not in self.texts]
        if self.y is not None and self.y.ndim == 1 and not self.classes:
            issue_of_target = column_issue(self.target or "y", read_array(self.y, "y"))
            found += [issue_of_target] if issue_of_target is not None and issue_of_target.kind == "sentinel" else []
        return found

    def of_kind(self, kind: str) -> list[ColumnIssue]:
        """The issues of one kind."""
        return [issue for issue in self.issues if issue.kind == kind]


def free_text(table: RawTable) -> Iterator[Finding]:
    """Find columns of free text that the network takes as categories, and the information lost by that."""
    for issue in table.of_kind("free_text"):
        known = {"name": issue.column, "share": issue.figures["share"], "typed": typed([issue.column])}
        skill = _words(table, issue.column)
        if skill is None:
            yield Case.named("free_text").found("warning", **known)
        elif skill >= TELLING:
            yield Case.named("free_text", "telling_text").found("serious", **known, skill=skill)
        else:
            yield Case.named("free_text", "idle_text").found("note", **known)


def _words(table: RawTable, name: str) -> float | None:
    """Return the skill of a linear model on the words of a column; None where there are too few rows."""
    if table.y is None or table.y.ndim > 1:
        return None
    opened = open_table(table.X)
    cells = as_levels(opened.column(opened.names.index(name)))
    rows = sample(opened.rows, READ)
    texts = [level_text(cells[row]) or "" for row in rows]
    return skill_of_words(texts, table.y[rows], classes=table.classes)


def almost_numbers(table: RawTable) -> Iterator[Finding]:
    """Columns of text most of whose cells are numbers or dates."""
    for issue in table.of_kind("almost_numbers"):
        yield almost(issue.figures["found"])


def almost(column: AlmostNumbers) -> Finding:
    """The finding that a column of text, or the target, is almost one of numbers or dates."""
    why = ({"written": column.written} if column.forms else {}) | (
        {"spoilers": column.listed_others, "gap": typed(column.exceptions)} if column.exceptions else {}
    )
    name = ("almost_dates" if column.dates else "marked") if column.forms else ("spoilt_dates" if column.dates else "")
    case = Case.named("almost_numbers", name if column.forms or column.exceptions else "only_numbers")
    if column.short_years:
        case = case._replace(remedy=TEXTS["almost_dates.short_years"])
    if column.forms and column.exceptions:
        also = TEXTS["almost_dates.exceptions"]
        case = case._replace(remedy=Composed({each: case.remedy.say(each) + also.say(each) for each in LANGUAGES}))
    return case.found("warning", name=repr(column.name), share=column.share, which=column.name, **why)


def identifiers(table: RawTable) -> Iterator[Finding]:
    """Columns that name or number the rows."""
    for kind in ("identifier", "row_numbers"):
        names = [issue.column for issue in table.of_kind(kind)]
        if names:
            nearly = kind == "identifier" and min(issue.figures["share"] for issue in table.of_kind(kind)) < 1
            case = Case.named(kind, "nearly_identifier" if nearly else "")
            yield case.found("warning", columns=named_few(names), names=names, typed=typed(names))


def sentinels(table: RawTable) -> Iterator[Finding]:
    """Numbers that mean a missing value."""
    for issue in table.of_kind("sentinel"):
        low, high, values = (issue.figures[name] for name in ("low", "high", "values"))
        spell = _spelled(issue.figures["kind"])
        plain = [f"{value:.15g}" for value in values]
        shown = joined(map(spell, values))
        elsewhere = _elsewhere(table, values) if issue.figures["kind"] == "number" else []
        dated = "" if issue.figures["kind"] == "number" else "sentinel_date"
        case = Case.named("sentinel", "sentinel_elsewhere" if elsewhere else dated)
        yield case.found(
            "warning",
            name=issue.column,
            values=shown,
            share=issue.figures["share"],
            low=spell(low),
            high=spell(high),
            typed=typed(plain),
            elsewhere=named_few(elsewhere),
        )


def _elsewhere(table: RawTable, values: Sequence[float]) -> list[str]:
    """The columns in which these numbers are no gaps, but numbers among others."""
    opened, with_sentinel = open_table(table.X), {each.column for each in table.of_kind("sentinel")}
    read = ((name, opened.column(place)) for place, name in enumerate(opened.names) if name not in with_sentinel)
    return [name for name, cells in read if cells.kind == "number" and np.isin(cells.data, values).any()]


def _spelled(kind: str) -> Callable[[float], str]:
    def day(value: float) -> str:
        return str(np.datetime64(int(value), "us").astype("M8[D]"))

    return number_text if kind == "number" else day


def alike(table: RawTable) -> Iterator[Finding]:
    """Rows that a split by chance puts on both sides, though they are alike."""
    if table.y is None or table.y.ndim > 1:
        return
    for found in dependent_rows(table.X, table.y, table.judged):
        if table.grouped if found.kind == "groups" else table.timed:
            continue
        yield Case.named(f"alike_{found.kind}").found(
            "warning" if found.named or found.kind == "times" else "note",
            name=found.column,
            count=found.different,
            rows=found.rows,
            likeness=found.likeness,
            shared=list(found.shared),
            typed=shlex.quote(found.column),
        )


TableCheck = Callable[[RawTable], Iterator[Finding]]
LOOKS: Final[tuple[tuple[Text, TableCheck], ...]] = (
    (Text("free text"), free_text),
    (Text("numbers read as text"), almost_numbers),
    (Text("identifiers and row numbers"), identifiers),
    (Text("numbers that mean missing"), sentinels),
    (Text("groups and time order"), alike),
)
"""Everything that a table is looked at for, in this order."""
KINDS: Final = frozenset(
    {"free_text", "almost_numbers", "identifier", "row_numbers", "sentinel", "alike_groups", "alike_times"}
)
TRAINED_ON: Final = Case.named("trained_on")
"""Rows to judge by from which the model learned."""
SPLIT: Final = frozenset({"alike_groups", "alike_times", TRAINED_ON.kind})
"""Kinds of findings that, if worse than a note, make scores doubtful."""


def table_findings(table: RawTable) -> list[Finding]:
    """All of it, the worst first."""
    found = [finding for _, look in LOOKS for finding in look(table)]
    return sorted(found, key=lambda finding: finding.rank)

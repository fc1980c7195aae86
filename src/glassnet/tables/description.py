"""An encoder in words: one line per input column that says what is done to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.support.language import Text, aligned, minus
from glassnet.support.phrases import in_words
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.dates import MomentColumn
from glassnet.tables.encoder_plan import Plan

HEAD, COMMA = Text("column|kind|outputs|encoding"), Text(", ")
_SHOWN_LEVELS = 6


@dataclass(frozen=True)
class ColumnDescription:
    """What is done to one input column.

    Attributes
    ----------
    name : str
    kind : str
        What it holds: number, boolean, duration, date, datetime, time, category or empty.
    action : str
        What is done to it, in words.
    outputs : tuple of str
        Names of the output columns that come from it; empty if it is left out.
    """

    name: str
    kind: str
    action: str
    outputs: tuple[str, ...]


def describe_columns(plan: Plan) -> list[ColumnDescription]:
    """Describe every input column of a plan, in the order of the table."""
    outputs: dict[int, list[str]] = {}
    for source, name in plan.outputs:
        outputs.setdefault(source, []).append(name)
    actions = {source: f"left out: {reason}" for source, reason in plan.skipped.items()}
    actions |= {column.source: _category(column) for column in plan.others if isinstance(column, CategoryColumn)}
    actions |= {column.source: _moments(column) for column in plan.others if isinstance(column, MomentColumn)}
    actions |= _numbers(plan)
    return [
        ColumnDescription(name, kind, actions[source], tuple(outputs.get(source, ())))
        for source, (name, kind) in enumerate(zip(plan.names, plan.kinds, strict=True))
    ]


def print_columns(columns: Sequence[ColumnDescription]) -> str:
    """Set descriptions as a table of text, in the reader's language."""
    lines = [HEAD.say().split("|")]
    lines += [
        [column.name, in_words(column.kind, "kind"), str(len(column.outputs)), action_in_words(column)]
        for column in columns
    ]
    return "\n".join(line.rstrip() for line in aligned(lines, left=4).split("\n"))


def action_in_words(column: ColumnDescription) -> str:
    """What is done to a column, in the reader's language."""
    return COMMA.say().join(in_words(part, "action") for part in column.action.split(", "))


def _numbers(plan: Plan) -> dict[int, str]:
    block = plan.numbers
    marked = set(block.marked.tolist())
    actions = {}
    for index, source in enumerate(block.sources.tolist()):
        if index >= block.values:
            actions[source] = "never varies, gaps marked"
            continue
        offset, scale, mean = block.offset[index], block.scale[index], block.mean[index]
        steps = [f"minus {_number(offset)}"] if offset else []
        steps += [f"divided by {_number(scale)}"] if offset or scale != 1 else []
        steps += [f"softly kept within ±{block.limit:g}"] if block.limit else []
        steps += [f"gaps marked and filled with {_number(mean)}"] if index in marked else []
        actions[source] = ", ".join(steps) if steps else "as it is"
    return actions


def _number(value: float) -> str:
    return minus(f"{value:.6g}")


def _category(column: CategoryColumn) -> str:
    levels = [repr(level) for level in column.levels]
    if column.coded:
        action = f"codes 1 to {column.codes_in_use} of {len(levels)} levels"
        return action + (", all others" if column.other else "") + (", gaps" if column.gaps else "")
    if column.ordered and not column.other and len(levels) > 2:
        action = f"{len(levels)} levels in order, a column for each step: {' < '.join(_some(levels))}"
    elif not column.other and len(levels) == 2:
        action = f"-1 for {levels[0]}, +1 for {levels[1]}"
    elif not column.other and len(levels) == 1:
        action = f"always {levels[0]}"
    else:
        action = f"{len(levels)} levels: {', '.join(_some(levels))}" + (
            ", one column for all others" if column.other else ""
        )
    return action + (", gaps marked" if column.gaps else "")


def _some(levels: list[str]) -> list[str]:
    return levels if len(levels) <= _SHOWN_LEVELS else [*levels[: _SHOWN_LEVELS - 1], "…", levels[-1]]


def _moments(column: MomentColumn) -> str:
    parts = ", ".join(part.name for part in column.parts)
    return (f"parts: {parts}" if parts else "never varies") + (", gaps marked" if column.gaps else "")

"""What a form asks for: for each column that an answer follows from its kind, its range or levels, and a usual cell."""

from __future__ import annotations

from typing import Any, Final

from glassnet.errors import InputError
from glassnet.exchange.graph.columns import MATRIX
from glassnet.exchange.graph.node import Graph
from glassnet.tables.categories import CategoryColumn
from glassnet.tables.plan import Plan
from glassnet.tables.summary import ColumnSummary, TableSummary
from glassnet.visible import visible

__all__ = ["fields_of"]

MOST: Final = 200
"""More fields than this nobody fills in."""
REACH: Final = 3
"""Where the ends are not known, so many deviations on both sides of the mean stand for them."""
DAY: Final = 86_400_000_000
"""Microseconds."""


def fields_of(graph: Graph, plan: Plan, table: TableSummary | None) -> list[dict[str, Any]]:
    """A field for each column of the graph's inputs, in their order, as strict JSON.

    Parameters
    ----------
    graph : Graph
    plan : Plan
        The encoder's.
    table : TableSummary, optional
        The training table in figures.

    Raises
    ------
    InputError
        If there are more than anybody fills in.
    """
    matrix = graph.inputs[0].name == MATRIX and graph.inputs[0].kind == "matrix"
    names = list(plan.names) if matrix else [source.name for source in graph.inputs]
    if len(names) > MOST:
        rule = f"A page asks for each column in a form: there must be at most {MOST}"
        remedy = 'Train with fewer columns (see the importances), or export to ".py" or ".onnx"'
        raise InputError(rule, f"{len(names):,} columns", remedy)
    known = {column.name: column for column in table.columns} if table is not None else {}
    levels = {column.name: column for column in plan.others if isinstance(column, CategoryColumn)}
    kinds = dict(zip(plan.names, plan.kinds, strict=True))
    usual = _usual(plan)
    return [
        {"name": visible(name), "kind": kinds[name], "gaps": name in known and known[name].gaps > 0}
        | (
            _levels(levels[name], known.get(name))
            if name in levels
            else _range(kinds[name], known.get(name), usual.get(name))
        )
        for name in names
    ]


def _usual(plan: Plan) -> dict[str, tuple[float, float]]:
    """Mean and deviation (or median and distance of quartiles) of each number that varies."""
    block = plan.numbers
    names = plan.number_names[: block.values]
    pairs = zip(block.mean.tolist(), block.scale.tolist(), strict=True)
    return dict(zip(names, pairs, strict=True))


def _levels(column: CategoryColumn, known: ColumnSummary | None) -> dict[str, Any]:
    usual = next((level for level, _ in known.levels if level in column.levels), None) if known else None
    return {
        "levels": list(column.levels),
        "shown": [visible(level) for level in column.levels],
        "other": column.other,
        "usual": usual if usual is not None else column.levels[0] if column.levels else None,
    }


def _range(kind: str, known: ColumnSummary | None, usual: tuple[float, float] | None) -> dict[str, Any]:
    """The ends, the middle, and whether all are whole numbers; no ends where nobody knows them."""
    if kind == "boolean":
        return {"usual": float(known is not None and _mostly_true(known))}
    if known is None or known.ends is None:
        mean, deviation = usual or (0.0, 0.0)
        ends = [mean - REACH * deviation, mean + REACH * deviation] if deviation not in (0.0, 1.0) else None
        return {"ends": ends, "usual": mean, "whole": False}
    low, middle, high = known.ends
    if kind == "date":
        low, middle, high = low // DAY, middle // DAY, high // DAY
    whole = kind == "date" or (low.is_integer() and high.is_integer() and known.distinct <= high - low + 1)
    return {"ends": [low, high], "usual": float(round(middle)) if whole else middle, "whole": whole}


def _mostly_true(known: ColumnSummary) -> bool:
    counts = dict(known.levels)
    return counts.get("True", 0) > counts.get("False", 0)

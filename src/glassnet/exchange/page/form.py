"""What the page must know beside the graph: what its form asks for, and what kind of answers there are."""

from __future__ import annotations

import math
from typing import Any, Final

from glassnet.errors import InputError
from glassnet.estimators import Classifier
from glassnet.estimators.positive_class import HALF
from glassnet.estimators.targets import ClassTargets
from glassnet.exchange.graph.columns import DAY, MATRIX
from glassnet.exchange.graph.node import Graph
from glassnet.insight.explanations.answer import Answer
from glassnet.support.escape_controls import escape_controls
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.encoder_plan import Plan
from glassnet.tables.table_summary import ColumnSummary, TableSummary

MOST: Final = 200
"""More fields than this nobody fills in."""
REACH: Final = 3
"""Where the ends are not known, so many deviations on both sides of the mean stand for them."""


def fields_of(graph: Graph, plan: Plan, table: TableSummary | None) -> list[dict[str, Any]]:
    """A field for each column of the graph's inputs, in their order, as strict JSON."""
    matrix = graph.inputs[0].name == MATRIX and graph.inputs[0].kind == "matrix"
    names = list(plan.names) if matrix else [source.name for source in graph.inputs]
    if len(names) > MOST:
        rule = f"A page has a form with a field per column: there must be at most {MOST} columns"
        remedy = 'Train with fewer columns (see the importances), or export to ".py" or ".onnx"'
        raise InputError(rule, f"{len(names):,} columns", remedy)
    known = {column.name: column for column in table.columns} if table is not None else {}
    levels = {column.name: column for column in plan.others if isinstance(column, CategoryColumn)}
    kinds = dict(zip(plan.names, plan.kinds, strict=True))
    usual = _usual(plan)
    return [
        {"name": escape_controls(name), "kind": kinds[name], "gaps": name in known and known[name].gaps > 0}
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
        "shown": [escape_controls(level) for level in column.levels],
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
    usual_one = float(round(middle)) if whole else _in_few_digits(low, middle, high) if kind == "number" else middle
    return {"ends": [low, high], "usual": usual_one, "whole": whole}


def _in_few_digits(low: float, middle: float, high: float) -> float:
    """The middle to the hundredth part of its way to the nearer end: what lies between two rows has endless digits."""
    way = min(middle - low, high - middle)
    return round(middle, 2 - math.floor(math.log10(way))) if way > 0 else middle


def _mostly_true(known: ColumnSummary) -> bool:
    counts = dict(known.levels)
    return counts.get("True", 0) > counts.get("False", 0)


def described_answer(model: Any, graph: Graph, coverage: float) -> dict[str, Any]:
    """The answer as strict JSON: which output of the graph it is, its kind, the names of its numbers."""
    kind = Answer(model, 0 if isinstance(model.classes_, list) else None).kind if _classifies(model) else "number"
    output = next(name for name in ("probabilities", "scores", "quantiles", "value") if name in graph.outputs)
    names = _names(model, graph, output)
    levels = model.network_.loss.levels
    positive = model.targets_.positive if len(names) == 2 and isinstance(model.targets_, ClassTargets) else None
    threshold = None if positive is None or model.decision_threshold_ == HALF else model.decision_threshold_
    quantiles = output == "quantiles" and len(names) == len(levels)
    return {
        "output": output,
        "kind": kind,
        "names": names,
        "exclusive": _classifies(model) and "label" in graph.outputs and not isinstance(model.classes_, list),
        "positive": positive,  # its place among the names
        "threshold": threshold,
        "middle": min(range(len(levels)), key=lambda place: abs(levels[place] - 0.5)) if quantiles else 0,
        "interval": f"{levels[-1] - levels[0]:.0%}" if quantiles else f"{coverage:.0%}",
        "usual": _usual_answer(model),
    }


def _classifies(model: Any) -> bool:
    return isinstance(model, Classifier)


def _names(model: Any, graph: Graph, output: str) -> list[str]:
    shape = graph.outputs[output].shape
    width = shape[1] if len(shape) > 1 else 1
    if _classifies(model) and not isinstance(model.classes_, list):
        classes = [escape_controls(str(one)) for one in model.classes_.tolist()]
        return classes[-width:]  # of two classes there may be the score of the second alone
    if output == "quantiles":
        levels = [f"{level:.0%}" for level in model.network_.loss.levels]
        targets = width // len(levels)
        return (
            levels if targets == 1 else [f"{target}: {level}" for target in range(1, targets + 1) for level in levels]
        )
    return [str(number) for number in range(1, width + 1)]


def _usual_answer(model: Any) -> Any:
    """Of classes the share of each in training, in the order of the names; of a number its ends and its middle."""
    target = model.data_.target if model.data_ is not None else None
    if target is None:
        return None
    if not _classifies(model):
        return target.ends
    counts = dict(target.levels)
    total = sum(counts.values())
    return [counts.get(str(one), 0) / total for one in model.classes_.tolist()] if total else None

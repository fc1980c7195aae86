"""A plan as plain data, and back; what comes back is checked as if a stranger had written it.

The description is strict JSON (names, kinds, levels), the statistics of number columns are arrays. Reading builds
nothing but the closed set of columns below, from values of the expected type and size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.column_values import KINDS, NUMBER_KINDS
from glassnet.tables.columns.dates import PARTS, MomentColumn, Part
from glassnet.tables.columns.number_scaling import NumberBlock
from glassnet.tables.encoder_plan import Plan

_FORMAT: Final = 2


def plan_to_state(plan: Plan) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Return a plan as a JSON description and arrays."""
    description = {
        "format": _FORMAT,
        "limit": plan.numbers.limit,
        "named": plan.named,
        "centred": plan.centred,
        "columns": [{"name": name, "kind": kind} for name, kind in zip(plan.names, plan.kinds, strict=True)],
        "others": [_other_state(column) for column in plan.others],
        "skipped": {str(source): reason for source, reason in sorted(plan.skipped.items())},
    }
    block = plan.numbers
    arrays = {
        "sources": block.sources.astype(np.int64),
        "mean": block.mean,
        "offset": block.offset,
        "scale": block.scale,
        "marked": block.marked.astype(np.int64),
    }
    return description, {name: array.copy() for name, array in arrays.items()}


def _other_state(column: CategoryColumn | MomentColumn) -> dict[str, Any]:
    state: dict[str, Any] = {"source": column.source, "gaps": column.gaps}
    if isinstance(column, CategoryColumn):
        return {
            **state,
            "levels": list(column.levels),
            "other": column.other,
            "coded": column.coded,
            "ordered": column.ordered,
        }
    return {**state, "parts": [{"part": part.name, "mean": part.mean, "scale": part.scale} for part in column.parts]}


def plan_from_state(description: Any, arrays: Any) -> tuple[Plan, dict[str, Any]]:
    """Rebuild a plan, and the settings of its encoder.

    Raises
    ------
    InputError
        If anything is not as :func:`plan_to_state` and ``TableEncoder.to_state`` write it.
    """
    if _field(description, "format", int) != _FORMAT:
        _refuse("format", f"The encoder must be of format {_FORMAT}: it may come from another version of glassnet")
    settings = {
        "scaling": _field(_field(description, "settings", dict), "scaling", str),
        "max_levels": _field(description["settings"], "max_levels", int),
        "max_one_hot": _field(description["settings"], "max_one_hot", int) or None,
        "dtype": _field(description["settings"], "dtype", str),
    }
    columns = _field(description, "columns", list)
    names = tuple(_field(column, "name", str) for column in columns)
    kinds = tuple(_field(column, "kind", str) for column in columns)
    if not names or len(set(names)) < len(names) or not set(kinds) <= set(KINDS):
        _refuse("columns")
    others = tuple(_other(column, names, kinds) for column in _field(description, "others", list))
    if any(isinstance(column, CategoryColumn) and len(column.levels) > settings["max_levels"] for column in others):
        _refuse("levels")
    numbers = _numbers(arrays, kinds, _field(description, "limit", float))
    skipped = _skipped(_field(description, "skipped", dict), len(names))
    used = [*numbers.sources.tolist(), *(column.source for column in others), *skipped]
    if sorted(used) != list(range(len(names))):
        _refuse("columns")
    named, centred = _field(description, "named", bool), _field(description, "centred", bool)
    return Plan(names, kinds, named, centred, numbers, others, skipped), settings


def _numbers(arrays: Any, kinds: tuple[str, ...], limit: float) -> NumberBlock:
    if not 0 <= limit < math.inf:
        _refuse("limit")
    mean, offset, scale = (_array(arrays, name, np.float64) for name in ("mean", "offset", "scale"))
    sources, marked = (_array(arrays, name, np.int64).astype(np.intp) for name in ("sources", "marked"))
    if not len(mean) == len(offset) == len(scale) or not (scale > 0).all():
        _refuse("scale")
    if len(sources) < len(mean) or not ((sources >= 0) & (sources < len(kinds))).all():
        _refuse("sources")
    if any(kinds[source] not in NUMBER_KINDS for source in sources.tolist()):
        _refuse("sources")
    if not ((marked >= 0) & (marked < len(sources))).all() or len(set(marked.tolist())) < len(marked):
        _refuse("marked")
    return NumberBlock(sources, len(mean), mean, offset, scale, marked, limit)


def _array(arrays: Any, name: str, dtype: type) -> npt.NDArray[Any]:
    array = arrays.get(name) if isinstance(arrays, Mapping) else None
    if not isinstance(array, np.ndarray) or array.ndim != 1 or array.dtype != dtype or not np.isfinite(array).all():
        _refuse(name)
    return array


def _other(state: Any, names: tuple[str, ...], kinds: tuple[str, ...]) -> CategoryColumn | MomentColumn:
    source = _field(state, "source", int)
    if not 0 <= source < len(names):
        _refuse("source")
    gaps = _field(state, "gaps", bool)
    if kinds[source] == "category":
        levels = tuple(_field(state, "levels", list))
        if not levels or not all(isinstance(level, str) for level in levels) or len(set(levels)) < len(levels):
            _refuse("levels")
        other, coded, ordered = (_field(state, name, bool) for name in ("other", "coded", "ordered"))
        return CategoryColumn(names[source], source, levels, other, gaps, coded, ordered)
    if kinds[source] not in ("date", "datetime", "time"):
        _refuse("others")
    parts = tuple(_part(part) for part in _field(state, "parts", list))
    chosen = [part.name for part in parts]
    if len(set(chosen)) < len(chosen) or (kinds[source] == "time" and set(chosen) - {"time of day"}):
        _refuse("parts")
    return MomentColumn(names[source], source, kinds[source], parts, gaps)


def _part(state: Any) -> Part:
    part, mean, scale = _field(state, "part", str), _field(state, "mean", float), _field(state, "scale", float)
    if part not in PARTS or not math.isfinite(mean) or not math.isfinite(scale) or scale <= 0:
        _refuse("parts")
    return Part(part, mean, scale)


def _skipped(state: dict[Any, Any], columns: int) -> dict[int, str]:
    places = {str(source): source for source in range(columns)}
    if not all(source in places and isinstance(reason, str) for source, reason in state.items()):
        _refuse("skipped")
    return {places[source]: reason for source, reason in state.items()}


def _field(state: Any, name: str, kind: type) -> Any:
    value = state.get(name) if isinstance(state, dict) else None
    if type(value) is not kind:
        _refuse(name)
    return value


def _refuse(what: str, rule: str = "The state of a table encoder must be as it was written") -> NoReturn:
    raise InputError(rule, f"a wrong or missing {what!r}", "Save the model again, or get a fresh copy of the file")

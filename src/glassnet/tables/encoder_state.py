"""The plan of an encoder as plain data, and back, validated as untrusted input.

The description is strict JSON (names, kinds, levels), the statistics of number columns are arrays. Reading builds
nothing but the closed set of columns below, from values of the expected type and size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.support.saved_state import fields, is_count, is_texts, refuse
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.column_values import KINDS, NUMBER_KINDS
from glassnet.tables.columns.dates import PARTS, CalendarPart, MomentColumn
from glassnet.tables.columns.ngrams import LONGEST
from glassnet.tables.columns.number_levels import MOST_VALUES, NumberLevels
from glassnet.tables.columns.number_scaling import NumberBlock
from glassnet.tables.columns.texts import MOST_NGRAMS, TextColumn
from glassnet.tables.encoder_plan import EncoderPlan, OtherColumn

_FORMAT: Final = 4

BETWEEN_NGRAMS: Final = "\n"
"""Stands in no n-gram, so they are one text of a file."""


def plan_to_state(plan: EncoderPlan) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
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


def _other_state(column: OtherColumn) -> dict[str, Any]:
    if isinstance(column, NumberLevels):
        return {"source": column.source, "gaps": False, "values": list(column.values)}
    state: dict[str, Any] = {"source": column.source, "gaps": column.gaps}
    if isinstance(column, TextColumn):
        return {**state, "ngrams": BETWEEN_NGRAMS.join(column.ngrams)}
    if isinstance(column, CategoryColumn):
        return {
            **state,
            "levels": list(column.levels),
            "other": column.other,
            "coded": column.coded,
            "ordered": column.ordered,
            "added": column.added,
        }
    return {**state, "parts": [{"part": part.name, "mean": part.mean, "scale": part.scale} for part in column.parts]}


def plan_from_state(description: Any, arrays: Any) -> tuple[EncoderPlan, dict[str, Any]]:
    """Rebuild a plan, and the settings of its encoder.

    Raises
    ------
    InputError
        If anything is not as :func:`plan_to_state` and ``TableEncoder.to_state`` write it.
    """
    (version,) = fields(description, "encoder", format=int)
    if version != _FORMAT:
        rule = Text(
            "The encoder must be of format {format}: it may come from another version of glassnet", format=_FORMAT
        )
        raise InputError(rule, f"{version}", "Save the model again, or get a fresh copy of the file")
    parts = {"settings": dict, "columns": list, "others": list, "skipped": dict, "named": bool, "centred": bool}
    settings, columns, others, skipped, named, centred = fields(description, "encoder", **parts)
    scaling, max_levels, max_one_hot, dtype, free_text, hashed = fields(
        settings,
        "encoder",
        scaling=str,
        max_levels=int,
        max_one_hot=int,
        dtype=str,
        free_text=_are_texts,
        hashed=bool,
    )
    described = [fields(column, "encoder", name=str, kind=KINDS.__contains__) for column in columns]
    names, kinds = tuple(name for name, _ in described), tuple(kind for _, kind in described)
    if not names or len(set(names)) < len(names):
        refuse("encoder", "no columns, or two of one name")
    encoded = tuple(_other(column, names, kinds, max_levels) for column in others)
    (limit,) = fields(description, "encoder", limit=lambda value: type(value) is float and 0 <= value < math.inf)
    numbers = _numbers(arrays, kinds, limit)
    places = {str(source): source for source in range(len(names))}
    if not (skipped.keys() <= places.keys() and is_texts(list(skipped.values()))):
        refuse("encoder", "wrong columns that are left out")
    reasons = {places[source]: reason for source, reason in skipped.items()}
    beside = [column.source for column in encoded if isinstance(column, NumberLevels)]
    once = (column.source for column in encoded if not isinstance(column, NumberLevels))
    whole = sorted([*numbers.sources.tolist(), *once, *reasons]) == [*places.values()]
    if not whole or len(set(beside)) < len(beside) or not set(beside) <= set(numbers.sources.tolist()):
        refuse("encoder", "columns that are encoded twice, or not at all")
    settings = {"scaling": scaling, "max_levels": max_levels, "max_one_hot": max_one_hot or None, "dtype": dtype}
    settings |= {"free_text": free_text, "hashed": hashed}
    return EncoderPlan(names, kinds, named, centred, numbers, encoded, reasons), settings


def _numbers(arrays: Any, kinds: tuple[str, ...], limit: float) -> NumberBlock:
    mean, offset, scale = (_array(arrays, name, np.float64) for name in ("mean", "offset", "scale"))
    sources, marked = (_array(arrays, name, np.int64).astype(np.intp) for name in ("sources", "marked"))
    if not len(mean) == len(offset) == len(scale) <= len(sources) or not (scale > 0).all():
        refuse("encoder", "wrong scales of numbers")
    if not all(0 <= source < len(kinds) and kinds[source] in NUMBER_KINDS for source in sources.tolist()):
        refuse("encoder", "wrong columns of numbers")
    if not set(marked.tolist()) <= set(range(len(sources))) or len(np.unique(marked)) < len(marked):
        refuse("encoder", "wrong columns with gaps")
    return NumberBlock(sources, len(mean), mean, offset, scale, marked, limit)


def _array(arrays: Any, name: str, dtype: type) -> npt.NDArray[Any]:
    array = arrays.get(name) if isinstance(arrays, Mapping) else None
    if not isinstance(array, np.ndarray) or array.ndim != 1 or array.dtype != dtype or not np.isfinite(array).all():
        refuse("encoder", Text("a wrong or missing {name!r}", name=name))
    return array


def _other(state: Any, names: tuple[str, ...], kinds: tuple[str, ...], max_levels: int) -> OtherColumn:
    source, gaps = fields(state, "encoder", source=lambda value: is_count(value) and value < len(names), gaps=bool)
    name, kind = names[source], kinds[source]
    if kind == "category" and "ngrams" in state:
        (listed,) = fields(state, "encoder", ngrams=str)
        ngrams = tuple(listed.split(BETWEEN_NGRAMS)) if listed else ()
        if not (len(ngrams) <= MOST_NGRAMS and all(1 < len(one) <= LONGEST for one in ngrams)):
            refuse("encoder", "too many n-grams, or one that is too short or too long")
        column = TextColumn(name, source, ngrams, gaps)
        if not column.ascends:
            refuse("encoder", "n-grams in another order, or one of them twice")
        return column
    if kind == "category":
        flags = dict.fromkeys(("other", "coded", "ordered"), bool)
        levels, other, coded, ordered, added = fields(state, "encoder", levels=is_texts, **flags, added=is_count)
        if not 0 < len(levels) == len(set(levels)) <= max_levels:
            refuse("encoder", "no levels of a category, or too many, or one of them twice")
        if added >= len(levels):
            refuse("encoder", "a wrong number of levels that were added")
        return CategoryColumn(name, source, tuple(levels), other, gaps, coded, ordered, added)
    if kind in NUMBER_KINDS:
        (values,) = fields(state, "encoder", values=list)
        usable = 0 < len(values) <= MOST_VALUES and all(map(_is_finite, values))
        if not usable or (np.diff(np.array(values, np.float64)) <= 0).any():
            refuse("encoder", "no codes of a number, or too many, or in another order")
        return NumberLevels(name, source, kind, tuple(values))
    known = {"time": ("time of day",), "date": (*PARTS,), "datetime": (*PARTS,)}.get(kind, ())
    (listed,) = fields(state, "encoder", parts=list)
    parts = [fields(part, "encoder", part=known.__contains__, mean=_is_finite, scale=_is_finite) for part in listed]
    if not known or len({part for part, _, _ in parts}) < len(parts) or any(scale <= 0 for _, _, scale in parts):
        refuse("encoder", "wrong parts of dates")
    return MomentColumn(name, source, kind, tuple(CalendarPart(*part) for part in parts), gaps)


def _are_texts(value: Any) -> bool:
    return isinstance(value, str) or is_texts(value)


def _is_finite(value: Any) -> bool:
    return type(value) is float and math.isfinite(value)

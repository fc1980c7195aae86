"""The encoder as a graph: from the columns of a table to the matrix of the network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from glassnet.errors import InputError
from glassnet.exchange.graph.dataflow import ROWS, TEXT, Array, Input, Scope, within
from glassnet.exchange.graph.legalize import asked, node_of
from glassnet.ir.printing import NamedArray
from glassnet.ir.tensor import Tensor, record
from glassnet.support.coercion import by_rows
from glassnet.support.language import Text
from glassnet.tables import TableEncoder
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.column_values import NUMBER_KINDS, level_text
from glassnet.tables.columns.conversion import as_levels, as_numbers, as_timestamps
from glassnet.tables.columns.dates import MomentColumn
from glassnet.tables.columns.number_levels import NumberLevels, as_compared
from glassnet.tables.columns.number_scaling import NumberBlock
from glassnet.tables.containers import is_sparse
from glassnet.tables.encoder_plan import EncoderPlan
from glassnet.tables.matched_columns import open_matched

MATRIX: Final = "X"
"""What the one input is called where the training table had no names and held nothing but numbers."""
GAP: Final = np.iinfo(np.int64).min
"""A missing date or moment; NumPy writes NaT as the same number."""
DAY: Final = 86_400_000_000
"""Microseconds."""


def encoded(encoder: TableEncoder, weights: Array | None = None) -> tuple[tuple[Input, ...], Tensor]:
    """Return the inputs, one for each column that has an output, in the table's order; and the encoded matrix.

    Its last columns are what texts add to the outputs of networks, text column by text column: the products of their
    n-grams with their rows of `weights`. A table of text alone has no others.
    """
    plan, dtype = encoder.plan, encoder.dtype
    inputs: list[Input] = []
    parts: list[Tensor] = []
    texts: list[Tensor] = []
    if len(plan.numbers.sources):
        with within(Scope("encoder", "numbers", "numbers scaled, gaps filled and marked")):
            numbers, given = _numbers(plan, inputs, dtype)
            parts.append(numbers)
    for column in plan.others:
        kind = plan.described_kinds[column.source]
        with within(Scope("codes" if isinstance(column, NumberLevels) else "column", column.name, kind)):
            if isinstance(column, CategoryColumn):
                parts.append(_levels(column, _input(column.name, kind, inputs), dtype))
            elif isinstance(column, NumberLevels):
                place = column.source if _is_matrix(plan) else plan.numbers.sources.tolist().index(column.source)
                parts.append(_codes(column, given[:, place : place + 1], dtype))
            elif isinstance(column, MomentColumn):
                parts.append(_moments(column, _input(column.name, kind, inputs), dtype))
            else:
                texts.append(_input(column.name, kind, inputs))
                parts += [_missing(texts[-1], dtype)] * column.gaps
    start = 0
    for column, cells in zip(plan.texts, texts, strict=True):
        with within(Scope("text", column.name, "what its n-grams add to the outputs")):
            t: Any = record("ngrams", (cells,), (ROWS, column.size), np.dtype(np.float32), column=column)
            parts.append(t @ NamedArray.of(weights[start : start + column.size], "W"))  # type: ignore[index]
        start += column.size
    places = {name: place for place, name in enumerate(plan.names)}
    inputs.sort(key=lambda source: places.get(source.name, 0))  # the one of a matrix has a name of its own
    with within(Scope("encoder", "", "all columns beside each other")):
        return tuple(inputs), np.concatenate(parts, axis=1)  # type: ignore[return-value]


def _input(name: str, kind: str, inputs: list[Input], width: int = 1) -> Tensor:
    dtype: Any = np.int64 if kind in ("date", "datetime") else TEXT if kind in ("category", "text") else np.float64
    tensor = asked(name, (ROWS, width), dtype)
    inputs.append(Input(name, kind, node_of(tensor)))
    return tensor


def _is_matrix(plan: EncoderPlan) -> bool:
    """Whether the table is one array of numbers without names."""
    return not plan.named and set(plan.kinds) <= {"number", "boolean"}


def _numbers(plan: EncoderPlan, inputs: list[Input], dtype: np.dtype[Any]) -> tuple[Tensor, Any]:
    """Return the scaled numbers and marks of gaps, and the numbers as they are given."""
    block = _named(plan.numbers)
    x: Any
    given: Any
    if _is_matrix(plan):
        x = given = _input(MATRIX, "matrix", inputs, len(plan.names))
        if block.sources.tolist() != list(range(len(plan.names))):
            x = given[:, block.sources]
    else:
        columns = [_input(plan.names[source], plan.kinds[source], inputs) for source in block.sources.tolist()]
        x = given = np.concatenate(columns, axis=1)
    missing, parts = np.isnan(x), []
    if block.values:
        scaled, fill = block.scaled(x[:, : block.values]), NamedArray.of(block.fill, "fill")
        parts.append(np.where(missing[:, : block.values], fill, scaled).astype(dtype))
    if len(block.marked):
        parts.append(missing[:, NamedArray.of(block.marked, "marked")].astype(dtype))
    return np.concatenate(parts, axis=1), given  # type: ignore[return-value]


def _codes(column: NumberLevels, numbers: Any, dtype: np.dtype[Any]) -> Tensor:
    """Return the code of each number: the sum of the codes whose value it equals, which is one or none."""
    same = as_compared(numbers) == NamedArray.of(column.singles, "values")
    codes = np.arange(1, len(column.values) + 1, dtype=dtype)[:, None]
    return same.astype(dtype) @ NamedArray.of(codes, "codes")


def _named(block: NumberBlock) -> NumberBlock:
    """Return the block with its arrays named."""
    return replace(block, offset=NamedArray.of(block.offset, "offset"), scale=NamedArray.of(block.scale, "scale"))


def _levels(column: CategoryColumn, texts: Tensor, dtype: np.dtype[Any]) -> Tensor:
    """Return the encoding of texts: a lookup of their codes, and of each code in a table of outputs."""
    if column.gaps and "" in column.levels:
        rule = Text("In an export, empty text means a missing value, so a column must not have both")
        raise InputError(rule, Text("column {name!r}", name=column.name), "Make it one or the other, and train again")
    count = len(column.levels)
    spellings = {"": count} | column.spellings
    about = {"keys": tuple(spellings), "values": tuple(spellings.values()), "default": count + 1}
    level = record("lookup", (texts,), texts.shape, np.dtype(np.int64), **about).reshape(ROWS)
    rows = np.empty((count + 2, len(column.outputs)), dtype)
    column.write_codes(np.arange(count + 2), rows)
    return NamedArray.of(rows, "levels")[level]


def _missing(texts: Tensor, dtype: np.dtype[Any]) -> Tensor:
    """Return 1 for empty texts."""
    level = record("lookup", (texts,), texts.shape, np.dtype(np.int64), keys=("",), values=(1,), default=0)
    return NamedArray.of(np.array([[0], [1]], dtype), "missing")[level.reshape(ROWS)]


def _moments(column: MomentColumn, given: Tensor, dtype: np.dtype[Any]) -> Tensor:
    moments: Any = given.reshape(ROWS)
    if column.kind != "time":
        ticks = moments * DAY if column.kind == "date" else moments
        moments = np.where(moments == GAP, np.nan, ticks.astype(np.float64))
    return np.stack([one.astype(dtype) for one in column.encode(moments)], axis=1)  # type: ignore[return-value]


def graph_inputs(encoder: TableEncoder, X: Any) -> dict[str, Array]:
    """Return the cells of a table as the inputs of the graph take them, each of shape (rows, 1).

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"age": [20, None, 40], "sex": ["f", None, "m"]})
    >>> {name: cells.ravel().tolist() for name, cells in graph_inputs(TableEncoder().fit(frame), frame).items()}
    {'age': [20.0, nan, 40.0], 'sex': ['f', '', 'm']}
    """
    plan, found = encoder.plan, {}
    table, positions = open_matched(by_rows(X).toarray() if is_sparse(X) else X, plan)
    if _is_matrix(plan):
        columns = [
            as_numbers(table.column(at), kind, "", plan.notation)
            for at, kind in zip(positions.tolist(), plan.kinds, strict=True)
        ]
        return {MATRIX: np.stack(columns, axis=1).astype(np.float64)}
    for source in sorted({*plan.numbers.sources.tolist(), *(column.source for column in plan.others)}):
        name, kind, values = plan.names[source], plan.kinds[source], table.column(int(positions[source]))
        cells: Array
        if kind in NUMBER_KINDS:
            cells = np.asarray(as_numbers(values, kind, name, plan.notation), np.float64)
        elif kind == "category":
            levels = as_levels(values, plan.notation)
            cells = np.array([one if type(one) is str else level_text(one) or "" for one in levels], dtype=object)
        else:
            cells = as_timestamps(values, kind, name, plan.notation)
            if kind != "time":
                ticks = np.where(np.isnan(cells), 0, cells).astype(np.int64)
                cells = np.where(np.isnan(cells), GAP, ticks // DAY if kind == "date" else ticks)
        found[name] = cells.reshape(-1, 1)
    return found

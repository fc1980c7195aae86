"""Sparse tables: divided by the deviation of each column, never centred, so that zeros stay zeros.

A bag of words with 100,000 columns is practical only as long as its zeros are not stored; subtracting a mean would
store them all. Gaps can only be stored values (NaN); they become the mean, as in a dense table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.tables.columns.number_scaling import NumberBlock, refuse_overflow
from glassnet.tables.columns.running_statistics import Statistics, refuse_infinity
from glassnet.tables.encoder_plan import Plan, number_block


def plan_sparse(csr: Any, weights: npt.NDArray[np.float64], *, scale: bool) -> Plan:
    """Find out what to do with each column of the training rows, CSR of shape (rows, columns) with positive weights.

    Raises
    ------
    InputError
        If a value is infinite or complex.
    """
    csr = _canonical(csr)
    columns = csr.shape[1]
    names = tuple(f"x{index}" for index in range(columns))
    skipped: dict[int, str] = {}
    statistics = _statistics(csr, weights)
    block = number_block(np.arange(columns), statistics, skipped, scale=scale, centre=False)
    kind = "boolean" if csr.dtype == bool else "number"
    return Plan(names, (kind,) * columns, False, False, block, (), skipped)


def encode_sparse(plan: Plan, csr: Any, dtype: np.dtype[Any]) -> Any:
    """Encode rows with a plan from :func:`plan_sparse`, as CSR of shape (rows, outputs) with sorted indices.

    Raises
    ------
    InputError
        If a value is infinite or complex, or infinite after scaling.
    """
    from scipy import sparse

    block: NumberBlock = plan.numbers
    csr = _canonical(csr)[:, block.sources]
    csr.sort_indices()
    data = csr.data.astype(np.float64)
    columns = csr.indices
    missing = np.isnan(data)
    names = [plan.names[source] for source in block.sources.tolist()]
    refuse_infinity(names, _in_columns(np.isinf(data), columns, names))
    valued = columns < block.values
    with np.errstate(over="ignore"):
        data[valued] /= block.scale[columns[valued]]
        filled = valued & missing
        data[filled] = block.fill[columns[filled]]
        scaled = data.astype(dtype)
    refuse_overflow(names, _in_columns(np.isinf(scaled), columns, names), scaled.dtype)
    values = type(csr)((scaled, columns, csr.indptr), shape=csr.shape)[:, : block.values]
    if len(block.marked):
        gaps = type(csr)((missing.astype(dtype), columns, csr.indptr), shape=csr.shape)[:, block.marked]
        gaps.eliminate_zeros()
        values = sparse.hstack([values, gaps], format="csr")
    values.sort_indices()
    return values


def _canonical(csr: Any) -> Any:
    if csr.dtype.kind not in "biuf":
        problem = "Complex data not supported" if csr.dtype.kind == "c" else f"Sparse data of type {csr.dtype}"
        raise InputError(f"{problem}: a sparse table must contain real numbers", None, "Convert it to float64")
    if not csr.has_canonical_format:
        csr = csr.copy()  # the caller's array must not change
        csr.sum_duplicates()
    return csr


def _statistics(csr: Any, weights: npt.NDArray[np.float64]) -> Statistics:
    rows, width = csr.shape
    columns, data = csr.indices, csr.data.astype(np.float64)
    weight = np.repeat(weights, np.diff(csr.indptr))
    missing = np.isnan(data)
    names = [f"x{index}" for index in range(width)]
    refuse_infinity(names, _in_columns(np.isinf(data), columns, names))
    gap_counts = np.bincount(columns[missing], minlength=width)
    gap_weights = np.bincount(columns[missing], weight[missing], minlength=width)
    columns, data, weight = columns[~missing], data[~missing], weight[~missing]
    stored = np.bincount(columns, minlength=width)
    stored_weight = np.bincount(columns, weight, minlength=width)
    total = weights.sum() - gap_weights
    low, high = np.full(width, np.inf), np.full(width, -np.inf)
    np.minimum.at(low, columns, data)
    np.maximum.at(high, columns, data)
    # in powers of two, which change no digit, squares of huge or tiny numbers neither overflow nor vanish
    largest = np.where(low <= high, np.maximum(np.abs(low), np.abs(high)), 1.0)
    unit = np.ldexp(1.0, np.frexp(largest)[1] - 1)
    data /= unit[columns]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(columns, weight * data, minlength=width) / total
        # The zeros that are not stored deviate by the mean, each by the same.
        squares = np.bincount(columns, weight * (data - mean[columns]) ** 2, minlength=width)
        deviation = np.sqrt((squares + np.maximum(total - stored_weight, 0.0) * mean**2) / total)
    mean, deviation = mean * unit, deviation * unit
    zeros = stored + gap_counts < rows
    low[zeros] = np.minimum(low[zeros], 0.0)
    high[zeros] = np.maximum(high[zeros], 0.0)
    empty = low > high
    for statistic in (mean, deviation, low, high):
        statistic[empty] = np.nan
    return Statistics(mean, deviation, low, high, gap_counts > 0)


def _in_columns(cells: npt.NDArray[np.bool_], columns: npt.NDArray[Any], names: Sequence[str]) -> npt.NDArray[Any]:
    """Of each column whether a stored cell of it is among these."""
    return np.bincount(columns[cells], minlength=len(names)) > 0

"""Quantiles in one pass: exact while they fit, within the stated bound of rank beyond, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.tables.columns import number_scaling as module
from glassnet.tables.columns.number_scaling import ColumnQuantiles, weighted_quantiles

SHARES = np.linspace(0.01, 0.99, 99)


@pytest.fixture
def few(monkeypatch):
    """So small that some thousand rows are many."""
    monkeypatch.setattr(module, "POINTS", 64)
    monkeypatch.setattr(module, "CELLS", 512)
    monkeypatch.setattr(module, "FEWEST_ROWS", 256)


def gathered(values, weights, piece=100):
    sketch = ColumnQuantiles(values.shape[1])
    for start in range(0, len(values), piece):
        sketch.add(values[start : start + piece], weights[start : start + piece])
    return sketch


def rank_error(sketch, values, weights, column):
    """By how much of the weight a quantile is off, at worst."""
    found = weighted_quantiles(*sketch.values(column), SHARES)
    present = ~np.isnan(values[:, column])
    known, weight = values[present, column], weights[present]
    below = np.array([weight[known < one].sum() for one in found]) / weight.sum()
    upto = np.array([weight[known <= one].sum() for one in found]) / weight.sum()
    return np.maximum(np.maximum(below - SHARES, SHARES - upto), 0).max()


@pytest.mark.parametrize("order", ["random", "ascending", "descending", "organ pipe"])
@pytest.mark.parametrize("weighted", [False, True])
def test_ranks_are_within_the_bound(few, order, weighted):
    rng = np.random.default_rng(0)
    column = rng.normal(size=20_000)
    if order != "random":
        column.sort()
    if order == "descending":
        column = column[::-1]
    if order == "organ pipe":
        column = np.concatenate([column[::2], column[1::2][::-1]])
    with_gaps = np.where(rng.random(20_000) < 0.3, np.nan, np.round(column, 1))
    values = np.stack([column, with_gaps], axis=1)
    weights = rng.integers(1, 4, 20_000).astype(float) if weighted else np.ones(20_000)
    sketch = gathered(values, weights)
    bound = (1 + np.log2(20_000 / sketch.most)) / sketch.points
    for column in (0, 1):
        assert rank_error(sketch, values, weights, column) < bound


def test_they_are_exact_while_all_rows_are_kept():
    values, weights = np.random.default_rng(0).normal(size=(3000, 2)), np.ones(3000)
    sketch = gathered(values, weights)
    for column in (0, 1):
        own, shares = sketch.values(column)
        assert (own == values[:, column]).all()
        assert (shares == 1).all()


def test_pieces_do_not_matter_and_parts_can_be_merged(few):
    values, weights = np.random.default_rng(0).normal(size=(5000, 1)), np.ones(5000)
    whole = gathered(values, weights).values(0)
    other = gathered(values, weights, piece=777).values(0)
    assert all((one == two).all() for one, two in zip(whole, other, strict=True))
    parts = gathered(values[:2000], weights[:2000])
    parts.merge(gathered(values[2000:], weights[2000:]))
    assert rank_error(parts, values, weights, 0) < (2 + np.log2(5000 / parts.most)) / parts.points
    assert np.isclose(parts.values(0)[1].sum(), 5000)


def test_a_column_without_values(few):
    sketch = gathered(np.full((2000, 1), np.nan), np.ones(2000))
    assert len(sketch.values(0)[0]) == 0

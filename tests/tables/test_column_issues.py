"""Columns that are not what they seem: each is found, and its honest neighbours are left alone."""

from __future__ import annotations

import datetime
import uuid

import numpy as np
import polars as pl
import pytest

from glassnet.tables.column_issues import column_issues

ROWS = 200
RNG = np.random.default_rng(0)
WORDS = ["the", "printer", "mail", "server", "of", "room", "is", "down", "again", "since", "please", "help", "urgent"]
SENTENCES = [" ".join(RNG.choice(WORDS, 8)) + f" {row}" for row in range(ROWS)]
CHINESE = [f"第{row}次登录失败，打印机又坏了，请尽快处理" for row in range(ROWS)]
AGES = RNG.integers(18, 80, ROWS)
PRICES = np.exp(RNG.normal(5, 2, ROWS)).round(2)
DAYS = [datetime.date(2024, 1, 1) + datetime.timedelta(days=int(day)) for day in RNG.integers(0, 300, ROWS)]


def kind_of(name, cells):
    """What a column is found to be."""
    return next((issue.kind for issue in column_issues(pl.DataFrame({name: cells}, strict=False))), None)


def with_spike(values, spike, every=20):
    return [spike if row % every == 0 else value for row, value in enumerate(np.asarray(values).tolist())]


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("message", SENTENCES, "free_text"),
        ("message", CHINESE, "free_text"),
        ("message", [*SENTENCES[:120], *[None] * 30, *SENTENCES[:50]], "free_text"),
        ("key", [str(uuid.UUID(int=row * 7919)) for row in range(ROWS)], "identifier"),
        ("plate", [f"ZH {row * 37 % 9973}" for row in range(ROWS)], "identifier"),
        ("plate", [f"ZH {min(row, 195) * 37 % 9973}" for row in range(ROWS)], "identifier"),
        ("customer_id", (np.arange(ROWS) * 7919) % 999_983, "identifier"),
        ("Kundennummer", (np.arange(ROWS) * 7919) % 999_983, "identifier"),
        ("unnamed 1", np.arange(ROWS), "row_numbers"),
        ("x", np.arange(1000, 1000 + ROWS), "row_numbers"),
        ("x", np.arange(ROWS)[::-1] * 10, "row_numbers"),
        ("x", np.random.default_rng(1).permutation(ROWS), "row_numbers"),
        ("x", np.delete(np.arange(ROWS), RNG.choice(ROWS, 40, replace=False)).astype(float), "row_numbers"),
        ("age", with_spike(AGES, -999), "sentinel"),
        ("age", with_spike(AGES, 999), "sentinel"),
        ("temperature", with_spike(RNG.normal(10, 8, ROWS), -9999.0), "sentinel"),
        ("days since", with_spike(RNG.integers(0, 900, ROWS), -1, every=3), "sentinel"),
        ("end", with_spike(np.array(DAYS, object), datetime.date(9999, 12, 31)), "sentinel"),
    ],
)
def test_what_is_not_what_it_seems_is_found(name, cells, kind):
    assert kind_of(name, cells) == kind


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("city", [["Bern", "New York City", "Rio de Janeiro"][row % 3] for row in range(ROWS)]),
        ("remark", [*SENTENCES[:60]] + [SENTENCES[0]] * 140),  # most are one and the same
        ("day", [day.isoformat() for day in np.unique(np.array(DAYS))]),  # a date that was not read
        ("distance", AGES * 1000 + np.arange(ROWS) * 3),
        ("price", PRICES),
        ("customer_id", np.repeat(np.arange(ROWS // 4), 4)),
        ("age", with_spike(AGES, 99)),  # a person may be so old
        ("price", with_spike(PRICES, 9999.0)),  # among prices of this spread
        ("score", [9999 if row == 0 else value for row, value in enumerate(AGES.tolist())]),  # once is no spike
        ("change", RNG.integers(-1, 2, ROWS)),
        ("balance", with_spike(RNG.integers(-50, 50, ROWS), -1)),
        ("hours", RNG.integers(0, 100, ROWS)),
        ("code", with_spike(RNG.integers(0, 3, ROWS), 99)),  # one code among few
        ("made", DAYS),
    ],
)
def test_what_is_as_it_seems_is_left_alone(name, cells):
    assert kind_of(name, cells) is None


def test_several_numbers_may_mean_a_gap():
    cells = with_spike(with_spike(AGES, -999, every=10), -9999, every=15)
    (issue,) = column_issues(pl.DataFrame({"age": cells}))
    assert (issue.figures["values"], issue.figures["low"] >= 18) == ([-9999.0, -999.0], True)


@pytest.mark.parametrize("seed", range(3))
def test_of_chance_nothing_is_found(seed):
    rng = np.random.default_rng(seed)
    frame = {f"n{column}": rng.normal(size=300) for column in range(20)}
    frame |= {f"i{column}": rng.integers(-1000, 10_000, 300) for column in range(20)}
    frame |= {f"c{column}": rng.choice(list("abcdefgh"), 300) for column in range(20)}
    assert not column_issues(pl.DataFrame(frame))

"""What is quadratic is noticed, what is linear is not."""

from __future__ import annotations

import pytest

from benchmarks import growth


def of_size(size):
    return {
        "linear": lambda: sum(range(size * 2000)),
        "quadratic": lambda: sum(range(size * size)),
        "linear in memory": lambda: b"x" * (size * 50_000),
        "quadratic in memory": lambda: b"x" * (size * size * 20),
        "constant": lambda: None,
    }


@pytest.mark.slow
def test_what_grows_too_fast_is_noticed(monkeypatch):
    monkeypatch.setattr(growth, "SECONDS", 0.1)
    monkeypatch.setattr(growth, "BYTES", 3e7)
    found = {record["work"]: record for record in growth.growths("size", 200, of_size)}
    assert [name for name, record in found.items() if record["too fast"]] == ["quadratic", "quadratic in memory"]
    assert growth.exponent([0, 64, 256], 1) == 2  # those that are measured vary with what else is at work
    assert found["constant"]["exponent of seconds"] is found["constant"]["exponent of MB"] is None

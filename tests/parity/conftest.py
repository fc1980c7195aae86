"""Comparisons with PyTorch, which only ``pytest -m parity`` collects: elsewhere PyTorch is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    chosen = config.option.markexpr
    return None if "parity" in chosen and "not parity" not in chosen else True


@pytest.fixture(autouse=True, scope="session")
def double_precision() -> Iterator[None]:
    """Everything in float64, with it the numbers that PyTorch's optimizers keep for themselves (NAdam's product)."""
    import torch

    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)

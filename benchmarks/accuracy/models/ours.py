"""glassnet, straight from the table."""

from __future__ import annotations

from typing import Any

from glassnet import NeuralClassifier, NeuralRegressor

__all__ = ["make"]


def make(kind: str, numbers: bool, seed: int, **options: Any) -> NeuralClassifier | NeuralRegressor:
    return (NeuralRegressor if numbers else NeuralClassifier)(random_state=seed, **options)

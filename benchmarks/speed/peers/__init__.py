"""The libraries that are measured, each behind the same few methods. A module is imported only in its own process."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.speed.peers.base import Peer, Training, UnsupportedError

__all__ = ["Peer", "Training", "UnsupportedError", "get_peer"]

MODULES = {
    "glassnet": "ours",
    "pytorch": "pytorch",
    "pytorch compiled": "pytorch",
    "jax": "jax_scan",
    "keras": "keras_fit",
    "scikit-learn": "sklearn_mlp",
}


def get_peer(name: str, **options: Any) -> Peer:
    """The peer of that name, set up for this process; imports its library."""
    module = importlib.import_module(f"benchmarks.speed.peers.{MODULES[name]}")
    return module.make(name, **options)

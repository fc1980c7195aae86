"""What a member may be: a network, boosted trees, or one that retrieves; its setting `learner` says which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEARNERS = ("network", "boosted_trees", "retrieval")
"""What the setting may be."""


def grows_trees(settings: Mapping[str, Any]) -> bool:
    """Whether a member of these settings is boosted trees, and no network."""
    return settings.get("learner") == "boosted_trees"


def retrieves(settings: Mapping[str, Any]) -> bool:
    """Whether a member of these settings answers by the rows that it has learned from."""
    return settings.get("learner") == "retrieval"

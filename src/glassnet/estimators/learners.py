"""What a member may be: a network or boosted trees; its setting `learner` says which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEARNERS = ("network", "boosted_trees")
"""What the setting may be."""


def grows_trees(settings: Mapping[str, Any]) -> bool:
    """Whether a member of these settings is boosted trees, and no network."""
    return settings.get("learner") == "boosted_trees"

"""Descriptions of older formats, brought to today's one step at a time. A file that could be read once always can.

To change the format: count ``container.FORMAT`` up, write one more function here, and keep a file of the old format
in ``tests/exchange/golden``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from glassnet.exchange.container import FORMAT

__all__ = ["migrated"]

Document = dict[str, Any]


def migrated(document: Mapping[str, Any]) -> Document:
    """A description in today's format.

    Parameters
    ----------
    document : mapping
        Of any format from 1 on, as :func:`glassnet.exchange.container.read` gives it.

    Examples
    --------
    >>> migrated({"format": 1, "kind": "NeuralNetwork"})
    {'format': 4, 'kind': 'NeuralNetwork'}
    """
    current = dict(document)
    while current["format"] < FORMAT:
        step = STEPS[current["format"]]
        current = step(current) | {"format": current["format"] + 1}
    return current


def _from_1(document: Document) -> Document:
    """Format 2 adds what the training rows were like, the optimizer's state, and a seed for every member."""
    if document.get("kind") == "NeuralNetwork":
        return document
    network, histories = document.get("network"), document.get("histories")
    first = network.get("seed") if isinstance(network, dict) else None
    members = len(histories) if isinstance(histories, list) else 0
    seeds = [(first + member) % 2**64 for member in range(members)] if type(first) is int else None
    return document | {"data": None, "optimizer": None, "seeds": seeds}


def _from_2(document: Document) -> Document:
    """Format 3 adds how the file is written that the model learned from, and whether levels of a category are steps."""
    if document.get("kind") == "NeuralNetwork":
        return document
    encoder = document.get("encoder")
    others = encoder.get("others") if isinstance(encoder, dict) else None
    if isinstance(encoder, dict) and isinstance(others, list):
        steps = [column | {"ordered": False} if isinstance(column, dict) else column for column in others]
        document = document | {"encoder": encoder | {"format": 2, "others": steps}}
    return document | {"notation": None}


def _from_3(document: Document) -> Document:
    """Format 4 adds folds of one's own, bounds, how fine and how many the waves of embeddings are, kinds of members."""
    if document.get("kind") == "NeuralNetwork":
        return document
    networks = len(document["seeds"]) if isinstance(document.get("seeds"), list) else 0
    added: Document = {"layers": [None] * networks, "weights": None}
    new: Document = dict.fromkeys(("cv", "spread", "frequencies", "numeric_size", "kinds"))
    if document.get("kind") == "NeuralRegressor":
        new["bounds"] = None
    if isinstance(options := document.get("options"), dict):
        added["options"] = new | options
    if isinstance(settings := document.get("settings"), dict):
        added["settings"] = new | {"spread": 0.1, "kinds": []} | settings
    return document | added


STEPS: Final[Mapping[int, Callable[[Document], Document]]] = {1: _from_1, 2: _from_2, 3: _from_3}
"""From each older format to the next."""
